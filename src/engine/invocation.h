#pragma once
// What the engine knows about functions, their versions and the invocations under way, on one lane. Plain records; the lane owns them.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/environment_pool.h"
#include "engine/function_metrics.h"
#include "engine/report_lines.h"
#include "kernel/concurrency.h"
#include "kernel/function_runner.h"

namespace surgetank {

struct VersionRecord;

// A function over all its versions.
struct FunctionRecord {
  std::int64_t in_use = 0;          // invocations that run now
  std::unique_ptr<FunctionConcurrency> concurrency;
  std::vector<VersionRecord*> provisioned;  // each counts as a user of its version
  std::unique_ptr<FunctionMetrics> metrics;
  bool metrics_are_dirty = false;
};

struct VersionRecord {
  VersionId id;
  std::string key;
  std::shared_ptr<const FunctionVersion> version;
  FunctionRecord* function = nullptr;
  std::unique_ptr<ProvisionedConcurrency> provisioned;  // null: it never had any
  LogFormat log_format = LogFormat::Text;
  std::int64_t users = 0;  // environments and invocations that point here
};

// A moment on both clocks: what is shown, and what is measured.
struct Moment {
  Instant wall;
  Instant steady;  // counts from the start of the machine
};

struct Invocation {
  InvocationId id;
  InvocationRequest request;
  UniqueFunction<void(InvocationOutcome)> done;
  VersionRecord* record = nullptr;
  Moment submitted;
  Moment started;         // when it was given to its environment
  std::optional<Duration> processor_before;  // what the process had used when the event was handed out
  std::size_t request_bytes = 0;  // of the event; set when it is handed out
  std::string span;       // id of its "invoke" span; empty before it has an environment
  bool is_counted = false;  // among FunctionRecord::in_use
};

}  // namespace surgetank
