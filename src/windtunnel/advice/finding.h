#pragma once
// What the advisor says: a finding names one pitfall of one resource, with its evidence, the cure, where to apply it, and what it gains.
// Plain values, as `surgetank advise --json` prints them; any thread. Members and rule ids are stable: scripts read them.
#include <string>
#include <string_view>

#include "shape/shape.h"

namespace surgetank::windtunnel {

// How bad it is if nothing changes.
enum class Severity : std::uint8_t {
  Low,       // costs money or time that could be spared
  Medium,    // will hurt under more load
  High,      // hurts under this load already, or breaks at a rate that is near
  Critical,  // requests or messages are refused or lost
};
std::string_view severity_name(Severity severity);  // "low", "medium", "high", "critical"
std::optional<Severity> parse_severity(std::string_view name);

// A pitfall that the advisor knows. The table is rules.h.
struct Rule {
  std::string_view id;    // "ST-101"; never given to another pitfall
  std::string_view slug;  // of its page, docs/findings/<id>-<slug>.md
  std::string_view title;
  Severity severity = Severity::Medium;  // unless the evidence says more
};

struct Fact {
  String name;
  String value;
};
SURGE_SHAPE(Fact, name, value)

// A limit and how near the run came.
struct NearLimit {
  String name;
  double limit = 0;
  double used = 0;
  String unit;
};
SURGE_SHAPE(NearLimit, name, limit, used, unit)

// Lines to change: of a template, or the file of a handler (line 0: the whole file is meant).
struct Change {
  String file;
  Integer line = 0;
  String what;     // what stands there: "CreateOrderFunction", "VisibilityTimeout of OrdersQueue"
  String suggest;  // what to write, as it would stand in the file; may be empty
  String snippet;  // the lines as they are; filled in where the file is at hand and unchanged
};
SURGE_SHAPE(Change, file, line, what, suggest, snippet)

// What the cure is expected to change. What cannot be told from the run is absent; `basis` says how the numbers came about.
struct Gain {
  Opt<double> latencyMilliseconds;  // less, for each request
  Opt<double> callsPerRequest;      // fewer
  Opt<double> connections;          // fewer, at the run's peak
  Opt<double> dollarsPerMillion;    // less, for a million requests
  String basis;
};
SURGE_SHAPE(Gain, latencyMilliseconds, callsPerRequest, connections, dollarsPerMillion, basis)

struct Finding {
  String id;
  String title;
  String severity;
  double confidence = 0;  // from 0 to 1: 0.9 and more is counted, less is inferred
  String resource;        // logical id, or the name of what no template made
  String summary;         // one or two sentences with the numbers
  List<Fact> evidence;
  List<String> traces;  // roots of examples, at most max_example_traces
  Opt<NearLimit> limit;
  String cure;
  List<Change> changes;
  Gain gain;
  String page;  // "docs/findings/ST-101-connection-per-invocation.md"
};
SURGE_SHAPE(Finding, id, title, severity, confidence, resource, summary, evidence, traces, limit, cure, changes, gain, page)

inline constexpr std::size_t max_example_traces = 5;

// What the findings are about, for whoever reads them.
struct RunSummary {
  Integer traces = 0;
  Integer requests = 0;  // that came through a gateway
  Integer invocations = 0;
  Integer functions = 0;
  double seconds = 0;
  Integer failedRequests = 0;  // answered with 5xx
  List<Fact> faults;           // of invocations, the three commonest, with how many there were
  Opt<double> machineBusy;     // share of the machine's processors that the server and all it started used
  String pricesOf;             // the date of the price table
};
SURGE_SHAPE(RunSummary, traces, requests, invocations, functions, seconds, failedRequests, faults, machineBusy, pricesOf)
struct Advice {
  RunSummary run;
  List<Finding> findings;  // worst first
};
SURGE_SHAPE(Advice, run, findings)

}  // namespace surgetank::windtunnel
