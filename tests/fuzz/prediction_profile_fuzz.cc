// Profile files: any text. Nothing may crash or hang; a profile that is accepted reads the same after it was written, and some seconds of
// it can be simulated.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "windtunnel/prediction/prediction.h"
#include "windtunnel/prediction/profile_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace surgetank;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reading = prediction::read_profile(text, "profile.yaml");
  if (!reading.profile) return 0;
  const auto written = prediction::write_profile(*reading.profile);
  const auto again = prediction::read_profile(written, "profile.json");
  if (!again.profile || prediction::write_profile(*again.profile) != written) std::abort();
  windtunnel::Traffic traffic;
  auto& phase = traffic.phases.emplace_back();
  phase.length = seconds(2);
  phase.rate = 20;
  prediction::predict(*reading.profile, traffic, {.longest_tail = seconds(30)});
  return 0;
}
