// Functions that wait where they need not: for other functions, for a write that may be done later, for a call they only pass on.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::string_view invoke_call = "Lambda.Invoke";
constexpr std::size_t min_waits = 5;
constexpr double wait_share = 0.2;   // of the caller's invocations
constexpr std::size_t steps = 3;     // synchronous invokes in one invocation
constexpr double write_share = 0.8;  // of a route's requests write
constexpr double failing_share = 0.01;
constexpr double slow_milliseconds = 1000;
constexpr double database_share = 0.5;  // of the time of a slow request
constexpr Integer proxy_lines = 25;     // of code in a handler that only passes on
constexpr double proxy_share = 0.95;    // of its invocations make that one call

// Synchronous invokes of other functions: the invocation below lies inside of the call. (An asynchronous one answers before it begins.)
std::vector<const RecordedSpan*> waits_of(const InvocationSeen& invocation) {
  std::vector<const RecordedSpan*> waits;
  for (const auto* child : invocation.children) {
    if (child->kind != "aws" || child->name != invoke_call) continue;
    for (const auto& span : invocation.trace->spans) {
      const bool inside = span.startMicroseconds >= child->startMicroseconds &&
                          span.startMicroseconds + span.durationMicroseconds <= child->startMicroseconds + child->durationMicroseconds;
      if (span.kind == "invoke" && span.parent == child->id && inside) {
        waits.push_back(child);
        break;
      }
    }
  }
  return waits;
}

std::string callee_of(const InvocationSeen& invocation, const RecordedSpan& call) {
  for (const auto& span : invocation.trace->spans)
    if (span.kind == "invoke" && span.parent == call.id) return span.name;
  return {};
}

void waits_for_functions(const Run& run, const std::string& function, const std::deque<InvocationSeen>& invocations, Findings& out) {
  std::size_t waiting = 0;
  std::size_t orchestrating = 0;
  std::vector<double> milliseconds;
  std::set<std::string> callees;
  auto wait = make_finding(rules::waits_for_function, run.name_of(function), 0.9);
  auto orchestra = make_finding(rules::orchestration, run.name_of(function), 0.85);
  for (const auto& invocation : invocations) {
    const auto waits = waits_of(invocation);
    if (waits.empty()) continue;
    ++waiting;
    double sum = 0;
    for (const auto* call : waits) {
      sum += static_cast<double>(call->durationMicroseconds) / 1000.0;
      callees.insert(run.name_of(callee_of(invocation, *call)));
    }
    milliseconds.push_back(sum);
    add_trace(wait, invocation.trace);
    if (waits.size() < steps) continue;
    ++orchestrating;
    add_trace(orchestra, invocation.trace);
  }
  const auto all = static_cast<double>(invocations.size());
  if (waiting < min_waits || static_cast<double>(waiting) < wait_share * all) return;
  const bool is_orchestration = orchestrating >= min_waits && static_cast<double>(orchestrating) >= wait_share * all;
  auto& finding = is_orchestration ? orchestra : wait;
  const std::string names = join({callees.begin(), callees.end()}, ", ");
  finding.summary =
      count_text(static_cast<double>(is_orchestration ? orchestrating : waiting)) + " of " + count_text(all) + " invocations " +
      (is_orchestration ? "called three functions or more, one after the other or side by side, and waited for them (" : "waited for ") +
      names + (is_orchestration ? ")" : "") + ", " + milliseconds_text(mean(milliseconds)) +
      " each: both are paid for that time, and both count as concurrency.";
  add_fact(finding, "waiting (mean, p99)",
           milliseconds_text(mean(milliseconds)) + ", " + milliseconds_text(percentile(milliseconds, 0.99)));
  add_fact(finding, "functions called", names);
  finding.cure =
      is_orchestration
          ? "Let Step Functions (an Express workflow where seconds count) do the steps, their retries and their waiting; or let "
            "each step hand on through a queue."
          : "Call the code as a library if it is yours; or invoke asynchronously (InvocationType Event), or through a queue, where "
            "the answer is not needed; or let a Step Functions workflow make both steps.";
  run.add_code(finding, function, {});
  if (const auto* caller = find_function(run.recording(), function); caller != nullptr) {
    const double saved = mean(milliseconds) * static_cast<double>(waiting) / all;
    finding.gain.dollarsPerMillion = 1e6 * (invocation_dollars(caller->memoryMegabytes, saved) - price_of("lambda.request"));
    finding.gain.basis = "GB-seconds of the caller while it waits; a workflow has a price of its own";
  }
  out.push_back(std::move(finding));
}

bool writes(const RecordedSpan& statement) {
  const auto text = to_upper(trim(std::string_view(statement.name).substr(0, 12)));
  return text.starts_with("INSERT") || text.starts_with("UPDATE") || text.starts_with("DELETE") || text.starts_with("MERGE");
}

// Only with a sign that the database holds the route back; a fast write over a kept connection is fine as it is.
void synchronous_write(const Run& run, const RouteSeen& route, Findings& out) {
  const auto& key = route.route->routeKey;
  const bool may_write = key.starts_with("POST ") || key.starts_with("PUT ") || key.starts_with("PATCH ") || key.starts_with("DELETE ");
  if (!may_write || route.requests.size() < min_requests) return;
  std::size_t writing = 0;
  std::size_t failed = 0;
  std::size_t connecting = 0;
  std::size_t warm = 0;
  std::vector<double> milliseconds;
  std::vector<double> database;
  auto finding = make_finding(rules::synchronous_write, key, 0.6);
  for (const auto& request : route.requests) {
    milliseconds.push_back(request.milliseconds());
    if (request.span->status >= 500) ++failed;
    const auto* invocation = request.invocation;
    if (invocation == nullptr) continue;
    const bool wrote = std::any_of(invocation->children.begin(), invocation->children.end(),
                                   [](const auto* child) { return child->kind == "db-statement" && writes(*child); });
    if (!wrote) continue;
    ++writing;
    database.push_back(invocation->milliseconds("db-statement") + invocation->milliseconds("db-connect"));
    if (!invocation->is_cold) ++warm;
    if (!invocation->is_cold && invocation->count("db-connect") > 0) ++connecting;
    add_trace(finding, request.trace);
  }
  const auto all = static_cast<double>(route.requests.size());
  if (static_cast<double>(writing) < write_share * (all - static_cast<double>(failed)) || writing < min_invocations) return;
  const double p99 = percentile(milliseconds, 0.99);
  const bool fails = static_cast<double>(failed) >= failing_share * all && failed >= min_waits;
  const bool slow = p99 >= slow_milliseconds && percentile(database, 0.99) >= database_share * p99;
  const bool connects = warm >= min_invocations && connecting * 2 > warm;
  if (!fails && !slow && !connects) return;
  if (fails || slow) {
    raise(finding, Severity::Medium);
    finding.confidence = 0.75;
  }
  finding.summary = "Requests to " + key + " wait for the database (" + milliseconds_text(mean(database)) + " of " +
                    milliseconds_text(mean(milliseconds)) + ")" +
                    (fails  ? ", and " + count_text(static_cast<double>(failed)) + " of " + count_text(all) + " failed"
                     : slow ? ", p99 is " + milliseconds_text(p99)
                            : ", each over a connection of its own") +
                    ": the database's limits are the API's.";
  add_fact(finding, "requests that write", count_text(static_cast<double>(writing)) + " of " + count_text(all));
  add_fact(finding, "p99", milliseconds_text(p99));
  finding.cure =
      "If the client need not see the stored record at once: check the request, put it into a queue, answer 202 with its id, and let a "
      "worker "
      "store batches with a bounded concurrency. examples/orders-async does so. Storing must then be idempotent.";
  run.add_change(finding, route.route->logicalId, "", "");
  finding.gain.latencyMilliseconds = mean(database);
  finding.gain.basis = "measured time in the database; the call to the queue comes on top";
  out.push_back(std::move(finding));
}

// A handler of few lines that makes one call and nothing else. What cannot be read is not judged.
void proxy_only(const Run& run, const RouteSeen& route, Findings& out) {
  static constexpr std::string_view direct[] = {"SQS.SendMessage", "EventBridge.PutEvents", "Kinesis.PutRecord",
                                                "StepFunctions.StartExecution", "StepFunctions.StartSyncExecution"};
  const auto* function = find_function(run.recording(), route.route->function);
  if (function == nullptr || !function->codeLines || *function->codeLines > proxy_lines || function->importsOwnFiles.value_or(true)) return;
  if (route.requests.size() < min_requests) return;
  std::size_t proxied = 0;
  std::string call;
  std::vector<double> milliseconds;
  auto finding = make_finding(rules::proxy_only, run.name_of(function->name), 0.7);
  for (const auto& request : route.requests) {
    const auto* invocation = request.invocation;
    if (invocation == nullptr || invocation->children.size() != 1) continue;
    const auto& child = *invocation->children.front();
    if (child.kind != "aws" || std::find(std::begin(direct), std::end(direct), child.name) == std::end(direct)) continue;
    if (!call.empty() && call != child.name) return;
    call = child.name;
    ++proxied;
    milliseconds.push_back(invocation->milliseconds());
    add_trace(finding, request.trace);
  }
  if (static_cast<double>(proxied) < proxy_share * static_cast<double>(route.requests.size())) return;
  finding.summary = "The handler has " + count_text(static_cast<double>(*function->codeLines)) + " lines, and " +
                    count_text(static_cast<double>(proxied)) + " of " + count_text(static_cast<double>(route.requests.size())) +
                    " requests to " + route.route->routeKey + " only became " + call + ".";
  add_fact(finding, "an invocation takes (mean)", milliseconds_text(mean(milliseconds)));
  finding.cure = "Let the gateway call the service itself: an integration of an HTTP API with IntegrationSubtype (" +
                 replace_all(call, ".", "-") +
                 ") and a role. No function, no cold start, no concurrency. Keep the function if it checks or changes what it passes on.";
  run.add_change(finding, route.route->logicalId, "", "");
  run.add_code(finding, function->name, {});
  finding.gain.latencyMilliseconds = mean(milliseconds) * 0.5;
  finding.gain.dollarsPerMillion = 1e6 * invocation_dollars(function->memoryMegabytes, mean(milliseconds));
  finding.gain.basis = "the invocations' price; half of their time, since the call itself stays";
  out.push_back(std::move(finding));
}

}  // namespace

void advise_on_waiting(const Run& run, Findings& out) {
  for (const auto& [function, invocations] : run.invocations()) waits_for_functions(run, function, invocations, out);
  for (const auto& [key, route] : run.routes()) {
    if (route.route == nullptr) continue;
    synchronous_write(run, route, out);
    proxy_only(run, route, out);
  }
}

}  // namespace surgetank::windtunnel
