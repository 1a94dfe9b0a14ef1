#pragma once
// The message groups of a queue that have messages in it. Group 0 has no id: the messages of a standard queue without a group.
// A group that can be received from is in one of two rings and is served in turn; ring and list are threaded through the groups
// themselves. Owned by one Queue, on its thread.
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/sqs/message_slab.h"

namespace surgetank::sqs {

inline constexpr GroupNumber no_group = ~GroupNumber{0};

enum class RingName : std::uint8_t { None, Quiet, Noisy };

struct Group {
  std::string id;
  Slot head = no_slot;  // FIFO: all its messages in order; standard: those that are Ready
  Slot tail = no_slot;
  std::uint32_t messages = 0;   // in any state
  std::uint32_t in_flight = 0;  // of them
  GroupNumber previous = no_group;
  GroupNumber next = no_group;
  RingName ring = RingName::None;
  bool is_noisy = false;
  Instant noisy_until;
};

class MessageGroups {
 public:
  MessageGroups() { clear(); }
  Group& operator[](GroupNumber number) { return groups_[number]; }
  const Group& operator[](GroupNumber number) const { return groups_[number]; }

  // The group of that id, made if there is none; "" is group 0.
  GroupNumber find_or_make(std::string_view id);
  // A group other than 0 without messages is forgotten.
  void forget_if_empty(GroupNumber number);
  void clear();

  // The group whose turn it is: of the quiet ones, else of the noisy ones; no_group if nothing can be received.
  GroupNumber turn() const { return rings_[0].head != no_group ? rings_[0].head : rings_[1].head; }
  bool is_alone(GroupNumber number) const { return groups_[number].previous == no_group && groups_[number].next == no_group; }
  // Enters the group at the end of the ring that suits it, unless it is in that ring already; leaves any other.
  void enter(GroupNumber number);
  void leave(GroupNumber number);

 private:
  struct Ring {
    GroupNumber head = no_group;
    GroupNumber tail = no_group;
  };
  Ring& ring(RingName name) { return rings_[name == RingName::Quiet ? 0 : 1]; }

  std::deque<Group> groups_;  // does not move what it has: the keys below point into it
  std::vector<GroupNumber> free_;
  std::unordered_map<std::string_view, GroupNumber> numbers_;  // only looked up, never walked
  Ring rings_[2];
};

}  // namespace surgetank::sqs
