#pragma once
// A token bucket as one atomic word: tokens come back continuously, up to `burst`; a refused request costs nothing, and a fraction of
// a token admits nothing. Thread safe without locks; time is an argument and may step back. Nothing fails: a refusal is a value.
#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace surgetank {

// So many tokens every `per`, and at most `burst` at once.
struct TokenRate {
  std::int64_t tokens = 1;  // at least 1
  Duration per = seconds(1);
  std::int64_t burst = 1;
  auto operator<=>(const TokenRate&) const = default;
};

class TokenBucket {
 public:
  explicit TokenBucket(TokenRate rate) { set_rate(rate); }
  bool take(Instant now, std::int64_t tokens = 1);
  // From now on; what was taken already counts on.
  void set_rate(TokenRate rate);
  // Nothing was taken lately: it is as good as a new one.
  bool is_full(Instant now) const { return full_again_ns_.load(std::memory_order_relaxed) <= now.us * 1000; }

 private:
  std::atomic<std::int64_t> interval_ns_{0};  // between two tokens
  std::atomic<std::int64_t> burst_{0};
  std::atomic<std::int64_t> full_again_ns_{0};  // when it would be full if nobody took any more
};

}  // namespace surgetank
