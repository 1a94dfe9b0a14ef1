#pragma once
// A recording put in order for the rules: invocations with what they did, requests with their answers, batches, and where the template
// says what. Made once, read by all rules; it points into the recording, which must outlive it. Inside of the advisor.
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "windtunnel/advice/finding.h"
#include "windtunnel/advice/rules.h"
#include "windtunnel/recording/recording.h"

namespace surgetank::windtunnel {

inline constexpr std::size_t min_invocations = 10;  // below that a share says nothing
inline constexpr std::size_t min_requests = 20;

// One invocation of a function.
struct InvocationSeen {
  const RecordedTrace* trace = nullptr;
  const RecordedSpan* span = nullptr;
  const RecordedSpan* parent = nullptr;       // the gateway, batch or aws span above; null: not known
  std::vector<const RecordedSpan*> children;  // in order of start
  bool is_cold = false;
  std::size_t count(std::string_view kind) const;
  std::size_t count(std::string_view kind, std::string_view name) const;
  double milliseconds(std::string_view kind) const;  // summed
  double milliseconds() const { return static_cast<double>(span->durationMicroseconds) / 1000.0; }
};

// One request to a route.
struct RequestSeen {
  const RecordedTrace* trace = nullptr;
  const RecordedSpan* span = nullptr;
  const InvocationSeen* invocation = nullptr;  // null: none was seen
  bool waited_for_init = false;
  double milliseconds() const { return static_cast<double>(span->durationMicroseconds) / 1000.0; }
};

struct BatchSeen {
  const RecordedTrace* trace = nullptr;
  const RecordedSpan* span = nullptr;
  Integer messages = 0;
  Integer receives = 0;
};

struct RouteSeen {
  const RecordedRoute* route = nullptr;  // null: no longer deployed
  std::vector<RequestSeen> requests;     // in order of start
};

class Run {
 public:
  explicit Run(const Recording& recording);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const Recording& recording() const { return recording_; }
  // By function name, mapping UUID, and API and route key.
  const std::map<std::string, std::deque<InvocationSeen>>& invocations() const { return invocations_; }
  const std::map<std::string, std::vector<BatchSeen>>& batches() const { return batches_; }
  const std::map<std::pair<std::string, std::string>, RouteSeen>& routes() const { return routes_; }
  const std::deque<InvocationSeen>& invocations_of(std::string_view function) const;
  const std::vector<BatchSeen>& batches_of(std::string_view mapping) const;
  double seconds() const;

  // What people call it: the logical id, or the name.
  std::string name_of(std::string_view function) const;
  static std::string name_of(const RecordedQueue& queue) { return queue.logicalId.empty() ? queue.name : queue.logicalId; }
  static std::string name_of(const RecordedDatabase& d) { return d.logicalId.empty() ? d.identifier : d.logicalId; }
  std::string name_of(const RecordedMapping& mapping) const;

  // The line of a property of a resource ("VisibilityTimeout", "Events.Orders..." is found by itself), of the Globals, or of the resource
  // itself; no change if no template declares it.
  void add_change(Finding& finding, std::string_view logical_id, std::string_view property, std::string suggest) const;
  // The file of the handler, where it is known; the suggestion in the language of its runtime, none for others.
  struct Code {
    std::string node = {};
    std::string python = {};
  };
  void add_code(Finding& finding, std::string_view function, const Code& suggest) const;

 private:
  void add_trace(const RecordedTrace& trace);

  const Recording& recording_;
  std::map<std::string, std::deque<InvocationSeen>> invocations_;
  std::map<std::string, std::vector<BatchSeen>> batches_;
  std::map<std::pair<std::string, std::string>, RouteSeen> routes_;
};

// --- making findings ---

Finding make_finding(const Rule& rule, std::string resource, double confidence);
void raise(Finding& finding, Severity severity);  // never lowers
void add_fact(Finding& finding, std::string name, std::string value);
void add_trace(Finding& finding, const RecordedTrace* trace);

// --- numbers ---

double percentile(std::vector<double> values, double fraction);  // nearest rank; 0 of nothing
double mean(const std::vector<double>& values);
std::string count_text(double value);      // "1,234", "1.5"
std::string percent_text(double share);    // "97 %"
std::string milliseconds_text(double ms);  // "0.42 ms", "12 ms", "3.4 s"
std::string bytes_text(double bytes);      // "1.2 MB"

// --- the families; each appends what it finds ---

using Findings = std::vector<Finding>;
void advise_on_connections(const Run& run, Findings& out);  // ST-101 .. ST-103
void advise_on_calls(const Run& run, Findings& out);        // ST-111, ST-112
void advise_on_limits(const Run& run, Findings& out);       // ST-201 .. ST-203
void advise_on_waiting(const Run& run, Findings& out);      // ST-301 .. ST-304
void advise_on_latency(const Run& run, Findings& out);      // ST-305, ST-306
void advise_on_queues(const Run& run, Findings& out);       // ST-401 .. ST-404
void advise_on_payloads(const Run& run, Findings& out);     // ST-501 .. ST-503

}  // namespace surgetank::windtunnel
