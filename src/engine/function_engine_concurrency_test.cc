// Reserved and provisioned concurrency of the engine with real processes.
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/engine_fixture_test.h"
#include "engine/function_engine.h"

namespace surgetank {
namespace {

using Kind = InvocationOutcome::Kind;

// Whether `probe` comes true before the test's patience ends.
template <class Probe>
bool eventually(Probe probe) {
  for (int i = 0; i < 3000; ++i) {
    if (probe()) return true;
    ::usleep(10'000);
  }
  return false;
}

TEST(FunctionEngineConcurrency, ReservedConcurrencyThrottlesAndZeroTurnsTheFunctionOff) {
  EngineFixture f;
  const auto version = f.obedient();
  f.configure(*version, 1);
  auto first = f.start(version, R"({"do":"sleep","seconds":1})");
  const auto second = f.invoke(version, "{}");
  EXPECT_EQ(second.kind, Kind::Throttled);
  EXPECT_EQ(second.throttle, ThrottleReason::ReservedConcurrency);
  EXPECT_EQ(EngineFixture::wait_for(first).kind, Kind::Success);
  f.configure(*version, 0);
  EXPECT_EQ(f.invoke(version, "{}").throttle, ThrottleReason::ReservedConcurrency);
  f.configure(*version, std::nullopt);
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
}

TEST(FunctionEngineConcurrency, ProvisionedEnvironmentsAreInitialisedBeforeTheFirstInvocation) {
  EngineFixture f;
  const auto version = f.obedient();
  version->version = "1";
  f.configure(*version, std::nullopt, {{version, 2}});
  ASSERT_TRUE(eventually([&] { return f.provisioned(*version).available == 2; }));
  const auto outcome = f.invoke(version, R"({"do":"env"})");
  EXPECT_EQ(outcome.init_duration.us, 0);
  EXPECT_TRUE(contains(outcome.payload, R"("AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency")")) << outcome.payload;
  EXPECT_TRUE(f.telemetry.spans("init").empty());
  EXPECT_EQ(f.engine().status().environments, 2U);
  EXPECT_TRUE(f.telemetry.sum_gets("ProvisionedConcurrencyInvocations", "obedient", 2)) << "for the function, and for its version";

  auto busy = f.start(version, R"({"do":"sleep","seconds":2})");
  auto also_busy = f.start(version, R"({"do":"sleep","seconds":2})");
  const auto spilled = f.invoke(version, R"({"do":"env"})");
  EXPECT_TRUE(contains(spilled.payload, R"("AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand")")) << spilled.payload;
  EXPECT_TRUE(f.telemetry.sum_gets("ProvisionedConcurrencySpilloverInvocations", "obedient", 2));
  EXPECT_EQ(EngineFixture::wait_for(busy).kind, Kind::Success);
  EXPECT_EQ(EngineFixture::wait_for(also_busy).kind, Kind::Success);
}

TEST(FunctionEngineConcurrency, ProvisionedEnvironmentThatDiesIsStartedAnew) {
  EngineFixture f;
  const auto version = f.obedient();
  version->version = "1";
  f.configure(*version, std::nullopt, {{version, 1}});
  ASSERT_TRUE(eventually([&] { return f.provisioned(*version).available == 1; }));
  EXPECT_EQ(f.invoke(version, R"({"do":"exit","code":3})").kind, Kind::FunctionError);
  ASSERT_TRUE(eventually([&] { return f.provisioned(*version).available == 1; }));
  const auto outcome = f.invoke(version, "{}");
  EXPECT_TRUE(contains(outcome.payload, R"("count": 1,)")) << outcome.payload;
  EXPECT_EQ(outcome.init_duration.us, 0);
}

TEST(FunctionEngineConcurrency, InitThatFailsAheadIsToldAndTheLastConfigurationWins) {
  EngineFixture f;
  const auto broken = f.function("broken", "provided.al2023", "handler", {{"bootstrap", "#!/bin/sh\nexit 1\n"}});
  broken->version = "1";
  f.configure(*broken, std::nullopt, {{broken, 1}});
  ASSERT_TRUE(eventually([&] { return f.provisioned(*broken).failure == "FUNCTION_ERROR_INIT_FAILURE"; }));
  f.configure(*broken, std::nullopt);
  EXPECT_TRUE(eventually([&] { return f.engine().status().environments == 0; }));
}

TEST(FunctionEngineConcurrency, WhatTheMachineCannotStartAheadIsSaid) {
  EngineFixture f({.host_processes = 2});
  const auto version = f.obedient();
  version->version = "1";
  f.configure(*version, std::nullopt, {{version, 2}});
  ASSERT_TRUE(eventually([&] { return f.provisioned(*version).available == 1; }));
  EXPECT_TRUE(contains(f.provisioned(*version).failure, "at most 2 function processes")) << f.provisioned(*version).failure;
}

}  // namespace
}  // namespace surgetank
