#pragma once
// What the running system says about itself: spans (where the time of a request went), metric samples and log events.
// Everybody may call Telemetry from any thread; it never blocks and never fails (what does not fit is counted and dropped).
// kernel/telemetry_hub.h is the real one: spans in a bounded ring, metrics and logs handed to their services in batches.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "kernel/trace_context.h"

namespace surgetank {

// One stretch of time inside a request. `kind` is one of: "gateway", "batch" (messages on their way through a function), "queue" (waited
// for an environment), "init", "invoke", "aws" (an AWS API call), "db-connect", "db-statement". Attributes: docs/guides/traces.md.
struct Span {
  std::string trace_root;
  std::string id;      // 16 hex digits
  std::string parent;  // empty: the first span of its trace
  std::string kind;
  std::string name;  // "POST /orders", "CreateOrder", "SecretsManager.GetSecretValue", "SELECT ..."
  Instant start;
  Duration length;
  int status = 0;     // HTTP status where there is one
  std::string fault;  // empty: fine; else what went wrong
  std::vector<std::pair<std::string, std::string>> attributes;
};

using Dimensions = std::vector<std::pair<std::string, std::string>>;  // sorted by name

struct MetricSample {
  std::string account;
  std::string region;
  std::string name_space;  // "AWS/Lambda"
  std::string name;
  Dimensions dimensions;
  Instant time;
  double value = 0;
  std::string unit = "None";
  int resolution_seconds = 60;  // 1 or 60
  double count = 1;             // so many samples of this value
};

struct LogEvent {
  Instant time;
  std::string message;
};
struct LogBatch {
  std::string account;
  std::string region;
  std::string group;
  std::string stream;
  std::vector<LogEvent> events;
};

class Telemetry {
 public:
  virtual ~Telemetry() = default;
  virtual void span(Span span) = 0;
  virtual void metric(MetricSample sample) = 0;
  virtual void log(LogBatch batch) = 0;
};

}  // namespace surgetank
