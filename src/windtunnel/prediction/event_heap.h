#pragma once
// The clock of a prediction: what is to happen, in order of time, and among equals in the order in which it was asked for; taking the next
// event moves the clock. A 4-ary heap of 24 bytes an event: tens of millions of events a second, no allocation once it has grown.
// One owner, one thread; nothing fails. Time never steps back: what is asked for in the past happens now.
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace surgetank::prediction {

// Kind: an enumeration of at most 256 members. What is no longer wanted stays in the heap and is known by its generation.
template <class Kind>
class EventHeap {
 public:
  struct Event {
    Instant at;
    Kind kind;
    std::uint32_t subject;
    std::uint32_t generation;
  };

  explicit EventHeap(Instant begin) : now_(begin) {}
  Instant now() const { return now_; }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  std::uint64_t taken() const { return taken_; }
  Instant next_at() const { return Instant{heap_.front().at_us}; }

  void push(Instant at, Kind kind, std::uint32_t subject, std::uint32_t generation = 0) {
    const Item item{at.us < now_.us ? now_.us : at.us, (++order_ << kind_bits) | static_cast<std::uint64_t>(kind), subject, generation};
    std::size_t place = heap_.size();
    heap_.push_back(item);
    while (place > 0) {
      const std::size_t parent = (place - 1) / arity;
      if (!item.comes_before(heap_[parent])) break;
      heap_[place] = heap_[parent];
      place = parent;
    }
    heap_[place] = item;
  }

  // The heap must not be empty.
  Event pop() {
    const Item first = heap_.front();
    const Item last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
    now_ = Instant{first.at_us};
    ++taken_;
    return {now_, static_cast<Kind>(first.order_and_kind & ((1U << kind_bits) - 1)), first.subject, first.generation};
  }

 private:
  static constexpr std::size_t arity = 4;
  static constexpr unsigned kind_bits = 8;
  struct Item {
    std::int64_t at_us;
    std::uint64_t order_and_kind;
    std::uint32_t subject;
    std::uint32_t generation;
    bool comes_before(const Item& other) const {
      return at_us != other.at_us ? at_us < other.at_us : order_and_kind < other.order_and_kind;
    }
  };

  void sink(const Item& item) {
    std::size_t place = 0;
    while (true) {
      const std::size_t first = place * arity + 1;
      if (first >= heap_.size()) break;
      std::size_t least = first;
      const std::size_t end = first + arity < heap_.size() ? first + arity : heap_.size();
      for (std::size_t child = first + 1; child < end; ++child)
        if (heap_[child].comes_before(heap_[least])) least = child;
      if (!heap_[least].comes_before(item)) break;
      heap_[place] = heap_[least];
      place = least;
    }
    heap_[place] = item;
  }

  std::vector<Item> heap_;
  Instant now_;
  std::uint64_t order_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace surgetank::prediction
