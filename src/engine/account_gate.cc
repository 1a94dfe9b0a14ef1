#include "engine/account_gate.h"

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

AccountGate::AccountGate(std::int64_t concurrency_limit)
    : limit_(concurrency_limit), rate_({.tokens = 10 * concurrency_limit, .per = seconds(1), .burst = 10 * concurrency_limit}) {}

AccountGate::Admission AccountGate::admit(Instant now) {
  if (!rate_.take(now)) return Admission::RateLimit;
  return increment_below(in_use_, limit_) ? Admission::Admitted : Admission::ConcurrencyLimit;
}

void AccountGate::release() {
  const auto before = in_use_.fetch_sub(1, std::memory_order_relaxed);
  SURGE_ASSERT(before > 0, "an execution was released twice");
}

bool HostProcesses::try_acquire() { return increment_below(in_use_, limit_); }

void HostProcesses::release() {
  const auto before = in_use_.fetch_sub(1, std::memory_order_relaxed);
  SURGE_ASSERT(before > 0, "a process slot was released twice");
}

}  // namespace surgetank
