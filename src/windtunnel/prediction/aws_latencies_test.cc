#include "windtunnel/prediction/aws_latencies.h"

#include <gtest/gtest.h>

#include "kernel/latency_profile.h"
#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

Profile recorded() {
  auto profile = testing::one_function(Distribution::constant(milliseconds(5)));
  profile.functions[0].runtime = "nodejs22.x";
  profile.databases.push_back({.name = "Database"});
  auto& steps = profile.functions[0].steps;
  steps.push_back({.kind = StepKind::AwsCall, .name = "SecretsManager.GetSecretValue", .time = Distribution::constant(microseconds(300))});
  steps.push_back({.kind = StepKind::AwsCall, .name = "Nobody.Knows", .time = Distribution::constant(milliseconds(7))});
  steps.push_back(
      {.kind = StepKind::DatabaseConnect, .target = "Database", .time = Distribution::constant(milliseconds(20)), .cpu_share = 0.5});
  steps.push_back({.kind = StepKind::DatabaseStatement, .target = "Database", .time = Distribution::constant(milliseconds(3))});
  return profile;
}

TEST(AwsLatencies, CallsAndConnectionsTakeWhatIsPublishedAndComputingWhatWasRecorded) {
  auto profile = recorded();
  EXPECT_EQ(use_aws_latencies(profile), std::vector<std::string>{"Nobody.Knows"});
  const auto& steps = profile.functions[0].steps;
  EXPECT_EQ(steps[0].time.mean(), milliseconds(5));
  EXPECT_EQ(steps[1].time.p50(), find_latency("secretsmanager", "GetSecretValue")->p50);
  EXPECT_EQ(steps[2].time.mean(), milliseconds(7));
  EXPECT_EQ(steps[3].time.p50(), find_latency("rds", "connect")->p50);
  EXPECT_EQ(steps[4].time.mean(), milliseconds(3));
  EXPECT_GT(profile.routes[0].overhead.p50(), milliseconds(5));
}

TEST(AwsLatencies, TheWorkOfTheDatabaseStaysTheSame) {
  auto profile = recorded();
  use_aws_latencies(profile);
  const auto& connect = profile.functions[0].steps[3];
  EXPECT_NEAR(connect.cpu_share * static_cast<double>(connect.time.mean().us), 10'000, 10);
}

TEST(AwsLatencies, AnInitThatWasNotRecordedIsThatOfTheRuntime) {
  auto profile = recorded();
  use_aws_latencies(profile);
  EXPECT_GT(profile.functions[0].init.p50(), milliseconds(142));
  auto slow = recorded();
  slow.functions[0].init = Distribution::constant(milliseconds(900));
  use_aws_latencies(slow);
  EXPECT_GT(slow.functions[0].init.p50(), milliseconds(900));
}

}  // namespace
}  // namespace surgetank::prediction
