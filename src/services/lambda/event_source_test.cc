// Event source mappings in a world with a fake queue: the API, and what a mapping does.
#include <algorithm>

#include "kernel/event_sources.h"
#include "services/lambda/fake_sqs.h"
#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view url = "http://127.0.0.1:4566/000000000000/";

struct EventSourceTest : testing::Test {
  TestWorld world{{&service, &fake_sqs::service}};

  EventSourceTest() { fake_sqs::fake_visibility_seconds = 30; }

  std::string call(std::string_view operation, const std::string& input) { return world.call("lambda", operation, input); }
  void create_function(const std::string& more = "") { call("CreateFunction", LambdaTest::creation("orders", more)); }
  static std::string source(const std::string& queue) { return "arn:aws:sqs:us-east-1:000000000000:" + queue; }
  static std::string mapping(const std::string& more = "", const std::string& queue = "q") {
    return R"({"FunctionName":"orders","EventSourceArn":")" + source(queue) + "\"" + more + "}";
  }
  // Creates it, waits until it polls and answers its UUID.
  std::string map(const std::string& more = "", const std::string& queue = "q") {
    const auto reply = call("CreateEventSourceMapping", mapping(more, queue));
    EXPECT_EQ(LambdaTest::member(reply, "State"), "Creating") << reply;
    return LambdaTest::member(reply, "UUID");
  }
  std::string state(const std::string& uuid) {
    const auto reply = call("GetEventSourceMapping", R"({"UUID":")" + uuid + "\"}");
    return reply.front() == '{' ? LambdaTest::member(reply, "State") : reply;
  }
  void send(const std::string& body, const std::string& more = "", const std::string& queue = "q") {
    JsonValue text = JsonValue::string(body);
    world.call("sqs", "SendMessage", R"({"QueueUrl":")" + std::string(url) + queue + R"(","MessageBody":)" + to_json(text) + more + "}");
  }
  std::size_t left(const std::string& queue = "q") {
    std::size_t count = 0;
    auto txn = world.store->begin();
    const auto prefix = service_key("sqs", "message", service_caller("000000000000", "us-east-1", ""), {queue});
    txn->scan(prefix, prefix_end(prefix), [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
    return count;
  }
  // The bodies of each event that the function has got.
  std::vector<std::vector<std::string>> events() {
    std::vector<std::vector<std::string>> list;
    for (const auto& request : world.runner.seen) {
      auto& bodies = list.emplace_back();
      const auto event = LambdaTest::parsed(request.payload);
      for (const auto& record : *event.find("Records")->as_array()) bodies.push_back(*record.find_string("body"));
    }
    return list;
  }
  void replies(const std::string& payload) {
    world.runner.behaviour = [payload](const FunctionVersion&, const InvocationRequest&) { return InvocationOutcome{.payload = payload}; };
  }
  void ends_with(InvocationOutcome::Kind kind) {
    world.runner.behaviour = [kind](const FunctionVersion&, const InvocationRequest&) {
      InvocationOutcome outcome;
      outcome.kind = kind;
      return outcome;
    };
  }
};

using Events = std::vector<std::vector<std::string>>;

TEST_F(EventSourceTest, AMappingIsCreatedShownListedAndDeleted) {
  create_function();
  const auto created = call("CreateEventSourceMapping", mapping(R"(,"BatchSize":5,"ScalingConfig":{"MaximumConcurrency":2})"));
  const auto uuid = LambdaTest::member(created, "UUID");
  EXPECT_EQ(uuid.size(), 36U) << created;
  EXPECT_EQ(LambdaTest::member(created, "EventSourceMappingArn"), "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:" + uuid);
  EXPECT_EQ(LambdaTest::member(created, "FunctionArn"), orders_arn);
  EXPECT_EQ(LambdaTest::member(created, "FunctionResponseTypes"), "[]");
  EXPECT_EQ(LambdaTest::member(created, "StateTransitionReason"), "USER_INITIATED");
  EXPECT_EQ(LambdaTest::member(created, "BatchSize"), "5");
  EXPECT_EQ(LambdaTest::member(created, "MaximumBatchingWindowInSeconds"), "0");
  EXPECT_EQ(LambdaTest::member(created, "ScalingConfig"), R"({"MaximumConcurrency":2})");
  EXPECT_EQ(LambdaTest::member(created, "LastProcessingResult"), "");
  EXPECT_EQ(state(uuid), "Enabled");
  EXPECT_NE(call("ListEventSourceMappings", R"({"FunctionName":"orders"})").find(uuid), std::string::npos);
  EXPECT_EQ(call("ListEventSourceMappings", R"({"FunctionName":"others"})"), R"({"EventSourceMappings":[]})");
  EXPECT_EQ(LambdaTest::member(call("DeleteEventSourceMapping", R"({"UUID":")" + uuid + "\"}"), "State"), "Deleting");
  EXPECT_EQ(state(uuid), "ResourceNotFoundException: The resource you requested does not exist.");
  map();
}

TEST_F(EventSourceTest, FaultsAreWordedAsAwsWordsThem) {
  EXPECT_EQ(call("CreateEventSourceMapping", mapping()), "InvalidParameterValueException: Function does not exist");
  create_function(R"(,"Timeout":31)");
  EXPECT_EQ(call("CreateEventSourceMapping", mapping()),
            "InvalidParameterValueException: Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds");
  fake_sqs::fake_visibility_seconds = 60;
  EXPECT_EQ(
      call("CreateEventSourceMapping", mapping(R"(,"BatchSize":11)")),
      "InvalidParameterValueException: Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  EXPECT_EQ(call("CreateEventSourceMapping", mapping(R"(,"BatchSize":0)")),
            "ValidationException: 1 validation error detected: Value '0' at 'batchSize' failed to satisfy constraint: Member must have "
            "value greater than or equal to 1");
  EXPECT_EQ(call("CreateEventSourceMapping", mapping(R"(,"MaximumBatchingWindowInSeconds":1)", "q.fifo")),
            "InvalidParameterValueException: Batching window is not supported for FIFO queues");
  EXPECT_EQ(call("CreateEventSourceMapping", mapping(R"(,"StartingPosition":"LATEST")")),
            "InvalidParameterValueException: StartingPosition is not valid for SQS event sources.");
  EXPECT_EQ(call("CreateEventSourceMapping", mapping("", "missing")),
            "InvalidParameterValueException: Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist.");
  EXPECT_EQ(call("CreateEventSourceMapping", mapping(R"(,"FilterCriteria":{"Filters":[{"Pattern":"{"}]})")).substr(0, 66),
            "InvalidParameterValueException: Invalid filter pattern definition.");
  const auto uuid = map();
  EXPECT_EQ(call("CreateEventSourceMapping", mapping()),
            "ResourceConflictException: An event source mapping with SQS arn (\" arn:aws:sqs:us-east-1:000000000000:q \") and function "
            "(\" orders \") already exists. Please update or delete the existing mapping with UUID " +
                uuid);
  EXPECT_EQ(
      call("CreateEventSourceMapping", R"({"FunctionName":"orders","EventSourceArn":"arn:aws:kinesis:us-east-1:000000000000:stream/s"})"),
      "InvalidParameterValueException: An event source of kinesis (EventSourceArn) is not supported by Surgetank yet.");
}

TEST_F(EventSourceTest, AMessageReachesTheFunctionAndIsDeleted) {
  create_function();
  map();
  send("hello");
  ASSERT_EQ(events(), (Events{{"hello"}}));
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(world.runner.seen[0].invoked_arn, orders_arn);
  EXPECT_EQ(world.runner.seen[0].payload,
            R"({"Records":[{"messageId":"m1","receiptHandle":"1/1","body":"hello","attributes":{"ApproximateReceiveCount":"1"},)"
            R"("messageAttributes":{},"md5OfBody":"md5","eventSource":"aws:sqs",)"
            R"("eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:q","awsRegion":"us-east-1"}]})");
}

TEST_F(EventSourceTest, ABatchIsASpanAboveItsInvocation) {
  create_function();
  const auto uuid = map();
  ends_with(InvocationOutcome::Kind::FunctionError);
  send("hello");
  ASSERT_GE(world.runner.seen.size(), 1U);
  const auto& trace = world.runner.seen[0].trace;
  const auto spans = world.telemetry.trace(trace.root);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].kind, "batch");
  EXPECT_EQ(spans[0].name, "q");
  EXPECT_EQ(spans[0].id, trace.parent);
  EXPECT_EQ(spans[0].fault, "FunctionError");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"mapping", uuid},
      {"messages", "1"},
      {"request_bytes", std::to_string(world.runner.seen[0].payload.size())},
      {"receives", "1"}};
  EXPECT_EQ(spans[0].attributes, expected);
}

TEST_F(EventSourceTest, MessagesThatNoFilterLetsThroughAreDeleted) {
  create_function();
  map(R"(,"FilterCriteria":{"Filters":[{"Pattern":"{\"body\":{\"kind\":[\"order\"]}}"}]})");
  send(R"({"kind":"gift"})");
  send(R"({"kind":"order"})");
  EXPECT_EQ(events(), (Events{{R"({"kind":"order"})"}}));
  EXPECT_EQ(left(), 0U);
}

TEST_F(EventSourceTest, WhatFailsComesAgainWhenItsVisibilityHasRunOut) {
  create_function();
  map();
  ends_with(InvocationOutcome::Kind::FunctionError);
  send("a");
  EXPECT_EQ(events().size(), 1U);
  world.advance(seconds(29));
  EXPECT_EQ(events().size(), 1U);
  EXPECT_EQ(left(), 1U);
  replies("null");
  world.advance(seconds(2));
  EXPECT_EQ(events().size(), 2U);
  EXPECT_EQ(left(), 0U);
}

TEST_F(EventSourceTest, ReportedItemsAloneComeAgain) {
  create_function();
  for (const auto* body : {"a", "b", "c"}) send(body);
  replies(R"({"batchItemFailures":[{"itemIdentifier":"m2"}]})");
  map(R"(,"FunctionResponseTypes":["ReportBatchItemFailures"])");
  EXPECT_EQ(events(), (Events{{"a", "b", "c"}}));
  EXPECT_EQ(left(), 1U);
  world.advance(seconds(31));
  EXPECT_EQ(events(), (Events{{"a", "b", "c"}, {"b"}}));
}

TEST_F(EventSourceTest, WithoutTheFlagAReplySaysNothing) {
  create_function();
  replies(R"({"batchItemFailures":[{"itemIdentifier":"m1"}]})");
  map();
  send("a");
  EXPECT_EQ(left(), 0U);
}

TEST_F(EventSourceTest, AThrottledBatchIsTriedAgainWithoutANewReceive) {
  create_function();
  map();
  ends_with(InvocationOutcome::Kind::Throttled);
  send("a");
  EXPECT_EQ(events().size(), 1U);
  replies("null");
  world.advance(milliseconds(600));
  ASSERT_EQ(events().size(), 2U);
  EXPECT_EQ(left(), 0U);
  EXPECT_NE(world.runner.seen[1].payload.find(R"("ApproximateReceiveCount":"1")"), std::string::npos);
}

TEST_F(EventSourceTest, NoMoreThanMaximumConcurrencyRunAtOnce) {
  create_function();
  world.runner.takes = seconds(5);
  for (int i = 0; i < 8; ++i) send(std::to_string(i));
  map(R"(,"BatchSize":1,"ScalingConfig":{"MaximumConcurrency":2})");
  EXPECT_EQ(events().size(), 2U);
  world.advance(seconds(4));
  EXPECT_EQ(events().size(), 2U);
  world.advance(seconds(2));
  EXPECT_EQ(events().size(), 4U);
  world.advance(seconds(20));
  EXPECT_EQ(events().size(), 8U);
  EXPECT_EQ(left(), 0U);
}

TEST_F(EventSourceTest, AFifoGroupKeepsItsOrderAndGroupsRunSideBySide) {
  create_function();
  world.runner.takes = seconds(1);
  for (const auto* body : {"a1", "a2", "b1", "a3"}) send(body, R"(,"MessageGroupId":")" + std::string(1, body[0]) + "\"", "q.fifo");
  map(R"(,"BatchSize":1)", "q.fifo");
  world.advance(milliseconds(100));
  EXPECT_EQ(events(), (Events{{"a1"}, {"b1"}}));
  world.advance(seconds(5));
  EXPECT_EQ(events(), (Events{{"a1"}, {"b1"}, {"a2"}, {"a3"}}));
  EXPECT_EQ(left("q.fifo"), 0U);
}

TEST_F(EventSourceTest, ADisabledMappingRestsAndAnEnabledOneGoesOn) {
  create_function();
  const auto uuid = map();
  const auto reply = call("UpdateEventSourceMapping", R"({"Enabled":false,"UUID":")" + uuid + "\"}");
  EXPECT_EQ(LambdaTest::member(reply, "State"), "Disabling") << reply;
  EXPECT_EQ(state(uuid), "Disabled");
  send("a");
  world.advance(minutes(1));
  EXPECT_TRUE(events().empty());
  call("UpdateEventSourceMapping", R"({"Enabled":true,"UUID":")" + uuid + "\"}");
  EXPECT_EQ(state(uuid), "Enabled");
  EXPECT_EQ(events(), (Events{{"a"}}));
  EXPECT_EQ(left(), 0U);
}

TEST_F(EventSourceTest, DisablingWaitsForWhatRuns) {
  create_function();
  const auto uuid = map();
  world.runner.takes = seconds(5);
  send("a");
  call("UpdateEventSourceMapping", R"({"Enabled":false,"UUID":")" + uuid + "\"}");
  EXPECT_EQ(state(uuid), "Disabling");
  EXPECT_EQ(call("DeleteEventSourceMapping", R"({"UUID":")" + uuid + "\"}"),
            "ResourceInUseException: Cannot delete the event source mapping because it is in use.");
  world.advance(seconds(6));
  EXPECT_EQ(state(uuid), "Disabled");
  EXPECT_EQ(left(), 0U);
}

TEST_F(EventSourceTest, MappingsGoOnAfterACrash) {
  create_function();
  const auto uuid = map();
  world.crash_and_restart();
  send("a");
  EXPECT_EQ(events(), (Events{{"a"}}));
  EXPECT_EQ(state(uuid), "Enabled");
  call("DeleteEventSourceMapping", R"({"UUID":")" + uuid + "\"}");
  world.crash_and_restart();
  send("b");
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(EventSourceTest, AStoppedServerGivesBackWhatHasNotBegun) {
  create_function();
  world.runner.takes = seconds(5);
  map(R"(,"BatchSize":1,"ScalingConfig":{"MaximumConcurrency":2})");
  for (int i = 0; i < 3; ++i) send(std::to_string(i));
  bool is_over = false;
  world.ports.event_sources->stop([&is_over] { is_over = true; });
  world.advance(seconds(4));
  EXPECT_FALSE(is_over);
  world.advance(seconds(2));
  EXPECT_TRUE(is_over);
  EXPECT_EQ(events().size(), 2U);
  EXPECT_EQ(left(), 1U);
  world.advance(minutes(2));
  EXPECT_EQ(events().size(), 2U);
}

TEST_F(EventSourceTest, TagsOfAMappingAreItsOwn) {
  create_function();
  const auto arn = "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:" + map(R"(,"Tags":{"team":"a"})");
  call("TagResource", R"({"Resource":")" + arn + R"(","Tags":{"stage":"test"}})");
  EXPECT_EQ(call("ListTags", R"({"Resource":")" + arn + R"("})"), R"({"Tags":{"stage":"test","team":"a"}})");
  call("UntagResource", R"({"Resource":")" + arn + R"(","TagKeys":["team"]})");
  EXPECT_EQ(call("ListTags", R"({"Resource":")" + arn + R"("})"), R"({"Tags":{"stage":"test"}})");
}

TEST_F(EventSourceTest, CountsAreMetricsIfTheMappingAsksForThem) {
  create_function();
  map(R"(,"MetricsConfig":{"Metrics":["EventCount"]},"FilterCriteria":{"Filters":[{"Pattern":"{\"body\":[\"a\"]}"}]})");
  send("a");
  send("b");
  std::map<std::string, double> sums;
  for (const auto& batch : world.telemetry.take_metrics()) {
    for (const auto& metric : batch.request.Metrics)
      for (std::size_t i = 0; i < metric.Values.size(); ++i) sums[metric.MetricName] += metric.Values[i] * metric.Counts[i];
  }
  EXPECT_EQ(sums["PolledEventCount"], 2);
  EXPECT_EQ(sums["FilteredOutEventCount"], 1);
  EXPECT_EQ(sums["InvokedEventCount"], 1);
  EXPECT_EQ(sums["DeletedEventCount"], 2);
}

}  // namespace
}  // namespace surgetank::lambda
