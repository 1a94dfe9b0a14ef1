#pragma once
// What a load run has to meet: "p99 < 500ms", "failed < 1%", "rate > 90", "done.p99 < 10s", "submit.p95 <= 200ms". A run that misses one
// ends with exit code 99. Pure; the texts are the user's, so what is wrong with one is an error with what there is.
//
//   measure: [request.]p50 | p90 | p95 | p99 | p99.9 | avg | max | failed | rate, done.p50 | done.p99 | done.max ..., done.open, throttled
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace surgetank::windtunnel {

inline constexpr ErrorCode invalid_threshold{"InvalidThreshold"};

struct Threshold {
  enum class Comparison : std::uint8_t { Less, AtMost, More, AtLeast };
  std::string text;     // as written
  std::string subject;  // empty: all requests; "done": asynchronous work; else the name of a request
  std::string measure;  // "p99", "failed", ...
  Comparison comparison = Comparison::Less;
  double limit = 0;  // milliseconds for times, shares as 0..1, else numbers
};

// Spans are milliseconds, "%" makes a share.
Result<Threshold> parse_threshold(std::string_view text);
// True for measures that are times ("p99", "avg", "max", "min").
bool is_time_measure(std::string_view measure);
// The share of a "p99.9": 0.999; nullopt for other measures.
std::optional<double> quantile_of(std::string_view measure);

struct Verdict {
  Threshold threshold;
  std::optional<double> value;  // nullopt: nothing was measured, which does not meet anything
  bool is_met = false;
};
// `value` looks the measure up.
using MeasuredValue = std::function<std::optional<double>(const Threshold&)>;
std::vector<Verdict> judge(const std::vector<Threshold>& thresholds, const MeasuredValue& value);

}  // namespace surgetank::windtunnel
