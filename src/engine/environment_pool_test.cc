#include "engine/environment_pool_fixture_test.h"

namespace surgetank {
namespace {

TEST(EnvironmentPool, FirstInvocationStartsAnEnvironmentAndRunsWhenItIsReady) {
  PoolFixture f;
  EXPECT_EQ(f.submit(1), "start e1");
  EXPECT_EQ(f.ready(1), "dispatch i1 e1");
  EXPECT_EQ(f.account.in_use(), 1);
  EXPECT_EQ(f.finish(1), "");
  EXPECT_EQ(f.account.in_use(), 0);
  EXPECT_EQ(f.pool.idle_environments(), 1U);
}

TEST(EnvironmentPool, WarmEnvironmentIsReusedTheMostRecentlyUsedFirst) {
  PoolFixture f;
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
  PoolFixture f;
  f.submit(1, 1);
  f.ready(1);
  f.finish(1);
  EXPECT_EQ(f.submit(2, 2), "start e2");
}

TEST(EnvironmentPool, WaitingInvocationTakesWhicheverEnvironmentIsFreeFirst) {
  PoolFixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.submit(2), "start e2");
  EXPECT_EQ(f.finish(1), "dispatch i2 e1");
  EXPECT_EQ(f.ready(2), "");
  EXPECT_EQ(f.submit(3), "dispatch i3 e2");
}

TEST(EnvironmentPool, InvocationAfterAResponseWaitsForTheEnvironmentInsteadOfStartingOne) {
  PoolFixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.respond(1), "");
  EXPECT_EQ(f.submit(2), "");
  EXPECT_EQ(f.idle(1), "dispatch i2 e1");
}

TEST(EnvironmentPool, ARuntimeThatDoesNotComeBackAfterItsResponseIsNotWaitedFor) {
  PoolFixture f;
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
  PoolFixture f({}, 2);
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
  PoolFixture f({}, 2);
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
  PoolFixture f({}, 1000, 1000, {.scaling_burst = 2, .scaling_per_second = 1});
  EXPECT_EQ(f.submit(1), "start e1");
  EXPECT_EQ(f.submit(2), "start e2");
  EXPECT_EQ(f.submit(3), "throttle i3 scaling");
  EXPECT_EQ(f.account.in_use(), 2);
  EXPECT_EQ(f.submit(4, 2), "start e3") << "functions scale independently";
  f.pass(seconds(1));
  EXPECT_EQ(f.submit(5), "start e4");
}

TEST(EnvironmentPool, FailedInitAnswersOneInvocationAndEndsTheEnvironment) {
  PoolFixture f;
  f.submit(1);
  f.submit(2);
  EXPECT_EQ(f.failed_init(1), "init-error i1 e1, shutdown e1 init-failed");
  EXPECT_EQ(f.account.in_use(), 1);
  EXPECT_EQ(f.exited(1), "");
  EXPECT_EQ(f.ready(2), "dispatch i2 e2");
  EXPECT_EQ(f.host.in_use(), 1);
}

TEST(EnvironmentPool, ProcessThatExitsWhileStartingIsAFailedInit) {
  PoolFixture f;
  f.submit(1);
  EXPECT_EQ(f.exited(1), "init-error i1 e1, shutdown e1 init-failed");
}

TEST(EnvironmentPool, ExpiredInitIsRunAgainInsideTheInvocation) {
  PoolFixture f;
  f.submit(1);
  EXPECT_EQ(f.init_expired(1), "restart i1 e1");
  EXPECT_EQ(f.failed_init(1), "init-error i1 e1, shutdown e1 init-failed");
}

TEST(EnvironmentPool, CrashInAnInvocationLeavesAnEnvironmentThatRestartsWithTheNext) {
  PoolFixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.exited(1), "exit-error i1 e1");
  EXPECT_EQ(f.account.in_use(), 0);
  EXPECT_EQ(f.submit(2), "restart i2 e1");
  EXPECT_EQ(f.finish(1), "");
  EXPECT_EQ(f.submit(3), "dispatch i3 e1");
}

TEST(EnvironmentPool, TimeoutLeavesAnEnvironmentWithoutProcess) {
  PoolFixture f;
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.aborted(1), "");
  EXPECT_EQ(f.account.in_use(), 0);
  EXPECT_EQ(f.exited(1), "") << "the killed process";
  EXPECT_EQ(f.submit(2), "restart i2 e1");
}

TEST(EnvironmentPool, WarmIsPreferredToWithoutProcess) {
  PoolFixture f;
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
  PoolFixture f;
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
  PoolFixture f;
  f.submit(1);
  f.ready(1);
  f.pass(hours(6));
  f.respond(1);
  EXPECT_EQ(f.submit(2), "");
  EXPECT_EQ(f.idle(1), "shutdown e1 idle, start e2");
}

TEST(EnvironmentPool, RetiredVersionEndsItsEnvironmentsAfterTheirInvocation) {
  PoolFixture f;
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

TEST(EnvironmentPool, ShutDownGivesUpEverythingAndStopsEveryEnvironment) {
  PoolFixture f;
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

}  // namespace
}  // namespace surgetank
