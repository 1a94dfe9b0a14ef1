#include "net/event_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/random.h"
#include "net/timer_heap.h"

namespace surgetank {
namespace {

class LoopThread {
 public:
  explicit LoopThread(std::size_t count = 1) : loops(count) { loops.start(); }
  EventLoop& loop() { return loops.lane(0); }
  EventLoops loops;
};

TEST(EventLoop, RunsPostedTasksInOrderAndNeverInsideTheCall) {
  LoopThread thread;
  std::vector<int> seen;
  thread.loop().run_and_wait([&] {
    for (int i = 0; i < 5; ++i) thread.loop().post([&seen, i] { seen.push_back(i); });
    EXPECT_TRUE(seen.empty());
  });
  thread.loop().run_and_wait([] {});
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(EventLoop, TasksOfEachThreadKeepTheirOrderUnderContention) {
  LoopThread thread;
  constexpr int per_thread = 20000;
  std::map<int, int> next;
  bool in_order = true;
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t)
    posters.emplace_back([&, t] {
      for (int i = 0; i < per_thread; ++i)
        thread.loop().post([&, t, i] {
          in_order = in_order && next[t] == i;
          next[t] = i + 1;
        });
    });
  for (auto& poster : posters) poster.join();
  thread.loop().run_and_wait([] {});
  EXPECT_TRUE(in_order);
  for (int t = 0; t < 4; ++t) EXPECT_EQ(next[t], per_thread);
}

TEST(EventLoop, KnowsItsOwnThread) {
  LoopThread thread(2);
  EXPECT_FALSE(thread.loop().here());
  thread.loop().run_and_wait([&] {
    EXPECT_TRUE(thread.loops.lane(0).here());
    EXPECT_FALSE(thread.loops.lane(1).here());
  });
}

TEST(EventLoop, TwoLoopsPassATaskBackAndForth) {
  LoopThread thread(2);
  std::mutex mutex;
  std::condition_variable changed;
  int hops = 0;
  std::function<void()> hop = [&] {
    const std::lock_guard lock(mutex);
    if (++hops == 2000) return changed.notify_all();
    thread.loops.lane(static_cast<std::size_t>(hops % 2)).post(hop);
  };
  thread.loops.lane(0).post(hop);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return hops == 2000; }));
}

TEST(EventLoop, TimersRunAtOrAfterTheirTimeInOrderOfDueTime) {
  LoopThread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> order;
  bool early = false;
  auto& loop = thread.loop();
  loop.post([&] {
    const auto start = loop.now();
    for (const int ms : {30, 10, 20, 10, 0})
      loop.at(start + milliseconds(ms), [&, ms, start] {
        const std::lock_guard lock(mutex);
        early = early || loop.now() < start + milliseconds(ms);
        order.push_back(ms);
        changed.notify_all();
      });
  });
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return order.size() == 5; }));
  EXPECT_EQ(order, (std::vector<int>{0, 10, 10, 20, 30}));
  EXPECT_FALSE(early);
}

TEST(EventLoop, ACancelledTimerNeverRunsAndItsTaskIsDestroyedAtOnce) {
  LoopThread thread;
  auto token = std::make_shared<int>(1);
  std::atomic<int> ran{0};
  auto& loop = thread.loop();
  loop.run_and_wait([&] {
    const auto id = loop.at(loop.now() + milliseconds(5), [&ran, token] { ++ran; });
    EXPECT_EQ(token.use_count(), 2);
    loop.cancel(id);
    EXPECT_EQ(token.use_count(), 1);
    loop.cancel(id);
    loop.at(loop.now() + milliseconds(30), [&ran] { ran += 100; });
  });
  for (int i = 0; i < 3000 && ran == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(ran, 100);
}

TEST(EventLoop, ATaskThatThrowsDoesNotEndTheLoop) {
  LoopThread thread;
  thread.loop().post([] { throw std::runtime_error("on purpose"); });
  bool ran = false;
  thread.loop().run_and_wait([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(EventLoop, RunAndWaitRunsInsideTheCallWhenTheLoopDoesNotRun) {
  EventLoops loops(1);
  bool ran = false;
  loops.lane(0).run_and_wait([&] { ran = true; });
  EXPECT_TRUE(ran);
  loops.start();
  loops.stop();
  loops.join();
  ran = false;
  loops.lane(0).run_and_wait([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(EventLoop, RunAndWaitReturnsEvenWhenTheLoopIsStoppedMeanwhile) {
  for (int round = 0; round < 50; ++round) {
    EventLoops loops(1);
    loops.start();
    std::thread stopper([&] { loops.stop(); });
    std::atomic<int> ran{0};
    loops.lane(0).run_and_wait([&] { ++ran; });
    EXPECT_EQ(ran, 1);
    stopper.join();
  }
}

TEST(EventLoop, TasksThatNeverRanAreDestroyedWithTheLoopAndMayPostOnceMore) {
  auto token = std::make_shared<int>(1);
  {
    EventLoop loop;
    struct PostsWhenDestroyed {
      EventLoop* loop;
      std::shared_ptr<int> token;
      PostsWhenDestroyed(EventLoop* l, std::shared_ptr<int> t) : loop(l), token(std::move(t)) {}
      PostsWhenDestroyed(PostsWhenDestroyed&&) = default;
      ~PostsWhenDestroyed() {
        if (token) loop->post([kept = token] {});
      }
    };
    loop.post([p = PostsWhenDestroyed(&loop, token)] {});
    loop.post([token] {});
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(TimerHeap, AgreesWithAnOrderedMapUnderRandomOperations) {
  Random random(7);
  TimerHeap heap;
  std::map<std::pair<std::int64_t, std::uint64_t>, TimerId> model;
  std::vector<std::pair<std::int64_t, std::uint64_t>> keys;
  int last_run = 0;
  std::map<TimerId, int> number_of;
  for (int step = 0; step < 20000; ++step) {
    const auto choice = random.below(10);
    if (choice < 5) {
      const auto due = static_cast<std::int64_t>(random.below(1000));
      const auto sequence = heap.sequence_to_come();
      const auto id = heap.add({due}, [&last_run, step] { last_run = step; });
      EXPECT_FALSE(number_of.contains(id));
      number_of[id] = step;
      model[{due, sequence}] = id;
    } else if (choice < 7 && !model.empty()) {
      auto it = model.begin();
      std::advance(it, static_cast<std::ptrdiff_t>(random.below(model.size())));
      EXPECT_TRUE(heap.remove(it->second));
      EXPECT_FALSE(heap.remove(it->second));
      model.erase(it);
    } else if (!model.empty()) {
      ASSERT_EQ(heap.next_due().us, model.begin()->first.first);
      ASSERT_EQ(heap.next_sequence(), model.begin()->first.second);
      heap.pop()();
      EXPECT_EQ(last_run, number_of[model.begin()->second]);
      model.erase(model.begin());
    }
    ASSERT_EQ(heap.size(), model.size());
  }
}

}  // namespace
}  // namespace surgetank
