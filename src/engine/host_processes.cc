#include "engine/host_processes.h"

#include "base/assert.h"

namespace surgetank {
namespace {

bool increment_below(std::atomic<std::int64_t>& counter, std::int64_t limit) {
  std::int64_t value = counter.load(std::memory_order_relaxed);
  while (value < limit) {
    if (counter.compare_exchange_weak(value, value + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace

bool HostProcesses::try_acquire(Initialization initialization) {
  const bool ahead = initialization == Initialization::Provisioned;
  if (!increment_below(starting_, ahead ? std::max<std::int64_t>(1, share_of(start_limit_)) : start_limit_)) return false;
  if (!ahead || increment_below(provisioned_, provisioned_limit())) {
    if (increment_below(in_use_, limit_)) return true;
    if (ahead) provisioned_.fetch_sub(1, std::memory_order_relaxed);
  }
  start_ended();
  return false;
}

void HostProcesses::start_ended() {
  const auto before = starting_.fetch_sub(1, std::memory_order_relaxed);
  SURGE_ASSERT(before > 0, "a start ended twice");
}

void HostProcesses::release(Initialization initialization) {
  const auto before = in_use_.fetch_sub(1, std::memory_order_relaxed);
  SURGE_ASSERT(before > 0, "a process slot was released twice");
  if (initialization == Initialization::Provisioned) provisioned_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace surgetank
