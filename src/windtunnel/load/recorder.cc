#include "windtunnel/load/recorder.h"

#include <algorithm>

#include "base/text.h"
#include "windtunnel/load/traffic_file.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t sample_bytes = 300;

double milliseconds_of(Duration span) { return static_cast<double>(span.us) / 1000; }

}  // namespace

bool is_throttle(int status, std::string_view body) {
  if (status == 429) return true;
  if (status < 400) return false;
  return contains(body, "Throttl") || contains(body, "TooManyRequests") || contains(body, "RequestLimitExceeded");
}

Recorder::Recorder(const LoadPlan& plan, Instant begin) : traffic_(plan.traffic) {
  results_.begin = begin;
  for (const auto& request : plan.requests) results_.requests.push_back({.name = request.name, .latency = {}});
  Duration at;
  for (const auto& phase : traffic_.phases) {
    results_.phases.push_back({.name = phase.name.empty() ? phase_text(phase) : phase.name, .begin = at, .totals = {}});
    at = at + phase.length;
  }
}

void Recorder::arrived(std::size_t request, std::size_t phase, Duration late) {
  ++results_.total.arrivals;
  ++results_.requests[request].arrivals;
  ++results_.phases[phase].totals.arrivals;
  ++second_.arrivals;
  results_.lateness.add(late);
}

void Recorder::finished(const Finished& finished) {
  const bool has_failed = finished.failure != Failure::None;
  const bool is_throttled = has_failed && is_throttle(finished.status, finished.sample);
  for (auto* results : {&results_.total, &results_.requests[finished.request], &results_.phases[finished.phase].totals}) {
    ++(has_failed ? results->failed : results->succeeded);
    if (is_throttled) ++results->throttled;
    // What was never sent took no time; it is in the failures.
    if (finished.failure != Failure::NotSent) results->latency.add(finished.latency);
  }
  if (finished.status != 0) ++results_.statuses[finished.status];
  ++(has_failed ? second_.failed : second_.succeeded);
  if (is_throttled) ++second_.throttled;
  if (finished.failure != Failure::NotSent) second_latency_.add(finished.latency);
  if (has_failed) count_failure(finished);
}

void Recorder::count_failure(const Finished& finished) {
  auto what = finished.failure == Failure::Status ? "HTTP " + std::to_string(finished.status) : std::string(finished.text);
  auto& kinds = results_.failures;
  auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.what == what; });
  if (found == kinds.end() && kinds.size() >= most_kinds) {
    what = "others";
    found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.what == what; });
  }
  if (found == kinds.end())
    found = kinds.insert(kinds.end(), {.what = what, .count = 0, .sample = std::string(finished.sample.substr(0, sample_bytes))});
  ++found->count;
}

void Recorder::second_ended(Duration since_begin, const Standing& standing) {
  second_.intended_rate = traffic_.rate_at(microseconds((since_begin.us + static_cast<std::int64_t>(second_.second * 1e6)) / 2));
  second_.in_flight = standing.in_flight;
  second_.waiting = standing.waiting;
  second_.connections = standing.connections;
  if (second_latency_.count() > 0) {
    second_.p50_ms = milliseconds_of(second_latency_.quantile(0.5));
    second_.p95_ms = milliseconds_of(second_latency_.quantile(0.95));
    second_.p99_ms = milliseconds_of(second_latency_.quantile(0.99));
  }
  results_.seconds.push_back(second_);
  second_ = {};
  second_.second = since_begin.seconds();
  second_latency_.clear();
}

LoadResults Recorder::take(Duration elapsed, Duration sending) {
  results_.elapsed = elapsed;
  results_.sending = sending;
  std::stable_sort(results_.failures.begin(), results_.failures.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  return std::move(results_);
}

}  // namespace surgetank::windtunnel
