#include "engine/environment_pool_fixture_test.h"

namespace surgetank {
namespace {

TEST(EnvironmentPool, AtTheProcessLimitAnIdleEnvironmentOfAnotherFunctionMakesRoom) {
  PoolFixture f({}, 1000, 2);
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
  PoolFixture f({}, 1000, 1000, {}, 2);
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
  PoolFixture f({}, 1000, 1000, {}, 1);
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
  PoolFixture f({}, 1000, 1);
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
  PoolFixture f;
  f.submit(1);
  f.pass(seconds(8));
  EXPECT_EQ(f.tick(), "");
  EXPECT_EQ(f.ready(1), "dispatch i1 e1");
}

TEST(EnvironmentPool, QueueForProcessesIsBounded) {
  PoolFixture f({.most_waiting = 1}, 1000, 1);
  f.submit(1);
  f.ready(1);
  EXPECT_EQ(f.submit(2), "");
  EXPECT_EQ(f.submit(3), "give-up i3 too-many");
  EXPECT_EQ(f.account.in_use(), 2);
}

TEST(EnvironmentPool, ABusyFunctionDoesNotStarveAnotherOneOfProcesses) {
  PoolFixture f({}, 1000, 1);
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

}  // namespace
}  // namespace surgetank
