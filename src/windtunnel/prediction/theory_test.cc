// Predictions against theory: what queueing theory says of simple systems must come out of the whole simulation.
#include <gtest/gtest.h>

#include <cmath>

#include "windtunnel/prediction/shared_processors.h"
#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

using testing::constant;
using testing::one_function;

// The probability that an arrival at an M/M/c system has to wait (Erlang's C formula).
double erlang_c(double servers, double offered) {
  double sum = 0;
  double term = 1;
  for (int i = 0; i < static_cast<int>(servers); ++i) {
    sum += term;
    term *= offered / (i + 1);
  }
  const double waiting = term * servers / (servers - offered);
  return waiting / (sum + waiting);
}

// A host with so many processes: the functions' environments are the servers, and the pool's queue is the queue.
Conditions servers(Profile& profile, std::int64_t count) {
  profile.host.processes = count;
  return {.place = Place::This, .warm_up = seconds(200), .quota_values = {{"lambda.concurrent-executions", 1'000'000}}};
}

TEST(Theory, ExponentialServiceOnSeveralServersWaitsAsErlangSays) {
  for (const double load : {0.5, 0.7, 0.85}) {
    auto profile = one_function(Distribution::exponential(milliseconds(100)));
    const double count = 4;
    const double rate = load * count / 0.1;
    const auto conditions = servers(profile, static_cast<std::int64_t>(count));
    const auto outcome = predict(profile, constant(rate, seconds(6'000)), conditions);
    const double waits = erlang_c(count, load * count) * 100 / (count * (1 - load));
    EXPECT_NEAR(outcome.total.latency.mean_ms, 100 + waits, 0.04 * (100 + waits)) << "load " << load;
    EXPECT_EQ(outcome.total.succeeded, outcome.total.requests) << "load " << load;
  }
}

TEST(Theory, ConstantServiceOnOneServerWaitsHalfAsLongAsExponential) {
  auto profile = one_function(Distribution::constant(milliseconds(20)));
  const auto conditions = servers(profile, 1);
  const double load = 0.8;
  const auto outcome = predict(profile, constant(load / 0.020, seconds(4'000)), conditions);
  const double waits = load * 20 / (2 * (1 - load));
  EXPECT_NEAR(outcome.total.latency.mean_ms, 20 + waits, 0.03 * (20 + waits));
}

TEST(Theory, RequestsUnderWayAreTheRateTimesTheLatency) {
  auto profile = one_function(Distribution::log_normal(milliseconds(150), milliseconds(900)));
  const auto outcome = predict(profile, constant(400, seconds(600)),
                               {.warm_up = seconds(60), .quota_values = {{"lambda.concurrent-executions", 1'000'000}}});
  const double rate = static_cast<double>(outcome.total.requests) / outcome.seconds;
  EXPECT_NEAR(outcome.requests_in_system_mean, rate * outcome.total.latency.mean_ms / 1e3, 0.03 * outcome.requests_in_system_mean);
}

TEST(Theory, WorkOnSharedProcessorsTakesAsLongAsItsLoadSays) {
  // M/G/1 with processor sharing: mean / (1 - load), whatever the distribution of the work.
  for (const auto& work : {Distribution::constant(milliseconds(10)), Distribution::exponential(milliseconds(10))}) {
    auto profile = one_function(work);
    profile.functions[0].steps[0].cpu_share = 1;
    profile.host = {.processors = 1, .processes = 100'000};
    const double load = 0.75;
    const auto outcome =
        predict(profile, constant(load / 0.010, seconds(5'000)),
                {.place = Place::This, .warm_up = seconds(200), .quota_values = {{"lambda.concurrent-executions", 1'000'000}}});
    EXPECT_NEAR(outcome.total.latency.mean_ms, 10 / (1 - load), 0.04 * 10 / (1 - load));
    EXPECT_NEAR(outcome.host_processor_use, load, 0.02);
  }
}

TEST(Theory, WorkBesideTheStepsLoadsTheProcessorsAndIsNotWaitedFor) {
  auto profile = one_function(Distribution::exponential(milliseconds(6)));
  profile.functions[0].steps[0].cpu_share = 1;
  profile.functions[0].work_beside = milliseconds(3);
  profile.host = {.processors = 1, .processes = 100'000};
  const double rate = 75;
  const auto outcome =
      predict(profile, constant(rate, seconds(5'000)),
              {.place = Place::This, .warm_up = seconds(200), .quota_values = {{"lambda.concurrent-executions", 1'000'000}}});
  const double load = rate * 0.009;
  EXPECT_NEAR(outcome.host_processor_use, load, 0.01);
  // The steps get their share as if all the work were one kind of job.
  EXPECT_NEAR(outcome.total.latency.mean_ms, 6 / (1 - load), 0.06 * 6 / (1 - load));
}

TEST(Theory, FirstInvocationsOfAnEnvironmentTakeLongerAndLaterOnesDoNot) {
  auto profile = one_function(Distribution::constant(milliseconds(10)));
  profile.functions[0].warm_up = {{.until = 1, .time = milliseconds(40)}, {.until = 3, .time = milliseconds(5)}};
  // One environment, even arrivals, nobody waits: 50, 15, 15, 10, 10 ...
  profile.host = {.processors = 1, .processes = 1};
  const auto outcome = predict(profile, constant(10, seconds(100), windtunnel::Traffic::Arrivals::Even), {.place = Place::This});
  ASSERT_EQ(outcome.functions[0].cold_starts, 1U);
  const auto& duration = outcome.functions[0].duration;
  EXPECT_NEAR(duration.most_ms, 50, 0.5);
  EXPECT_NEAR(duration.p50_ms, 10, 0.2);
  EXPECT_NEAR(duration.mean_ms * static_cast<double>(duration.count), 10.0 * 1'000 + 40 + 2 * 5, 20);
}

TEST(Theory, WhatTheMachineDoesWithoutRequestsIsNotThereForThem) {
  auto profile = one_function(Distribution::exponential(milliseconds(10)));
  profile.functions[0].steps[0].cpu_share = 1;
  profile.host = {.processors = 1, .processes = 100'000, .background = 0.2};
  const auto outcome =
      predict(profile, constant(60, seconds(3'000)),
              {.place = Place::This, .warm_up = seconds(200), .quota_values = {{"lambda.concurrent-executions", 1'000'000}}});
  EXPECT_NEAR(outcome.host_processor_use, 0.6 / 0.8, 0.02);
}

TEST(Theory, TheRequestsThatArriveAreThoseOfTheTraffic) {
  auto profile = one_function(Distribution::constant(milliseconds(5)));
  const auto outcome = predict(profile, constant(100, seconds(100), windtunnel::Traffic::Arrivals::Even), {});
  EXPECT_EQ(outcome.total.requests, 10'000U);
}

TEST(SharedProcessorsRules, JobsShareAndFinishInOrderOfWhatTheyStillNeed) {
  SharedProcessors processors(1);
  const Instant start{1'000'000};
  processors.add(start, milliseconds(10), {.subject = 1});
  processors.add(start, milliseconds(30), {.subject = 2});
  EXPECT_EQ(processors.next_done(start), start + milliseconds(20));
  EXPECT_FALSE(processors.take_done(start + milliseconds(19)));
  EXPECT_EQ(processors.take_done(start + milliseconds(20))->subject, 1U);
  EXPECT_EQ(processors.next_done(start + milliseconds(20)), start + milliseconds(40));
  EXPECT_EQ(processors.take_done(start + milliseconds(40))->subject, 2U);
  EXPECT_EQ(processors.busy(start + milliseconds(50)), milliseconds(40));
}

TEST(SharedProcessorsRules, AJobThatIsRemovedLeavesItsShareToTheOthers) {
  SharedProcessors processors(1);
  const Instant start{1'000'000};
  processors.add(start, milliseconds(10), {.subject = 1});
  processors.add(start, milliseconds(10), {.subject = 2});
  EXPECT_TRUE(processors.remove(start + milliseconds(10), 0, 1, 0));
  EXPECT_FALSE(processors.remove(start + milliseconds(10), 0, 1, 0));
  EXPECT_EQ(processors.next_done(start + milliseconds(10)), start + milliseconds(15));
}

}  // namespace
}  // namespace surgetank::prediction
