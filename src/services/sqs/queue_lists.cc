// The lists of a queue: by age, by group, and the heap of what becomes visible by itself.
#include "base/assert.h"
#include "services/sqs/queue.h"

namespace surgetank::sqs {

void Queue::enter_age_order(Slot slot) {
  auto& entry = slab_[slot];
  if (newest_ != no_slot && slab_[newest_].sent > entry.sent) {
    out_of_order_.emplace(entry.sent, slot);
    out_of_order_sequences_.insert(entry.sequence);
    return;
  }
  entry.is_in_age_order = true;
  entry.older = newest_;
  (newest_ == no_slot ? oldest_ : slab_[newest_].newer) = slot;
  newest_ = slot;
}

void Queue::leave_age_order(Slot slot) {
  auto& entry = slab_[slot];
  if (!entry.is_in_age_order) {
    out_of_order_.erase({entry.sent, slot});
    out_of_order_sequences_.erase(entry.sequence);
    return;
  }
  (entry.older == no_slot ? oldest_ : slab_[entry.older].newer) = entry.newer;
  (entry.newer == no_slot ? newest_ : slab_[entry.newer].older) = entry.older;
}

void Queue::append_to_group(Slot slot) {
  auto& entry = slab_[slot];
  auto& group = groups_[entry.group];
  entry.previous = group.tail;
  entry.next = no_slot;
  (group.tail == no_slot ? group.head : slab_[group.tail].next) = slot;
  group.tail = slot;
}

void Queue::unlink_from_group(Slot slot) {
  auto& entry = slab_[slot];
  auto& group = groups_[entry.group];
  (entry.previous == no_slot ? group.head : slab_[entry.previous].next) = entry.next;
  (entry.next == no_slot ? group.tail : slab_[entry.next].previous) = entry.previous;
  entry.previous = entry.next = no_slot;
}

bool Queue::comes_before(Slot a, Slot b) const {
  const auto& first = slab_[a];
  const auto& second = slab_[b];
  return first.visible_at != second.visible_at ? first.visible_at < second.visible_at : first.sequence < second.sequence;
}

void Queue::heap_place(std::uint32_t position, Slot slot) {
  heap_[position] = slot;
  slab_[slot].heap_position = position;
}

void Queue::heap_insert(Slot slot) {
  heap_.push_back(slot);
  slab_[slot].heap_position = static_cast<std::uint32_t>(heap_.size() - 1);
  heap_settle(slab_[slot].heap_position);
}

void Queue::heap_remove(Slot slot) {
  const auto position = slab_[slot].heap_position;
  SURGE_ASSERT(position < heap_.size() && heap_[position] == slot, "a message that waits for its time is in the heap");
  const auto last = heap_.back();
  heap_.pop_back();
  if (last == slot) return;
  heap_place(position, last);
  heap_settle(position);
}

void Queue::heap_settle(std::uint32_t position) {
  const auto slot = heap_[position];
  while (position > 0 && comes_before(slot, heap_[(position - 1) / 2])) {
    heap_place(position, heap_[(position - 1) / 2]);
    position = (position - 1) / 2;
  }
  while (true) {
    auto child = position * 2 + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && comes_before(heap_[child + 1], heap_[child])) ++child;
    if (!comes_before(heap_[child], slot)) break;
    heap_place(position, heap_[child]);
    position = child;
  }
  heap_place(position, slot);
}

}  // namespace surgetank::sqs
