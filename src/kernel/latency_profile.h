#pragma once
// How long the real cloud takes, as data: a distribution for each call of a service, and of each runtime's cold start. Pure: chance is
// an argument, and the same seed gives the same times. The server under `--latency aws` and the planner use the same rows.
//
// Sources. Calls: practitioners' figures for warm clients in the same Region, p50 and p99; each row says what it is of. AWS publishes
// none, so they are good for orders of magnitude. Cold starts: Init Duration of hello-world functions, measured daily on AWS over nine
// weeks, about 2,300 samples a row (github.com/maxday/lambda-perf, 2026-06-23 to 2026-08-22, zip packages).
#include <span>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace surgetank {

// Log-normal through its median and its 99th percentile.
struct LatencyRow {
  std::string_view id;  // "sqs.SendMessage": a service's name and an operation; "rds.connect": what is not an operation
  Duration p50;
  Duration p99;
  std::string_view of;  // what was looked at
  // Whether the figure is of the whole call, or comes on top of what the call does here (a function's own time).
  enum class Adds : unsigned char { Nothing, ToTheWork } adds = Adds::Nothing;
};
std::span<const LatencyRow> latency_rows();
// Null: nothing is known, so nothing is added.
const LatencyRow* find_latency(std::string_view service, std::string_view operation);
Duration sample(const LatencyRow& row, Random& random);

// Init Duration of a runtime; linear between the quantiles that were measured.
struct ColdStartRow {
  std::string_view runtime;       // as Lambda names it: "nodejs22.x"
  std::string_view architecture;  // "x86_64", "arm64"
  int samples;
  // At 10, 50, 75, 90, 95, 99 and 100 percent.
  Duration quantiles[7];
};
std::span<const ColdStartRow> cold_start_rows();
// Of a runtime that was not measured: that of the nearest version of the same language; null if there is none.
const ColdStartRow* find_cold_start(std::string_view runtime, std::string_view architecture);
Duration sample(const ColdStartRow& row, Random& random);
// What Init Duration omits: placement, code download, the start of the machine.
extern const LatencyRow environment_start;

}  // namespace surgetank
