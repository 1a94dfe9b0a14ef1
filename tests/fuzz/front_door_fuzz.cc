// Any request must get one answer, whatever its head and body say: routing, gzip, signatures, all five protocols' decoders.
// Input: a byte (bit 0: signatures are verified), then an HTTP head and body as text. Not a strict HTTP parser: that is http_fuzz.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/log.h"
#include "base/text.h"
#include "kernel/test_door.h"
#include "kernel/test_gadgets.h"

namespace surgetank {
namespace {

struct Doors {
  TestWorld world{{&test::gadgets, &test::shelves}};
  FrontDoor off{{*world.dispatcher, world.ports, world.lanes},
                {.authentication = AuthMode::Off, .now = [this] { return world.lanes.now(); }}};
  FrontDoor verifying{{*world.dispatcher, world.ports, world.lanes}, {.now = [this] { return world.lanes.now(); }}};
};

void serve(Doors& doors, FrontDoor& door, std::string_view text) {
  const auto head_end = text.find("\n\n");
  const auto lines = split(text.substr(0, head_end), '\n');
  const auto space = lines[0].find(' ');
  HeaderPairs headers{{"Host", "localhost:4566"}};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    if (colon != std::string_view::npos) headers.emplace_back(lines[i].substr(0, colon), trim(lines[i].substr(colon + 1)));
  }
  HttpRequest request;
  try {
    const auto target = space == std::string_view::npos ? std::string("/") : "/" + std::string(lines[0].substr(space + 1));
    request = make_http_request(lines[0].substr(0, space), target, headers,
                                std::string(head_end == std::string_view::npos ? "" : text.substr(head_end + 2)));
  } catch (const std::invalid_argument&) {
    return;  // net/ lets no control characters through
  }
  request.received = doors.world.lanes.now();
  int answers = 0;
  door.serve(std::move(request), [&answers](const HttpResponse& response) {
    ++answers;
    if (response.status < 200 || response.status > 599) std::abort();
  });
  doors.world.lanes.run_until_idle();
  doors.world.advance(seconds(5));  // the slowest operation
  if (answers != 1) std::abort();
}

}  // namespace
}  // namespace surgetank

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace surgetank;
  static const auto doors = [] {
    set_log_level(LogLevel::Error);
    return std::make_unique<Doors>();
  }();
  if (size < 2) return 0;
  serve(*doors, (data[0] & 1) != 0 ? doors->verifying : doors->off, std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
