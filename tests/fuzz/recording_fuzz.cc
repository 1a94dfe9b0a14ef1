// Recordings of strangers: whatever reads as one is advised on, and the advice is printed in every form.
#include <stdexcept>
#include <string_view>

#include "windtunnel/advice/advice_view.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace surgetank::windtunnel;
  try {
    const auto recording = recording_from_json(std::string_view(reinterpret_cast<const char*>(data), size));
    auto advice = advise(recording);
    add_snippets(advice, recording, [](const std::string& path) { return std::optional("Resources:\n  " + path + "\n"); });
    advice_text(advice, {.width = 80, .paint = {}, .folder = {}});
    advice_page(advice);
    advice_to_json(advice);
  } catch (const std::runtime_error&) {
  }
  return 0;
}
