// Load plans, CSV files and templates are the user's text: reading ends with a plan or with problems, what is read can be prepared for
// sending or is refused, and a prepared request renders without CR LF injection into its head.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "stack/problems.h"
#include "windtunnel/load/load_plan_file.h"
#include "windtunnel/load/request_maker.h"
#include "windtunnel/load/traffic_file.h"

using namespace surgetank;
using namespace surgetank::windtunnel;

namespace {

void check_rendering(const LoadPlan& plan) {
  const TraceRoots traces({}, 1);
  for (const auto& request : plan.requests) {
    const auto maker = RequestMaker::make(request, plan);
    if (!maker.ok() || request.body.size() > 10'000) continue;
    Random random(1);
    RenderContext context{.n = 7, .now = {1'700'000'000'000'000}, .random = random, .csv = plan.csv.get()};
    std::string bytes;
    maker->write({.context = context, .traces = traces}, bytes);
    if (request.kind == RequestPlan::Kind::WebSocket) continue;
    const auto head = bytes.substr(0, bytes.find("\r\n\r\n"));
    std::size_t lines = 1;
    for (auto at = head.find('\n'); at != std::string::npos; at = head.find('\n', at + 1)) ++lines;
    SURGE_ASSERT(lines <= request.headers.size() + 9, "a head has the lines that were asked for");
  }
}

void check_arrivals(const LoadPlan& plan) {
  if (!check_traffic(plan.traffic).ok()) return;
  ArrivalSchedule schedule(plan.traffic);
  Duration last;
  for (int count = 0; count < 200; ++count) {
    const auto arrival = schedule.next();
    if (!arrival) break;
    SURGE_ASSERT(arrival->at >= last && arrival->at <= plan.traffic.length(), "arrivals are in order and within the traffic");
    last = arrival->at;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // What follows a NUL is the CSV file.
  const auto cut = input.find('\0');
  const auto csv = cut == std::string_view::npos ? std::string_view("name\nx\n") : input.substr(cut + 1);
  stack::Problems problems("fuzz");
  auto plan = read_load_plan(
      input.substr(0, cut), [csv](const std::string&) -> Result<std::string> { return std::string(csv); }, problems);
  SURGE_ASSERT(plan.has_value() == problems.empty(), "read or told why not");
  if (!plan) return 0;
  plan->endpoint = "http://127.0.0.1:4566";
  check_rendering(*plan);
  check_arrivals(*plan);
  return 0;
}
