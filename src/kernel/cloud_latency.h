#pragma once
// The clock of the cloud (`--latency aws`, Ports::latency): how long calls and cold starts take there, drawn from latency_profile.h by
// one seed and the order of the draws. Who draws waits with a timer of a lane: nothing burns a processor or blocks a thread.
// Any thread.
#include <atomic>
#include <cstdint>

#include "base/random.h"
#include "kernel/latency_profile.h"

namespace surgetank {

class CloudLatency {
 public:
  explicit CloudLatency(std::uint64_t seed) : seed_(seed) {}

  template <class Row>
  Duration draw(const Row& row) {
    // Every draw has its own generator: no lock, and no draw depends on which thread was first by more than its number.
    constexpr std::uint64_t spread = 0xd1342543de82ef95ULL;
    Random random(seed_ + spread * draws_.fetch_add(1, std::memory_order_relaxed));
    random.next();
    return sample(row, random);
  }

 private:
  const std::uint64_t seed_;
  std::atomic<std::uint64_t> draws_{0};
};

}  // namespace surgetank
