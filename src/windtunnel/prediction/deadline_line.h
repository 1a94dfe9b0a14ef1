#pragma once
// Deadlines that all lie equally far ahead: one event of the heap stands for all of them, so that thirty seconds of pending timeouts cost
// nothing. Whoever waits for an event of the heap asks expired() then, and arms the next. One owner, one thread; nothing fails.
#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"

namespace surgetank::prediction {

class DeadlineLine {
 public:
  struct Deadline {
    Instant due;
    std::uint32_t subject;
    std::uint32_t generation;
  };
  explicit DeadlineLine(Duration ahead) : ahead_(ahead) {}

  // True: the caller arms an event for next_due().
  bool add(Instant now, std::uint32_t subject, std::uint32_t generation) {
    line_.push_back({now + ahead_, subject, generation});
    return line_.size() == 1;
  }
  // The deadlines that are due, one at a time; afterwards an event for next_due() is wanted, if there is one.
  std::optional<Deadline> expired(Instant now) {
    if (line_.empty() || line_.front().due > now) return std::nullopt;
    const auto first = line_.front();
    line_.pop_front();
    return first;
  }
  std::optional<Instant> next_due() const {
    if (line_.empty()) return std::nullopt;
    return line_.front().due;
  }
  // Those that are of no interest any more, from the front.
  template <class IsWanted>
  void forget_unwanted(const IsWanted& is_wanted) {
    while (!line_.empty() && !is_wanted(line_.front())) line_.pop_front();
  }

 private:
  Duration ahead_;
  std::deque<Deadline> line_;
};

}  // namespace surgetank::prediction
