#include "engine/environment_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/random.h"

namespace surgetank {
namespace {

using Kind = PoolAction::Kind;

// Writes actions as text: "start e1", "dispatch i1 e1", so that a test reads as a table.
std::string describe(const PoolAction& action) {
  const auto invocation = " i" + std::to_string(action.invocation.value);
  const auto environment = " e" + std::to_string(action.environment.value);
  switch (action.kind) {
    case Kind::StartEnvironment: return (action.initialization == Initialization::OnDemand ? "start" : "start-ahead") + environment;
    case Kind::Dispatch: return (action.process == ProcessState::Running ? "dispatch" : "restart") + invocation + environment;
    case Kind::Throttle:
      return "throttle" + invocation +
             (action.throttle == ThrottleReason::AccountConcurrency    ? " concurrency"
              : action.throttle == ThrottleReason::ReservedConcurrency ? " reserved"
              : action.throttle == ThrottleReason::ScalingRate         ? " scaling"
                                                                       : " rate");
    case Kind::Shutdown: {
      const char* const names[] = {" idle", " retired", " make-room", " init-failed", " server-stops", " process-lost"};
      return "shutdown" + environment + names[static_cast<int>(action.shutdown)];
    }
    case Kind::CompleteWithInitError: return "init-error" + invocation + environment;
    case Kind::CompleteWithExit: return "exit-error" + invocation + environment;
    case Kind::GiveUp: {
      const char* const names[] = {" no-process", " too-many", " server-stops"};
      return "give-up" + invocation + names[static_cast<int>(action.give_up)];
    }
  }
  return "?";
}

struct Fixture {
  explicit Fixture(EnvironmentPool::Options options = {}, std::int64_t concurrency = 1000, std::int64_t processes = 1000,
                   ConcurrencyRules rules = {}, std::optional<std::int64_t> starts = {})
      : account(concurrency, rules), host(processes, starts), pool(options, host) {}

  FunctionConcurrency& function(std::uint64_t version) {
    auto& found = functions[version];
    if (found == nullptr) found = std::make_unique<FunctionConcurrency>(account);
    return *found;
  }
  std::string provision(std::uint64_t version, std::int64_t wanted) {
    auto& found = provisioned[version];
    if (found == nullptr) found = std::make_unique<ProvisionedConcurrency>(function(version));
    pool.provision({version}, *found, wanted, now, actions);
    return taken();
  }

  std::string taken() {
    std::string text;
    for (const PoolAction& action : actions) text += (text.empty() ? "" : ", ") + describe(action);
    actions.clear();
    return text;
  }
  std::string submit(std::uint64_t invocation, std::uint64_t version = 1) {
    pool.submit({{invocation}, {version}, &function(version), seconds(3)}, now, actions);
    return taken();
  }
  std::string ready(std::uint64_t environment) { return pool.environment_ready({environment}, now, actions), taken(); }
  std::string respond(std::uint64_t environment) { return pool.invocation_responded({environment}, now, actions), taken(); }
  std::string idle(std::uint64_t environment) { return pool.environment_idle({environment}, now, actions), taken(); }
  std::string finish(std::uint64_t environment) {
    std::string text = respond(environment);
    return text += idle(environment);
  }
  std::string exited(std::uint64_t environment) { return pool.environment_exited({environment}, now, actions), taken(); }
  std::string failed_init(std::uint64_t environment) {
    return pool.environment_failed_init({environment}, now, actions), taken();
  }
  std::string init_expired(std::uint64_t environment) {
    return pool.environment_init_expired({environment}, now, actions), taken();
  }
  std::string aborted(std::uint64_t environment) { return pool.invocation_aborted({environment}, now, actions), taken(); }
  std::string retire(std::uint64_t version) { return pool.retire({version}, now, actions), taken(); }
  std::string tick() { return pool.tick(now, actions), taken(); }
  void pass(Duration time) { now = now + time; }

  AccountConcurrency account;
  std::map<std::uint64_t, std::unique_ptr<FunctionConcurrency>> functions;  // one a version
  std::map<std::uint64_t, std::unique_ptr<ProvisionedConcurrency>> provisioned;
  HostProcesses host;
  EnvironmentPool pool;
  PoolActions actions;
  Instant now{1'000'000'000};
};

TEST(EnvironmentPool, FirstInvocationStartsAnEnvironmentAndRunsWhenItIsReady) {
  Fixture f;
  EXPECT_EQ(f.submit(1), "start e1");
  EXPECT_EQ(f.ready(1), "dispatch i1 e1");
  EXPECT_EQ(f.account.in_use(), 1);
  EXPECT_EQ(f.finish(1), "");
  EXPECT_EQ(f.account.in_use(), 0);
  EXPECT_EQ(f.pool.idle_environments(), 1U);
}

TEST(EnvironmentPool, WarmEnvironmentIsReusedTheMostRecentlyUsedFirst) {
  Fixture f;
  f.submit(1);
  f.submit(2);
  f.ready(1);
  f.ready(2);
  f.finish(2);
  f.pass(seconds(1));
  f.finish(1);
  EXPECT_EQ(f.submit(3), "dispatch i3 e1");
  EXPECT_EQ(f.submit(4), "dispatch i4 e2");
  EXPECT_EQ(f.submit(5), "start e3");
}

TEST(EnvironmentPool, VersionsDoNotShareEnvironments) {
  Fixture f;
  f.submit(1, 1);
  f.ready(1);
  f.finish(1);
  EXPECT_EQ(f.submit(2, 2), "start e2");
}

TEST(EnvironmentPool, WaitingInvocationTakesWhicheverEnvironmentIsFreeFirst) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.submit(2), "start e2");
  EXPECT_EQ(f.finish(1), "dispatch i2 e1");
  EXPECT_EQ(f.ready(2), "");
  EXPECT_EQ(f.submit(3), "dispatch i3 e2");
}

TEST(EnvironmentPool, InvocationAfterAResponseWaitsForTheEnvironmentInsteadOfStartingOne) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.respond(1), "");
  EXPECT_EQ(f.submit(2), "");
  EXPECT_EQ(f.idle(1), "dispatch i2 e1");
}

TEST(EnvironmentPool, ARuntimeThatDoesNotComeBackAfterItsResponseIsNotWaitedFor) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  f.respond(1);
  f.submit(2);
  f.pass(milliseconds(25));
  EXPECT_EQ(f.tick(), "start e2");
  EXPECT_EQ(f.ready(2), "dispatch i2 e2");
  EXPECT_EQ(f.idle(1), "");
  EXPECT_EQ(f.submit(3), "dispatch i3 e1");
}

TEST(EnvironmentPool, ConcurrencyLimitThrottlesAndIsFreeAgainAtTheResponse) {
  Fixture f({}, 2);
  f.submit(1);
  f.submit(2);
  EXPECT_EQ(f.submit(3), "throttle i3 concurrency");
  f.ready(1);
  f.respond(1);
  EXPECT_EQ(f.submit(4), "");
  EXPECT_EQ(f.account.in_use(), 2);
  EXPECT_EQ(f.idle(1), "dispatch i2 e1");
}

TEST(EnvironmentPool, RequestRateIsTenTimesTheConcurrency) {
  Fixture f({}, 2);
  f.submit(1);
  f.ready(1);
  f.finish(1);
  for (std::uint64_t i = 2; i <= 10; ++i) {
    ASSERT_EQ(f.submit(i), "dispatch i" + std::to_string(i) + " e1");
    f.finish(1);
  }
  EXPECT_EQ(f.submit(11), "throttle i11 rate");
  f.pass(milliseconds(50));
  EXPECT_EQ(f.submit(12), "dispatch i12 e1");
}

TEST(EnvironmentPool, ScalingRateLimitsNewEnvironmentsOfAFunction) {
  Fixture f({}, 1000, 1000, {.scaling_burst = 2, .scaling_per_second = 1});
  EXPECT_EQ(f.submit(1), "start e1");
  EXPECT_EQ(f.submit(2), "start e2");
  EXPECT_EQ(f.submit(3), "throttle i3 scaling");
  EXPECT_EQ(f.account.in_use(), 2);
  EXPECT_EQ(f.submit(4, 2), "start e3") << "functions scale independently";
  f.pass(seconds(1));
  EXPECT_EQ(f.submit(5), "start e4");
}

TEST(EnvironmentPool, FailedInitAnswersOneInvocationAndEndsTheEnvironment) {
  Fixture f;
  f.submit(1);
  f.submit(2);
  EXPECT_EQ(f.failed_init(1), "init-error i1 e1, shutdown e1 init-failed");
  EXPECT_EQ(f.account.in_use(), 1);
  EXPECT_EQ(f.exited(1), "");
  EXPECT_EQ(f.ready(2), "dispatch i2 e2");
  EXPECT_EQ(f.host.in_use(), 1);
}

TEST(EnvironmentPool, ProcessThatExitsWhileStartingIsAFailedInit) {
  Fixture f;
  f.submit(1);
  EXPECT_EQ(f.exited(1), "init-error i1 e1, shutdown e1 init-failed");
}

TEST(EnvironmentPool, ExpiredInitIsRunAgainInsideTheInvocation) {
  Fixture f;
  f.submit(1);
  EXPECT_EQ(f.init_expired(1), "restart i1 e1");
  EXPECT_EQ(f.failed_init(1), "init-error i1 e1, shutdown e1 init-failed");
}

TEST(EnvironmentPool, CrashInAnInvocationLeavesAnEnvironmentThatRestartsWithTheNext) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.exited(1), "exit-error i1 e1");
  EXPECT_EQ(f.account.in_use(), 0);
  EXPECT_EQ(f.submit(2), "restart i2 e1");
  EXPECT_EQ(f.finish(1), "");
  EXPECT_EQ(f.submit(3), "dispatch i3 e1");
}

TEST(EnvironmentPool, TimeoutLeavesAnEnvironmentWithoutProcess) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.aborted(1), "");
  EXPECT_EQ(f.account.in_use(), 0);
  EXPECT_EQ(f.exited(1), "") << "the killed process";
  EXPECT_EQ(f.submit(2), "restart i2 e1");
}

TEST(EnvironmentPool, WarmIsPreferredToWithoutProcess) {
  Fixture f;
  f.submit(1);
  f.submit(2);
  f.ready(1);
  f.ready(2);
  f.finish(1);
  f.exited(2);
  EXPECT_EQ(f.submit(3), "dispatch i3 e1");
  EXPECT_EQ(f.submit(4), "restart i4 e2");
}

TEST(EnvironmentPool, IdleEnvironmentsAreReclaimed) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  f.finish(1);
  f.pass(milliseconds(599'999));
  EXPECT_EQ(f.tick(), "");
  f.pass(milliseconds(1));
  EXPECT_EQ(f.tick(), "shutdown e1 idle");
  EXPECT_EQ(f.submit(2), "start e2") << "a stopping environment takes nothing";
  f.exited(1);
  EXPECT_EQ(f.host.in_use(), 1);
}

TEST(EnvironmentPool, OldEnvironmentIsReplacedEvenWhenBusy) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  f.pass(hours(6));
  f.respond(1);
  EXPECT_EQ(f.submit(2), "");
  EXPECT_EQ(f.idle(1), "shutdown e1 idle, start e2");
}

TEST(EnvironmentPool, RetiredVersionEndsItsEnvironmentsAfterTheirInvocation) {
  Fixture f;
  f.submit(1);
  f.submit(2);
  f.submit(3);
  f.ready(1);
  f.ready(2);
  f.finish(1);
  EXPECT_EQ(f.retire(1), "") << "the free one took i3";
  EXPECT_EQ(f.finish(1), "shutdown e1 retired");
  EXPECT_EQ(f.finish(2), "shutdown e2 retired");
  EXPECT_EQ(f.ready(3), "shutdown e3 retired");
  f.exited(1);
  f.exited(2);
  f.exited(3);
  EXPECT_EQ(f.pool.environments(), 0U);
  EXPECT_EQ(f.host.in_use(), 0);
}

TEST(EnvironmentPool, AtTheProcessLimitAnIdleEnvironmentOfAnotherFunctionMakesRoom) {
  Fixture f({}, 1000, 2);
  f.submit(1, 1);
  f.ready(1);
  f.finish(1);
  f.pass(seconds(1));
  f.submit(2, 2);
  f.ready(2);
  f.finish(2);
  EXPECT_EQ(f.submit(3, 3), "shutdown e1 make-room");
  EXPECT_EQ(f.submit(4, 3), "shutdown e2 make-room");
  EXPECT_EQ(f.submit(5, 3), "");
  EXPECT_EQ(f.exited(1), "start e3");
  EXPECT_EQ(f.exited(2), "start e4");
  EXPECT_EQ(f.ready(3), "dispatch i3 e3");
  EXPECT_EQ(f.finish(3), "dispatch i4 e3");
}

TEST(EnvironmentPool, ABurstStartsFewAtATimeAndIsServedByTheFirst) {
  Fixture f({}, 1000, 1000, {}, 2);
  EXPECT_EQ(f.submit(1), "start e1");
  EXPECT_EQ(f.submit(2), "start e2");
  EXPECT_EQ(f.submit(3), "");
  EXPECT_EQ(f.submit(4), "");
  EXPECT_EQ(f.ready(1), "dispatch i1 e1, start e3");
  EXPECT_EQ(f.finish(1), "dispatch i2 e1");
  EXPECT_EQ(f.ready(2), "dispatch i3 e2");  // as many start as wait
  EXPECT_EQ(f.finish(1), "dispatch i4 e1");
  EXPECT_EQ(f.ready(3), "");
  EXPECT_EQ(f.host.starting(), 0);
}

TEST(EnvironmentPool, WhoWaitsForAStartEndsNobodyElse) {
  Fixture f({}, 1000, 1000, {}, 1);
  f.submit(1, 1);
  f.ready(1);
  f.finish(1);
  EXPECT_EQ(f.submit(2, 2), "start e2");
  EXPECT_EQ(f.submit(3, 3), "");
  f.pass(milliseconds(1500));
  EXPECT_EQ(f.tick(), "");
  EXPECT_EQ(f.ready(2), "dispatch i2 e2, start e3");
}

TEST(EnvironmentPool, AtTheProcessLimitInvocationsWaitAtMostTheirOwnTimeout) {
  Fixture f({}, 1000, 1);
  f.submit(1, 1);
  f.ready(1);
  EXPECT_EQ(f.submit(2, 2), "");
  EXPECT_EQ(f.host.waiting(), 1);
  EXPECT_TRUE(f.pool.is_waited_for());
  f.pass(seconds(3));
  EXPECT_EQ(f.tick(), "give-up i2 no-process");
  EXPECT_EQ(f.host.waiting(), 0);
  EXPECT_EQ(f.account.in_use(), 1);
}

TEST(EnvironmentPool, WaitingForAColdStartIsNotBoundedByTheTimeoutOfTheFunction) {
  Fixture f;
  f.submit(1);
  f.pass(seconds(8));
  EXPECT_EQ(f.tick(), "");
  EXPECT_EQ(f.ready(1), "dispatch i1 e1");
}

TEST(EnvironmentPool, QueueForProcessesIsBounded) {
  Fixture f({.most_waiting = 1}, 1000, 1);
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.submit(2), "");
  EXPECT_EQ(f.submit(3), "give-up i3 too-many");
  EXPECT_EQ(f.account.in_use(), 2);
}

TEST(EnvironmentPool, ABusyFunctionDoesNotStarveAnotherOneOfProcesses) {
  Fixture f({}, 1000, 1);
  f.submit(1, 1);
  f.ready(1);
  EXPECT_EQ(f.submit(2, 2), "");
  EXPECT_EQ(f.submit(3, 1), "");
  EXPECT_EQ(f.finish(1), "dispatch i3 e1") << "reuse is cheaper, for a while";
  f.pass(seconds(1));
  EXPECT_EQ(f.submit(4, 1), "");
  EXPECT_EQ(f.finish(1), "shutdown e1 make-room");
  EXPECT_EQ(f.exited(1), "start e2");
  EXPECT_EQ(f.ready(2), "dispatch i2 e2");
}

TEST(EnvironmentPool, AnotherLaneThatWaitsGetsAnIdleEnvironmentsProcess) {
  AccountConcurrency account(1000);
  FunctionConcurrency function(account);
  HostProcesses host(1);
  EnvironmentPool a({}, host);
  EnvironmentPool b({.first_environment = 100}, host);
  PoolActions actions;
  a.submit({{1}, {1}, &function, seconds(3)}, Instant{}, actions);
  a.environment_ready({1}, Instant{}, actions);
  a.invocation_responded({1}, Instant{}, actions);
  a.environment_idle({1}, Instant{}, actions);
  b.submit({{2}, {2}, &function, seconds(3)}, Instant{}, actions);
  actions.clear();
  a.tick(Instant{}, actions);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(describe(actions[0]), "shutdown e1 make-room");
  a.environment_exited({1}, Instant{}, actions);
  actions.clear();
  b.tick(Instant{}, actions);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(describe(actions[0]), "start e100");
}

TEST(EnvironmentPool, ShutDownGivesUpEverythingAndStopsEveryEnvironment) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  f.submit(2);
  f.pool.shut_down(f.actions);
  EXPECT_EQ(f.taken(), "give-up i2 server-stops, give-up i1 server-stops, shutdown e1 server-stops, shutdown e2 server-stops");
  EXPECT_EQ(f.submit(3), "give-up i3 server-stops");
  EXPECT_EQ(f.account.in_use(), 0);
  f.exited(1);
  f.exited(2);
  EXPECT_EQ(f.host.in_use(), 0);
}

// ---- reserved and provisioned concurrency ----

TEST(EnvironmentPool, ReservedConcurrencyThrottlesWithItsOwnReason) {
  Fixture f;
  f.function(1).reserve(1);
  EXPECT_EQ(f.submit(1), "start e1");
  EXPECT_EQ(f.submit(2), "throttle i2 reserved");
  f.ready(1);
  f.finish(1);
  EXPECT_EQ(f.submit(3), "dispatch i3 e1");
}

TEST(EnvironmentPool, ProvisionedEnvironmentsAreStartedAheadAndTakenFirst) {
  Fixture f;
  f.submit(1);
  f.ready(1);
  f.finish(1);
  EXPECT_EQ(f.provision(1, 2), "start-ahead e2, start-ahead e3");
  f.ready(2);
  EXPECT_EQ(f.pool.provisioned({1}).ready, 1);
  f.ready(3);
  EXPECT_EQ(f.pool.provisioned({1}).ready, 2);
  EXPECT_EQ(f.submit(2), "dispatch i2 e3");
  EXPECT_EQ(f.submit(3), "dispatch i3 e2");
  EXPECT_EQ(f.account.unreserved_in_use(), 0);
  EXPECT_EQ(f.submit(4), "dispatch i4 e1") << "spill-over to what is warm on demand";
  EXPECT_EQ(f.account.unreserved_in_use(), 1);
  EXPECT_EQ(f.submit(5), "start e4");
  EXPECT_EQ(f.account.unreserved_in_use(), 2);
  EXPECT_EQ(f.finish(3), "dispatch i5 e3") << "whichever is free first";
  EXPECT_EQ(f.account.unreserved_in_use(), 1);
  EXPECT_EQ(f.provisioned[1]->in_use(), 2);
}

TEST(EnvironmentPool, OnlySomeEnvironmentsAreInTheirInitAtTheSameTime) {
  Fixture f({.most_starting_ahead = 2});
  EXPECT_EQ(f.provision(1, 3), "start-ahead e1, start-ahead e2");
  EXPECT_EQ(f.ready(1), "start-ahead e3");
  EXPECT_EQ(f.ready(2), "");
}

TEST(EnvironmentPool, ProvisionedEnvironmentsAreNotReclaimedAndMakeNoRoom) {
  Fixture f({}, 1000, 2);
  f.provision(1, 1);
  f.ready(1);
  f.pass(hours(1));
  EXPECT_EQ(f.tick(), "");
  f.submit(1, 2);
  f.ready(2);
  EXPECT_EQ(f.submit(2, 3), "") << "it waits for the process of version 2";
  EXPECT_EQ(f.finish(2), "shutdown e2 make-room");
}

TEST(EnvironmentPool, ProvisionedEnvironmentsThatEndAreStartedAnew) {
  Fixture f;
  f.provision(1, 1);
  f.ready(1);
  EXPECT_EQ(f.exited(1), "shutdown e1 process-lost, start-ahead e2") << "while idle";
  EXPECT_EQ(f.pool.provisioned({1}).ready, 0);
  f.exited(1);
  f.ready(2);
  f.submit(1);
  EXPECT_EQ(f.aborted(2), "shutdown e2 process-lost, start-ahead e3") << "in an invocation that timed out";
  f.exited(2);
  f.ready(3);
  f.pass(hours(6));
  EXPECT_EQ(f.tick(), "shutdown e3 idle, start-ahead e4") << "because it is old";
}

TEST(EnvironmentPool, FailedInitOfAProvisionedEnvironmentIsRepeatedWithGrowingPausesAndTold) {
  Fixture f;
  f.provision(1, 1);
  EXPECT_EQ(f.failed_init(1), "shutdown e1 init-failed");
  EXPECT_EQ(f.pool.provisioned({1}).problem, ProvisionedEnvironments::Problem::InitFailed);
  f.exited(1);
  EXPECT_TRUE(f.pool.wants_tick());
  f.pass(milliseconds(999));
  EXPECT_EQ(f.tick(), "");
  f.pass(milliseconds(1));
  EXPECT_EQ(f.tick(), "start-ahead e2");
  EXPECT_EQ(f.init_expired(2), "shutdown e2 process-lost");
  f.exited(2);
  f.pass(milliseconds(1999));
  EXPECT_EQ(f.tick(), "");
  f.pass(milliseconds(1));
  EXPECT_EQ(f.tick(), "start-ahead e3");
  f.ready(3);
  EXPECT_EQ(f.pool.provisioned({1}).problem, ProvisionedEnvironments::Problem::None);
}

TEST(EnvironmentPool, FewerProvisionedEnvironmentsEndTheIdleOnesAndTheBusyOnesAfterTheirInvocation) {
  Fixture f;
  f.provision(1, 2);
  f.ready(1);
  f.ready(2);
  f.submit(1);
  EXPECT_EQ(f.provision(1, 0), "shutdown e1 retired");
  EXPECT_EQ(f.account.claimed(), 0);
  EXPECT_EQ(f.finish(2), "shutdown e2 retired");
  f.exited(1);
  f.exited(2);
  EXPECT_EQ(f.host.in_use(), 0);
  EXPECT_FALSE(f.pool.wants_tick());
}

TEST(EnvironmentPool, InvocationThatComesWhileProvisionedEnvironmentsStartTakesTheFirstOfThem) {
  Fixture f;
  f.provision(1, 1);
  EXPECT_EQ(f.submit(1), "");
  EXPECT_EQ(f.account.unreserved_in_use(), 1);
  EXPECT_EQ(f.ready(1), "dispatch i1 e1");
  EXPECT_EQ(f.account.unreserved_in_use(), 0) << "it is an execution of what is provisioned now";
  EXPECT_EQ(f.provisioned[1]->in_use(), 1);
  f.finish(1);
  EXPECT_EQ(f.account.in_use(), 0);
}

TEST(EnvironmentPool, ProcessesThatAreStartedAheadLeaveRoomForOthers) {
  Fixture f({}, 1000, 4);
  EXPECT_EQ(f.provision(1, 4), "start-ahead e1, start-ahead e2, start-ahead e3");
  EXPECT_EQ(f.pool.provisioned({1}).problem, ProvisionedEnvironments::Problem::NoRoom);
  EXPECT_EQ(f.submit(1, 2), "start e4");
}

TEST(EnvironmentPool, WaitingForStartsOfOthersOrForTheirEndIsNoProblemOfWhatIsStartedAhead) {
  using Problem = ProvisionedEnvironments::Problem;
  AccountConcurrency account(1000);
  FunctionConcurrency function(account);
  ProvisionedConcurrency concurrency(function);
  HostProcesses host(3, 2);
  EnvironmentPool pool({}, host);
  PoolActions actions;
  Instant now{1'000'000'000};
  for (std::uint64_t i = 1; i <= 3; ++i) pool.submit({{i}, {9}, &function, seconds(100)}, now, actions);
  pool.provision({1}, concurrency, 1, now, actions);
  EXPECT_EQ(pool.provisioned({1}).problem, Problem::None) << "two start, and no more may";
  pool.environment_ready({1}, now, actions);
  pool.environment_ready({2}, now, actions);
  pool.environment_ready({3}, now, actions);
  pool.tick(now, actions);
  EXPECT_EQ(pool.provisioned({1}).problem, Problem::None) << "full for a moment";
  pool.tick(now + seconds(9), actions);
  EXPECT_EQ(pool.provisioned({1}).problem, Problem::None);
  pool.tick(now + seconds(10), actions);
  EXPECT_EQ(pool.provisioned({1}).problem, Problem::NoRoom) << "full for long";
}

TEST(EnvironmentPool, RetiredVersionEndsItsProvisionedEnvironmentsToo) {
  Fixture f;
  f.provision(1, 1);
  f.ready(1);
  EXPECT_EQ(f.retire(1), "shutdown e1 retired");
}

TEST(EnvironmentPool, NothingIsStartedAheadForAVersionThatIsRetired) {
  Fixture f;
  f.provision(1, 1);
  f.ready(1);
  EXPECT_EQ(f.retire(1), "shutdown e1 retired");
  EXPECT_EQ(f.provision(1, 1), "");
  f.pass(minutes(2));
  EXPECT_EQ(f.tick(), "");
}

// ---- random histories ----

// Plays the engine against the pool with random choices and checks what must always hold.
class World {
 public:
  enum class Settings { Fixed, Changing };
  World(std::uint64_t seed, std::int64_t concurrency, std::int64_t processes, Settings settings)
      : random_(seed), account_(concurrency, {.scaling_burst = 20, .scaling_per_second = 5}), host_(processes, 3),
        pool_({.idle_reclaim = seconds(30), .most_waiting = 8}, host_), settings_(settings) {
    for (auto& function : functions_) function = std::make_unique<FunctionConcurrency>(account_);
    for (std::size_t version = 0; version < provisioned_.size(); ++version)
      provisioned_[version] = std::make_unique<ProvisionedConcurrency>(*functions_[version / 2]);
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      apply();
      check();
    }
    drain();
  }

 private:
  enum class Place { Starting, Idle, Busy, Responded, Missing, Restarting, Stopping };
  struct Environment {
    Place place = Place::Starting;
    std::uint64_t invocation = 0;
    std::uint64_t version = 0;
    bool is_provisioned = false;
    bool was_ready = false;
  };

  void step() {
    now_ = now_ + microseconds(static_cast<std::int64_t>(random_.below(200'000)));
    if (random_.chance(1)) now_ = now_ + seconds(31);
    if (settings_ == Settings::Changing && random_.chance(3)) {
      const auto version = random_.below(5) + 1;
      pool_.provision({version}, *provisioned_[version], static_cast<std::int64_t>(random_.below(4)), now_, actions_);
    } else if (settings_ == Settings::Changing && random_.chance(2)) {
      auto& function = *functions_[random_.below(functions_.size())];
      function.reserve(random_.chance(50) ? std::nullopt : std::optional<std::int64_t>(random_.below(6)));
    } else if (random_.chance(40)) {
      const auto invocation = ++last_invocation_;
      open_.insert(invocation);
      const auto version = random_.below(5) + 1;
      pool_.submit({{invocation}, {version}, functions_[version / 2].get(), seconds(3)}, now_, actions_);
    } else if (random_.chance(2)) {
      pool_.retire({random_.below(5) + 1}, now_, actions_);
    } else if (random_.chance(30)) {
      pool_.tick(now_, actions_);
    } else if (!environments_.empty()) {
      auto entry = environments_.begin();
      std::advance(entry, static_cast<std::ptrdiff_t>(random_.below(environments_.size())));
      disturb(entry->first, entry->second);
    }
  }

  void disturb(std::uint64_t id, Environment& e) {
    switch (e.place) {
      case Place::Starting:
        if (random_.chance(70)) {
          e.place = Place::Idle;
          e.was_ready = true;
          pool_.environment_ready({id}, now_, actions_);
        } else if (random_.chance(50)) {
          pool_.environment_failed_init({id}, now_, actions_);
        } else {
          e.place = Place::Missing;
          pool_.environment_init_expired({id}, now_, actions_);
        }
        break;
      case Place::Busy:
      case Place::Restarting:
        if (random_.chance(80)) {
          complete(e.invocation);
          e.place = Place::Responded;
          pool_.invocation_responded({id}, now_, actions_);
        } else if (random_.chance(50)) {
          complete(e.invocation);
          e.place = Place::Missing;
          pool_.invocation_aborted({id}, now_, actions_);
        } else if (e.place == Place::Restarting && random_.chance(50)) {
          pool_.environment_failed_init({id}, now_, actions_);
        } else {
          e.place = Place::Missing;
          pool_.environment_exited({id}, now_, actions_);
        }
        break;
      case Place::Responded:
        e.invocation = 0;
        if (random_.chance(90)) {
          e.place = Place::Idle;
          pool_.environment_idle({id}, now_, actions_);
        } else {
          e.place = Place::Missing;
          pool_.environment_exited({id}, now_, actions_);
        }
        break;
      case Place::Idle:
        if (!random_.chance(5)) break;
        e.place = Place::Missing;
        pool_.environment_exited({id}, now_, actions_);
        break;
      case Place::Missing:
        pool_.environment_exited({id}, now_, actions_);
        break;
      case Place::Stopping:
        environments_.erase(id);
        pool_.environment_exited({id}, now_, actions_);
        break;
    }
  }

  void apply() {
    PoolActions actions;
    actions.swap(actions_);
    for (const PoolAction& action : actions) {
      const auto id = action.environment.value;
      switch (action.kind) {
        case Kind::StartEnvironment:
          ASSERT_TRUE(environments_.emplace(id, Environment{.version = action.version.value,
                                                           .is_provisioned = action.initialization == Initialization::Provisioned}).second);
          break;
        case Kind::Dispatch: {
          Environment& e = environments_.at(id);
          ASSERT_EQ(e.version, action.version.value);
          ASSERT_EQ(e.place, action.process == ProcessState::Running ? Place::Idle : Place::Missing);
          e.place = action.process == ProcessState::Running ? Place::Busy : Place::Restarting;
          e.invocation = action.invocation.value;
          ASSERT_TRUE(open_.contains(e.invocation));
          break;
        }
        case Kind::Shutdown:
          ASSERT_NE(environments_.at(id).place, Place::Stopping);
          environments_.at(id).place = Place::Stopping;
          break;
        case Kind::Throttle:
        case Kind::CompleteWithInitError:
        case Kind::CompleteWithExit:
        case Kind::GiveUp: complete(action.invocation.value); break;
      }
    }
  }

  void complete(std::uint64_t invocation) { ASSERT_EQ(open_.erase(invocation), 1U) << "completed twice: " << invocation; }

  void check() {
    std::set<std::uint64_t> running;
    for (const auto& [id, e] : environments_) {
      if (e.place != Place::Busy && e.place != Place::Restarting) continue;
      ASSERT_TRUE(running.insert(e.invocation).second) << "one invocation in two environments";
    }
    ASSERT_EQ(running.size() + pool_.waiting_invocations(), open_.size()) << "an invocation was lost";
    ASSERT_EQ(account_.in_use(), static_cast<std::int64_t>(open_.size()));
    if (settings_ == Settings::Fixed) {
      ASSERT_LE(account_.in_use(), account_.limit());
    }
    check_provisioned();
    ASSERT_LE(host_.in_use(), host_.limit());
    ASSERT_LE(host_.starting(), host_.start_limit());
    ASSERT_EQ(host_.starting(), std::count_if(environments_.begin(), environments_.end(),
                                              [](const auto& entry) { return entry.second.place == Place::Starting; }));
    ASSERT_EQ(host_.in_use(), static_cast<std::int64_t>(environments_.size()));
    ASSERT_EQ(pool_.environments(), environments_.size());
    ASSERT_GE(host_.waiting(), 0);
  }

  void check_provisioned() {
    std::array<std::int64_t, 6> ready{};
    std::int64_t provisioned = 0;
    for (const auto& [id, e] : environments_) {
      provisioned += e.is_provisioned ? 1 : 0;
      if (e.is_provisioned && e.was_ready && e.place != Place::Stopping) ++ready[e.version];
    }
    ASSERT_LE(provisioned, host_.provisioned_limit());
    for (std::uint64_t version = 1; version < provisioned_.size(); ++version) {
      ASSERT_EQ(provisioned_[version]->ready(), ready[version]);
      ASSERT_EQ(pool_.provisioned({version}).ready, ready[version]);
    }
  }

  // Liveness: when everything that was started goes well, nothing is left waiting.
  void drain() {
    for (int round = 0; round < 1000 && !open_.empty(); ++round) {
      now_ = now_ + milliseconds(10);
      pool_.tick(now_, actions_);
      apply();
      const auto snapshot = environments_;
      for (const auto& [id, e] : snapshot) {
        Environment& now_there = environments_.at(id);
        if (now_there.place == Place::Starting) {
          now_there.place = Place::Idle;
          now_there.was_ready = true;
          pool_.environment_ready({id}, now_, actions_);
        } else if (now_there.place == Place::Busy || now_there.place == Place::Restarting) {
          complete(now_there.invocation);
          now_there.place = Place::Idle;
          pool_.invocation_responded({id}, now_, actions_);
          pool_.environment_idle({id}, now_, actions_);
        } else if (now_there.place == Place::Responded) {
          now_there.place = Place::Idle;
          pool_.environment_idle({id}, now_, actions_);
        } else if (now_there.place == Place::Stopping) {
          environments_.erase(id);
          pool_.environment_exited({id}, now_, actions_);
        }
        apply();
        check();
      }
    }
    ASSERT_TRUE(open_.empty()) << open_.size() << " invocations never completed";
    ASSERT_EQ(account_.in_use(), 0);
    ASSERT_EQ(host_.waiting(), 0);
    for (const auto& provisioned : provisioned_) ASSERT_EQ(provisioned->in_use(), 0);
  }

  Random random_;
  AccountConcurrency account_;
  std::array<std::unique_ptr<FunctionConcurrency>, 3> functions_;
  std::array<std::unique_ptr<ProvisionedConcurrency>, 6> provisioned_;  // by version
  HostProcesses host_;
  EnvironmentPool pool_;
  const Settings settings_;
  PoolActions actions_;
  Instant now_{1'000'000};
  std::map<std::uint64_t, Environment> environments_;
  std::set<std::uint64_t> open_;
  std::uint64_t last_invocation_ = 0;
};

TEST(EnvironmentPool, RandomHistoriesKeepTheInvariants) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, seed % 3 == 0 ? 5 : 100, seed % 2 == 0 ? 4 : 50, seed % 5 < 2 ? World::Settings::Fixed : World::Settings::Changing);
    world.run(400);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace surgetank
