#include "services/lambda/invoker.h"

#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

using Kind = FunctionCallResult::Kind;

struct InvokerTest : LambdaTest {
  std::unique_ptr<FunctionInvoker> invoker = make_function_invoker(*world.dispatcher);

  FunctionCallResult run(FunctionCall function_call) {
    std::optional<FunctionCallResult> result;
    invoker->invoke(std::move(function_call), [&result](FunctionCallResult answer) { result = std::move(answer); });
    world.lanes.run_until_idle();
    return result.value_or(FunctionCallResult{.kind = Kind::Unavailable, .payload = {}, .message = "no answer"});
  }
  static FunctionCall gateway_call(const std::string& function = "orders") {
    return {.account = "000000000000",
            .region = "us-east-1",
            .function = function,
            .principal = "apigateway.amazonaws.com",
            .source_arn = "arn:aws:execute-api:us-east-1:000000000000:abc/$default/GET/orders",
            .payload = R"({"version":"2.0"})",
            .trace = {.root = "1-5759e988-bd862e3fe1be46a994272793", .parent = "0123456789abcdef", .lineage = {}}};
  }
  void allow(const std::string& more = "", const std::string& function = "orders") {
    const auto reply = call(
        "AddPermission", R"({"FunctionName":")" + function +
                             R"(","StatementId":"s","Action":"lambda:InvokeFunction","Principal":"apigateway.amazonaws.com")" + more + "}");
    ASSERT_EQ(reply.substr(0, 13), R"({"Statement":)") << reply;
  }
};

TEST_F(InvokerTest, AServiceMayInvokeWhatThePolicyAllows) {
  create();
  EXPECT_EQ(run(gateway_call()).kind, Kind::Denied);
  EXPECT_TRUE(world.runner.seen.empty());
  allow(R"(,"SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc/*/*/orders","SourceAccount":"000000000000")");
  const auto result = run(gateway_call());
  EXPECT_EQ(result.kind, Kind::Success);
  EXPECT_EQ(result.payload, R"({"version":"2.0"})");
  EXPECT_EQ(world.runner.seen.back().trace.parent, "0123456789abcdef");
  EXPECT_EQ(world.runner.seen.back().invoked_arn, orders_arn);
  EXPECT_EQ(world.runner.seen.back().request_id.size(), 36U);
  auto other = gateway_call();
  other.source_arn = "arn:aws:execute-api:us-east-1:000000000000:other/$default/GET/orders";
  EXPECT_EQ(run(other).kind, Kind::Denied);
  call("RemovePermission", R"({"FunctionName":"orders","StatementId":"s"})");
  EXPECT_EQ(run(gateway_call()).kind, Kind::Denied);
}

TEST_F(InvokerTest, APolicyCoversItsOwnQualifierOnly) {
  create("orders", R"(,"Publish":true)");
  call("CreateAlias", R"({"FunctionName":"orders","Name":"live","FunctionVersion":"1"})");
  allow();
  EXPECT_EQ(run(gateway_call("orders")).kind, Kind::Success);
  EXPECT_EQ(run(gateway_call("orders:$LATEST")).kind, Kind::Success);
  EXPECT_EQ(run(gateway_call("orders:live")).kind, Kind::Denied);
  allow("", "orders:live");
  EXPECT_EQ(run(gateway_call("orders:live")).kind, Kind::Success);
  EXPECT_EQ(world.runner.seen.back().invoked_arn, std::string(orders_arn) + ":live");
  EXPECT_EQ(run(gateway_call("orders:1")).kind, Kind::Denied);
}

TEST_F(InvokerTest, AFunctionOfAnotherAccountAndRegionIsReachedByItsArn) {
  Caller owner = service_caller("111111111111", "eu-west-1", "arn:aws:iam::111111111111:root");
  world.call_as(owner, "lambda", "CreateFunction", creation("orders", ""));
  const std::string arn = "arn:aws:lambda:eu-west-1:111111111111:function:orders";
  EXPECT_EQ(run(gateway_call(arn)).kind, Kind::Denied);
  world.call_as(owner, "lambda", "AddPermission",
                R"({"FunctionName":"orders","StatementId":"s","Action":"lambda:InvokeFunction","Principal":"apigateway.amazonaws.com",)"
                R"("SourceAccount":"000000000000"})");
  EXPECT_EQ(run(gateway_call(arn)).kind, Kind::Success);
}

TEST_F(InvokerTest, EveryOutcomeHasItsKind) {
  EXPECT_EQ(run(gateway_call("nope")).kind, Kind::NotFound);
  EXPECT_EQ(run(gateway_call("no such name")).kind, Kind::NotFound);
  create();
  allow();
  InvocationOutcome outcome{.kind = InvocationOutcome::Kind::FunctionError, .payload = "{}"};
  world.runner.behaviour = [&outcome](const FunctionVersion&, const InvocationRequest&) { return outcome; };
  EXPECT_EQ(run(gateway_call()).kind, Kind::FunctionError);
  outcome.kind = InvocationOutcome::Kind::Throttled;
  EXPECT_EQ(run(gateway_call()).kind, Kind::Throttled);
  outcome.throttle = ThrottleReason::AccountRate;
  EXPECT_EQ(run(gateway_call()).kind, Kind::Throttled);
  outcome.kind = InvocationOutcome::Kind::ServiceFailure;
  outcome.failure = "why";
  const auto result = run(gateway_call());
  EXPECT_EQ(result.kind, Kind::Unavailable);
  EXPECT_EQ(result.message, "why");
}

TEST_F(InvokerTest, ADamagedRecordIsAnAnswerToo) {
  create();
  auto txn = world.store->begin();
  std::string key;
  txn->scan("lambda/function/", "lambda/function0", [&key](std::string_view found, std::string_view) {
    key = found;
    return true;
  });
  txn->put(key, "{damaged");
  world.store->commit(*txn);
  world.crash_and_restart();
  invoker = make_function_invoker(*world.dispatcher);
  const auto result = run(gateway_call());
  EXPECT_EQ(result.kind, Kind::Unavailable);
  EXPECT_NE(result.message, "no answer");
}

}  // namespace
}  // namespace surgetank::lambda
