#include "base/text.h"
#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

struct InvokeTest : LambdaTest {
  // Payloads are base64 in JSON: the event, and the decoded payload of the reply.
  std::string invoke(const std::string& event, const std::string& more = "", const std::string& name = "orders") {
    return call("Invoke", R"({"FunctionName":")" + name + R"(","Payload":")" + to_base64(event) + "\"" + more + "}");
  }
  static std::string payload(const std::string& reply) { return from_base64(member(reply, "Payload")).value_or("not base64"); }
  const InvocationRequest& last() const { return world.runner.seen.back(); }
};

TEST_F(InvokeTest, TheFunctionGetsTheEventAndItsResultIsTheReply) {
  create("orders", R"(,"Timeout":17,"MemorySize":512,"Environment":{"Variables":{"TABLE":"t"}},"EphemeralStorage":{"Size":600},)"
                   R"("LoggingConfig":{"LogFormat":"JSON","ApplicationLogLevel":"WARN","LogGroup":"/g"})");
  FunctionVersion seen;
  world.runner.behaviour = [&seen](const FunctionVersion& version, const InvocationRequest& request) {
    seen = version;
    return InvocationOutcome{.payload = R"({"got":)" + request.payload + "}"};
  };
  const auto reply = invoke(R"({"id":7})");
  EXPECT_EQ(payload(reply), R"({"got":{"id":7}})");
  EXPECT_EQ(member(reply, "StatusCode"), "200");
  EXPECT_EQ(member(reply, "ExecutedVersion"), "$LATEST");
  EXPECT_EQ(member(reply, "FunctionError"), "");
  EXPECT_EQ(member(reply, "LogResult"), "");
  EXPECT_EQ(last().invoked_arn, orders_arn);
  EXPECT_EQ(last().request_id.size(), 36U);
  EXPECT_EQ(seen.account, "000000000000");
  EXPECT_EQ(seen.region, "us-east-1");
  EXPECT_EQ(seen.function_name, "orders");
  EXPECT_EQ(seen.arn, orders_arn);
  EXPECT_EQ(seen.runtime, "nodejs20.x");
  EXPECT_EQ(seen.handler, "index.handler");
  EXPECT_EQ(seen.code_directory, "/srv/orders");
  EXPECT_EQ(seen.role_arn, "arn:aws:iam::000000000000:role/r");
  EXPECT_EQ(seen.memory_mb, 512);
  EXPECT_EQ(seen.timeout_seconds, 17);
  EXPECT_EQ(seen.ephemeral_storage_mb, 600);
  ASSERT_EQ(seen.environment.size(), 1U);
  EXPECT_EQ(seen.environment[0], std::make_pair(std::string("TABLE"), std::string("t")));
  EXPECT_EQ(seen.log_group, "/g");
  EXPECT_EQ(seen.log_format, "JSON");
  EXPECT_EQ(seen.log_level, "WARN");
}

TEST_F(InvokeTest, WithoutPayloadTheEventIsAnEmptyObject) {
  create();
  call("Invoke", R"({"FunctionName":"orders"})");
  EXPECT_EQ(last().payload, "{}");
  invoke("");
  EXPECT_EQ(last().payload, "{}");
}

TEST_F(InvokeTest, AnEventIsAnyJsonValueAndNothingElse) {
  create();
  for (const auto* event : {"null", "7", "\"text\"", "[1,{}]", " {\"a\": 1.5e3} "}) EXPECT_EQ(payload(invoke(event)), event);
  EXPECT_EQ(payload(invoke(std::string(900, '[') + std::string(900, ']'))).size(), 1800U);
  for (const auto* event : {"{", "notat:asdf", "{'a':1}", "{} {}"})
    EXPECT_EQ(invoke(event).substr(0, 110),
              "InvalidRequestContentException: Could not parse request body into json: Could not parse payload into json: Une")
        << event;
  EXPECT_EQ(invoke(std::string(5000, '[')).substr(0, 31), "InvalidRequestContentException:");
}

TEST_F(InvokeTest, AnEventHasAtMostSixMegabytes) {
  create();
  const auto event = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'x') + "\""; };
  EXPECT_EQ(member(invoke(event(6'291'456)), "StatusCode"), "200");
  EXPECT_EQ(invoke(event(6'291'457)),
            "RequestTooLargeException: Request must be smaller than 6291456 bytes for the InvokeFunction operation");
}

TEST_F(InvokeTest, AnErrorOfTheFunctionIsASuccessfulReplyThatSaysSo) {
  create();
  world.runner.behaviour = [](const FunctionVersion&, const InvocationRequest&) {
    return InvocationOutcome{.kind = InvocationOutcome::Kind::FunctionError, .payload = R"({"errorMessage":"x"})"};
  };
  const auto reply = invoke("{}");
  EXPECT_EQ(member(reply, "StatusCode"), "200");
  EXPECT_EQ(member(reply, "FunctionError"), "Unhandled");
  EXPECT_EQ(payload(reply), R"({"errorMessage":"x"})");
}

TEST_F(InvokeTest, ThrottlesAndFailuresAreErrorsOfTheApi) {
  create();
  InvocationOutcome outcome;
  world.runner.behaviour = [&outcome](const FunctionVersion&, const InvocationRequest&) {
    return InvocationOutcome{.kind = outcome.kind, .throttle = outcome.throttle, .failure = outcome.failure};
  };
  outcome.kind = InvocationOutcome::Kind::Throttled;
  EXPECT_EQ(invoke("{}"), "TooManyRequestsException: Rate Exceeded.");
  outcome.throttle = ThrottleReason::HostProcesses;
  outcome.failure = "this machine has no room";
  EXPECT_EQ(invoke("{}"), "TooManyRequestsException: this machine has no room");
  outcome.kind = InvocationOutcome::Kind::ServiceFailure;
  outcome.failure = "node is not installed";
  EXPECT_EQ(invoke("{}"), "ServiceException: node is not installed");
}

TEST_F(InvokeTest, TheTailOfTheLogComesWhenAskedFor) {
  create();
  world.runner.behaviour = [](const FunctionVersion&, const InvocationRequest& request) {
    return InvocationOutcome{.payload = "null", .log_tail = request.log_tail == LogTail::Wanted ? "START\nEND\n" : ""};
  };
  EXPECT_EQ(from_base64(member(invoke("{}", R"(,"LogType":"Tail")"), "LogResult")), "START\nEND\n");
  EXPECT_EQ(member(invoke("{}", R"(,"LogType":"None")"), "LogResult"), "");
}

TEST_F(InvokeTest, ADryRunChecksAndRunsNothing) {
  create();
  EXPECT_EQ(invoke("{}", R"(,"InvocationType":"DryRun")"), R"({"StatusCode":204})");
  EXPECT_TRUE(world.runner.seen.empty());
  EXPECT_EQ(invoke("{}", R"(,"InvocationType":"DryRun")", "nope").substr(0, 25), "ResourceNotFoundException");
}

TEST_F(InvokeTest, WhatIsNotSupportedIsRefusedByName) {
  create();
  EXPECT_EQ(invoke("{}", R"(,"TenantId":"t")"),
            "InvalidParameterValueException: Tenant isolation (X-Amz-Tenant-Id) is not supported by Surgetank yet.");
  EXPECT_EQ(invoke("{}", R"(,"InvocationType":"Later")"),
            "ValidationException: 1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy constraint: Member must "
            "satisfy enum "
            "value set: [Event, RequestResponse, DryRun]");
  EXPECT_TRUE(world.runner.seen.empty());
}

TEST_F(InvokeTest, TheClientContextReachesTheFunctionDecoded) {
  create();
  invoke("{}", R"(,"ClientContext":")" + to_base64(R"({"custom":{"a":1}})") + "\"");
  EXPECT_EQ(last().client_context, R"({"custom":{"a":1}})");
  for (const auto& context : {std::string("%%%"), to_base64("not json"), to_base64("\"" + std::string(3600, 'x') + "\"")})
    EXPECT_EQ(invoke("{}", R"(,"ClientContext":")" + context + "\"").substr(0, 31), "InvalidRequestContentException:");
}

TEST_F(InvokeTest, AQualifierIsPartOfTheInvokedArn) {
  create("orders", R"(,"Publish":true)");
  EXPECT_EQ(member(invoke("{}", R"(,"Qualifier":"1")"), "ExecutedVersion"), "1");
  EXPECT_EQ(last().invoked_arn, std::string(orders_arn) + ":1");
  EXPECT_EQ(member(invoke("{}", "", "orders:$LATEST"), "ExecutedVersion"), "$LATEST");
  EXPECT_EQ(last().invoked_arn, std::string(orders_arn) + ":$LATEST");
}

TEST_F(InvokeTest, AnUpdatedFunctionRunsAsItIsNow) {
  create("orders", R"(,"Timeout":3)");
  std::vector<std::pair<std::string, std::int64_t>> runs;
  world.runner.behaviour = [&runs](const FunctionVersion& version, const InvocationRequest&) {
    runs.emplace_back(version.key(), version.timeout_seconds);
    return InvocationOutcome{.payload = "null"};
  };
  invoke("{}");
  invoke("{}");
  call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Timeout":4})");
  invoke("{}");
  call("DeleteFunction", R"({"FunctionName":"orders"})");
  EXPECT_EQ(invoke("{}").substr(0, 25), "ResourceNotFoundException");
  create("orders", R"(,"Timeout":5)");
  invoke("{}");
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_EQ(runs[2].second, 4);
  EXPECT_EQ(runs[3].second, 5);
  EXPECT_NE(runs[1].first, runs[2].first);
  EXPECT_NE(runs[2].first, runs[3].first);
  EXPECT_EQ(world.runner.retired, (std::vector<std::string>{runs[0].first, runs[2].first}));
}

TEST_F(InvokeTest, AWarmFunctionIsRunWithoutReadingTheStore) {
  create();
  invoke("{}");
  // The record goes behind the service's back; only what the lane has decoded is left.
  auto txn = world.store->begin();
  std::vector<std::string> keys;
  txn->scan("lambda/", "lambda0", [&keys](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  ASSERT_FALSE(keys.empty());
  for (const auto& key : keys) txn->erase(key);
  world.store->commit(*txn);
  EXPECT_EQ(payload(invoke("7")), "7");
  EXPECT_EQ(call("GetFunction", R"({"FunctionName":"orders"})").substr(0, 25), "ResourceNotFoundException");
}

TEST_F(InvokeTest, AnInvocationUnderWayAnswersAlthoughTheFunctionIsDeleted) {
  create();
  world.runner.takes = seconds(1);
  std::optional<std::string> answer;
  Caller caller = client();
  world.dispatcher->dispatch_json("lambda", "Invoke", caller, R"({"FunctionName":"orders"})",
                                  [&answer](Result<std::string> result) { answer = result.ok() ? *result : result.error().message; });
  world.lanes.run_until_idle();
  call("DeleteFunction", R"({"FunctionName":"orders"})");
  EXPECT_FALSE(answer);
  world.advance(seconds(2));
  ASSERT_TRUE(answer);
  EXPECT_EQ(payload(*answer), "{}");
}

}  // namespace
}  // namespace surgetank::lambda
