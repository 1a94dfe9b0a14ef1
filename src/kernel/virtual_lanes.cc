#include "kernel/virtual_lanes.h"

#include <algorithm>

namespace surgetank {

class VirtualLanes::VirtualLane final : public Lane {
 public:
  explicit VirtualLane(VirtualLanes& lanes) : lanes_(lanes) {}
  void post(Task task) override { lanes_.posted_.push_back({this, std::move(task)}); }
  bool here() const override { return lanes_.current_ == this; }
  Instant now() const override { return lanes_.now_; }
  TimerId at(Instant due, Task task) override {
    const auto id = ++lanes_.last_timer_;
    lanes_.timers_.emplace(std::pair(due, id), Work{this, std::move(task)});
    return id;
  }
  void cancel(TimerId timer) override {
    for (auto at = lanes_.timers_.begin(); at != lanes_.timers_.end(); ++at) {
      if (at->first.second != timer) continue;
      lanes_.timers_.erase(at);
      return;
    }
  }

 private:
  VirtualLanes& lanes_;
};

VirtualLanes::VirtualLanes(std::size_t count, Instant start) : now_(start) {
  for (std::size_t i = 0; i < count; ++i) lanes_.push_back(std::make_unique<VirtualLane>(*this));
}

VirtualLanes::~VirtualLanes() = default;

Lane& VirtualLanes::lane(std::size_t index) { return *lanes_[index]; }

void VirtualLanes::run(Work work) {
  current_ = work.lane;
  work.task();
  current_ = nullptr;
}

VirtualLanes::Work VirtualLanes::take_posted() {
  auto chosen = posted_.begin();
  if (order_) {
    const auto* lane = lanes_[order_->below(lanes_.size())].get();
    const auto found = std::find_if(posted_.begin(), posted_.end(), [lane](const Work& work) { return work.lane == lane; });
    if (found != posted_.end()) chosen = found;
  }
  auto work = std::move(*chosen);
  posted_.erase(chosen);
  return work;
}

void VirtualLanes::run_until_idle() {
  for (;;) {
    if (!posted_.empty()) {
      run(take_posted());
    } else if (!timers_.empty() && timers_.begin()->first.first <= now_) {
      run(std::move(timers_.extract(timers_.begin()).mapped()));
    } else {
      return;
    }
  }
}

void VirtualLanes::advance(Duration span) {
  const auto end = now_ + span;
  run_until_idle();
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    now_ = timers_.begin()->first.first;
    run_until_idle();
  }
  now_ = end;
}

std::optional<Instant> VirtualLanes::next_timer() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

void VirtualLanes::stop() {
  posted_.clear();
  timers_.clear();
}

}  // namespace surgetank
