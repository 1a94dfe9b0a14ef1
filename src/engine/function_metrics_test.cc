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
    metrics.add_concurrency(minute, {.of_function = 1 + i % 3, .of_account = 10, .unreserved = 7, .claimed = 40});
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

TEST(FunctionMetrics, ConcurrencyOfTheAccountIsToldByPool) {
  RememberingTelemetry telemetry;
  FunctionMetrics metrics("000000000000", "eu-west-1", "f", telemetry);
  metrics.add_concurrency(minute, {.of_function = 1, .of_account = 10, .unreserved = 7, .claimed = 40});
  metrics.add_provisioned(minute, {.version = "3", .in_use = 1, .requested = 4, .is_spillover = false});
  metrics.add_provisioned(minute, {.version = "3", .in_use = 4, .requested = 4, .is_spillover = true});
  metrics.flush();
  EXPECT_EQ(telemetry.sum("UnreservedConcurrentExecutions"), 7);
  EXPECT_EQ(telemetry.sum("ClaimedAccountConcurrency"), 40);
  // Each once for the function and once for its version.
  EXPECT_EQ(telemetry.sum("ProvisionedConcurrencyInvocations", "f"), 2);
  EXPECT_EQ(telemetry.sum("ProvisionedConcurrencySpilloverInvocations", "f"), 2);
  EXPECT_EQ(telemetry.sum("ProvisionedConcurrencyUtilization", "f"), 2 * 1.25);
  EXPECT_EQ(telemetry.sum("ProvisionedConcurrentExecutions", "f"), 2 * 5);
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
