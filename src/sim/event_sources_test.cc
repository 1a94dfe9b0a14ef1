// Queues and functions together: event source mappings over the real queue service, in a world of virtual time.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"
#include "kernel/test_world.h"
#include "services/lambda/service.h"
#include "services/sqs/service.h"
#include "sim/simulated_runner.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

const std::string account_url = "http://127.0.0.1:4566/000000000000/";
const std::string account_arn = "arn:aws:sqs:us-east-1:000000000000:";

std::string member(const std::string& reply, std::string_view name) {
  const auto value = parse_json(reply);
  const auto* found = value.ok() ? value->find(name) : nullptr;
  if (found == nullptr) return {};
  return found->is_string() ? *found->as_string() : to_json(*found);
}

struct QueuesAndFunctions : testing::Test {
  TestWorld world{{&lambda::service, &sqs::service}};
  std::map<std::string, int> seen;      // body -> how often
  std::map<std::string, int> receives;  // body -> ApproximateReceiveCount when it was seen last
  std::vector<std::size_t> batches;

  QueuesAndFunctions() {
    world.call("lambda", "CreateFunction",
               R"({"FunctionName":"worker","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs20.x","Handler":"index.handler",)"
               R"("Code":{"LocalPath":"/srv/worker","LocalHash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","LocalSize":12}})");
    world.runner.behaviour = [this](const FunctionVersion&, const InvocationRequest& request) { return run(request); };
  }

  // A message "bad ..." is reported as failed, "crash" fails the invocation.
  InvocationOutcome run(const InvocationRequest& request) {
    const auto event = parse_json(request.payload);
    InvocationOutcome outcome;
    std::string failures;
    const auto& records = *event->find("Records")->as_array();
    batches.push_back(records.size());
    for (const auto& record : records) {
      const auto body = *record.find_string("body");
      ++seen[body];
      receives[body] = std::stoi(*record.find("attributes")->find_string("ApproximateReceiveCount"));
      if (body.starts_with("bad")) {
        if (!failures.empty()) failures += ",";
        failures += R"({"itemIdentifier":")" + *record.find_string("messageId") + "\"}";
      }
      if (body == "crash") outcome.kind = InvocationOutcome::Kind::FunctionError;
    }
    outcome.payload = R"({"batchItemFailures":[)" + failures + "]}";
    return outcome;
  }

  void create_queue(const std::string& name, const std::string& attributes = R"("VisibilityTimeout":"30")") {
    const auto reply = world.call("sqs", "CreateQueue", R"({"QueueName":")" + name + R"(","Attributes":{)" + attributes + "}}");
    EXPECT_EQ(member(reply, "QueueUrl"), account_url + name) << reply;
  }
  void map(const std::string& queue, const std::string& more = "") {
    const auto reply = world.call("lambda", "CreateEventSourceMapping",
                                  R"({"FunctionName":"worker","EventSourceArn":")" + account_arn + queue + "\"" + more + "}");
    EXPECT_EQ(member(reply, "State"), "Creating") << reply;
  }
  void send(const std::string& queue, const std::string& body, const std::string& more = "") {
    const auto reply =
        world.call("sqs", "SendMessage", R"({"QueueUrl":")" + account_url + queue + R"(","MessageBody":")" + body + "\"" + more + "}");
    EXPECT_FALSE(member(reply, "MessageId").empty()) << reply;
  }
  // Visible and in flight.
  int left(const std::string& queue) {
    const auto reply = world.call("sqs", "GetQueueAttributes", R"({"QueueUrl":")" + account_url + queue + R"(","AttributeNames":["All"]})");
    const auto value = parse_json(reply);
    const auto* attributes = value->find("Attributes");
    return std::stoi(*attributes->find_string("ApproximateNumberOfMessages")) +
           std::stoi(*attributes->find_string("ApproximateNumberOfMessagesNotVisible"));
  }
};

TEST_F(QueuesAndFunctions, ABacklogIsDrainedOnceAndInBatches) {
  create_queue("work");
  for (int i = 0; i < 100; ++i) send("work", std::to_string(i));
  map("work");
  world.advance(seconds(5));
  EXPECT_EQ(left("work"), 0);
  EXPECT_EQ(seen.size(), 100U);
  for (const auto& [body, times] : seen) EXPECT_EQ(times, 1) << body;
  for (const auto size : batches) EXPECT_LE(size, 10U);
  EXPECT_LE(batches.size(), 20U);
}

TEST_F(QueuesAndFunctions, AWaitingPollerGetsAMessageAtOnce) {
  create_queue("work");
  map("work");
  world.advance(minutes(5));
  send("work", "now");
  EXPECT_EQ(seen["now"], 1);
  EXPECT_EQ(left("work"), 0);
}

TEST_F(QueuesAndFunctions, WhatFailsEndsInTheDeadLetterQueue) {
  create_queue("dead");
  create_queue("work", R"("VisibilityTimeout":"30","RedrivePolicy":"{\"deadLetterTargetArn\":\")" + account_arn +
                           R"(dead\",\"maxReceiveCount\":2}")");
  map("work", R"(,"FunctionResponseTypes":["ReportBatchItemFailures"])");
  send("work", "bad one");
  send("work", "good");
  world.advance(minutes(3));
  EXPECT_EQ(seen["bad one"], 2);
  EXPECT_EQ(receives["bad one"], 2);
  EXPECT_EQ(seen["good"], 1);
  EXPECT_EQ(left("work"), 0);
  EXPECT_EQ(left("dead"), 1);
}

TEST_F(QueuesAndFunctions, EveryMessageEndsInItsOwnTrace) {
  create_queue("work");
  map("work", R"(,"FunctionResponseTypes":["ReportBatchItemFailures"],"FilterCriteria":{"Filters":[{"Pattern":"{\"body\":[{\"anything-but\":[\"skip\"]}]}"}]})");
  const auto header = [](char digit) {
    return R"(,"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1-5759e988-)" + std::string(24, digit) + "\"}}";
  };
  send("work", "good", header('a'));
  send("work", "bad one", header('b'));
  send("work", "skip", header('c'));
  send("work", "untraced");
  world.advance(seconds(5));
  std::map<std::string, std::string> ends;
  for (const auto& one : world.telemetry.completions().after(0, 100).completions) ends[one.trace_root] = one.has_failed ? "failed" : "done";
  EXPECT_EQ(ends, (std::map<std::string, std::string>{{"1-5759e988-" + std::string(24, 'a'), "done"},
                                                       {"1-5759e988-" + std::string(24, 'b'), "failed"},
                                                       {"1-5759e988-" + std::string(24, 'c'), "done"}}));
  const auto spans = world.telemetry.trace("1-5759e988-" + std::string(24, 'a'));
  std::string messages;
  for (const auto& span : spans)
    if (span.kind == "message") messages += span.name + ";";
  EXPECT_EQ(messages, "work -> worker;");
}

TEST_F(QueuesAndFunctions, GroupsOfAFifoQueueComeInOrder) {
  create_queue("work.fifo", R"("VisibilityTimeout":"30","FifoQueue":"true","ContentBasedDeduplication":"true")");
  std::vector<std::string> order;
  world.runner.takes = milliseconds(50);
  for (int i = 10; i < 40; ++i) send("work.fifo", std::to_string(i), R"(,"MessageGroupId":"g)" + std::to_string(i % 3) + "\"");
  map("work.fifo", R"(,"BatchSize":4)");
  world.advance(seconds(20));
  EXPECT_EQ(left("work.fifo"), 0);
  EXPECT_EQ(seen.size(), 30U);
  std::map<int, int> last;
  for (const auto& request : world.runner.seen) {
    const auto event = parse_json(request.payload);
    for (const auto& record : *event->find("Records")->as_array()) {
      const int number = std::stoi(*record.find_string("body"));
      EXPECT_GT(number, last[number % 3]);
      last[number % 3] = number;
    }
  }
}

TEST_F(QueuesAndFunctions, ACrashLosesNothing) {
  create_queue("work");
  world.runner.takes = seconds(2);
  map("work", R"(,"BatchSize":1)");
  for (int i = 0; i < 20; ++i) send("work", std::to_string(i));
  world.advance(seconds(1));
  world.crash_and_restart();
  world.advance(minutes(2));
  EXPECT_EQ(left("work"), 0);
  EXPECT_EQ(seen.size(), 20U);
}

// The function runs by the model of concurrency; how many messages end in the dead letter queue although it never fails.
struct Outpaced {
  int dead = 0;
  int left = 0;
};
Outpaced outpaced(QueuesAndFunctions& f, int reserved, int maximum_concurrency) {
  Random random(1);
  sim::SimulatedRunner runner(random, {.longest_run = seconds(16), .concurrency = 1000, .processes = 100});
  runner.calm();
  f.world.ports.runner = &runner;
  f.create_queue("dead");
  f.create_queue("work", R"("VisibilityTimeout":"30","RedrivePolicy":"{\"deadLetterTargetArn\":\")" + account_arn +
                             R"(dead\",\"maxReceiveCount\":3}")");
  f.world.call("lambda", "PutFunctionConcurrency",
               R"({"FunctionName":"worker","ReservedConcurrentExecutions":)" + std::to_string(reserved) + "}");
  for (int i = 0; i < 40; ++i) f.send("work", std::to_string(i));
  f.map("work", R"(,"BatchSize":1,"ScalingConfig":{"MaximumConcurrency":)" + std::to_string(maximum_concurrency) + "}");
  f.world.advance(minutes(20));
  const Outpaced result{.dead = f.left("dead"), .left = f.left("work")};
  f.world.ports.runner = &f.world.runner;
  return result;
}

TEST_F(QueuesAndFunctions, ReservedConcurrencyBelowThatOfTheMappingFillsTheDeadLetterQueueThoughNothingFails) {
  const auto result = outpaced(*this, 1, 10);
  EXPECT_GE(result.dead, 3);
  EXPECT_EQ(result.left, 0);
}

TEST_F(QueuesAndFunctions, ReservedConcurrencyAboveThatOfTheMappingLosesNothing) {
  const auto result = outpaced(*this, 15, 10);
  EXPECT_EQ(result.dead, 0);
  EXPECT_EQ(result.left, 0);
}

}  // namespace
}  // namespace surgetank
