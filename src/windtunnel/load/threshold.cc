#include "windtunnel/load/threshold.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "windtunnel/load/traffic_file.h"

namespace surgetank::windtunnel {
namespace {

using Comparison = Threshold::Comparison;

Error fault(std::string_view text, const std::string& why) {
  return {.code = &invalid_threshold, .message = "threshold `" + std::string(text.substr(0, 100)) + "`: " + why};
}

std::optional<double> parse_limit(std::string_view text, std::string_view measure) {
  if (is_time_measure(measure)) {
    const auto span = parse_span(text);
    const bool has_unit = !text.empty() && text.back() >= 'a' && text.back() <= 'z';
    if (!span || !has_unit) return std::nullopt;
    return static_cast<double>(span->us) / 1000;
  }
  const bool is_share = text.ends_with('%');
  if (is_share) text.remove_suffix(1);
  const auto number = parse_double(trim(text));
  if (!number || !(*number >= 0) || *number > 1e15) return std::nullopt;
  return is_share ? *number / 100 : *number;
}

bool holds(double value, Comparison comparison, double limit) {
  switch (comparison) {
    case Comparison::Less:
      return value < limit;
    case Comparison::AtMost:
      return value <= limit;
    case Comparison::More:
      return value > limit;
    case Comparison::AtLeast:
      return value >= limit;
  }
  return false;
}

}  // namespace

std::optional<double> quantile_of(std::string_view measure) {
  if (!measure.starts_with('p')) return std::nullopt;
  const auto percent = parse_double(measure.substr(1));
  if (!percent || !(*percent > 0) || *percent > 100) return std::nullopt;
  return *percent / 100;
}

bool is_time_measure(std::string_view measure) {
  return measure == "avg" || measure == "max" || measure == "min" || quantile_of(measure).has_value();
}

Result<Threshold> parse_threshold(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, Comparison>, 4> signs = {
      {{"<=", Comparison::AtMost}, {">=", Comparison::AtLeast}, {"<", Comparison::Less}, {">", Comparison::More}}};
  if (text.size() > 200) return fault(text, "is too long");
  Threshold threshold;
  threshold.text = trim(text);
  for (const auto& [sign, comparison] : signs) {
    const auto at = text.find(sign);
    if (at == std::string_view::npos) continue;
    threshold.comparison = comparison;
    const auto subject = trim(text.substr(0, at));
    // "p99.9" has a point too: the measure begins behind the last point that is not part of a number.
    auto point = subject.rfind('.');
    if (point != std::string_view::npos && point + 1 < subject.size() && subject[point + 1] >= '0' && subject[point + 1] <= '9')
      point = point == 0 ? std::string_view::npos : subject.rfind('.', point - 1);
    if (point != std::string_view::npos) threshold.subject = subject.substr(0, point);
    threshold.measure = point == std::string_view::npos ? subject : subject.substr(point + 1);
    const bool is_known = is_time_measure(threshold.measure) || threshold.measure == "failed" || threshold.measure == "rate" ||
                          threshold.measure == "throttled" || (threshold.measure == "open" && threshold.subject == "done");
    if (!is_known)
      return fault(text, "there is no measure `" + threshold.measure +
                             "`; there are p50, p95, p99, avg, max, failed, throttled, rate, done.p99, done.open");
    const auto limit = parse_limit(trim(text.substr(at + sign.size())), threshold.measure);
    if (!limit)
      return fault(text, is_time_measure(threshold.measure) ? "the limit of a time has a unit, as in 500ms or 2s"
                                                            : "the limit is a number, or a share as in 1%");
    threshold.limit = *limit;
    return threshold;
  }
  return fault(text, "there is no <, <=, > or >=; write it like p99 < 500ms");
}

std::vector<Verdict> judge(const std::vector<Threshold>& thresholds, const MeasuredValue& value) {
  std::vector<Verdict> verdicts;
  for (const auto& threshold : thresholds) {
    Verdict verdict{.threshold = threshold, .value = value(threshold)};
    verdict.is_met = verdict.value && holds(*verdict.value, threshold.comparison, threshold.limit);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace surgetank::windtunnel
