// Asynchronous invocation as its clients see it: accepted, run, repeated, given up and reported.
#include <algorithm>

#include "base/text.h"
#include "kernel/metric_aggregator.h"
#include "services/lambda/function_cache.h"
#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

using Kind = InvocationOutcome::Kind;

struct SentAttribute {
  String DataType;
  String StringValue;
};
SURGE_SHAPE(SentAttribute, DataType, StringValue)
struct SentMessage {
  String QueueUrl;
  String MessageBody;
  Map<SentAttribute> MessageAttributes;
};
SURGE_SHAPE(SentMessage, QueueUrl, MessageBody, MessageAttributes)

// Stands in for SQS.
std::vector<SentMessage> sent;
const ErrorCode* refusal = nullptr;
Result<Empty> send_message(Call&, const SentMessage& message) {
  if (refusal != nullptr) return Error{refusal, "no"};
  sent.push_back(message);
  return Empty{};
}
constexpr Operation queue_operations[] = {op<send_message>("SendMessage", Access::Write, "QueueUrl")};
constexpr Protocol queue_protocols[] = {Protocol::Json10};
const Service queues{.name = "sqs", .signing_name = "sqs", .protocols = queue_protocols, .operations = queue_operations};

struct AsyncTest : testing::Test {
  AsyncTest() {
    sent.clear();
    refusal = nullptr;
    create("orders");
  }
  TestWorld world{{&service, &queues}};
  std::vector<Instant> runs;  // of "orders"
  Instant start = world.lanes.now();

  std::string call(std::string_view operation, const std::string& input) { return world.call("lambda", operation, input); }
  std::string create(const std::string& name, const std::string& more = "") {
    return call("CreateFunction", LambdaTest::creation(name, more));
  }
  std::string send(const std::string& event, const std::string& name = "orders") {
    return call("Invoke", R"({"FunctionName":")" + name + R"(","InvocationType":"Event","Payload":")" + to_base64(event) + "\"}");
  }
  std::string configure(const std::string& members, const std::string& name = "orders") {
    return call("PutFunctionEventInvokeConfig", R"({"FunctionName":")" + name + "\"," + members + "}");
  }
  void answer(Kind kind, const std::string& payload = "{}") {
    world.runner.behaviour = [this, kind, payload](const FunctionVersion& version, const InvocationRequest&) {
      if (version.function_name == "orders") runs.push_back(world.lanes.now());
      return InvocationOutcome{.kind = version.function_name == "orders" ? kind : Kind::Success, .payload = payload, .failure = "why"};
    };
  }
  std::vector<std::int64_t> run_seconds() const {
    std::vector<std::int64_t> seconds;
    for (const auto run : runs) seconds.push_back((run - start).us / 1'000'000);
    return seconds;
  }
  std::size_t stored(std::string_view prefix) {
    std::size_t count = 0;
    world.store->begin()->scan(prefix, prefix_end(prefix), [&](std::string_view, std::string_view) {
      ++count;
      return true;
    });
    return count;
  }
  // The sum of a metric of one function so far.
  double metric(std::string_view name) {
    for (auto& batch : world.telemetry.take_metrics())
      for (auto& each : batch.request.Metrics) metrics.push_back(std::move(each));
    double total = 0;
    for (const auto& each : metrics) {
      if (each.MetricName != name || each.Dimensions.empty()) continue;
      for (std::size_t i = 0; i < each.Values.size(); ++i) total += each.Values[i] * each.Counts[i];
    }
    return total;
  }
  std::vector<IngestedMetric> metrics;
};

TEST_F(AsyncTest, IsAcceptedWith202AndRunAtOnce) {
  const auto reply = send(R"({"id":7})");
  EXPECT_EQ(LambdaTest::member(reply, "StatusCode"), "202");
  EXPECT_EQ(LambdaTest::member(reply, "Payload"), "");
  EXPECT_EQ(LambdaTest::member(reply, "ExecutedVersion"), "");
  ASSERT_EQ(world.runner.seen.size(), 1U);
  EXPECT_EQ(world.runner.seen[0].payload, R"({"id":7})");
  EXPECT_EQ(world.runner.seen[0].invoked_arn, orders_arn);
  EXPECT_EQ(world.runner.seen[0].request_id.size(), 36U);
  EXPECT_EQ(stored("lambda/event"), 0U) << "nothing is left of it";
  EXPECT_EQ(metric("AsyncEventsReceived"), 1);
  EXPECT_EQ(metric("AsyncEventsDropped"), 0);
}

TEST_F(AsyncTest, TheOldApiDoesTheSame) {
  EXPECT_EQ(LambdaTest::member(call("InvokeAsync", R"({"FunctionName":"orders","InvokeArgs":")" + to_base64("[1]") + "\"}"), "Status"),
            "202");
  ASSERT_EQ(world.runner.seen.size(), 1U);
  EXPECT_EQ(world.runner.seen[0].payload, "[1]");
}

TEST_F(AsyncTest, AnEventHasAtMostOneMegabyteAndIsJson) {
  const auto event = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'x') + "\""; };
  EXPECT_EQ(LambdaTest::member(send(event(1'048'576)), "StatusCode"), "202");
  EXPECT_EQ(send(event(1'048'577)),
            "RequestTooLargeException: 1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)");
  EXPECT_EQ(send("{").substr(0, 31), "InvalidRequestContentException:");
  EXPECT_EQ(send("{}", "nobody"), "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody");
  EXPECT_EQ(world.runner.seen.size(), 1U);
}

TEST_F(AsyncTest, WhatRanWhenTheServerDiedRunsAgain) {
  world.runner.takes = seconds(5);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(LambdaTest::member(send(std::to_string(i)), "StatusCode"), "202");
  ASSERT_EQ(world.runner.seen.size(), 3U);
  world.crash_and_restart();
  ASSERT_EQ(world.runner.seen.size(), 6U);
  world.advance(seconds(6));
  EXPECT_EQ(stored("lambda/event"), 0U);
  world.crash_and_restart();
  EXPECT_EQ(world.runner.seen.size(), 6U);
}

TEST_F(AsyncTest, ErrorsAreRetriedAfterOneAndTwoMinutesWithTheSameRequestId) {
  answer(Kind::FunctionError, R"({"errorMessage":"x"})");
  send("{}");
  world.advance(hours(7));
  EXPECT_EQ(run_seconds(), (std::vector<std::int64_t>{0, 60, 180}));
  for (const auto& seen : world.runner.seen) EXPECT_EQ(seen.request_id, world.runner.seen[0].request_id);
  EXPECT_EQ(stored("lambda/event"), 0U);
  EXPECT_EQ(metric("AsyncEventsDropped"), 1);
  EXPECT_GT(metric("AsyncEventAge"), 240'000 - 1);
}

TEST_F(AsyncTest, ARetryIsNotForgottenByACrash) {
  answer(Kind::FunctionError);
  send("{}");
  world.advance(seconds(30));
  world.crash_and_restart();
  EXPECT_EQ(runs.size(), 1U);
  world.advance(seconds(31));
  EXPECT_EQ(runs.size(), 2U);
}

TEST_F(AsyncTest, ThrottlesAreRepeatedWithGrowingDelaysUntilTheEventIsTooOld) {
  configure(
      R"("MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":0,"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:000000000000:failed"}})");
  answer(Kind::Throttled);
  send("{}");
  world.advance(hours(1));
  EXPECT_EQ(run_seconds(), (std::vector<std::int64_t>{0, 1, 3, 7, 15, 31}));
  ASSERT_EQ(sent.size(), 1U);
  const auto record = LambdaTest::parsed(sent[0].MessageBody);
  EXPECT_EQ(*record.find_path({"requestContext", "condition"})->as_string(), "EventAgeExceeded");
  EXPECT_EQ(record.find_path({"requestContext", "approximateInvokeCount"})->as_integer(), 0);
  EXPECT_EQ(record.find("responseContext"), nullptr) << "there was no response";
}

TEST_F(AsyncTest, AnEventOfAFunctionThatReservesNothingIsGivenUpAtOnce) {
  create("off", R"(,"DeadLetterConfig":{"TargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"})");
  configure(R"("DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:000000000000:failed"}})", "off");
  call("PutFunctionConcurrency", R"({"FunctionName":"off","ReservedConcurrentExecutions":0})");
  send(R"({"id":7})", "off");
  world.advance(milliseconds(1));
  EXPECT_TRUE(world.runner.seen.empty());
  EXPECT_EQ(stored("lambda/event/"), 0U);
  ASSERT_EQ(sent.size(), 2U);
  std::sort(sent.begin(), sent.end(), [](const SentMessage& a, const SentMessage& b) { return a.QueueUrl < b.QueueUrl; });
  EXPECT_EQ(sent[0].MessageBody, R"({"id":7})");
  EXPECT_EQ(sent[0].MessageAttributes["ErrorCode"].StringValue, "429");
  const auto record = LambdaTest::parsed(sent[1].MessageBody);
  EXPECT_EQ(*record.find_path({"requestContext", "condition"})->as_string(), "ZeroReservedConcurrency");
}

TEST_F(AsyncTest, WhenCapacityReturnsTheEventRuns) {
  answer(Kind::Throttled);
  send("{}");
  world.advance(seconds(5));
  answer(Kind::Success);
  world.advance(seconds(60));
  EXPECT_EQ(stored("lambda/event"), 0U);
  EXPECT_EQ(run_seconds(), (std::vector<std::int64_t>{0, 1, 3, 7}));
}

TEST_F(AsyncTest, AnEventThatIsGivenUpGoesToTheDeadLetterQueueWithItsReason) {
  create("broken", R"(,"DeadLetterConfig":{"TargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"})");
  world.runner.behaviour = [](const FunctionVersion&, const InvocationRequest&) {
    return InvocationOutcome{.kind = Kind::FunctionError, .payload = R"({"errorType":"Error","errorMessage":"no such order"})"};
  };
  send(R"({"id":7})", "broken");
  world.advance(minutes(4));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].QueueUrl, "http://127.0.0.1:4566/000000000000/dead");
  EXPECT_EQ(sent[0].MessageBody, R"({"id":7})");
  EXPECT_EQ(sent[0].MessageAttributes["ErrorCode"].StringValue, "200");
  EXPECT_EQ(sent[0].MessageAttributes["ErrorCode"].DataType, "Number");
  EXPECT_EQ(sent[0].MessageAttributes["ErrorMessage"].StringValue, "no such order");
  EXPECT_EQ(sent[0].MessageAttributes["RequestID"].StringValue, world.runner.seen[0].request_id);
  EXPECT_EQ(metric("DeadLetterErrors"), 0);
}

TEST_F(AsyncTest, TheRecordOfAFailureHasTheDocumentedForm) {
  configure(R"("MaximumRetryAttempts":1,"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:000000000000:failed"}})");
  answer(Kind::FunctionError, R"({"errorMessage":"x"})");
  send(R"({"a":[1]})");
  world.advance(minutes(4));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].QueueUrl, "http://127.0.0.1:4566/000000000000/failed");
  EXPECT_TRUE(sent[0].MessageAttributes.empty());
  EXPECT_EQ(sent[0].MessageBody,
            R"({"version":"1.0","timestamp":"2023-11-14T22:14:20.000Z","requestContext":{"requestId":")" + world.runner.seen[0].request_id +
                R"(","functionArn":"arn:aws:lambda:us-east-1:000000000000:function:orders:$LATEST","condition":"RetriesExhausted",)"
                R"("approximateInvokeCount":2},"requestPayload":{"a":[1]},"responseContext":{"statusCode":200,"executedVersion":"$LATEST",)"
                R"("functionError":"Unhandled"},"responsePayload":{"errorMessage":"x"}})");
}

TEST_F(AsyncTest, ASuccessGoesToItsDestinationAndAFunctionMayBeOne) {
  create("after");
  EXPECT_EQ(
      configure(R"("DestinationConfig":{"OnSuccess":{"Destination":"arn:aws:lambda:us-east-1:000000000000:function:after"}})").substr(0, 1),
      "{");
  answer(Kind::Success, R"({"ok":true})");
  send("5");
  ASSERT_EQ(world.runner.seen.size(), 2U);
  const auto record = LambdaTest::parsed(world.runner.seen[1].payload);
  EXPECT_EQ(*record.find_path({"requestContext", "condition"})->as_string(), "Success");
  EXPECT_EQ(record.find_path({"requestContext", "approximateInvokeCount"})->as_integer(), 1);
  EXPECT_EQ(to_json(*record.find("requestPayload")), "5");
  EXPECT_EQ(to_json(*record.find("responsePayload")), R"({"ok":true})");
  EXPECT_EQ(to_json(*record.find("responseContext")), R"({"statusCode":200,"executedVersion":"$LATEST"})");
}

TEST_F(AsyncTest, WhatATargetRefusesIsCountedAndWhatFailsInsideIsRepeated) {
  constexpr static ErrorCode gone{"QueueDoesNotExist", 400};
  constexpr static ErrorCode busy{"ServiceUnavailable", 503};
  configure(R"("DestinationConfig":{"OnSuccess":{"Destination":"arn:aws:sqs:us-east-1:000000000000:done"}})");
  refusal = &gone;
  send("1");
  world.advance(minutes(1));
  EXPECT_EQ(metric("DestinationDeliveryFailures"), 1);
  EXPECT_EQ(stored("outbox/"), 0U);
  refusal = &busy;
  send("2");
  refusal = nullptr;
  world.advance(minutes(1));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(contains(sent[0].MessageBody, R"("requestPayload":2)"));
}

TEST_F(AsyncTest, AnAliasHasItsOwnSettingsAndTheVersionItLeadsToIsRun) {
  call("PublishVersion", R"({"FunctionName":"orders"})");
  call("CreateAlias", R"({"FunctionName":"orders","Name":"live","FunctionVersion":"1"})");
  configure(R"("Qualifier":"live","MaximumRetryAttempts":0,)"
            R"("DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:000000000000:failed"}})");
  answer(Kind::FunctionError);
  send("{}", "orders:live");
  world.advance(minutes(5));
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(world.runner.seen[0].invoked_arn, std::string(orders_arn) + ":live");
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(contains(sent[0].MessageBody, "function:orders:1\""));
  send("{}");
  world.advance(minutes(5));
  EXPECT_EQ(runs.size(), 4U) << "$LATEST has the defaults";
}

TEST_F(AsyncTest, EventsOfADeletedFunctionAreDropped) {
  answer(Kind::FunctionError);
  send("{}");
  call("DeleteFunction", R"({"FunctionName":"orders"})");
  world.advance(minutes(2));
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(stored("lambda/event"), 0U);
  EXPECT_EQ(metric("AsyncEventsDropped"), 1);
}

TEST_F(AsyncTest, ABacklogStaysInTheStoreAndIsWorkedOff) {
  constexpr int events = 3'000;
  int running = 0;
  int most = 0;
  std::map<std::string, int> successes;
  world.runner.takes = milliseconds(200);
  // Five places; the rest is throttled.
  world.runner.behaviour = [&](const FunctionVersion&, const InvocationRequest& request) {
    if (running >= 5) return InvocationOutcome{.kind = Kind::Throttled};
    most = std::max(most, ++running);
    world.lanes.lane(0).at(world.lanes.now() + milliseconds(200), [&running] { --running; });
    ++successes[request.payload];
    return InvocationOutcome{.payload = "null"};
  };
  for (int i = 0; i < events; ++i)
    world.dispatcher->dispatch_json(
        "lambda", "Invoke", service_caller("000000000000", "us-east-1", "me"),
        R"({"FunctionName":"orders","InvocationType":"Event","Payload":")" + to_base64(std::to_string(i)) + "\"}",
        [](const Result<std::string>& result) { EXPECT_TRUE(result.ok()); });
  world.lanes.run_until_idle();
  const auto tries = [this] { return world.runner.seen.size(); };
  EXPECT_LT(tries(), 1'100U) << "as many as may run at once, not all";
  world.advance(seconds(2));
  world.crash_and_restart();
  running = 0;
  world.advance(minutes(20));
  EXPECT_EQ(stored("lambda/event"), 0U);
  EXPECT_EQ(successes.size(), static_cast<std::size_t>(events));
  EXPECT_EQ(most, 5);
}

}  // namespace
}  // namespace surgetank::lambda
