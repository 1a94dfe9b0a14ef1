#pragma once
// What a prediction found. Plain values; times in milliseconds, as people read them.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "windtunnel/prediction/costs.h"
#include "windtunnel/prediction/limit_ledger.h"
#include "windtunnel/prediction/relief.h"

namespace surgetank::prediction {

struct Percentiles {
  std::uint64_t count = 0;
  double mean_ms = 0;
  double least_ms = 0;
  double p50_ms = 0;
  double p90_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double p999_ms = 0;
  double most_ms = 0;
};

// Requests of the measured part (after the warm-up).
struct RequestFigures {
  std::string name = {};
  std::uint64_t requests = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t throttled = 0;
  std::uint64_t failed = 0;
  std::uint64_t client_retries = 0;
  Percentiles latency = {};          // of all that were answered
  Percentiles success_latency = {};  // of those that went well
};

struct FunctionFigures {
  std::string name = {};
  std::uint64_t invocations = 0;
  std::uint64_t errors = 0;
  std::uint64_t throttles = 0;
  std::uint64_t cold_starts = 0;
  std::int64_t concurrency_peak = 0;
  double billed_gb_seconds = 0;
  Percentiles duration = {};
};

struct QueueFigures {
  std::string name = {};
  std::uint64_t sent = 0;
  std::uint64_t done = 0;
  std::uint64_t dead = 0;  // handed to a dead-letter queue
  std::uint64_t receives = 0;
  std::uint64_t depth_peak = 0;
  std::uint64_t depth_at_traffic_end = 0;
  std::uint64_t depth_end = 0;  // after the tail
  double oldest_peak_seconds = 0;
  Percentiles accepted_to_done = {};
};

struct DatabaseFigures {
  std::string name = {};
  std::string instance_class = {};
  std::int64_t most_connections = 0;
  std::int64_t connections_peak = 0;
  std::uint64_t refused = 0;
  double processor_use_peak = 0;  // share of its processors in the busiest second
};

// One stretch of the run.
struct Moment {
  double second = 0;
  double rate = 0;  // arrivals a second
  double succeeded = 0;
  double throttled = 0;
  double failed = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::int64_t concurrency = 0;
  std::int64_t environments = 0;
  std::uint64_t queue_depth = 0;
  double queue_age_seconds = 0;
  std::int64_t connections = 0;
  double processor_use = 0;  // of the host, or of the busiest database
};

struct Outcome {
  double seconds = 0;  // virtual, measured part
  RequestFigures total = {};
  std::vector<RequestFigures> routes = {};
  std::vector<FunctionFigures> functions = {};
  std::vector<QueueFigures> queues = {};
  std::vector<DatabaseFigures> databases = {};
  std::vector<LimitUse> limits = {};  // those that have a size or were met
  // The limit whose raising helps most, if `relief` was looked for; else what cost most: refusals, or else waiting.
  std::optional<LimitUse> bottleneck = {};
  Relief relief = {};
  std::optional<LimitUse> first_limit = {};  // what refused or was used up first; often the same
  double first_limit_seconds = 0;            // after the begin of the traffic
  std::vector<std::string> not_modelled = {};  // what the application has and the prediction leaves out, for people
  std::vector<Moment> timeline = {};
  std::vector<CostLine> costs = {};  // an hour of such traffic, on AWS
  std::int64_t concurrency_peak = 0;
  std::int64_t environments_peak = 0;
  double host_processor_use = 0;       // mean share, measured part
  double requests_in_system_mean = 0;  // Little's law: rate times mean latency
  std::uint64_t events = 0;            // that the simulation took
};

}  // namespace surgetank::prediction
