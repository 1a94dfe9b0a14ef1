// Reserved and provisioned concurrency as clients see them, and what the runner is told.
#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

struct ConcurrencyTest : LambdaTest {
  std::string reserve(const std::string& name, int executions) {
    return call("PutFunctionConcurrency",
                R"({"FunctionName":")" + name + R"(","ReservedConcurrentExecutions":)" + std::to_string(executions) + "}");
  }
  std::string provision(const std::string& qualifier, int executions, const std::string& name = "orders") {
    return call("PutProvisionedConcurrencyConfig", R"({"FunctionName":")" + name + R"(","Qualifier":")" + qualifier +
                                                       R"(","ProvisionedConcurrentExecutions":)" + std::to_string(executions) + "}");
  }
  std::string config(const std::string& qualifier) {
    return call("GetProvisionedConcurrencyConfig", R"({"FunctionName":"orders","Qualifier":")" + qualifier + "\"}");
  }
  void publish(int times = 1) {
    for (; times > 0; --times) {
      call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Timeout":)" + std::to_string(++timeout_) + "}");
      call("PublishVersion", R"({"FunctionName":"orders"})");
    }
  }
  std::string alias(const std::string& name, const std::string& version, const std::string& more = "") {
    return call("CreateAlias", R"({"FunctionName":"orders","Name":")" + name + R"(","FunctionVersion":")" + version + "\"" + more + "}");
  }
  std::string unreserved() {
    const auto limits = parsed(call("GetAccountSettings", "{}"));
    return to_json(*limits.find_path({"AccountLimit", "UnreservedConcurrentExecutions"}));
  }
  // "1:5 2:3": what the runner is to keep initialised, by version.
  std::string provisioned() {
    std::string text;
    for (const auto& one : world.runner.settings[std::string(orders_arn)].provisioned)
      text += (text.empty() ? "" : " ") + one.version->version + ":" + std::to_string(one.executions);
    return text;
  }
  std::optional<std::int64_t> reserved() { return world.runner.settings[std::string(orders_arn)].reserved; }

 private:
  int timeout_ = 10;
};

TEST_F(ConcurrencyTest, ReservationIsTakenFromTheAccountToldToTheRunnerAndShown) {
  create();
  EXPECT_EQ(call("GetFunctionConcurrency", R"({"FunctionName":"orders"})"), "{}");
  EXPECT_EQ(reserve("orders", 100), R"({"ReservedConcurrentExecutions":100})");
  EXPECT_EQ(call("GetFunctionConcurrency", R"({"FunctionName":"orders"})"), R"({"ReservedConcurrentExecutions":100})");
  EXPECT_EQ(to_json(*parsed(call("GetFunction", R"({"FunctionName":"orders"})")).find("Concurrency")),
            R"({"ReservedConcurrentExecutions":100})");
  EXPECT_EQ(unreserved(), "900");
  EXPECT_EQ(reserved(), 100);
  call("DeleteFunctionConcurrency", R"({"FunctionName":"orders"})");
  EXPECT_EQ(unreserved(), "1000");
  EXPECT_EQ(reserved(), std::nullopt);
}

TEST_F(ConcurrencyTest, AHundredExecutionsStayUnreserved) {
  create();
  create("other");
  EXPECT_EQ(reserve("orders", 901),
            "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100].");
  EXPECT_EQ(reserve("orders", 900), R"({"ReservedConcurrentExecutions":900})");
  EXPECT_EQ(reserve("other", 1).substr(0, 30), "InvalidParameterValueException");
  EXPECT_EQ(reserve("other", 0), R"({"ReservedConcurrentExecutions":0})") << "off is always possible";
  EXPECT_EQ(reserve("orders", 899), R"({"ReservedConcurrentExecutions":899})") << "its own reservation does not count against it";
  EXPECT_EQ(reserve("other", 1), R"({"ReservedConcurrentExecutions":1})");
}

TEST_F(ConcurrencyTest, SmallAccountCanReserveNothing) {
  world.quotas.set(*world.quotas.find("lambda.concurrent-executions"), 10);
  create();
  EXPECT_EQ(reserve("orders", 1),
            "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [10].");
}

TEST_F(ConcurrencyTest, ReservationsAreOfFunctionsNotOfVersions) {
  create();
  publish();
  EXPECT_EQ(reserve("orders:1", 1).substr(0, 89),
            "InvalidParameterValueException: This operation is permitted on Lambda functions only. Ali");
  EXPECT_EQ(reserve("missing", 1), "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:missing");
  EXPECT_EQ(reserve("orders", -1),
            "ValidationException: 1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: "
            "Member must have value greater than or equal to 0");
}

TEST_F(ConcurrencyTest, ProvisionedConcurrencyOfAnAliasIsThatOfItsVersionAndMovesWithIt) {
  create();
  publish(2);
  alias("live", "1");
  const auto made = provision("live", 5);
  EXPECT_EQ(member(made, "Status"), "IN_PROGRESS");
  EXPECT_EQ(member(made, "AllocatedProvisionedConcurrentExecutions"), "0");
  EXPECT_EQ(provisioned(), "1:5");
  EXPECT_EQ(unreserved(), "995");
  EXPECT_EQ(member(config("live"), "Status"), "READY");
  EXPECT_EQ(member(config("live"), "AvailableProvisionedConcurrentExecutions"), "5");
  call("UpdateAlias", R"({"FunctionName":"orders","Name":"live","FunctionVersion":"2"})");
  EXPECT_EQ(provisioned(), "2:5");
  call("UpdateAlias", R"({"FunctionName":"orders","Name":"live","RoutingConfig":{"AdditionalVersionWeights":{"1":0.1}}})");
  EXPECT_EQ(provisioned(), "1:1 2:4") << "each version its share";
  call("DeleteAlias", R"({"FunctionName":"orders","Name":"live"})");
  EXPECT_EQ(provisioned(), "");
  EXPECT_EQ(unreserved(), "1000");
}

TEST_F(ConcurrencyTest, StatusIsWhatTheRunnerHasNow) {
  create();
  publish();
  provision("1", 3);
  const auto key = world.runner.settings[std::string(orders_arn)].provisioned[0].version->key();
  world.runner.provisioned_states[key] = {.available = 2, .failure = {}};
  EXPECT_EQ(member(config("1"), "Status"), "IN_PROGRESS");
  EXPECT_EQ(member(config("1"), "AllocatedProvisionedConcurrentExecutions"), "2");
  world.runner.provisioned_states[key] = {.available = 0, .failure = "FUNCTION_ERROR_INIT_FAILURE"};
  EXPECT_EQ(member(config("1"), "Status"), "FAILED");
  EXPECT_EQ(member(config("1"), "StatusReason"), "FUNCTION_ERROR_INIT_FAILURE");
  world.runner.provisioned_states[key] = {.available = 3, .failure = {}};
  EXPECT_EQ(member(config("1"), "Status"), "READY");
}

TEST_F(ConcurrencyTest, OnlyPublishedVersionsAreProvisionedAndEachOnce) {
  create();
  publish(1);
  alias("live", "1");
  alias("latest", "$LATEST");
  const std::string unpublished =
      "InvalidParameterValueException: Provisioned Concurrency Configs cannot be applied to unpublished function versions.";
  EXPECT_EQ(provision("$LATEST", 1), unpublished);
  EXPECT_EQ(provision("latest", 1), unpublished);
  EXPECT_EQ(provision("7", 1), "ResourceNotFoundException: Function not found: " + std::string(orders_arn) + ":7");
  EXPECT_EQ(provision("none", 1), "ResourceNotFoundException: Cannot find alias arn: " + std::string(orders_arn) + ":none");
  EXPECT_EQ(config("live"), "ProvisionedConcurrencyConfigNotFoundException: No Provisioned Concurrency Config found for this function");
  EXPECT_EQ(provision("live", 0).substr(0, 19), "ValidationException");
  provision("live", 1);
  EXPECT_EQ(provision("1", 1), "ResourceConflictException: Version is pointed by a Provisioned Concurrency alias");
  call("DeleteProvisionedConcurrencyConfig", R"({"FunctionName":"orders","Qualifier":"live"})");
  EXPECT_EQ(member(provision("1", 1), "Status"), "IN_PROGRESS");
  EXPECT_EQ(provision("live", 1),
            "ResourceConflictException: Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
}

TEST_F(ConcurrencyTest, ProvisionedConcurrencyFitsIntoTheReservationOrTheAccount) {
  create();
  publish(2);
  reserve("orders", 10);
  provision("1", 6);
  EXPECT_EQ(provision("2", 5),
            "InvalidParameterValueException: Requested Provisioned Concurrency should not be greater than the "
            "reservedConcurrentExecution for function");
  EXPECT_EQ(member(provision("2", 4), "Status"), "IN_PROGRESS");
  EXPECT_EQ(unreserved(), "990") << "what is provisioned is part of the reservation";
  EXPECT_EQ(reserve("orders", 9),
            "InvalidParameterValueException: ReservedConcurrentExecutions 9 should not be lower than function's total provisioned "
            "concurrency [10].");
  call("DeleteFunctionConcurrency", R"({"FunctionName":"orders"})");
  EXPECT_EQ(provision("2", 995),
            "InvalidParameterValueException: Specified ConcurrentExecutions for function is greater than account's unreserved "
            "concurrency [994].");
  EXPECT_EQ(provision("2", 895),
            "InvalidParameterValueException: Specified ConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100].");
  EXPECT_EQ(member(provision("2", 894), "Status"), "IN_PROGRESS");
}

TEST_F(ConcurrencyTest, ConfigsAreListedPageByPage) {
  create();
  publish(2);
  alias("live", "2");
  provision("1", 1);
  provision("live", 2);
  const auto first = parsed(call("ListProvisionedConcurrencyConfigs", R"({"FunctionName":"orders","MaxItems":1})"));
  const auto& items = *first.find("ProvisionedConcurrencyConfigs")->as_array();
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(*items[0].find_string("FunctionArn"), std::string(orders_arn) + ":1");
  const auto second = parsed(
      call("ListProvisionedConcurrencyConfigs", R"({"FunctionName":"orders","Marker":")" + *first.find_string("NextMarker") + "\"}"));
  EXPECT_EQ(*second.find("ProvisionedConcurrencyConfigs")->as_array()->front().find_string("FunctionArn"),
            std::string(orders_arn) + ":live");
  EXPECT_EQ(second.find_string("NextMarker"), nullptr);
}

TEST_F(ConcurrencyTest, SettingsSurviveARestartAndTheRunnerHearsOfThemAgain) {
  create();
  publish();
  reserve("orders", 20);
  provision("1", 5);
  world.runner.settings.clear();
  world.crash_and_restart();
  EXPECT_EQ(reserved(), 20);
  EXPECT_EQ(provisioned(), "1:5");
}

TEST_F(ConcurrencyTest, DeletedFunctionGivesEverythingBack) {
  create();
  publish();
  reserve("orders", 20);
  provision("1", 5);
  call("DeleteFunction", R"({"FunctionName":"orders"})");
  EXPECT_EQ(provisioned(), "");
  EXPECT_EQ(reserved(), std::nullopt);
  EXPECT_EQ(unreserved(), "1000");
  create();
  EXPECT_EQ(call("GetFunctionConcurrency", R"({"FunctionName":"orders"})"), "{}");
}

}  // namespace
}  // namespace surgetank::lambda
