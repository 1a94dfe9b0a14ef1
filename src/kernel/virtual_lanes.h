#pragma once
// Lanes under a virtual clock, all on the thread of their owner: tests run the whole kernel on them, step by step and
// reproducibly. Nothing runs by itself: run_until_idle() runs what was posted and the timers that are due, advance() moves the
// clock from timer to timer. Tasks of all lanes run in the order in which they were posted. Not thread safe.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/random.h"
#include "kernel/lanes.h"

namespace surgetank {

class VirtualLanes final : public Lanes {
 public:
  VirtualLanes(std::size_t count, Instant start);
  ~VirtualLanes() override;

  std::size_t size() const override { return lanes_.size(); }
  Lane& lane(std::size_t index) override;
  Instant now() const { return now_; }

  // From now on lanes that have something posted take turns in an order that the seed decides; each lane keeps its own order.
  void shuffle(std::uint64_t seed) { order_.emplace(seed); }
  // Runs until nothing is posted and no timer is due.
  void run_until_idle();
  // Moves the clock on by `span`; timers on the way run at their own time.
  void advance(Duration span);
  // When the earliest timer is due; nullopt if there is none.
  std::optional<Instant> next_timer() const;
  // Forgets what is posted and all timers: the process died.
  void stop();

 private:
  class VirtualLane;
  struct Work {
    VirtualLane* lane;
    Task task;
  };
  void run(Work work);
  Work take_posted();

  std::vector<std::unique_ptr<VirtualLane>> lanes_;
  std::deque<Work> posted_;
  std::optional<Random> order_;
  std::map<std::pair<Instant, TimerId>, Work> timers_;
  TimerId last_timer_ = 0;
  Instant now_;
  VirtualLane* current_ = nullptr;
};

}  // namespace surgetank
