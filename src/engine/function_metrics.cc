#include "engine/function_metrics.h"

#include <algorithm>
#include <cmath>

namespace surgetank {
namespace {

double three_digits(double value) {
  if (value <= 0) return 0;
  const double scale = std::pow(10.0, 2 - std::floor(std::log10(value)));
  return std::round(value * scale) / scale;
}

}  // namespace

FunctionMetrics::FunctionMetrics(std::string account, std::string region, std::string function, Telemetry& telemetry)
    : account_(std::move(account)), region_(std::move(region)), function_(std::move(function)), telemetry_(telemetry) {}

// Samples of two minutes are never added up.
void FunctionMetrics::enter_period(Instant time) {
  const Instant minute{time.us - time.us % minutes(1).us};
  if (minute == period_) return;
  flush();
  period_ = minute;
}

void FunctionMetrics::add_invocation(Instant time, Duration duration, Result result) {
  enter_period(time);
  ++invocations_;
  if (result == Result::Error) ++errors_;
  durations_ms_.push_back(static_cast<double>(duration.us) / 1000.0);
}

void FunctionMetrics::add_throttle(Instant time) {
  enter_period(time);
  ++throttles_;
}

void FunctionMetrics::add_concurrency(Instant time, const Concurrency& concurrency) {
  enter_period(time);
  ++concurrency_[concurrency];
}

void FunctionMetrics::add_provisioned(Instant time, const ProvisionedUse& use) {
  enter_period(time);
  ++provisioned_[use];
}

void FunctionMetrics::flush() {
  if (empty()) return;
  if (invocations_ > 0) {
    emit("Invocations", "Count", 1, static_cast<double>(invocations_));
    // One sample an invocation, so that the average is the error rate.
    if (errors_ > 0) emit("Errors", "Count", 1, static_cast<double>(errors_));
    if (errors_ < invocations_) emit("Errors", "Count", 0, static_cast<double>(invocations_ - errors_));
    emit_durations();
  }
  if (throttles_ > 0) emit("Throttles", "Count", 1, static_cast<double>(throttles_));
  emit_concurrency();
  emit_provisioned();
  invocations_ = errors_ = throttles_ = 0;
  concurrency_.clear();
  provisioned_.clear();
}

void FunctionMetrics::emit_concurrency() {
  std::map<std::int64_t, std::int64_t> of_function, of_account, unreserved, claimed;
  for (const auto& [value, count] : concurrency_) {
    of_function[value.of_function] += count;
    of_account[value.of_account] += count;
    unreserved[value.unreserved] += count;
    claimed[value.claimed] += count;
  }
  const auto emit_all = [this](const char* name, const std::map<std::int64_t, std::int64_t>& values, const Dimensions& dimensions) {
    for (const auto& [value, count] : values) emit_one(name, "Count", static_cast<double>(value), static_cast<double>(count), dimensions);
  };
  emit_all("ConcurrentExecutions", of_function, {{"FunctionName", function_}});
  emit_all("ConcurrentExecutions", of_account, {});
  emit_all("UnreservedConcurrentExecutions", unreserved, {});
  emit_all("ClaimedAccountConcurrency", claimed, {});
}

void FunctionMetrics::emit_provisioned() {
  for (const auto& [use, count] : provisioned_) {
    const Dimensions version{{"FunctionName", function_}, {"Resource", function_ + ":" + use.version}};
    for (const Dimensions& dimensions : {version, Dimensions{{"FunctionName", function_}}}) {
      const auto samples = static_cast<double>(count);
      const auto in_use = static_cast<double>(use.in_use);
      emit_one(use.is_spillover ? "ProvisionedConcurrencySpilloverInvocations" : "ProvisionedConcurrencyInvocations", "Count", 1, samples,
               dimensions);
      emit_one("ProvisionedConcurrentExecutions", "Count", in_use, samples, dimensions);
      emit_one("ProvisionedConcurrencyUtilization", "None", in_use / static_cast<double>(use.requested), samples, dimensions);
    }
  }
}

void FunctionMetrics::emit_durations() {
  if (durations_ms_.size() > exact_durations) {
    for (double& value : durations_ms_) value = three_digits(value);
  }
  std::sort(durations_ms_.begin(), durations_ms_.end());
  for (auto first = durations_ms_.begin(); first != durations_ms_.end();) {
    const auto last = std::upper_bound(first, durations_ms_.end(), *first);
    emit("Duration", "Milliseconds", *first, static_cast<double>(last - first));
    first = last;
  }
  durations_ms_.clear();
}

void FunctionMetrics::emit(const char* name, const char* unit, double value, double count) {
  emit_one(name, unit, value, count, {{"FunctionName", function_}});
  emit_one(name, unit, value, count, {});
}

void FunctionMetrics::emit_one(const char* name, const char* unit, double value, double count, Dimensions dimensions) {
  MetricSample sample;
  sample.account = account_;
  sample.region = region_;
  sample.name_space = "AWS/Lambda";
  sample.name = name;
  sample.dimensions = std::move(dimensions);
  sample.time = period_;
  sample.value = value;
  sample.unit = unit;
  sample.count = count;
  telemetry_.metric(std::move(sample));
}

}  // namespace surgetank
