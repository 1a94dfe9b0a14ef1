// The slowest requests: those near the gateway's timeout, and those that waited for a cold start.
#include <algorithm>

#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

constexpr double near_timeout = 0.7;
constexpr std::size_t min_slow = 3;
constexpr std::size_t min_for_percentile = 200;  // requests, for a p99 that means something
constexpr double ramp = 0.2;                     // the first part of the run, in which environments start anyway
constexpr std::size_t min_cold = 5;
constexpr double cold_share = 0.01;
constexpr double of_slowest = 0.8;      // of the slowest hundredth waited for an init
constexpr double times_slower = 3;      // than the p99 of the others
constexpr double min_difference = 100;  // milliseconds

void near_gateway_timeout(const Run& run, const RouteSeen& route, Findings& out) {
  const auto limit = static_cast<double>(route.route->timeoutMilliseconds);
  if (limit <= 0 || route.requests.size() < min_requests) return;
  std::vector<double> milliseconds;
  std::size_t slow = 0;
  std::size_t timed_out = 0;
  auto finding = make_finding(rules::near_gateway_timeout, route.route->routeKey, 0.9);
  for (const auto& request : route.requests) {
    milliseconds.push_back(request.milliseconds());
    if (request.milliseconds() < near_timeout * limit) continue;
    ++slow;
    if (request.milliseconds() >= 0.99 * limit && request.span->status >= 500) ++timed_out;
    add_trace(finding, request.trace);
  }
  const double p99 = percentile(milliseconds, 0.99);
  if (slow < min_slow || p99 < near_timeout * limit) return;
  if (timed_out >= min_slow) raise(finding, Severity::Critical);
  finding.summary = "p99 of " + route.route->routeKey + " is " + milliseconds_text(p99) + "; the gateway gives up after " +
                    milliseconds_text(limit) +
                    (timed_out > 0 ? ", which happened " + count_text(static_cast<double>(timed_out)) + " times." : ".") +
                    " The function goes on and is paid for when nobody waits any more.";
  add_fact(finding, "p50, p99", milliseconds_text(percentile(milliseconds, 0.5)) + ", " + milliseconds_text(p99));
  add_fact(finding, "beyond 70 % of the timeout",
           count_text(static_cast<double>(slow)) + " of " + count_text(static_cast<double>(milliseconds.size())));
  finding.limit = NearLimit{.name = "integration timeout of " + route.route->routeKey, .limit = limit, .used = p99, .unit = "milliseconds"};
  finding.cure =
      "Accept the work (202 with an id), do it behind a queue, and let the client ask (poll with Retry-After), be called (webhook), or be "
      "told "
      "over a WebSocket API. An HTTP API cannot wait longer than 30 seconds.";
  run.add_change(finding, route.route->logicalId, "TimeoutInMillis", "");
  out.push_back(std::move(finding));
}

// After the ramp: that every environment starts once is no fault of anybody.
void cold_starts(const Run& run, const RouteSeen& route, Findings& out) {
  const auto after = run.recording().startMicroseconds +
                     static_cast<Integer>(ramp * static_cast<double>(run.recording().endMicroseconds - run.recording().startMicroseconds));
  std::vector<const RequestSeen*> requests;
  for (const auto& request : route.requests)
    if (request.span->startMicroseconds >= after && request.invocation != nullptr) requests.push_back(&request);
  if (requests.size() < min_for_percentile) return;
  std::sort(requests.begin(), requests.end(), [](const auto* a, const auto* b) { return a->milliseconds() > b->milliseconds(); });
  const auto is_cold = [](const RequestSeen* request) { return request->waited_for_init; };
  const auto cold = static_cast<std::size_t>(std::count_if(requests.begin(), requests.end(), is_cold));
  if (cold < min_cold || static_cast<double>(cold) < cold_share * static_cast<double>(requests.size())) return;
  const auto slowest = std::max<std::size_t>(1, requests.size() / 100);
  const auto cold_slowest = std::count_if(requests.begin(), requests.begin() + static_cast<std::ptrdiff_t>(slowest), is_cold);
  if (static_cast<double>(cold_slowest) < of_slowest * static_cast<double>(slowest)) return;
  std::vector<double> warm_ms;
  std::vector<double> all_ms;
  std::vector<double> init_ms;
  auto finding = make_finding(rules::cold_starts, route.route->routeKey, 0.85);
  for (const auto* request : requests) {
    all_ms.push_back(request->milliseconds());
    if (!is_cold(request)) {
      warm_ms.push_back(request->milliseconds());
      continue;
    }
    init_ms.push_back(static_cast<double>(integer_attribute(*request->invocation->span, "init_microseconds")) / 1000.0);
    add_trace(finding, request->trace);
  }
  const double p99 = percentile(all_ms, 0.99);
  const double warm = percentile(warm_ms, 0.99);
  if (p99 < times_slower * warm || p99 - warm < min_difference) return;
  finding.summary = "After the ramp " + count_text(static_cast<double>(cold)) + " of " + count_text(static_cast<double>(requests.size())) +
                    " requests to " + route.route->routeKey + " still waited for a cold start: p99 is " + milliseconds_text(p99) +
                    ", without them " + milliseconds_text(warm) + ".";
  add_fact(finding, "init (mean, longest)", milliseconds_text(mean(init_ms)) + ", " + milliseconds_text(percentile(init_ms, 1)));
  finding.cure =
      "Less to load: fewer and smaller packages, SDK clients made once, bundling. Fewer environments: shorter invocations. Where the p99 "
      "must hold, "
      "provisioned concurrency on an alias for the usual load, or SnapStart where the runtime has it.";
  if (const auto* function = find_function(run.recording(), route.route->function); function != nullptr) {
    add_fact(finding, "runtime, memory", function->runtime + ", " + std::to_string(function->memoryMegabytes) + " MB");
    run.add_change(finding, function->logicalId, "ProvisionedConcurrencyConfig",
                   "AutoPublishAlias: live\nProvisionedConcurrencyConfig:\n  ProvisionedConcurrentExecutions: 5");
    const auto hour = price_of("lambda.provisioned-gb-second") * 3600 * static_cast<double>(function->memoryMegabytes) / 1024;
    add_fact(finding, "price of one provisioned environment", "about $" + count_text(hour * 730) + " a month");
  }
  finding.gain.latencyMilliseconds = p99 - warm;
  finding.gain.basis = "p99 with and without the cold requests";
  out.push_back(std::move(finding));
}

}  // namespace

void advise_on_latency(const Run& run, Findings& out) {
  for (const auto& [key, route] : run.routes()) {
    if (route.route == nullptr) continue;
    near_gateway_timeout(run, route, out);
    cold_starts(run, route, out);
  }
}

}  // namespace surgetank::windtunnel
