#pragma once
// Spans of time that a change of the wall clock does not touch: deadlines of sockets, timeouts of clients. One loop, its thread only;
// one that is not set may be destroyed on any thread.
#include "net/event_loop.h"

namespace surgetank {

// The monotonic clock, in steps of a few milliseconds and almost free to read.
Duration coarse_steady_now();

class SteadyTimer {
 public:
  explicit SteadyTimer(EventLoop& loop) : loop_(loop) {}
  ~SteadyTimer() { cancel(); }
  SteadyTimer(const SteadyTimer&) = delete;
  SteadyTimer& operator=(const SteadyTimer&) = delete;
  // Runs `task` once, after `delay`; replaces what was set before.
  void after(Duration delay, Task task);
  void cancel();

 private:
  EventLoop& loop_;
  TimerId set_ = 0;  // 0: not set
};

}  // namespace surgetank
