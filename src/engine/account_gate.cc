#include "engine/account_gate.h"

#include <algorithm>

#include "base/assert.h"

namespace surgetank {

TokenBucket::TokenBucket(std::int64_t per_second, std::int64_t burst)
    : interval_ns_(1'000'000'000 / std::max<std::int64_t>(per_second, 1)), burst_(burst) {}

bool TokenBucket::take(Instant now) {
  const std::int64_t now_ns = now.us * 1000;
  std::int64_t full_again = full_again_ns_.load(std::memory_order_relaxed);
  while (true) {
    const std::int64_t next = std::max(full_again, now_ns) + interval_ns_;
    if (next - now_ns > burst_ * interval_ns_) return false;
    if (full_again_ns_.compare_exchange_weak(full_again, next, std::memory_order_relaxed)) return true;
  }
}

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
    : limit_(concurrency_limit), rate_(10 * concurrency_limit, 10 * concurrency_limit) {}

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
