// Event filters: any pattern (the first line) against any record, and any reply of a function. Nothing may crash or hang; what a
// pattern accepts may not depend on when it is asked.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/lambda/event_pattern.h"
#include "services/lambda/event_source_reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace surgetank;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.find('\n');
  const auto rest = line == std::string_view::npos ? std::string_view{} : input.substr(line + 1);
  lambda::verdict_of_reply(rest, {"m1", "m2"});
  const auto pattern = lambda::EventPattern::compile(input.substr(0, line));
  const auto document = parse_json(rest);
  if (!pattern.ok() || !document.ok()) return 0;
  if (pattern->matches(*document) != pattern->matches(*document)) std::abort();
  return 0;
}
