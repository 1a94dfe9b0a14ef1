#pragma once
// Reads traffic descriptions: the section `traffic` of a YAML file, and the short form of one phase for flags. Text of users: every
// length, rate and number of phases has a limit, and what is wrong is said with its place. Pure; any thread.
//
//   traffic:
//     arrivals: poisson            # or even
//     seed: 7
//     phases:
//       - 10s@50                   # constant: 50 arrivals a second
//       - 30s@50..500              # ramp
//       - 60s@100^1000/5s          # spike: 100, but 1000 for 5 s in the middle
//       - 24m@20~200/24m           # wave: from 20 up to 200 and back within 24 minutes
//       - {name: spike, shape: spike, length: 60s, rate: 100, peak: 1000, period: 5s}   # the same in words
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "stack/template_node.h"
#include "windtunnel/load/traffic.h"

namespace surgetank::windtunnel {

struct TrafficLimits {
  static constexpr std::size_t phases = 1000;
  static constexpr double rate = 1'000'000;
  static constexpr double arrivals = 1e10;
  static constexpr Duration length = days(8);
};

// "250ms", "10s", "1.5m", "1m30s", "2h", "1d"; a number alone counts seconds.
std::optional<Duration> parse_span(std::string_view text);
std::string span_text(Duration span);  // "1m30s"

inline constexpr ErrorCode invalid_traffic{"InvalidTraffic"};
// One phase in its short form.
Result<TrafficPhase> parse_phase(std::string_view text);
// The short form of a phase, which parse_phase reads back.
std::string phase_text(const TrafficPhase& phase);
// Of a whole description: not empty, not too much.
Result<Unit> check_traffic(const Traffic& traffic);

// The value of `traffic`; problems are added.
Traffic read_traffic(const stack::Node& node, stack::Problems& problems);
// A whole YAML file, of which only `traffic` is read (a load plan is one). nullopt: see the problems.
std::optional<Traffic> read_traffic_file(std::string_view text, stack::Problems& problems);

}  // namespace surgetank::windtunnel
