#pragma once
// The memory of a queue: one entry of fixed size for each message, in chunks, so that a growing queue never moves what it has.
// A slot is a message's place for as long as the message is in the queue; afterwards another one may get it. Bodies are not here.
// Owned by one Queue, on its thread.
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"

namespace surgetank::sqs {

using Slot = std::uint32_t;
inline constexpr Slot no_slot = ~Slot{0};
using GroupNumber = std::uint32_t;

enum class MessageState : std::uint8_t {
  Free,      // nobody has the slot
  Delayed,   // sent, not to be seen yet
  Ready,     // waits to be received
  InFlight,  // received, hidden until visible_at
  Leaving,   // received too often: out of every list, its owner moves it to another queue
};

struct Entry {
  std::uint64_t sequence = 0;
  Instant sent;
  Instant visible_at;      // Delayed and InFlight: when it can be received
  Instant first_received;  // 0: never
  Instant last_received;   // visibility cannot reach further than 12 hours from here
  std::uint32_t receive_count = 0;
  GroupNumber group = 0;
  Slot previous = no_slot;  // in its group's list
  Slot next = no_slot;
  Slot older = no_slot;  // in the list by age
  Slot newer = no_slot;
  std::uint32_t heap_position = 0;
  MessageState state = MessageState::Free;
  bool is_in_age_order = false;
};
static_assert(sizeof(Entry) <= 72, "a backlog of a million messages is paid for by the byte");

class MessageSlab {
 public:
  Entry& operator[](Slot slot) { return chunks_[slot / chunk_entries][slot % chunk_entries]; }
  const Entry& operator[](Slot slot) const { return chunks_[slot / chunk_entries][slot % chunk_entries]; }
  // False for slots that never were: handles from outside may name any.
  bool contains(Slot slot) const { return slot < used_; }

  Slot take() {
    if (free_ != no_slot) {
      const auto slot = free_;
      free_ = (*this)[slot].next;
      (*this)[slot] = Entry{};
      return slot;
    }
    if (used_ == chunks_.size() * chunk_entries) chunks_.push_back(std::make_unique<Entry[]>(chunk_entries));
    return used_++;
  }
  void give_back(Slot slot) {
    auto& entry = (*this)[slot];
    entry = Entry{};
    entry.next = free_;
    free_ = slot;
  }
  // For an empty queue: memory that a backlog needed goes back.
  void clear() {
    chunks_.clear();
    free_ = no_slot;
    used_ = 0;
  }
  std::size_t bytes() const { return chunks_.size() * chunk_entries * sizeof(Entry); }

 private:
  static constexpr std::size_t chunk_entries = 256;
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  Slot free_ = no_slot;
  Slot used_ = 0;
};

}  // namespace surgetank::sqs
