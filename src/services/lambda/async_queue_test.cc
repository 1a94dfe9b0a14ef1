#include "services/lambda/async_queue.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace surgetank::lambda {
namespace {

using Ending = EventQueue::Ending;
using Rest = EventQueue::Rest;
constexpr Instant start{1'700'000'000'000'000};
constexpr EventKey key(std::int64_t second, std::uint64_t id = 1) { return {.due = start + seconds(second), .id = id}; }

EventQueue fresh(EventQueue::Limits limits = {}) {
  EventQueue queue(limits);
  EXPECT_TRUE(queue.wanted());
  queue.loaded({}, Rest::Nothing);
  return queue;
}

TEST(EventQueue, GivesWhatIsDueInOrder) {
  auto queue = fresh();
  queue.add(key(5));
  queue.add(key(2));
  queue.add(key(2));
  EXPECT_FALSE(queue.take(start));
  EXPECT_EQ(queue.next_wake(start), start + seconds(2));
  EXPECT_EQ(queue.take(start + seconds(5)), key(2));
  EXPECT_EQ(queue.take(start + seconds(5)), key(5));
  EXPECT_FALSE(queue.take(start + seconds(9)));
  EXPECT_EQ(queue.running(), 2U);
}

TEST(EventQueue, WhatRunsIsNotTakenInAgain) {
  auto queue = fresh();
  queue.add(key(1));
  ASSERT_TRUE(queue.take(start + seconds(1)));
  queue.add(key(1));
  queue.loaded({key(1)}, Rest::Nothing);
  EXPECT_FALSE(queue.take(start + seconds(1)));
  queue.ended(key(1), Ending::Ran, start + seconds(1));
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, KeepsAWindowInMemoryAndReadsTheRestFromTheStore) {
  constexpr EventQueue::Limits limits{.window = 10, .running = 4, .running_bytes = 1U << 20};
  EventQueue queue(limits);
  std::set<EventKey> store;
  std::set<EventKey> seen;
  Random random(7);
  for (std::uint64_t id = 1; id <= 500; ++id) {
    const auto stored = key(static_cast<std::int64_t>(random.below(100)), id);
    store.insert(stored);
    queue.add(stored);
    EXPECT_LE(queue.in_memory(), 14U);
  }
  auto now = start;
  while (!store.empty()) {
    if (const auto from = queue.wanted()) {
      std::vector<EventKey> keys;
      auto at = store.lower_bound(*from);
      for (; at != store.end() && keys.size() < limits.window; ++at) keys.push_back(*at);
      queue.loaded(keys, at == store.end() ? Rest::Nothing : Rest::More);
    }
    const auto taken = queue.take(now);
    if (!taken) {
      const auto wake = queue.next_wake(now);
      ASSERT_TRUE(wake);
      now = *wake;
      continue;
    }
    EXPECT_TRUE(seen.insert(*taken).second) << "taken twice";
    EXPECT_EQ(*taken, *store.begin());
    store.erase(*taken);
    queue.ended(*taken, Ending::Ran, now);
  }
  EXPECT_EQ(seen.size(), 500U);
}

TEST(EventQueue, LargePayloadsLimitHowManyRun) {
  auto queue = fresh({.window = 10, .running = 10, .running_bytes = 100});
  for (std::uint64_t id = 1; id <= 5; ++id) queue.add(key(0, id));
  for (int i = 0; i < 2; ++i) queue.set_size(*queue.take(start), 60);
  EXPECT_FALSE(queue.take(start));
  queue.ended(key(0, 1), Ending::Ran, start);
  EXPECT_TRUE(queue.take(start));
}

TEST(EventQueue, ARefusalLimitsToWhatRunsAndTimeLiftsTheLimit) {
  auto queue = fresh({.window = 100, .running = 50, .running_bytes = 100});
  for (std::uint64_t id = 1; id <= 60; ++id) queue.add(key(0, id));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(queue.take(start));
  queue.ended(key(0, 5), Ending::Refused, start);
  EXPECT_FALSE(queue.take(start));
  queue.ended(key(0, 1), Ending::Ran, start);
  EXPECT_TRUE(queue.take(start)) << "a free place is filled at once";
  EXPECT_FALSE(queue.take(start));
  EXPECT_EQ(queue.next_wake(start), start + seconds(1));
  EXPECT_TRUE(queue.take(start + seconds(1)));
  EXPECT_FALSE(queue.take(start + seconds(1))) << "one more after a second";
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(queue.take(start + seconds(2)));
  EXPECT_FALSE(queue.take(start + seconds(2))) << "then two more";
}

TEST(EventQueue, RefusedWithNothingRunningItAsksOnceASecond) {
  auto queue = fresh();
  for (std::uint64_t id = 1; id <= 10; ++id) queue.add(key(0, id));
  auto now = start;
  for (int i = 0; i < 5; ++i) {
    const auto taken = queue.take(now);
    ASSERT_TRUE(taken);
    EXPECT_FALSE(i > 0 && queue.take(now)) << "one question at a time";
    queue.ended(*taken, Ending::Refused, now);
    EXPECT_FALSE(queue.take(now));
    EXPECT_EQ(queue.next_wake(now), now + seconds(1));
    now = now + seconds(1);
  }
}

}  // namespace
}  // namespace surgetank::lambda
