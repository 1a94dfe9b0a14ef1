#include "kernel/token_bucket.h"

#include <algorithm>

namespace surgetank {

void TokenBucket::set_rate(TokenRate rate) {
  interval_ns_.store(std::max<std::int64_t>(1, rate.per.us * 1000 / std::max<std::int64_t>(rate.tokens, 1)), std::memory_order_relaxed);
  burst_.store(std::max<std::int64_t>(rate.burst, 1), std::memory_order_relaxed);
}

bool TokenBucket::take(Instant now, std::int64_t tokens) {
  const std::int64_t now_ns = now.us * 1000;
  const std::int64_t interval_ns = interval_ns_.load(std::memory_order_relaxed);
  const std::int64_t depth_ns = burst_.load(std::memory_order_relaxed) * interval_ns;
  std::int64_t full_again = full_again_ns_.load(std::memory_order_relaxed);
  while (true) {
    const std::int64_t next = std::max(full_again, now_ns) + tokens * interval_ns;
    if (next - now_ns > depth_ns) return false;
    if (full_again_ns_.compare_exchange_weak(full_again, next, std::memory_order_relaxed)) return true;
  }
}

}  // namespace surgetank
