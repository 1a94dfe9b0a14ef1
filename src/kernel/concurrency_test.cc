#include "kernel/concurrency.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <thread>
#include <vector>

namespace surgetank {
namespace {

using enum ConcurrencyPool;

constexpr Instant start{1'000'000'000};

// What `attempts` admissions at `now` end with: how many of each pool, how many of each reason.
struct Tally {
  std::int64_t provisioned = 0, reserved = 0, unreserved = 0;
  std::map<ThrottleReason, std::int64_t> refused;
  std::int64_t admitted() const { return provisioned + reserved + unreserved; }
};
Tally attempt(FunctionConcurrency& function, std::int64_t attempts, Instant now = start, ProvisionedConcurrency* provisioned = nullptr) {
  Tally tally;
  for (; attempts > 0; --attempts) {
    const auto admission = function.admit(now, provisioned);
    if (!admission.is_admitted) {
      ++tally.refused[admission.reason];
    } else {
      ++(admission.pool == Provisioned ? tally.provisioned : admission.pool == Reserved ? tally.reserved : tally.unreserved);
    }
  }
  return tally;
}

TEST(Concurrency, FunctionsShareWhatIsUnreservedUpToTheAccountsLimit) {
  AccountConcurrency account(20);
  FunctionConcurrency one(account);
  FunctionConcurrency two(account);
  EXPECT_EQ(attempt(one, 15).unreserved, 15);
  const auto rest = attempt(two, 10);
  EXPECT_EQ(rest.unreserved, 5);
  EXPECT_EQ(rest.refused.at(ThrottleReason::AccountConcurrency), 5);
  one.release(Unreserved, nullptr);
  EXPECT_EQ(attempt(two, 2).unreserved, 1);
  EXPECT_EQ(account.in_use(), 20);
  EXPECT_EQ(one.in_use(), 14);
}

TEST(Concurrency, ReservationIsAFloorForItsFunctionAndACeilingAndIsTakenFromAllOthersEvenWhenIdle) {
  AccountConcurrency account(100);
  FunctionConcurrency reserving(account);
  FunctionConcurrency other(account);
  reserving.reserve(30);
  EXPECT_EQ(account.unreserved(), 70);
  const auto others = attempt(other, 100);
  EXPECT_EQ(others.unreserved, 70);
  EXPECT_EQ(others.refused.at(ThrottleReason::AccountConcurrency), 30);
  const auto own = attempt(reserving, 40);
  EXPECT_EQ(own.reserved, 30);
  EXPECT_EQ(own.refused.at(ThrottleReason::ReservedConcurrency), 10);
  EXPECT_EQ(account.in_use(), 100);
  EXPECT_EQ(account.claimed_or_in_use(), 100);
  reserving.reserve(std::nullopt);
  EXPECT_EQ(account.unreserved(), 100);
}

TEST(Concurrency, ReservationOfNothingTurnsTheFunctionOffWhateverElseWouldRefuse) {
  AccountConcurrency account(1000);
  FunctionConcurrency function(account);
  ProvisionedConcurrency version(function);
  version.request(5);
  version.set_ready(5);
  function.reserve(0);
  const auto tally = attempt(function, 100, start, &version);
  EXPECT_EQ(tally.admitted(), 0);
  EXPECT_EQ(tally.refused.at(ThrottleReason::ReservedConcurrency), 100);
}

TEST(Concurrency, ProvisionedExecutionsAreUsedFirstAndTheRestSpillsOverToWhatIsUnreserved) {
  AccountConcurrency account(20);
  FunctionConcurrency function(account);
  ProvisionedConcurrency version(function);
  version.request(5);
  EXPECT_EQ(account.unreserved(), 15) << "what is provisioned is claimed when it is asked for";
  EXPECT_EQ(attempt(function, 1, start, &version).unreserved, 1) << "nothing is initialised yet";
  version.set_ready(5);
  const auto tally = attempt(function, 24, start, &version);
  EXPECT_EQ(tally.provisioned, 5);
  EXPECT_EQ(tally.unreserved, 14);
  EXPECT_EQ(tally.refused.at(ThrottleReason::AccountConcurrency), 5);
  function.release(Provisioned, &version);
  EXPECT_EQ(attempt(function, 2, start + seconds(1), &version).provisioned, 1);
  EXPECT_EQ(attempt(function, 1).admitted(), 0) << "other versions have no part in it";
}

TEST(Concurrency, WhatIsProvisionedOfAFunctionThatReservesIsPartOfItsReservation) {
  AccountConcurrency account(200);
  FunctionConcurrency function(account);
  ProvisionedConcurrency version(function);
  version.request(4);
  version.set_ready(4);
  function.reserve(10);
  EXPECT_EQ(account.claimed(), 10);
  const auto tally = attempt(function, 20, start, &version);
  EXPECT_EQ(tally.provisioned, 4);
  EXPECT_EQ(tally.reserved, 6);
  EXPECT_EQ(tally.refused.at(ThrottleReason::ReservedConcurrency), 10);
  function.reserve(std::nullopt);
  EXPECT_EQ(account.claimed(), 4);
}

TEST(Concurrency, ProvisionedVersionTakesTenRequestsASecondForEachExecution) {
  AccountConcurrency account(1000);
  FunctionConcurrency function(account);
  ProvisionedConcurrency version(function);
  version.request(4);
  const auto tally = attempt(function, 30, start, &version);
  EXPECT_EQ(tally.unreserved, 20);
  EXPECT_EQ(tally.refused.at(ThrottleReason::ProvisionedRate), 10);
}

TEST(Concurrency, RateIsAskedBeforeConcurrency) {
  AccountConcurrency account(1);
  FunctionConcurrency function(account);
  const auto tally = attempt(function, 15);
  EXPECT_EQ(tally.unreserved, 1);
  EXPECT_EQ(tally.refused.at(ThrottleReason::AccountConcurrency), 9);
  EXPECT_EQ(tally.refused.at(ThrottleReason::AccountRate), 5);
}

TEST(Concurrency, ExecutionOnDemandThatRunsInAProvisionedEnvironmentGivesItsOwnBack) {
  AccountConcurrency account(10);
  FunctionConcurrency function(account);
  ProvisionedConcurrency version(function);
  version.request(1);
  ASSERT_EQ(function.admit(start, &version).pool, Unreserved);
  version.set_ready(1);
  function.move_to_provisioned(Unreserved, version);
  EXPECT_EQ(account.unreserved_in_use(), 0);
  EXPECT_EQ(version.in_use(), 1);
  EXPECT_EQ(function.in_use(), 1);
  function.release(Provisioned, &version);
  EXPECT_EQ(account.in_use(), 0);
}

TEST(Concurrency, ScalingStartsAThousandEnvironmentsAtOnceAndAHundredMoreEachSecond) {
  AccountConcurrency account(100'000);
  FunctionConcurrency function(account);
  FunctionConcurrency other(account);
  const auto tokens = [&](Instant now) {
    std::int64_t taken = 0;
    while (function.take_scaling_token(now)) ++taken;
    return taken;
  };
  EXPECT_EQ(tokens(start), 1000);
  EXPECT_EQ(tokens(start + seconds(1)), 100);
  EXPECT_EQ(tokens(start + seconds(11)), 1000);
  EXPECT_EQ(tokens(start + hours(1)), 1000) << "the unused part never accumulates";
  EXPECT_TRUE(other.take_scaling_token(start)) << "functions scale independently";
}

// Admissions within `span` when ten times the rate of `per_second` comes and every execution takes no time.
std::int64_t admitted_at_tenfold(FunctionConcurrency& function, std::int64_t per_second, Duration span, ProvisionedConcurrency* version) {
  std::int64_t admitted = 0;
  const Duration pause = microseconds(1'000'000 / (10 * per_second));
  for (Instant now = start; now < start + span; now = now + pause) {
    const auto admission = function.admit(now, version);
    if (!admission.is_admitted) continue;
    ++admitted;
    function.release(admission.pool, version);
  }
  return admitted;
}

TEST(Concurrency, RatesAtTenfoldOverloadAdmitWithinAHundredthOverAMinute) {
  for (const std::int64_t executions : {20, 100, 1000}) {
    const auto per_minute = static_cast<double>(600 * executions);
    AccountConcurrency account(executions);
    FunctionConcurrency function(account);
    EXPECT_NEAR(static_cast<double>(admitted_at_tenfold(function, 10 * executions, minutes(1), nullptr)), per_minute, per_minute / 100);

    AccountConcurrency large(100'000);
    FunctionConcurrency reserving(large);
    reserving.reserve(executions);
    EXPECT_NEAR(static_cast<double>(admitted_at_tenfold(reserving, 10 * executions, minutes(1), nullptr)), per_minute, per_minute / 100);

    FunctionConcurrency provisioning(large);
    ProvisionedConcurrency version(provisioning);
    version.request(executions);
    version.set_ready(executions);
    EXPECT_NEAR(static_cast<double>(admitted_at_tenfold(provisioning, 10 * executions, minutes(1), &version)), per_minute,
                per_minute / 100);
  }
}

TEST(Concurrency, PoolsAtTenfoldOverloadAreFullAllTheTimeAndNeverFuller) {
  AccountConcurrency account(1000);
  FunctionConcurrency function(account);
  function.reserve(50);
  std::deque<Instant> ends;
  std::int64_t admitted = 0;
  for (Instant now = start; now < start + minutes(1); now = now + microseconds(400)) {  // 2,500/s against 50 x 200 ms = 250/s
    while (!ends.empty() && ends.front() <= now) {
      ends.pop_front();
      function.release(Reserved, nullptr);
    }
    if (!function.admit(now, nullptr).is_admitted) continue;
    ++admitted;
    ends.push_back(now + milliseconds(200));
    ASSERT_LE(function.in_use(), 50);
  }
  EXPECT_NEAR(static_cast<double>(admitted), 15'000, 150);
}

struct CountingQuota final : ConcurrencyQuota {
  std::int64_t concurrent_executions() const override { return limit; }
  void in_use(std::int64_t executions) override { used = executions; }
  void rejected(ThrottleReason) override { ++rejections; }
  ConcurrencyRules rules() const override { return current; }
  std::int64_t limit = 10, used = 0, rejections = 0;
  ConcurrencyRules current;
};

TEST(Concurrency, LimitThatChangesHoldsFromTheNextAdmissionOnAndUseIsTold) {
  CountingQuota quota;
  AccountConcurrency account(quota);
  FunctionConcurrency function(account);
  EXPECT_EQ(attempt(function, 20).unreserved, 10);
  EXPECT_EQ(quota.used, 10);
  EXPECT_EQ(quota.rejections, 10);
  quota.limit = 3000;
  EXPECT_EQ(attempt(function, 5000, start + seconds(1)).unreserved, 2990);
  quota.limit = 5;
  EXPECT_EQ(attempt(function, 1, start + seconds(10)).admitted(), 0) << "what runs goes on, nothing new begins";
  EXPECT_EQ(account.in_use(), 3000);
  quota.limit = INT64_MAX;
  EXPECT_EQ(attempt(function, 100'000, start + seconds(10)).unreserved, 100'000);
}

TEST(Concurrency, RulesThatChangeHoldFromTheNextAdmissionOn) {
  CountingQuota quota;
  AccountConcurrency account(quota);
  FunctionConcurrency function(account);
  function.reserve(100);
  quota.limit = 1000;
  const auto burst = [&](Instant now) {
    const auto tally = attempt(function, 1000, now);
    for (std::int64_t i = 0; i < tally.reserved; ++i) function.release(Reserved, nullptr);
    return 1000 - tally.refused.at(ThrottleReason::ReservedRate);
  };
  EXPECT_EQ(burst(start), 500);
  quota.current.requests_per_execution = 1;
  EXPECT_EQ(burst(start + minutes(1)), 50);
  quota.current.scaling_burst = 3;
  quota.current.scaling_per_second = 1;
  std::int64_t taken = 0;
  while (function.take_scaling_token(start)) ++taken;
  EXPECT_EQ(taken, 3);
}

TEST(Concurrency, FunctionThatGoesGivesItsClaimBack) {
  AccountConcurrency account(1000);
  {
    FunctionConcurrency function(account);
    function.reserve(100);
    EXPECT_EQ(account.claimed(), 100);
    FunctionConcurrency other(account);
    ProvisionedConcurrency version(other);
    version.request(7);
    EXPECT_EQ(account.claimed(), 107);
  }
  EXPECT_EQ(account.claimed(), 0);
}

TEST(Concurrency, ThreadsTogetherNeverExceedTheLimit) {
  AccountConcurrency account(8);
  std::atomic<std::int64_t> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&account, &most] {
      FunctionConcurrency function(account);
      std::vector<ConcurrencyPool> held;
      for (std::int64_t round = 0; round < 20'000; ++round) {
        const auto admission = function.admit(start + milliseconds(round), nullptr);
        if (admission.is_admitted) held.push_back(admission.pool);
        const auto seen = account.in_use();
        if (seen > most) most = seen;
        if (!admission.is_admitted || held.size() > 4) {
          for (const auto pool : held) function.release(pool, nullptr);
          held.clear();
        }
      }
      for (const auto pool : held) function.release(pool, nullptr);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(most, 8);
  EXPECT_GT(most, 1);
  EXPECT_EQ(account.in_use(), 0);
}

}  // namespace
}  // namespace surgetank
