#include "windtunnel/load/load_results.h"

#include <algorithm>

namespace surgetank::windtunnel {
namespace {

std::optional<double> time_of(const Histogram& histogram, std::string_view measure) {
  if (histogram.count() == 0) return std::nullopt;
  Duration value;
  if (measure == "avg") {
    value = histogram.mean();
  } else if (measure == "max") {
    value = histogram.maximum();
  } else if (measure == "min") {
    value = histogram.minimum();
  } else if (const auto share = quantile_of(measure)) {
    value = histogram.quantile(*share);
  } else {
    return std::nullopt;
  }
  return static_cast<double>(value.us) / 1000;
}

std::optional<double> measured_of(const RequestResults& results, const LoadResults& all, const std::string& measure) {
  if (results.finished() == 0) return std::nullopt;
  if (measure == "failed") return results.failed_share();
  if (measure == "throttled") return static_cast<double>(results.throttled) / static_cast<double>(results.finished());
  if (measure == "rate") return static_cast<double>(results.finished()) / std::max(1e-3, all.sending.seconds());
  return time_of(results.latency, measure);
}

}  // namespace

double LoadResults::rate() const { return static_cast<double>(total.finished()) / std::max(1e-3, sending.seconds()); }

std::optional<double> measured(const LoadResults& results, const Threshold& threshold) {
  if (threshold.subject.empty() || threshold.subject == "request") return measured_of(results.total, results, threshold.measure);
  if (threshold.subject == "done") {
    if (!results.async.was_followed) return std::nullopt;
    if (threshold.measure == "open") return static_cast<double>(results.async.open());
    return time_of(results.async.latency, threshold.measure);
  }
  for (const auto& request : results.requests)
    if (request.name == threshold.subject) return measured_of(request, results, threshold.measure);
  return std::nullopt;
}

}  // namespace surgetank::windtunnel
