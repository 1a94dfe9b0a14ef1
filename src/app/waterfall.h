#pragma once
// Traces as people read them: a waterfall of one request, a table of where the time of many went; and both as JSON.
// Pure: spans in, text out. Widths are in terminal columns.
#include <cstddef>
#include <string>
#include <vector>

#include "kernel/telemetry.h"

namespace surgetank {

using Trace = std::vector<Span>;  // spans of one trace, in order of start

//   1-65..-..  POST /orders  201  63.2 ms
//   gateway      POST /orders               63.2 ms  ████████████████████████████████████████
//     invoke     CreateOrder                60.1 ms   ██████████████████████████████████████
//       aws      SecretsManager.GetSecre..   4.0 ms   ███
std::string waterfall(const Trace& trace, std::size_t width);

struct TimeShare {
  std::string kind;
  std::string name;
  std::size_t count = 0;   // spans
  double per_request = 0;  // spans per trace
  double mean_ms = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  double share_of_total = 0;  // of the time of all root spans; nested spans overlap, so shares do not add up to one
};
// Per kind and name over many traces, the largest share first.
std::vector<TimeShare> where_the_time_went(const std::vector<Trace>& traces);
std::string time_table(const std::vector<TimeShare>& shares);

std::string traces_to_json(const std::vector<Trace>& traces);
// Reads what traces_to_json wrote (the command line gets it from the server). Damaged text gives no traces.
std::vector<Trace> traces_from_json(std::string_view json);

}  // namespace surgetank
