#pragma once
// How many function processes this host may run, over all lanes, and how many invocations wait because it runs that many.
// Environments that are started ahead (provisioned concurrency) get at most three quarters of them: what comes unforeseen must find
// room by and by. Thread safe without locks. A refusal is a value.
#include <atomic>
#include <cstdint>

namespace surgetank {

// Why an environment was started.
enum class Initialization : std::uint8_t { OnDemand, Provisioned };

class HostProcesses {
 public:
  explicit HostProcesses(std::int64_t limit) : limit_(limit) {}
  bool try_acquire(Initialization initialization = Initialization::OnDemand);
  void release(Initialization initialization = Initialization::OnDemand);
  std::int64_t in_use() const { return in_use_.load(std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_; }
  std::int64_t provisioned_limit() const { return limit_ * 3 / 4; }
  void change_waiting(std::int64_t difference) { waiting_.fetch_add(difference, std::memory_order_relaxed); }
  std::int64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  std::int64_t limit_;
  std::atomic<std::int64_t> in_use_{0};
  std::atomic<std::int64_t> provisioned_{0};  // among them
  std::atomic<std::int64_t> waiting_{0};
};

}  // namespace surgetank
