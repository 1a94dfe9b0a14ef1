#pragma once
// What limits an account across all lanes: its concurrent executions and its request rate; and what limits the host: processes.
// Thread safe without locks; time is an argument. Nothing fails: a refusal is a value.
// Limits: Lambda quotas page, "Concurrent executions" (1,000) and "requests per second = 10 x concurrent executions".
#include <atomic>
#include <cstdint>

#include "base/time.h"
#include "kernel/token_bucket.h"

namespace surgetank {

class AccountGate {
 public:
  explicit AccountGate(std::int64_t concurrency_limit);

  enum class Admission : std::uint8_t { Admitted, ConcurrencyLimit, RateLimit };
  // Admitted: one execution is counted until release().
  Admission admit(Instant now);
  void release();
  std::int64_t in_use() const { return in_use_.load(std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_; }

 private:
  std::int64_t limit_;
  TokenBucket rate_;
  std::atomic<std::int64_t> in_use_{0};
};

// How many function processes this host may run, and how many invocations (of all lanes) wait because it runs that many.
class HostProcesses {
 public:
  explicit HostProcesses(std::int64_t limit) : limit_(limit) {}
  bool try_acquire();
  void release();
  std::int64_t in_use() const { return in_use_.load(std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_; }
  void change_waiting(std::int64_t difference) { waiting_.fetch_add(difference, std::memory_order_relaxed); }
  std::int64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  std::int64_t limit_;
  std::atomic<std::int64_t> in_use_{0};
  std::atomic<std::int64_t> waiting_{0};
};

}  // namespace surgetank
