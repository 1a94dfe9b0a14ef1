#pragma once
// Spans of time that a change of the wall clock does not touch: deadlines of sockets, timeouts of clients. One loop, its thread only.
#include <memory>

#include "net/event_loop.h"

namespace surgetank {

// The monotonic clock, in steps of a few milliseconds and almost free to read.
Duration coarse_steady_now();

class SteadyTimer {
 public:
  explicit SteadyTimer(EventLoop& loop);
  ~SteadyTimer();  // cancels
  SteadyTimer(const SteadyTimer&) = delete;
  SteadyTimer& operator=(const SteadyTimer&) = delete;
  // Runs `task` once, after `delay`; replaces what was set before.
  void after(Duration delay, Task task);
  void cancel();

 private:
  struct Asio;
  std::shared_ptr<Asio> asio_;
};

}  // namespace surgetank
