// What saturates first in common chains: the ceilings that follow from the published quotas must come out of the simulation.
#include <gtest/gtest.h>

#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

using testing::constant;
using testing::one_function;
using testing::one_queue;

const LimitUse* limit(const Outcome& outcome, std::string_view id) {
  for (const auto& one : outcome.limits)
    if (one.id == id) return &one;
  return nullptr;
}

TEST(Chains, HalfASecondAtAThousandConcurrentExecutionsIsTwoThousandARequestsASecond) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  const auto outcome = predict(profile, constant(3'000, seconds(120)), {.warm_up = seconds(60)});
  EXPECT_NEAR(static_cast<double>(outcome.total.succeeded) / outcome.seconds, 2'000, 20);
  EXPECT_EQ(outcome.concurrency_peak, 1'000);
  EXPECT_EQ(outcome.total.requests, outcome.total.succeeded + outcome.total.throttled);
  ASSERT_TRUE(outcome.bottleneck);
  EXPECT_EQ(outcome.bottleneck->id, "lambda.concurrent-executions");
}

TEST(Chains, BelowTheCeilingNothingIsRefused) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  const auto outcome = predict(profile, constant(1'800, seconds(60)), {});
  EXPECT_EQ(outcome.total.succeeded, outcome.total.requests);
  EXPECT_FALSE(outcome.bottleneck);
}

// Erlang's B formula: the share of random arrivals that find all servers busy.
double refused_share(int servers, double offered) {
  double share = 1;
  for (int i = 1; i <= servers; ++i) share = offered * share / (i + offered * share);
  return share;
}

TEST(Chains, ANewAccountServesTwentyASecondOfHalfASecondEach) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  Conditions conditions{.warm_up = seconds(20), .quota_values = {{"lambda.concurrent-executions", 10}}};
  const auto overloaded = predict(profile, constant(90, seconds(320)), conditions);
  const double served = 90 * (1 - refused_share(10, 45));
  EXPECT_NEAR(served, 20, 0.6);
  EXPECT_NEAR(static_cast<double>(overloaded.total.succeeded) / overloaded.seconds, served, 0.2);
  // Even arrivals meet the ceiling exactly.
  const auto even = predict(profile, constant(20, seconds(120), windtunnel::Traffic::Arrivals::Even), conditions);
  EXPECT_EQ(even.total.throttled, 0U);
}

TEST(Chains, QuotasOfTheProfileHoldUntilOthersAreAskedFor) {
  static constexpr QuotaRow rows[] = {{.id = "lambda.concurrent-executions", .name = "n", .value = 1'000, .new_account = 10}};
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  const auto throttled = [&](Conditions conditions) {
    conditions.quota_tables = {rows};
    return predict(profile, constant(40, seconds(20)), conditions).total.throttled;
  };
  EXPECT_EQ(throttled({}), 0U);
  profile.quotas.profile = QuotaProfile::AwsNewAccount;
  EXPECT_GT(throttled({}), 0U);
  EXPECT_EQ(throttled({.quota_profile = QuotaProfile::Aws}), 0U);
  EXPECT_EQ(throttled({.quota_values = {{"lambda.concurrent-executions", 200}}}), 0U);
  profile.quotas = {.values = {{"lambda.concurrent-executions", 15}}};
  EXPECT_GT(throttled({}), 0U);
  EXPECT_EQ(throttled({.quota_profile = QuotaProfile::Aws}), 0U);
  EXPECT_EQ(throttled({.quota_values = {{"lambda.concurrent-executions", 200}}}), 0U);
}

TEST(Chains, AShortFunctionMeetsTheRequestRateBeforeTheConcurrency) {
  auto profile = one_function(Distribution::constant(milliseconds(20)));
  const auto outcome =
      predict(profile, constant(300, seconds(120)), {.warm_up = seconds(60), .quota_values = {{"lambda.concurrent-executions", 10}}});
  EXPECT_NEAR(static_cast<double>(outcome.total.succeeded) / outcome.seconds, 100, 2);
  ASSERT_NE(limit(outcome, "lambda.request-rate"), nullptr);
  EXPECT_GT(limit(outcome, "lambda.request-rate")->refused, 0U);
}

TEST(Chains, ASpikeToThreeThousandASecondOfASecondEachThrottlesForTwentySeconds) {
  auto profile = one_function(Distribution::constant(seconds(1)));
  const auto outcome = predict(profile, constant(3'000, seconds(60)), {.quota_values = {{"lambda.concurrent-executions", 100'000}}});
  double last_throttled = 0;
  for (const auto& moment : outcome.timeline)
    if (moment.throttled > 30) last_throttled = moment.second;
  EXPECT_NEAR(last_throttled, 20, 2);
  EXPECT_EQ(outcome.bottleneck->id, "lambda.scaling-rate");
}

TEST(Chains, AQueueIsWorkedOffByFiveAndThreeHundredMoreEachMinuteUpToTwelveHundredAndFifty) {
  auto profile = one_queue(Distribution::constant(seconds(10)), 1);
  const auto outcome = predict(profile, constant(400, seconds(400)),
                               {.quota_values = {{"lambda.concurrent-executions", 100'000}}, .longest_tail = seconds(1)});
  ASSERT_GE(outcome.timeline.size(), 390U);
  EXPECT_NEAR(static_cast<double>(outcome.timeline[5].concurrency), 5, 30);
  EXPECT_NEAR(static_cast<double>(outcome.timeline[65].concurrency), 305, 40);
  EXPECT_NEAR(static_cast<double>(outcome.timeline[185].concurrency), 905, 60);
  EXPECT_NEAR(static_cast<double>(outcome.timeline[330].concurrency), 1'250, 30);
  EXPECT_EQ(outcome.total.failed, 0U);
  EXPECT_GT(outcome.queues[0].oldest_peak_seconds, 100);
}

TEST(Chains, MaximumConcurrencyBoundsAMapping) {
  auto profile = one_queue(Distribution::constant(milliseconds(500)), 10);
  profile.mappings[0].maximum_concurrency = 4;
  const auto outcome = predict(profile, constant(200, seconds(60)), {.longest_tail = seconds(120)});
  EXPECT_EQ(outcome.functions[0].concurrency_peak, 4);
  EXPECT_GT(outcome.queues[0].depth_peak, 1'000U);
  EXPECT_EQ(outcome.queues[0].done, outcome.queues[0].sent);
  ASSERT_TRUE(outcome.bottleneck);
  EXPECT_EQ(outcome.bottleneck->id, "Jobs.MaximumConcurrency");
}

TEST(Chains, ADatabaseRefusesWhatIsOverItsConnections) {
  auto profile = one_function(Distribution::constant(milliseconds(400)));
  profile.databases.push_back({.name = "Database", .instance_class = "db.t4g.micro"});
  auto& steps = profile.functions[0].steps;
  steps.insert(steps.begin(), {.kind = StepKind::DatabaseConnect, .target = "Database", .time = Distribution::constant(milliseconds(40))});
  const auto small = predict(profile, constant(400, seconds(60)), {.warm_up = seconds(5)});
  EXPECT_EQ(small.databases[0].connections_peak, small.databases[0].most_connections);
  EXPECT_GT(small.databases[0].refused, 0U);
  EXPECT_EQ(small.total.failed, small.total.requests - small.total.succeeded);
  EXPECT_EQ(small.bottleneck->id, "Database.connections");

  profile.databases[0].instance_class = "db.r6g.large";
  const auto large = predict(profile, constant(400, seconds(60)), {.warm_up = seconds(5)});
  EXPECT_EQ(large.total.failed, 0U);
}

// Both are met: connections from 195 requests/s on, early in the ramp; the gateway's quota from 300/s on, where it refuses many more.
TEST(Chains, TheBottleneckIsWhatRefusesMostAndWhatWasMetFirstIsTold) {
  auto profile = one_function(Distribution::constant(milliseconds(360)));
  profile.databases.push_back({.name = "Database", .instance_class = "db.t4g.micro"});
  auto& steps = profile.functions[0].steps;
  steps.insert(steps.begin(), {.kind = StepKind::DatabaseConnect, .target = "Database", .time = Distribution::constant(milliseconds(40))});
  profile.routes[0].throttle_rate = 300;
  profile.routes[0].throttle_burst = 50;
  auto traffic = constant(1'200, seconds(60));
  traffic.phases[0].shape = windtunnel::TrafficPhase::Shape::Ramp;
  traffic.phases[0].rate = 10;
  traffic.phases[0].peak = 1'200;
  const auto outcome = predict(profile, traffic, {});
  ASSERT_TRUE(outcome.bottleneck);
  EXPECT_EQ(outcome.bottleneck->id, "GET /work.throttle");
  EXPECT_GT(outcome.bottleneck->refused, limit(outcome, "Database.connections")->refused);
  ASSERT_TRUE(outcome.first_limit);
  EXPECT_EQ(outcome.first_limit->id, "Database.connections");
  EXPECT_NEAR(outcome.first_limit_seconds, 10, 2);
}

TEST(Chains, WhatTimesOutBehindSharedProcessorsIsTheProcessorsFault) {
  auto profile = one_function(Distribution::constant(milliseconds(20)));
  profile.functions[0].steps[0].cpu_share = 1;
  profile.functions[0].timeout = seconds(3);
  profile.host = {.processors = 1, .processes = 1'000};
  const auto outcome = predict(profile, constant(100, seconds(60)), {.place = Place::This});
  EXPECT_GT(limit(outcome, "Work.timeout")->refused, 1'000U);
  ASSERT_TRUE(outcome.bottleneck);
  EXPECT_EQ(outcome.bottleneck->id, "host.processors");
  EXPECT_GT(outcome.bottleneck->waited_seconds, 1'000);
}

TEST(Chains, WhoWaitsForAProcessWhileTheProcessorsAreUsedUpWaitsForThem) {
  auto profile = one_function(Distribution::constant(milliseconds(20)));
  profile.functions[0].steps[0].cpu_share = 1;
  profile.host = {.processors = 1, .processes = 4};
  const auto outcome = predict(profile, constant(60, seconds(60)), {.place = Place::This, .warm_up = seconds(5)});
  ASSERT_TRUE(outcome.bottleneck);
  EXPECT_EQ(outcome.bottleneck->id, "host.processors");
}

TEST(Chains, WhoWaitsForAProcessOfTheHostCountsForItsLimit) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  profile.host = {.processors = 2, .processes = 4};
  const auto outcome = predict(profile, constant(20, seconds(30)), {.place = Place::This});
  ASSERT_TRUE(outcome.bottleneck);
  EXPECT_EQ(outcome.bottleneck->id, "host.processes");
  EXPECT_GT(outcome.bottleneck->waited_seconds, 100);
}

TEST(Chains, AThrottledRouteLetsItsRateThroughAndLeavesTheOthersAlone) {
  auto profile = one_function(Distribution::constant(milliseconds(5)));
  profile.routes.push_back({.name = "GET /free", .function = "Work"});
  profile.routes[0].throttle_rate = 12.5;
  profile.routes[0].throttle_burst = 10;
  const auto outcome = predict(profile, constant(200, seconds(100)), {});
  EXPECT_NEAR(static_cast<double>(outcome.routes[0].succeeded), 12.5 * 100 + 10, 5);
  EXPECT_EQ(outcome.routes[0].throttled, outcome.routes[0].requests - outcome.routes[0].succeeded);
  EXPECT_EQ(outcome.routes[1].throttled, 0U);
  EXPECT_EQ(limit(outcome, "GET /work.throttle")->refused, outcome.routes[0].throttled);
}

TEST(Chains, ProvisionedPollersRunTenBatchesEachFromTheStart) {
  auto profile = one_queue(Distribution::constant(seconds(10)), 1);
  profile.mappings[0].minimum_pollers = 20;
  profile.mappings[0].maximum_pollers = 20;
  const auto outcome = predict(profile, constant(400, seconds(40)),
                               {.quota_values = {{"lambda.concurrent-executions", 100'000}}, .longest_tail = seconds(1)});
  EXPECT_EQ(outcome.functions[0].concurrency_peak, 200);
  EXPECT_NEAR(static_cast<double>(outcome.timeline[5].concurrency), 200, 10);
}

TEST(Chains, AConnectionForEachEnvironmentIsKept) {
  auto profile = one_function(Distribution::constant(milliseconds(100)));
  profile.databases.push_back({.name = "Database", .instance_class = "db.t4g.large"});
  auto& steps = profile.functions[0].steps;
  steps.insert(steps.begin(), {.kind = StepKind::DatabaseConnect,
                               .target = "Database",
                               .time = Distribution::constant(milliseconds(40)),
                               .occurs = StepOccurs::OncePerEnvironment});
  const auto outcome = predict(profile, constant(100, seconds(60)), {.warm_up = seconds(5)});
  EXPECT_EQ(outcome.databases[0].connections_peak, outcome.environments_peak);
  EXPECT_NEAR(outcome.total.latency.p50_ms, 100, 2);
}

TEST(Chains, TheGatewayAnswersAfterItsTimeoutAndTheFunctionGoesOn) {
  auto profile = one_function(Distribution::constant(seconds(40)));
  const auto outcome = predict(profile, constant(10, seconds(60)), {});
  EXPECT_EQ(outcome.total.failed, outcome.total.requests);
  EXPECT_NEAR(outcome.total.latency.p50_ms, 30'000, 300);
  EXPECT_EQ(outcome.bottleneck->id, "GET /work.timeout");
  EXPECT_EQ(outcome.functions[0].errors, 0U);
}

TEST(Chains, ReservedConcurrencyBelowTheMappingsFillsTheDeadLetterQueue) {
  auto profile = one_queue(Distribution::constant(seconds(2)), 1);
  profile.functions[0].reserved_concurrency = 2;
  profile.queues[0].visibility = seconds(12);
  profile.queues[0].maximum_receive_count = 2;
  profile.queues[0].dead_letter_queue = "Dead";
  profile.queues.push_back({.name = "Dead"});
  const auto outcome = predict(profile, constant(2, seconds(600)), {});
  EXPECT_EQ(outcome.functions[0].errors, 0U);
  EXPECT_GT(outcome.functions[0].throttles, 100U);
  EXPECT_EQ(outcome.functions[0].concurrency_peak, 2);
  EXPECT_GT(outcome.queues[0].dead, 0U);
  EXPECT_EQ(outcome.bottleneck->id, "Work.ReservedConcurrentExecutions");

  profile.functions[0].reserved_concurrency = 200;
  const auto room = predict(profile, constant(2, seconds(600)), {});
  EXPECT_EQ(room.functions[0].throttles, 0U);
  EXPECT_EQ(room.queues[0].dead, 0U);
  EXPECT_EQ(room.queues[0].done, room.queues[0].sent);
}

TEST(Chains, ProvisionedEnvironmentsSpareTheFirstRequestsTheInit) {
  auto profile = one_function(Distribution::constant(milliseconds(50)));
  profile.functions[0].init = Distribution::constant(seconds(2));
  const auto cold = predict(profile, constant(100, seconds(30)), {});
  EXPECT_GT(cold.total.latency.p99_ms, 1'500);
  profile.functions[0].provisioned_concurrency = 40;
  windtunnel::Traffic traffic = constant(100, seconds(30));
  traffic.phases.insert(traffic.phases.begin(), constant(0, seconds(5)).phases[0]);
  const auto warm = predict(profile, traffic, {});
  EXPECT_LT(warm.total.latency.p999_ms, 60);
  EXPECT_EQ(warm.functions[0].cold_starts, 0U);
}

TEST(Chains, AFunctionIsEndedAfterItsTimeoutAndItsProcessStartsAnew) {
  auto profile = one_function(Distribution::constant(seconds(5)));
  profile.functions[0].timeout = seconds(3);
  profile.functions[0].init = Distribution::constant(milliseconds(200));
  const auto outcome = predict(profile, constant(10, seconds(60)), {});
  EXPECT_EQ(outcome.total.failed, outcome.total.requests);
  EXPECT_EQ(outcome.functions[0].errors, outcome.functions[0].invocations);
  EXPECT_EQ(outcome.bottleneck->id, "Work.timeout");
  EXPECT_GE(outcome.functions[0].cold_starts, outcome.functions[0].invocations);
}

TEST(Chains, ACallerWaitsForTheFunctionThatItInvokes) {
  auto profile = one_function(Distribution::constant(milliseconds(100)));
  profile.functions.push_back({.name = "Caller", .memory_mb = 1769, .timeout = seconds(60)});
  profile.functions[1].steps.push_back({.kind = StepKind::Invoke, .target = "Work", .time = Distribution::constant(milliseconds(10))});
  profile.routes[0].function = "Caller";
  const auto outcome = predict(profile, constant(100, seconds(1'010)), {.warm_up = seconds(5)});
  EXPECT_NEAR(outcome.total.latency.p50_ms, 110, 2);
  double concurrency = 0;
  for (std::size_t i = 10; i < 1'010; ++i) concurrency += static_cast<double>(outcome.timeline[i].concurrency) / 1'000;
  EXPECT_NEAR(concurrency, 21, 0.8);
}

TEST(Chains, AnEventIsAcceptedAtOnceAndRunsLater) {
  auto profile = one_function(Distribution::constant(milliseconds(300)));
  profile.functions.push_back({.name = "Caller", .memory_mb = 1769, .timeout = seconds(60)});
  profile.functions[1].steps.push_back(
      {.kind = StepKind::Invoke, .target = "Work", .time = Distribution::constant(milliseconds(10)), .mode = InvokeMode::Event});
  profile.routes[0].function = "Caller";
  const auto outcome = predict(profile, constant(100, seconds(60)), {});
  EXPECT_NEAR(outcome.total.latency.p50_ms, 10, 1);
  EXPECT_EQ(outcome.functions[0].invocations, outcome.functions[1].invocations);
}

TEST(Chains, AnEventThatFailsIsTriedThreeTimes) {
  auto profile = one_function(Distribution::constant(milliseconds(300)));
  profile.functions[0].failure_share = 1;
  profile.functions.push_back({.name = "Caller", .memory_mb = 1769, .timeout = seconds(60)});
  profile.functions[1].steps.push_back({.kind = StepKind::Invoke, .target = "Work", .mode = InvokeMode::Event});
  profile.routes[0].function = "Caller";
  const auto outcome = predict(profile, constant(10, seconds(10)), {});
  EXPECT_EQ(outcome.functions[0].invocations, 3 * outcome.functions[1].invocations);
}

TEST(Chains, MessagesThatAlwaysFailEndInTheDeadLetterQueue) {
  auto profile = one_queue(Distribution::constant(milliseconds(20)));
  profile.functions[0].failure_share = 1;
  profile.queues[0].visibility = seconds(60);
  profile.queues[0].maximum_receive_count = 3;
  profile.queues[0].dead_letter_queue = "Dead";
  profile.queues.push_back({.name = "Dead"});
  const auto outcome = predict(profile, constant(10, seconds(30)), {});
  EXPECT_EQ(outcome.queues[0].done, 0U);
  EXPECT_EQ(outcome.queues[0].dead, outcome.queues[0].sent);
  EXPECT_EQ(outcome.queues[1].depth_end, outcome.queues[0].sent);
}

TEST(Chains, ClientsThatRetryMakeMoreOfAnOverload) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  Conditions conditions{.warm_up = seconds(20), .quota_values = {{"lambda.concurrent-executions", 100}}};
  const auto patient = predict(profile, constant(300, seconds(80)), conditions);
  conditions.client_retries = 2;
  const auto stubborn = predict(profile, constant(300, seconds(80)), conditions);
  EXPECT_EQ(patient.total.client_retries, 0U);
  EXPECT_GT(stubborn.total.client_retries, patient.total.requests / 2);
  EXPECT_NEAR(static_cast<double>(stubborn.total.succeeded), static_cast<double>(patient.total.succeeded),
              0.05 * static_cast<double>(patient.total.succeeded));
}

TEST(Chains, LessMemoryComputesLongerOnAws) {
  auto profile = one_function(Distribution::constant(milliseconds(100)));
  profile.functions[0].steps[0].cpu_share = 1;
  profile.functions[0].memory_mb = 884;
  const auto outcome = predict(profile, constant(10, seconds(20)), {});
  EXPECT_NEAR(outcome.total.latency.p50_ms, 200, 3);
}

TEST(Determinism, TheSameSeedGivesTheSameOutcome) {
  auto profile = one_queue(Distribution::log_normal(milliseconds(100), milliseconds(800)));
  profile.routes.push_back({.name = "GET /work", .function = "Work"});
  const auto run = [&](std::uint64_t seed) { return predict(profile, constant(200, seconds(60)), {.seed = seed}); };
  const auto first = run(7);
  const auto again = run(7);
  const auto other = run(8);
  EXPECT_EQ(first.events, again.events);
  EXPECT_EQ(first.total.latency.mean_ms, again.total.latency.mean_ms);
  EXPECT_EQ(first.functions[0].billed_gb_seconds, again.functions[0].billed_gb_seconds);
  EXPECT_NE(first.total.latency.mean_ms, other.total.latency.mean_ms);
}

}  // namespace
}  // namespace surgetank::prediction
