#include "windtunnel/prediction/changes.h"

#include <gtest/gtest.h>

#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

constexpr QuotaRow rows[] = {{.id = "lambda.concurrent-executions", .name = "Concurrent executions", .value = 1'000}};

struct Changes : ::testing::Test {
  Profile profile = testing::one_queue(Distribution::constant(milliseconds(10)));
  Conditions conditions;

  void SetUp() override {
    conditions.quota_tables = {rows};
    profile.databases.push_back({.name = "Database"});
    profile.functions[0].steps.push_back({.kind = StepKind::DatabaseConnect, .target = "Database"});
    profile.functions[0].steps.push_back({.kind = StepKind::AwsCall, .name = "CloudWatch.PutMetricData"});
  }
  std::string change(std::string_view text) { return apply_change(text, profile, conditions); }
};

TEST_F(Changes, AQuotaIsSetByItsId) {
  EXPECT_EQ(change("lambda.concurrent-executions=3000"), "");
  EXPECT_EQ(conditions.quota_values.at("lambda.concurrent-executions"), 3'000);
}

TEST_F(Changes, QuotasOfAProfileAreThoseThatThereAre) {
  profile.quotas.values = {{"lambda.concurrent-executions", 10}};
  EXPECT_EQ(check_quota_ids(profile, conditions), "");
  profile.quotas.values = {{"lambda.concurrent-execution", 10}};
  EXPECT_NE(check_quota_ids(profile, conditions).find("did you mean `lambda.concurrent-executions`?"), std::string::npos);
}

TEST_F(Changes, EveryKindOfThingHasMembersToSet) {
  EXPECT_EQ(change("Work.MemorySize=512"), "");
  EXPECT_EQ(change("Work.Timeout=15"), "");
  EXPECT_EQ(change("Work.ReservedConcurrentExecutions=7"), "");
  EXPECT_EQ(change("Work.ProvisionedConcurrentExecutions=3"), "");
  EXPECT_EQ(change("Work.failures=0.25"), "");
  EXPECT_EQ(change("Work.connections=each-environment"), "");
  EXPECT_EQ(change("Work.aws-calls=none"), "");
  EXPECT_EQ(change("Jobs.MaximumConcurrency=50"), "");
  EXPECT_EQ(change("Jobs.BatchSize=100"), "");
  EXPECT_EQ(change("Jobs.MaximumBatchingWindowInSeconds=2"), "");
  EXPECT_EQ(change("Jobs.VisibilityTimeout=90"), "");
  EXPECT_EQ(change("Jobs.DelaySeconds=3"), "");
  EXPECT_EQ(change("Jobs.weight=2"), "");
  EXPECT_EQ(change("db.instance-class=db.r6g.large"), "");
  EXPECT_EQ(change("host.processors=8"), "");
  EXPECT_EQ(change("host.processes=64"), "");
  const auto& function = profile.functions[0];
  EXPECT_EQ(function.memory_mb, 512);
  EXPECT_EQ(function.timeout, seconds(15));
  EXPECT_EQ(function.reserved_concurrency, 7);
  EXPECT_EQ(function.provisioned_concurrency, 3);
  EXPECT_EQ(function.failure_share, 0.25);
  EXPECT_EQ(function.steps[1].occurs, StepOccurs::OncePerEnvironment);
  EXPECT_EQ(function.steps[2].probability, 0);
  EXPECT_EQ(profile.mappings[0].maximum_concurrency, 50);
  EXPECT_EQ(profile.mappings[0].batch_size, 100);
  EXPECT_EQ(profile.mappings[0].window, seconds(2));
  EXPECT_EQ(profile.queues[0].visibility, seconds(90));
  EXPECT_EQ(profile.queues[0].delay, seconds(3));
  EXPECT_EQ(profile.routes[0].weight, 2);
  EXPECT_EQ(profile.databases[0].instance_class, "db.r6g.large");
  EXPECT_EQ(profile.host.processors, 8);
  EXPECT_EQ(profile.host.processes, 64);
}

TEST_F(Changes, WhatIsNotThereIsToldWithWhatIsNear) {
  EXPECT_EQ(change("lambda.concurrent-execution=5"),
            "--set lambda.concurrent-execution=5: there is nothing called `lambda.concurrent-execution`; did you mean "
            "`lambda.concurrent-executions`?");
  EXPECT_NE(change("Wrok.Timeout=5").find("did you mean `Work`?"), std::string::npos) << change("Wrok.Timeout=5");
  EXPECT_NE(change("Work.TimeOut=5").find("did you mean `Timeout`?"), std::string::npos) << change("Work.TimeOut=5");
  EXPECT_NE(change("nothing").find("name.member=value is expected"), std::string::npos);
  EXPECT_NE(change("=5").find("name.member=value is expected"), std::string::npos);
}

TEST_F(Changes, ValuesOutOfBoundsAreToldWithTheBounds) {
  EXPECT_EQ(change("Jobs.MaximumConcurrency=1"), "--set Jobs.MaximumConcurrency=1: a whole number from 2 to 1000 is expected");
  EXPECT_NE(change("db.instance-class=db.huge").find("a class as"), std::string::npos);
  EXPECT_NE(change("lambda.concurrent-executions=many").find("a whole number"), std::string::npos);
  EXPECT_NE(change("Work.connections=two").find("each-invocation or each-environment"), std::string::npos);
  EXPECT_NE(change("Jobs.maxReceiveCount=3").find("no dead-letter queue"), std::string::npos);
}

}  // namespace
}  // namespace surgetank::prediction
