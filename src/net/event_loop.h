#pragma once
// One thread, one epoll set, one lane: sockets and the state that a lane owns are touched by the same thread only.
//
// Posting: tasks from all threads go through one lock-free list per loop and run in the order in which they were posted. A loop
// that is awake is not woken again: one system call for each batch, none while the loop works.
// Timers run in the order of their due time (same due time: the order in which they were set). now() is the wall clock, read at the call.
// If the wall clock is set forward (or the machine was suspended) timers that became due run within a second; if it is set back,
// timers wait until the clock has come round to them: what must survive that measures spans with a SteadyTimer instead.
// A task that throws is logged and dropped; the loop goes on.
//
// Lifetime: an EventLoop outlives everything that may still post to it. Tasks that never ran are destroyed by its destructor.
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "kernel/lanes.h"

namespace surgetank {

class Poller;

class EventLoop final : public Lane {
 public:
  EventLoop();
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void post(Task task) override;
  bool here() const override;
  Instant now() const override;
  TimerId at(Instant due, Task task) override;
  void cancel(TimerId timer) override;

  // Runs tasks, timers and socket events on the calling thread until stop(). At most once in a loop's life.
  void run();
  // From any thread. What is posted but has not run by then may never run.
  void stop();
  // Runs `task` on the loop and returns when it has run: inside the call when already there, or when the loop is not running
  // (before run(), after it returned). Not from a task of another loop that this loop may be waiting for in the same way.
  void run_and_wait(Task task);

  // Runs `blocking` on a thread beside the loop, one after the other; what has not begun when the loop is destroyed never runs.
  // From the loop itself only.
  void run_aside(Task blocking);

 private:
  friend class EventLoops;
  friend class SocketWatch;
  friend class SteadyTimer;
  struct Core;
  Poller& poller();
  // Spans of the monotonic clock. On the loop's thread, or while it does not run.
  TimerId after(Duration delay, Task task);
  void cancel_after(TimerId timer);
  void wait_until_run();
  std::unique_ptr<Core> core_;
};

// N loops, each with its own thread between start() and stop().
class EventLoops final : public Lanes {
 public:
  explicit EventLoops(std::size_t count);  // count >= 1; no thread runs yet
  ~EventLoops() override;                  // stop() and join()
  EventLoops(const EventLoops&) = delete;
  EventLoops& operator=(const EventLoops&) = delete;

  std::size_t size() const override { return loops_.size(); }
  EventLoop& lane(std::size_t index) override { return *loops_[index]; }

  void start();  // once; returns when all loops run
  void stop();   // asks every loop to end; from any thread
  void join();   // waits for the threads; not from a loop

 private:
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace surgetank
