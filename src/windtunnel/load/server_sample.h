#pragma once
// How a Surgetank server stood at one moment of a load run, as GET /_surgetank/gauges and /_surgetank/quotas tell it. Plain values.
#include <cstdint>
#include <string>
#include <vector>

namespace surgetank::windtunnel {

struct FunctionSample {
  std::string name;
  std::int64_t in_flight = 0;
  std::int64_t environments = 0;
  std::int64_t idle = 0;
  std::int64_t cold_starts = 0;  // since the server started
  std::int64_t throttles = 0;
};
struct QueueSample {
  std::string name;
  std::int64_t visible = 0;
  std::int64_t in_flight = 0;
  std::int64_t delayed = 0;
  double oldest_seconds = 0;
};
struct DatabaseSample {
  std::string name;
  std::int64_t connections = 0;
  std::int64_t max_connections = 0;
};
struct QuotaSample {
  std::string id;
  std::string name;
  double value = 0;
  double now = 0;
  double peak = 0;
  std::int64_t rejections = 0;  // since the server started
};
struct ServerSample {
  double second = 0;  // since the begin of the run
  std::vector<FunctionSample> functions;
  std::vector<QueueSample> queues;
  std::vector<DatabaseSample> databases;
  std::vector<QuotaSample> quotas;
  std::int64_t concurrency = 0;
  std::int64_t concurrency_limit = 0;
};

}  // namespace surgetank::windtunnel
