// Requests that are refused, or nearly: concurrency, the gateway's throttles, retries that make load of their own.
#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "windtunnel/advice/run.h"

namespace surgetank::windtunnel {
namespace {

constexpr double near = 0.8;
constexpr double at_limit = 0.9;  // throttles below that share of the limit have another reason
constexpr std::size_t min_refused = 5;
constexpr std::size_t min_storms = 5;        // invocations or batches with retries
constexpr double storm_share = 0.2;          // of all batches; of the calls of a kind
constexpr std::size_t tries_of_a_storm = 3;  // of the same call in one invocation
constexpr Integer receives_of_a_storm = 3;
constexpr std::string_view account_quota = "lambda.concurrent-executions";

double metric_sum(const Run& run, const char* name, const std::string& function) {
  const auto* metric = find_metric(run.recording(), "AWS/Lambda", name, {{"FunctionName", function}});
  return metric == nullptr ? 0 : metric->sum;
}

double metric_peak(const Run& run, const char* name, const Map<String>& dimensions) {
  const auto* metric = find_metric(run.recording(), "AWS/Lambda", name, dimensions);
  return metric == nullptr ? 0 : metric->maximum;
}

void account_concurrency(const Run& run, Findings& out) {
  const auto* quota = find_quota(run.recording(), account_quota);
  const Integer limit = quota != nullptr && quota->value ? *quota->value : run.recording().accountConcurrency;
  if (limit <= 0) return;
  double peak = metric_peak(run, "ConcurrentExecutions", {});
  if (quota != nullptr) peak = std::max(peak, static_cast<double>(quota->peak));
  double throttles = 0;
  for (const auto& function : run.recording().functions)
    if (!function.reservedConcurrency) throttles += metric_sum(run, "Throttles", function.name);
  const auto rejections = quota == nullptr ? Integer{0} : quota->rejections;
  const double share = peak / static_cast<double>(limit);
  const bool refused = (throttles >= min_refused || rejections >= static_cast<Integer>(min_refused)) && share >= at_limit;
  if (share < near && !refused) return;
  auto finding = make_finding(rules::concurrency_limit, "the account", 0.95);
  if (refused) raise(finding, Severity::Critical);
  finding.summary = "At the peak " + count_text(peak) + " invocations ran at once, of at most " + count_text(static_cast<double>(limit)) +
                    " for all functions of the account" +
                    (refused ? "; " + count_text(std::max(throttles, static_cast<double>(rejections))) + " were refused (429)." : ".");
  add_fact(finding, "peak concurrency", count_text(peak));
  add_fact(finding, "throttled invocations", count_text(std::max(throttles, static_cast<double>(rejections))));
  finding.limit =
      NearLimit{.name = "concurrent executions of the account", .limit = static_cast<double>(limit), .used = peak, .unit = "executions"};
  finding.cure =
      "Shorten what each invocation waits for (the other findings): concurrency is rate times duration. Put a queue before slow work, "
      "whose "
      "mapping bounds its own concurrency. Then ask for a higher quota (Service Quotas, Lambda, Concurrent executions).";
  out.push_back(std::move(finding));
}

void reserved_concurrency(const Run& run, const RecordedFunction& function, Findings& out) {
  if (!function.reservedConcurrency || *function.reservedConcurrency <= 0) return;
  const auto limit = static_cast<double>(*function.reservedConcurrency);
  const double peak = metric_peak(run, "ConcurrentExecutions", {{"FunctionName", function.name}});
  const double throttles = metric_sum(run, "Throttles", function.name);
  if (throttles < min_refused || peak < at_limit * limit) return;
  auto finding = make_finding(rules::concurrency_limit, run.name_of(function.name), 0.95);
  raise(finding, Severity::Critical);
  finding.summary = run.name_of(function.name) + " ran at its reserved concurrency of " + count_text(limit) + "; " + count_text(throttles) +
                    " invocations were refused (429).";
  add_fact(finding, "peak concurrency", count_text(peak));
  add_fact(finding, "throttled invocations", count_text(throttles));
  finding.limit =
      NearLimit{.name = "reserved concurrency of " + run.name_of(function.name), .limit = limit, .used = peak, .unit = "executions"};
  finding.cure =
      "Raise the reserved concurrency if what stands behind it (a database) bears it; else shorten the invocation, or put a queue before "
      "the "
      "function: a queue waits, a caller is refused.";
  run.add_change(finding, function.logicalId, "ReservedConcurrentExecutions",
                 "ReservedConcurrentExecutions: " + count_text(std::ceil(limit * 2)));
  out.push_back(std::move(finding));
}

// 429s that no function gave: the throttle of the stage, the route or the account.
void gateway_throttles(const Run& run, Findings& out) {
  for (const auto& [key, route] : run.routes()) {
    std::size_t refused = 0;
    auto finding = make_finding(rules::gateway_throttles, key.second, 0.95);
    for (const auto& request : route.requests) {
      if (request.span->status != 429 || request.invocation != nullptr) continue;
      ++refused;
      add_trace(finding, request.trace);
    }
    if (refused < min_refused) continue;
    finding.summary = count_text(static_cast<double>(refused)) + " of " + count_text(static_cast<double>(route.requests.size())) +
                      " requests to " + key.second + " were refused with 429 by the gateway.";
    add_fact(finding, "refused", count_text(static_cast<double>(refused)));
    add_fact(finding, "requests a second", count_text(static_cast<double>(route.requests.size()) / run.seconds()));
    finding.cure =
        "Let clients retry with backoff and jitter. Raise the throttle of the stage or route (DefaultRouteSettings, RouteSettings) if it "
        "was "
        "chosen too low; else ask for a higher account quota (10,000 requests a second with a burst of 5,000).";
    if (route.route != nullptr) {
      if (route.route->throttleRequestsPerSecond) {
        const double limit = *route.route->throttleRequestsPerSecond;
        finding.limit = NearLimit{.name = "throttle of " + key.second,
                                  .limit = limit,
                                  .used = static_cast<double>(route.requests.size()) / run.seconds(),
                                  .unit = "requests a second"};
        add_fact(finding, "throttling rate and burst",
                 count_text(limit) + " a second, " + count_text(static_cast<double>(route.route->throttleBurstRequests.value_or(0))));
      }
      run.add_change(finding, route.route->logicalId, "RouteSettings", "");
    }
    out.push_back(std::move(finding));
  }
}

// The same call again and again in one invocation, because it failed.
void call_retries(const Run& run, const std::string& function, const std::deque<InvocationSeen>& invocations, Findings& out) {
  struct Seen {
    std::size_t invocations = 0;
    std::size_t calls = 0;
    std::size_t failed = 0;
    std::vector<const RecordedTrace*> traces;
  };
  std::map<std::string, Seen> storms;
  for (const auto& invocation : invocations) {
    std::map<std::string, std::pair<std::size_t, std::size_t>> calls;  // all, failed; of kind and name
    for (const auto* child : invocation.children) {
      if (child->kind != "aws" && child->kind != "db-connect") continue;
      auto& [all, failed] = calls[child->kind == "aws" ? child->name : "connecting to the database"];
      ++all;
      if (!child->fault.empty()) ++failed;
    }
    for (const auto& [name, counts] : calls) {
      if (counts.second == 0) continue;
      auto& seen = storms[name];
      seen.calls += counts.first;
      seen.failed += counts.second;
      if (counts.second + 1 >= tries_of_a_storm && counts.first >= tries_of_a_storm) {
        ++seen.invocations;
        seen.traces.push_back(invocation.trace);
      }
    }
  }
  for (const auto& [name, seen] : storms) {
    if (seen.invocations < min_storms || static_cast<double>(seen.failed) < storm_share * static_cast<double>(seen.calls)) continue;
    auto finding = make_finding(rules::retry_storm, run.name_of(function), 0.85);
    finding.summary = count_text(static_cast<double>(seen.invocations)) + " invocations tried " + name + " at least " +
                      std::to_string(tries_of_a_storm) + " times; " + count_text(static_cast<double>(seen.failed)) + " of " +
                      count_text(static_cast<double>(seen.calls)) + " tries failed.";
    add_fact(finding, "failed tries", count_text(static_cast<double>(seen.failed)));
    for (const auto* trace : seen.traces) add_trace(finding, trace);
    finding.cure =
        "Find why the call is refused first (a quota, a limit of connections: other findings). Bound retries to two or three with "
        "exponential "
        "backoff and jitter, and within the time the caller still waits; when a dependency is down, fail at once for a while.";
    run.add_code(finding, function, {});
    finding.gain.callsPerRequest = static_cast<double>(seen.failed) / static_cast<double>(invocations.size());
    finding.gain.basis = "tries that failed, for each invocation";
    out.push_back(std::move(finding));
  }
}

// Messages that come again and again.
void message_retries(const Run& run, const RecordedMapping& mapping, Findings& out) {
  const auto& batches = run.batches_of(mapping.uuid);
  std::size_t again = 0;
  Integer most = 0;
  auto finding = make_finding(rules::retry_storm, run.name_of(mapping), 0.9);
  for (const auto& batch : batches) {
    most = std::max(most, batch.receives);
    if (batch.receives < receives_of_a_storm) continue;
    ++again;
    add_trace(finding, batch.trace);
  }
  if (again < min_storms || static_cast<double>(again) < storm_share * static_cast<double>(batches.size())) return;
  finding.summary = count_text(static_cast<double>(again)) + " of " + count_text(static_cast<double>(batches.size())) +
                    " batches held messages that were received " + std::to_string(receives_of_a_storm) + " times or more (at most " +
                    count_text(static_cast<double>(most)) + "): they fail and come again.";
  add_fact(finding, "batches with repeated messages", count_text(static_cast<double>(again)));
  finding.cure =
      "Read the function's errors: what can never succeed should be told apart and put aside at once. A redrive policy with few receives "
      "(3 to 5) and ReportBatchItemFailures keep one bad message from repeating the others.";
  if (const auto* queue = find_queue(run.recording(), mapping.queue); queue != nullptr) {
    add_fact(finding, "dead-letter queue",
             queue->deadLetterQueue.empty() ? "none" : "after " + std::to_string(queue->maximumReceives) + " receives");
    run.add_change(finding, queue->logicalId, "RedrivePolicy",
                   queue->deadLetterQueue.empty() ? "RedrivePolicy: {deadLetterTargetArn: ..., maxReceiveCount: 5}" : "");
  }
  out.push_back(std::move(finding));
}

}  // namespace

void advise_on_limits(const Run& run, Findings& out) {
  account_concurrency(run, out);
  for (const auto& function : run.recording().functions) reserved_concurrency(run, function, out);
  gateway_throttles(run, out);
  for (const auto& [function, invocations] : run.invocations()) call_retries(run, function, invocations, out);
  for (const auto& mapping : run.recording().mappings) message_retries(run, mapping, out);
}

}  // namespace surgetank::windtunnel
