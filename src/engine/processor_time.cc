#include "engine/processor_time.h"

#include <time.h>

namespace surgetank {

std::optional<Duration> processor_time_of(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (pid <= 0 || ::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return std::nullopt;
  return microseconds(std::int64_t{used.tv_sec} * 1'000'000 + used.tv_nsec / 1'000);
}

}  // namespace surgetank
