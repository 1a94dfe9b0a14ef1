#include "engine/environment_pool_fixture_test.h"

namespace surgetank {
namespace {

TEST(EnvironmentPool, ReservedConcurrencyThrottlesWithItsOwnReason) {
  PoolFixture f;
  f.function(1).reserve(1);
  EXPECT_EQ(f.submit(1), "start e1");
  EXPECT_EQ(f.submit(2), "throttle i2 reserved");
  f.ready(1);
  f.finish(1);
  EXPECT_EQ(f.submit(3), "dispatch i3 e1");
}

TEST(EnvironmentPool, ProvisionedEnvironmentsAreStartedAheadAndTakenFirst) {
  PoolFixture f;
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
  PoolFixture f({.most_starting_ahead = 2});
  EXPECT_EQ(f.provision(1, 3), "start-ahead e1, start-ahead e2");
  EXPECT_EQ(f.ready(1), "start-ahead e3");
  EXPECT_EQ(f.ready(2), "");
}

TEST(EnvironmentPool, ProvisionedEnvironmentsAreNotReclaimedAndMakeNoRoom) {
  PoolFixture f({}, 1000, 2);
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
  PoolFixture f;
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
  PoolFixture f;
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
  PoolFixture f;
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
  PoolFixture f;
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
  PoolFixture f({}, 1000, 4);
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
  PoolFixture f;
  f.provision(1, 1);
  f.ready(1);
  EXPECT_EQ(f.retire(1), "shutdown e1 retired");
}

TEST(EnvironmentPool, NothingIsStartedAheadForAVersionThatIsRetired) {
  PoolFixture f;
  f.provision(1, 1);
  f.ready(1);
  EXPECT_EQ(f.retire(1), "shutdown e1 retired");
  EXPECT_EQ(f.provision(1, 1), "");
  f.pass(minutes(2));
  EXPECT_EQ(f.tick(), "");
}

}  // namespace
}  // namespace surgetank
