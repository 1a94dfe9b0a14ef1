#include "net/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "base/random.h"
#include "net/socket_watch.h"
#include "net/sockets.h"
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

// One end of a socket pair under watch; counts what it is told.
class WatchedEnd : public SocketEvents, public std::enable_shared_from_this<WatchedEnd> {
 public:
  WatchedEnd(EventLoop& loop, int descriptor) : watch(loop, descriptor) {}
  void on_readable() override { ++readable; }
  void on_writable() override { ++writable; }
  SocketWatch watch;
  std::atomic<int> readable{0};  // read by the test where only the socket orders both threads
  std::atomic<int> writable{0};
};

class SocketWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    peer = Descriptor(ends[1]);
    on_loop([&] { end = std::make_shared<WatchedEnd>(thread.loop(), ends[0]); });
  }
  void TearDown() override {
    on_loop([&] { end->watch.close(); });
  }
  // What is ready now is told in the loop's turn before the second errand.
  void on_loop(Task task) {
    thread.loop().run_and_wait(std::move(task));
    settle();
  }
  void settle() {
    for (int turn = 0; turn < 3; ++turn) thread.loop().run_and_wait([] {});
  }
  void peer_sends(std::string_view bytes) {
    ASSERT_EQ(::send(peer.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    settle();
  }
  std::string read(std::size_t most) {
    std::string bytes(most, '\0');
    const auto got = ::recv(end->watch.descriptor(), bytes.data(), most, 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  LoopThread thread;
  Descriptor peer;
  std::shared_ptr<WatchedEnd> end;
};

TEST_F(SocketWatchTest, TellsOnceForEachWait) {
  on_loop([&] { end->watch.wait_readable(end); });
  EXPECT_EQ(end->readable, 0);
  peer_sends("a");
  EXPECT_EQ(end->readable, 1);
  peer_sends("b");
  EXPECT_EQ(end->readable, 1);
}

TEST_F(SocketWatchTest, TellsOfWhatCameBeforeTheWait) {
  peer_sends("a");
  on_loop([&] { end->watch.wait_readable(end); });
  EXPECT_EQ(end->readable, 1);
}

TEST_F(SocketWatchTest, TellsAgainOfWhatWasNotRead) {
  peer_sends("ab");
  on_loop([&] { end->watch.wait_readable(end); });
  on_loop([&] {
    EXPECT_EQ(read(1), "a");
    end->watch.wait_readable(end);
  });
  EXPECT_EQ(end->readable, 2);
}

TEST_F(SocketWatchTest, AWaitAfterADrainingReadTellsOfTheNextBytesOnly) {
  peer_sends("a");
  on_loop([&] { end->watch.wait_readable(end); });
  on_loop([&] {
    EXPECT_EQ(read(8), "a");
    end->watch.note_drained();
    end->watch.wait_readable(end);
  });
  EXPECT_EQ(end->readable, 1);
  peer_sends("b");
  EXPECT_EQ(end->readable, 2);
}

TEST_F(SocketWatchTest, BytesBetweenADrainingReadAndALaterWaitAreNotMissed) {
  peer_sends("a");
  on_loop([&] {
    EXPECT_EQ(read(8), "a");
    end->watch.note_drained();
  });
  peer_sends("b");
  on_loop([&] { end->watch.wait_readable(end); });
  EXPECT_EQ(end->readable, 1);
}

TEST_F(SocketWatchTest, AnEndThatCameWithTheLastBytesIsNotMissed) {
  ASSERT_EQ(::send(peer.get(), "a", 1, 0), 1);
  peer = Descriptor();
  settle();
  on_loop([&] {
    EXPECT_EQ(read(8), "a");
    end->watch.note_drained();  // a short read, but the end is behind it
    end->watch.wait_readable(end);
  });
  EXPECT_EQ(end->readable, 1);
}

TEST_F(SocketWatchTest, TellsWhenThereIsRoomToWriteAgain) {
  const std::string much(1 << 20, 'x');
  on_loop([&] {
    while (::send(end->watch.descriptor(), much.data(), much.size(), MSG_NOSIGNAL) > 0) {
    }
    end->watch.wait_writable(end);
  });
  EXPECT_EQ(end->writable, 0);
  std::string taken(much.size(), '\0');
  while (::recv(peer.get(), taken.data(), taken.size(), 0) > 0) {
  }
  settle();
  EXPECT_EQ(end->writable, 1);
}

TEST_F(SocketWatchTest, ClosingReleasesWhoWaits) {
  on_loop([&] { end->watch.wait_readable(end); });
  EXPECT_GT(end.use_count(), 1);
  on_loop([&] { end->watch.close(); });
  EXPECT_EQ(end.use_count(), 1);
}

TEST_F(SocketWatchTest, ADescriptorThatAnotherProcessSharesIsForgottenWhenItIsClosed) {
  const Descriptor shared(::dup(end->watch.descriptor()));
  on_loop([&] {
    end->watch.wait_readable(end);
    end->watch.close();
  });
  peer_sends("a");
  EXPECT_EQ(end->readable, 0);
}

TEST(EventLoop, WhatIsWatchedWhenItIsDestroyedIsReleased) {
  std::weak_ptr<WatchedEnd> kept;
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  const Descriptor peer(ends[1]);
  {
    LoopThread thread;
    thread.loop().run_and_wait([&] {
      const auto end = std::make_shared<WatchedEnd>(thread.loop(), ends[0]);
      end->watch.wait_readable(end);
      kept = end;
    });
    EXPECT_FALSE(kept.expired());
  }
  EXPECT_TRUE(kept.expired());
}

TEST(EventLoop, AFileThatCannotBeWatchedIsAnError) {
  LoopThread thread;
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  thread.loop().run_and_wait([&] { EXPECT_THROW(SocketWatch(thread.loop(), file), std::system_error); });
  ::close(file);
}

TEST(EventLoop, RunsWhatBlocksBesideItself) {
  LoopThread thread;
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  thread.loop().run_and_wait([&] {
    thread.loop().run_aside([&] {
      EXPECT_FALSE(thread.loop().here());
      thread.loop().run_and_wait([] {});  // the loop goes on meanwhile
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_all();
    });
  });
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return done; }));
}

}  // namespace
}  // namespace surgetank
