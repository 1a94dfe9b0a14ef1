#pragma once
// What the simulated use would cost on AWS, by the dated price table (windtunnel/recording/prices.h). Only what the prediction counts:
// requests, invocations and their time, messages, calls that are paid for, databases; no data transfer, storage or logs. Pure.
#include <string>
#include <vector>

namespace surgetank::prediction {

struct CostLine {
  std::string what;  // "Lambda: time of functions"
  double dollars_per_hour = 0;
};

// What was used in `seconds`.
struct Use {
  double seconds = 0;
  double gateway_request_steps = 0;  // of 512 KB
  double invocations = 0;
  double gb_seconds = 0;
  double provisioned_gb = 0;  // all the time
  double queue_requests = 0;
  double fifo_requests = 0;
  double secret_calls = 0;
  double metric_calls = 0;
  std::vector<std::string> database_classes = {};
};
std::vector<CostLine> hourly_costs(const Use& use);
// When and where the prices were seen.
std::string price_note();

}  // namespace surgetank::prediction
