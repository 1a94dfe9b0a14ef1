#include "net/steady_timer.h"

#include <time.h>

#include <utility>

namespace surgetank {

Duration coarse_steady_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return {std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000};
}

void SteadyTimer::after(Duration delay, Task task) {
  cancel();
  set_ = loop_.after(delay, [this, due = std::move(task)]() mutable {
    set_ = 0;
    due();  // may destroy this timer
  });
}

void SteadyTimer::cancel() {
  if (set_ != 0) loop_.cancel_after(std::exchange(set_, 0));
}

}  // namespace surgetank
