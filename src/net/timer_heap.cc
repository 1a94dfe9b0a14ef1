#include "net/timer_heap.h"

namespace surgetank {
namespace {

// A TimerId names the slot and how often it was reused, so a stale id finds nothing. Never 0.
TimerId make_id(std::uint32_t slot, std::uint32_t generation) { return (TimerId{generation} << 32) | (slot + 1U); }

}  // namespace

TimerId TimerHeap::add(Instant due, Task task) {
  std::uint32_t number = 0;
  if (free_.empty()) {
    number = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  auto& slot = slots_[number];
  slot.due = due;
  slot.sequence = sequence_++;
  slot.used = true;
  slot.task = std::move(task);
  heap_.push_back(number);
  slot.position = static_cast<std::uint32_t>(heap_.size() - 1);
  const auto id = make_id(number, slot.generation);
  rise(slot.position);
  return id;
}

Task TimerHeap::remove(TimerId timer) {
  const auto number = static_cast<std::uint32_t>(timer & 0xffffffffU) - 1U;
  if (number >= slots_.size()) return {};
  const auto& slot = slots_[number];
  if (!slot.used || slot.generation != static_cast<std::uint32_t>(timer >> 32)) return {};
  return take(slot.position);
}

Task TimerHeap::pop() { return take(0); }

bool TimerHeap::earlier(std::uint32_t a, std::uint32_t b) const {
  const auto& x = slots_[a];
  const auto& y = slots_[b];
  return x.due != y.due ? x.due < y.due : x.sequence < y.sequence;
}

void TimerHeap::place(std::uint32_t slot, std::uint32_t position) {
  heap_[position] = slot;
  slots_[slot].position = position;
}

void TimerHeap::rise(std::uint32_t position) {
  const auto slot = heap_[position];
  while (position > 0) {
    const auto parent = (position - 1) / 2;
    if (!earlier(slot, heap_[parent])) break;
    place(heap_[parent], position);
    position = parent;
  }
  place(slot, position);
}

void TimerHeap::sink(std::uint32_t position) {
  const auto slot = heap_[position];
  const auto size = static_cast<std::uint32_t>(heap_.size());
  for (;;) {
    auto child = position * 2 + 1;
    if (child >= size) break;
    if (child + 1 < size && earlier(heap_[child + 1], heap_[child])) ++child;
    if (!earlier(heap_[child], slot)) break;
    place(heap_[child], position);
    position = child;
  }
  place(slot, position);
}

Task TimerHeap::take(std::uint32_t position) {
  const auto number = heap_[position];
  auto& slot = slots_[number];
  Task task = std::move(slot.task);
  slot.task = {};
  slot.used = false;
  ++slot.generation;
  free_.push_back(number);
  const auto last = heap_.back();
  heap_.pop_back();
  if (last != number) {
    place(last, position);
    rise(position);
    sink(slots_[last].position);
  }
  return task;
}

}  // namespace surgetank
