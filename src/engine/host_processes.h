#pragma once
// How many function processes this host may run, over all lanes, how many of them may be starting at the same time, and how many
// invocations wait because of either. Starting an interpreter takes a core for a tenth of a second: a burst that started a hundred at once
// would have none of them ready for ten seconds, while the first few could have served it.
// Environments that are started ahead (provisioned concurrency) get at most three quarters of both: what comes unforeseen must find
// room by and by. Thread safe without locks. A refusal is a value.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

namespace surgetank {

// Why an environment was started.
enum class Initialization : std::uint8_t { OnDemand, Provisioned };

// How many may start at once on a machine with so many processors.
constexpr std::int64_t start_limit_for(std::int64_t processors) { return std::max<std::int64_t>(4, 2 * processors); }

class HostProcesses {
 public:
  // `start_limit`: processes that start at the same time; without one only `limit` counts.
  explicit HostProcesses(std::int64_t limit, std::optional<std::int64_t> start_limit = {})
      : limit_(limit), start_limit_(start_limit.value_or(limit)) {}
  // A place for a process that starts; start_ended() when it has, or will not.
  bool try_acquire(Initialization initialization = Initialization::OnDemand);
  void start_ended();
  void release(Initialization initialization = Initialization::OnDemand);
  std::int64_t in_use() const { return in_use_.load(std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_; }
  std::int64_t starting() const { return starting_.load(std::memory_order_relaxed); }
  std::int64_t start_limit() const { return start_limit_; }
  bool is_full() const { return in_use() >= limit_; }
  std::int64_t provisioned_limit() const { return share_of(limit_); }
  bool is_provisioned_share_used() const { return provisioned_.load(std::memory_order_relaxed) >= provisioned_limit(); }
  void change_waiting(std::int64_t difference) { waiting_.fetch_add(difference, std::memory_order_relaxed); }
  std::int64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  static std::int64_t share_of(std::int64_t limit) { return limit * 3 / 4; }  // of what is started ahead

  std::int64_t limit_;
  std::int64_t start_limit_;
  std::atomic<std::int64_t> in_use_{0};
  std::atomic<std::int64_t> starting_{0};     // among them
  std::atomic<std::int64_t> provisioned_{0};  // among them
  std::atomic<std::int64_t> waiting_{0};
};

}  // namespace surgetank
