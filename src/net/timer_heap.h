#pragma once
// The pending timers of one event loop: an indexed binary heap ordered by due time, then by the order of setting.
// Adding and cancelling are O(log n); a cancelled timer's task (and what it holds) is destroyed at once. One thread.
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "kernel/lanes.h"

namespace surgetank {

class TimerHeap {
 public:
  TimerId add(Instant due, Task task);
  // Removes the timer; its task is returned so that the caller decides when it is destroyed. Empty if it ran or never was.
  Task remove(TimerId timer);

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  Instant next_due() const { return slots_[heap_.front()].due; }       // not when empty
  std::uint64_t next_sequence() const { return slots_[heap_.front()].sequence; }
  std::uint64_t sequence_to_come() const { return sequence_; }         // that of the next add()
  Task pop();                                                          // the earliest; not when empty

 private:
  struct Slot {
    Instant due;
    std::uint64_t sequence = 0;
    std::uint32_t generation = 0;
    std::uint32_t position = 0;  // in heap_
    bool used = false;
    Task task;
  };
  bool earlier(std::uint32_t a, std::uint32_t b) const;
  void place(std::uint32_t slot, std::uint32_t position);
  void rise(std::uint32_t position);
  void sink(std::uint32_t position);
  Task take(std::uint32_t position);

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> heap_;  // slot numbers
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
};

}  // namespace surgetank
