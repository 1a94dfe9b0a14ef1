// What an AWS::Lambda::EventSourceMapping asks of Lambda when it is created, changed and deleted.
#include <gtest/gtest.h>

#include "stack/test_bench.h"

namespace surgetank::stack {
namespace {

std::string mapping(std::string_view more) {
  return "Resources:\n  R: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: f, EventSourceArn: 'arn:aws:sqs:r:1:q'" +
         std::string(more) + "}}\nOutputs: {Id: {Value: !Ref R}, Arn: {Value: !GetAtt R.EventSourceMappingArn}}\n";
}

TEST(EventSourceHandler, IsThereWhenItPolls) {
  TestBench bench;
  const DeployOutcome outcome = bench.deploy(mapping(", BatchSize: '5', Enabled: 'true', Tags: [{Key: a, Value: b}]"));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(outcome.stack->find("R")->physical_id, "mapping1");
  EXPECT_EQ(bench.cloud.last("CreateEventSourceMapping"),
            R"({"FunctionName":"f","Enabled":true,"BatchSize":5,"EventSourceArn":"arn:aws:sqs:r:1:q","Tags":{"a":"b"}})");
  EXPECT_EQ(bench.cloud.operations(),
            (std::vector<std::string>{"CreateEventSourceMapping", "GetEventSourceMapping", "GetEventSourceMapping"}));
}

TEST(EventSourceHandler, WhatWasRemovedGetsItsDefault) {
  TestBench bench;
  ASSERT_TRUE(
      bench
          .deploy(mapping(", BatchSize: 5, FunctionResponseTypes: [ReportBatchItemFailures], ScalingConfig: {MaximumConcurrency: 2}, "
                          "FilterCriteria: {Filters: [{Pattern: '{}'}]}"))
          .ok());
  const DeployOutcome outcome = bench.deploy(mapping(", MaximumBatchingWindowInSeconds: 3"));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(bench.cloud.last("UpdateEventSourceMapping"),
            R"({"FunctionName":"f","MaximumBatchingWindowInSeconds":3,"UUID":"mapping1","BatchSize":10,"FunctionResponseTypes":[],)"
            R"("FilterCriteria":{},"ScalingConfig":{}})");
}

TEST(EventSourceHandler, AnotherQueueIsAnotherMappingAndTheOldOneIsWaitedFor) {
  TestBench bench;
  ASSERT_TRUE(bench.deploy(mapping("")).ok());
  std::string other = mapping("");
  other.replace(other.find(":q'"), 3, ":p'");
  const DeployOutcome outcome = bench.deploy(other);
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(outcome.stack->find("R")->physical_id, "mapping2");
  EXPECT_FALSE(bench.cloud.objects.contains("mapping/mapping1"));
}

TEST(EventSourceHandler, OtherSourcesAreRefusedByName) {
  TestBench bench;
  const DeployOutcome outcome = bench.deploy(mapping(", StartingPosition: LATEST"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(explain(outcome).find("StartingPosition"), std::string::npos) << explain(outcome);
}

}  // namespace
}  // namespace surgetank::stack
