#include "services/sqs/message_groups.h"

namespace surgetank::sqs {

GroupNumber MessageGroups::find_or_make(std::string_view id) {
  if (id.empty()) return 0;
  if (const auto known = numbers_.find(id); known != numbers_.end()) return known->second;
  GroupNumber number = 0;
  if (free_.empty()) {
    number = static_cast<GroupNumber>(groups_.size());
    groups_.emplace_back();
  } else {
    number = free_.back();
    free_.pop_back();
  }
  groups_[number].id = id;
  numbers_.emplace(groups_[number].id, number);
  return number;
}

void MessageGroups::forget_if_empty(GroupNumber number) {
  if (number == 0 || groups_[number].messages != 0) return;
  leave(number);
  numbers_.erase(groups_[number].id);
  groups_[number] = Group{};
  free_.push_back(number);
}

void MessageGroups::clear() {
  numbers_.clear();
  groups_.clear();
  groups_.emplace_back();
  free_.clear();
  rings_[0] = rings_[1] = {};
}

void MessageGroups::enter(GroupNumber number) {
  auto& group = groups_[number];
  const auto wanted = group.is_noisy ? RingName::Noisy : RingName::Quiet;
  if (group.ring == wanted) return;
  leave(number);
  auto& entered = ring(wanted);
  group.ring = wanted;
  group.previous = entered.tail;
  (entered.tail == no_group ? entered.head : groups_[entered.tail].next) = number;
  entered.tail = number;
}

void MessageGroups::leave(GroupNumber number) {
  auto& group = groups_[number];
  if (group.ring == RingName::None) return;
  auto& left = ring(group.ring);
  (group.previous == no_group ? left.head : groups_[group.previous].next) = group.next;
  (group.next == no_group ? left.tail : groups_[group.next].previous) = group.previous;
  group.previous = group.next = no_group;
  group.ring = RingName::None;
}

}  // namespace surgetank::sqs
