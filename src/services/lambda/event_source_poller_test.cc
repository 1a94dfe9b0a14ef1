#include "services/lambda/event_source_poller.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/random.h"

namespace surgetank::lambda {
namespace {

constexpr Instant start{1'000'000'000};

QueuedMessage message(const std::string& id, const std::string& group = "", std::size_t bytes = 100) {
  return {.id = id, .receipt_handle = "r" + id, .group = group, .record = std::string(bytes, 'x'), .trace_header = {}};
}

std::vector<QueuedMessage> messages(std::int64_t count, std::size_t bytes = 100) {
  std::vector<QueuedMessage> list;
  for (std::int64_t i = 0; i < count; ++i) list.push_back(message(std::to_string(i), "", bytes));
  return list;
}

// A queue that never runs dry, and functions that take `run_time`; what a mapping makes of it.
struct Backlog {
  explicit Backlog(PollerSettings settings, Duration its_run_time) : poller(settings), run_time(its_run_time) {}
  EventSourcePoller poller;
  Duration run_time;
  Instant now = start;
  std::multimap<Instant, BatchId> running;
  std::size_t peak = 0;
  std::size_t finished = 0;
  std::size_t message_bytes = 100;
  int failing_percent = 0;
  Random random{7};

  void advance(Duration span) {
    const auto end = now + span;
    while (now < end) {
      auto orders = poller.orders(now);
      while (!orders.receives.empty() || !orders.invocations.empty()) {
        for (const auto id : orders.invocations) running.emplace(now + run_time, id);
        peak = std::max(peak, running.size());
        for (const auto& receive : orders.receives) {
          const auto count = static_cast<std::size_t>(receive.count);
          poller.received(now, receive, {.count = count, .bytes = count * message_bytes}, messages(receive.count, message_bytes));
        }
        orders = poller.orders(now);
      }
      auto next = end;
      if (orders.wake) next = std::min(next, std::max(*orders.wake, now + microseconds(1)));
      if (!running.empty()) next = std::min(next, running.begin()->first);
      now = next;
      while (!running.empty() && running.begin()->first <= now) {
        poller.finished(now, running.begin()->second, random.chance(failing_percent) ? BatchEnd::Failed : BatchEnd::Succeeded);
        running.erase(running.begin());
        ++finished;
      }
    }
  }
};

PollerSettings one_by_one() {
  PollerSettings settings;
  settings.batch_size = 1;
  settings.visibility = hours(1);
  return settings;
}

TEST(EventSourceScaling, StartsWithFiveAndGrowsByThreeHundredAMinuteUpTo1250) {
  Backlog backlog(one_by_one(), minutes(15));
  backlog.advance(milliseconds(1));
  EXPECT_EQ(backlog.peak, 5U);
  backlog.advance(seconds(60));
  EXPECT_NEAR(static_cast<double>(backlog.peak), 305, 2);
  backlog.advance(seconds(60));
  EXPECT_NEAR(static_cast<double>(backlog.peak), 605, 3);
  backlog.advance(seconds(180));
  EXPECT_EQ(backlog.peak, 1250U);
}

TEST(EventSourceScaling, MaximumConcurrencyIsABound) {
  auto settings = one_by_one();
  settings.scaling.maximum_concurrency = 7;
  Backlog backlog(settings, seconds(2));
  backlog.advance(minutes(5));
  EXPECT_EQ(backlog.peak, 7U);
  settings.scaling.maximum_concurrency = 2;
  Backlog narrow(settings, seconds(2));
  narrow.advance(minutes(1));
  EXPECT_EQ(narrow.peak, 2U);
}

PollerSettings two_provisioned_pollers() {
  PollerSettings settings;
  settings.batch_size = 10;
  settings.visibility = hours(1);
  settings.scaling.provisioned = ScalingRule::Pollers{.minimum = 2, .maximum = 2};
  return settings;
}

TEST(EventSourceScaling, ProvisionedPollersReceiveTenTimesASecondEach) {
  Backlog backlog(two_provisioned_pollers(), milliseconds(1));
  backlog.advance(milliseconds(1));
  backlog.advance(seconds(10));
  // A second's worth at once, and twenty batches a second; an ordinary mapping would run thousands.
  EXPECT_GE(backlog.finished, 210U);
  EXPECT_LE(backlog.finished, 222U);
}

TEST(EventSourceScaling, ProvisionedPollersReceiveAMegabyteASecondEach) {
  Backlog backlog(two_provisioned_pollers(), milliseconds(1));
  backlog.message_bytes = 100'000;
  backlog.advance(milliseconds(1));
  backlog.advance(seconds(10));
  EXPECT_GE(backlog.finished, 20U);
  EXPECT_LE(backlog.finished, 24U);
}

TEST(EventSourceScaling, WhatWasPolledBeforeProvisionedModeIsNotOwed) {
  PollerSettings ordinary = two_provisioned_pollers();
  ordinary.scaling.provisioned.reset();
  Backlog backlog(ordinary, milliseconds(1));
  backlog.message_bytes = 100'000;
  backlog.advance(milliseconds(100));
  const auto before = backlog.finished;
  backlog.poller.configure(two_provisioned_pollers());
  backlog.advance(seconds(5));
  EXPECT_GE(backlog.finished - before, 10U);
}

TEST(EventSourceScaling, ProvisionedPollersRunTenBatchesEach) {
  auto settings = one_by_one();
  settings.scaling.provisioned = ScalingRule::Pollers{.minimum = 3, .maximum = 20};
  Backlog backlog(settings, minutes(15));
  backlog.advance(milliseconds(1));
  EXPECT_EQ(backlog.peak, 30U);
  backlog.advance(seconds(6));
  EXPECT_NEAR(static_cast<double>(backlog.peak), 130, 2);
  backlog.advance(seconds(60));
  EXPECT_EQ(backlog.peak, 200U);
}

TEST(EventSourceScaling, TheLimitFallsBackWhenTheQueueIsQuiet) {
  Backlog backlog(one_by_one(), seconds(1));
  backlog.advance(seconds(60));
  EXPECT_GT(backlog.poller.batch_limit(), 250);
  PollerOrders orders;
  for (int i = 0; i < 400; ++i) {  // from now on the queue is empty
    orders = backlog.poller.orders(backlog.now);
    for (const auto id : orders.invocations) backlog.running.emplace(backlog.now, id);
    for (const auto& receive : orders.receives) {
      if (receive.wait > Duration{}) backlog.now = backlog.now + receive.wait;
      backlog.poller.received(backlog.now, receive, {}, {});
    }
    for (const auto& [due, id] : std::exchange(backlog.running, {})) backlog.poller.finished(backlog.now, id, BatchEnd::Succeeded);
  }
  EXPECT_EQ(backlog.poller.batch_limit(), 5);
}

TEST(EventSourceScaling, ErrorsCostThroughputAsMeasured) {
  const auto throughput = [](int failing_percent) {
    auto settings = one_by_one();
    settings.scaling.maximum_concurrency = 100;
    Backlog backlog(settings, milliseconds(100));
    backlog.advance(minutes(1));
    backlog.failing_percent = failing_percent;
    const auto before = backlog.finished;
    backlog.advance(minutes(2));
    return static_cast<double>(backlog.finished - before);
  };
  const double best = throughput(0);
  EXPECT_NEAR(throughput(1) / best, 0.8, 0.1);
  EXPECT_NEAR(throughput(10) / best, 0.15, 0.07);
}

TEST(EventSourceScaling, ADrainRunsWithinFivePercentOfTheIdealTime) {
  for (const std::int64_t concurrency : {10, 50, 200}) {
    auto settings = one_by_one();
    settings.scaling.maximum_concurrency = concurrency;
    Backlog backlog(settings, milliseconds(50));
    backlog.advance(minutes(1));  // the ramp
    const auto before = backlog.finished;
    backlog.advance(seconds(10));
    const double ideal = static_cast<double>(concurrency) * 10 / 0.05;
    EXPECT_GT(static_cast<double>(backlog.finished - before), 0.95 * ideal) << concurrency;
    EXPECT_EQ(backlog.peak, static_cast<std::size_t>(concurrency));
  }
}

// Feeds what the poller asks for from a fixed list, once.
PollerOrders feed(EventSourcePoller& poller, Instant now, std::vector<QueuedMessage> list) {
  auto orders = poller.orders(now);
  EXPECT_FALSE(orders.receives.empty());
  const auto count = list.size();
  poller.received(now, orders.receives.front(), {.count = count}, std::move(list));
  return poller.orders(now);
}

TEST(EventSourcePoller, OneLongPollWaitsWhileTheQueueIsEmpty) {
  EventSourcePoller poller(PollerSettings{});
  const auto orders = poller.orders(start);
  ASSERT_EQ(orders.receives.size(), 1U);
  EXPECT_EQ(orders.receives[0].count, 10);
  EXPECT_EQ(orders.receives[0].wait, seconds(20));
  EXPECT_TRUE(poller.orders(start).receives.empty());
}

TEST(EventSourcePoller, WithoutAWindowABatchIsWhatIsThere) {
  EventSourcePoller poller(PollerSettings{});
  const auto orders = feed(poller, start, messages(3));
  ASSERT_EQ(orders.invocations.size(), 1U);
  EXPECT_EQ(poller.messages(orders.invocations[0]).size(), 3U);
}

TEST(EventSourcePoller, AWindowGathersUntilItHasPassedOrTheBatchIsFull) {
  PollerSettings settings;
  settings.batch_size = 25;
  settings.window = seconds(5);
  settings.visibility = minutes(5);
  EventSourcePoller poller(settings);
  auto orders = feed(poller, start, messages(3));
  EXPECT_TRUE(orders.invocations.empty());
  EXPECT_EQ(orders.wake, start + seconds(5));
  poller.received(start + seconds(1), orders.receives.front(), {.count = 4}, messages(4));
  orders = poller.orders(start + seconds(5));
  ASSERT_EQ(orders.invocations.size(), 1U);
  EXPECT_EQ(poller.messages(orders.invocations[0]).size(), 7U);

  const auto full = start + seconds(6);
  for (int i = 0; i < 3; ++i) {
    if (orders.receives.empty()) orders = poller.orders(full);
    ASSERT_FALSE(orders.receives.empty());
    poller.received(full, orders.receives.front(), {.count = 9}, messages(9));
    orders = poller.orders(full);
  }
  ASSERT_EQ(orders.invocations.size(), 1U);
  EXPECT_EQ(poller.messages(orders.invocations[0]).size(), 25U);
}

TEST(EventSourcePoller, AnEventIsNotLargerThanSixMebibytes) {
  PollerSettings settings;
  settings.batch_size = 10;
  EventSourcePoller poller(settings);
  const auto orders = feed(poller, start, messages(10, 1'000'000));
  ASSERT_EQ(orders.invocations.size(), 2U);
  EXPECT_EQ(poller.messages(orders.invocations[0]).size(), 6U);
  EXPECT_EQ(poller.messages(orders.invocations[1]).size(), 4U);
}

TEST(EventSourcePoller, AThrottledBatchIsTriedAgainUntilItsVisibilityRunsOut) {
  PollerSettings settings;
  settings.visibility = seconds(3);
  EventSourcePoller poller(settings);
  auto orders = feed(poller, start, messages(2));
  const auto id = orders.invocations.at(0);
  poller.finished(start, id, BatchEnd::Throttled);
  EXPECT_TRUE(poller.orders(start + milliseconds(400)).invocations.empty());
  EXPECT_EQ(poller.orders(start + milliseconds(500)).invocations, std::vector<BatchId>{id});
  poller.finished(start + milliseconds(500), id, BatchEnd::Throttled);
  EXPECT_TRUE(poller.orders(start + milliseconds(1400)).invocations.empty());
  EXPECT_EQ(poller.orders(start + milliseconds(1500)).invocations, std::vector<BatchId>{id});
  poller.finished(start + milliseconds(1500), id, BatchEnd::Throttled);
  orders = poller.orders(start + seconds(3));
  EXPECT_TRUE(orders.invocations.empty());
  EXPECT_TRUE(orders.released.empty());
  EXPECT_TRUE(poller.has_no_messages());
}

TEST(EventSourcePoller, AGroupOfAFifoQueueHasOneBatchAtATime) {
  PollerSettings settings;
  settings.scaling.kind = QueueKind::Fifo;
  settings.batch_size = 2;
  EventSourcePoller poller(settings);
  auto orders = feed(poller, start, {message("1", "a"), message("2", "a")});
  ASSERT_EQ(orders.invocations.size(), 1U);
  const auto first = orders.invocations[0];
  poller.received(start, orders.receives.at(0), {.count = 2}, {message("3", "a"), message("4", "b")});
  orders = poller.orders(start);
  ASSERT_EQ(orders.invocations.size(), 1U);
  EXPECT_EQ(poller.messages(orders.invocations[0]).at(0).id, "4");
  poller.finished(start, first, BatchEnd::Succeeded);
  orders = poller.orders(start);
  ASSERT_EQ(orders.invocations.size(), 1U);
  EXPECT_EQ(poller.messages(orders.invocations[0]).at(0).id, "3");
}

TEST(EventSourcePoller, ThrottlesLeaveTheBatchesThatAMappingBeginsWith) {
  PollerSettings settings;
  settings.batch_size = 1;
  settings.scaling.maximum_concurrency = 20;
  EventSourcePoller poller(settings);
  auto orders = feed(poller, start, messages(5));
  ASSERT_EQ(orders.invocations.size(), 5U);
  for (const auto id : orders.invocations) poller.finished(start, id, BatchEnd::Throttled);
  orders = poller.orders(start + milliseconds(500));
  EXPECT_EQ(orders.invocations.size(), 5U) << "all of them are tried again";
}

TEST(EventSourcePoller, APausedOneReleasesWhatWaitsAndLetsTheRestEnd) {
  PollerSettings settings;
  settings.batch_size = 1;
  settings.scaling.maximum_concurrency = 2;
  EventSourcePoller poller(settings);
  auto orders = feed(poller, start, {message("1"), message("2"), message("3")});
  ASSERT_EQ(orders.invocations.size(), 2U);
  poller.finished(start, orders.invocations[1], BatchEnd::Throttled);
  poller.pause();
  const auto paused = poller.orders(start);
  EXPECT_EQ(paused.released, (std::vector<std::string>{"r3", "r2"}));
  EXPECT_TRUE(paused.receives.empty());
  EXPECT_EQ(poller.batches(), 1U);
  poller.finished(start, orders.invocations[0], BatchEnd::Succeeded);
  EXPECT_TRUE(poller.has_no_messages());
}

TEST(EventSourcePoller, AFailingQueueIsAskedLessAndLessOften) {
  EventSourcePoller poller(PollerSettings{});
  auto now = start;
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 8; ++i) {
    const auto orders = poller.orders(now);
    ASSERT_EQ(orders.receives.size(), 1U);
    poller.receive_failed(now, orders.receives[0]);
    const auto wake = poller.orders(now).wake;
    ASSERT_TRUE(wake);
    pauses.push_back((*wake - now).ms() / 1000);
    now = *wake;
  }
  EXPECT_EQ(pauses, (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 60, 60}));
}

TEST(EventSourcePoller, MessagesWhoseVisibilityHasRunOutHereAreForgotten) {
  PollerSettings settings;
  settings.batch_size = 1;
  settings.visibility = seconds(10);
  settings.scaling.maximum_concurrency = 2;
  EventSourcePoller poller(settings);
  auto orders = feed(poller, start, messages(3));
  ASSERT_EQ(orders.invocations.size(), 2U);
  poller.orders(start + seconds(10));
  poller.finished(start + seconds(11), orders.invocations[0], BatchEnd::Succeeded);
  EXPECT_TRUE(poller.orders(start + seconds(11)).invocations.empty());
}

}  // namespace
}  // namespace surgetank::lambda
