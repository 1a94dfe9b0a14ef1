#include "engine/function_metrics.h"

#include <gtest/gtest.h>

#include "engine/engine_fixture_test.h"

namespace surgetank {
namespace {

const Instant minute{1'700'000'040'000'000};

TEST(FunctionMetrics, CountsAreExactForFunctionAndAccount) {
  RememberingTelemetry telemetry;
  FunctionMetrics metrics("000000000000", "eu-west-1", "f", telemetry);
  for (int i = 0; i < 1000; ++i) {
    metrics.add_concurrency(minute, 1 + i % 3, 10);
    metrics.add_invocation(minute, microseconds(1000 + i), i % 10 == 0 ? FunctionMetrics::Result::Error : FunctionMetrics::Result::Success);
  }
  metrics.add_throttle(minute);
  EXPECT_EQ(telemetry.sum("Invocations", "f"), 0) << "not before the flush";
  metrics.flush();
  for (const std::string function : {"", "f"}) {
    EXPECT_EQ(telemetry.sum("Invocations", function), 1000);
    EXPECT_EQ(telemetry.sum("Errors", function), 100);
    EXPECT_EQ(telemetry.sum("Throttles", function), 1);
    EXPECT_NEAR(telemetry.sum("Duration", function), 1499.5, 7.5) << "three digits of each";
  }
  EXPECT_EQ(telemetry.sum("ConcurrentExecutions", ""), 10'000);
  EXPECT_EQ(telemetry.sum("ConcurrentExecutions", "f"), 1 * 334 + 2 * 333 + 3 * 333);
  metrics.flush();
  EXPECT_EQ(telemetry.sum("Invocations", "f"), 1000) << "nothing is told twice";
}

TEST(FunctionMetrics, FewDurationsAreExact) {
  RememberingTelemetry telemetry;
  FunctionMetrics metrics("000000000000", "eu-west-1", "f", telemetry);
  metrics.add_invocation(minute, microseconds(123'456), FunctionMetrics::Result::Success);
  metrics.flush();
  EXPECT_EQ(telemetry.sum("Duration", "f"), 123.456);
}

TEST(FunctionMetrics, MinutesAreKeptApart) {
  RememberingTelemetry telemetry;
  FunctionMetrics metrics("000000000000", "eu-west-1", "f", telemetry);
  metrics.add_invocation(minute + seconds(59), milliseconds(1), FunctionMetrics::Result::Success);
  metrics.add_invocation(minute + seconds(60), milliseconds(1), FunctionMetrics::Result::Success);
  EXPECT_EQ(telemetry.sum("Invocations", "f"), 1) << "the first minute is told when the second begins";
}

}  // namespace
}  // namespace surgetank
