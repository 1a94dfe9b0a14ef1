#include "services/sqs/queue.h"

#include <algorithm>

#include "base/assert.h"
#include "services/sqs/limits.h"

namespace surgetank::sqs {

Slot Queue::place(const MessageFacts& facts) {
  const auto slot = slab_.take();
  auto& entry = slab_[slot];
  entry.sequence = facts.sequence;
  entry.sent = facts.sent;
  entry.visible_at = facts.visible_at;
  entry.first_received = facts.first_received;
  entry.last_received = facts.last_received;
  entry.receive_count = facts.receive_count;
  entry.group = groups_.find_or_make(facts.group);
  ++groups_[entry.group].messages;
  ++count_;
  enter_age_order(slot);
  if (rules_.is_fifo) append_to_group(slot);
  return slot;
}

Slot Queue::add(const MessageFacts& facts, Instant now) {
  const auto slot = place(facts);
  if (facts.visible_at > now) {
    slab_[slot].state = MessageState::Delayed;
    ++delayed_;
    heap_insert(slot);
  } else {
    become_ready(slot);
  }
  return slot;
}

void Queue::load(const MessageFacts& facts, Instant now) {
  const auto slot = place(facts);
  auto& entry = slab_[slot];
  if (facts.receive_count > 0)
    received_before_load_.emplace(facts.sequence, slot);
  else if (rules_.is_fifo)
    entry.visible_at = facts.sent + rules_.delay;
  if (entry.visible_at <= now) {
    entry.state = MessageState::Ready;
    loaded_ready_.push_back(slot);
    return;
  }
  heap_insert(slot);
  if (facts.receive_count == 0) {
    entry.state = MessageState::Delayed;
    ++delayed_;
  } else {
    entry.state = MessageState::InFlight;
    ++in_flight_;
    ++groups_[entry.group].in_flight;
  }
}

void Queue::finish_loading() {
  // As if the queue had been here all the time: in the order in which they became visible.
  const auto earlier = [this](Slot a, Slot b) { return comes_before(a, b); };
  if (!std::is_sorted(loaded_ready_.begin(), loaded_ready_.end(), earlier)) std::sort(loaded_ready_.begin(), loaded_ready_.end(), earlier);
  for (const auto slot : loaded_ready_) {
    if (!rules_.is_fifo) append_to_group(slot);
    refresh(slab_[slot].group);
  }
  loaded_ready_ = {};
}

void Queue::set_rules(const QueueRules& rules, Instant now) {
  const auto old_delay = rules_.delay;
  rules_ = rules;
  if (!rules_.is_fifo || old_delay == rules_.delay) return;
  std::vector<Slot> waiting;
  for (const auto slot : heap_)
    if (slab_[slot].state == MessageState::Delayed) waiting.push_back(slot);
  for (const auto slot : waiting) heap_remove(slot);
  for (const auto slot : waiting) {
    slab_[slot].visible_at = std::max(slab_[slot].sent + rules_.delay, now);
    heap_insert(slot);
  }
}

// Whether a group can be received from has changed, perhaps.
void Queue::refresh(GroupNumber number) {
  const auto& group = groups_[number];
  const bool is_open =
      group.head != no_slot && (!rules_.is_fifo || (group.in_flight == 0 && slab_[group.head].state == MessageState::Ready));
  if (is_open) {
    groups_.enter(number);
  } else {
    groups_.leave(number);
  }
}

void Queue::become_ready(Slot slot) {
  auto& entry = slab_[slot];
  entry.state = MessageState::Ready;
  if (!rules_.is_fifo) append_to_group(slot);
  refresh(entry.group);
}

void Queue::become_in_flight(Slot slot, Instant now, Instant hidden_until) {
  auto& entry = slab_[slot];
  entry.visible_at = hidden_until;
  if (entry.first_received.us == 0) entry.first_received = now;
  entry.last_received = now;
  ++entry.receive_count;
  if (hidden_until <= now) return;  // a receive that hides nothing: it stays Ready
  entry.state = MessageState::InFlight;
  ++in_flight_;
  ++groups_[entry.group].in_flight;
  heap_insert(slot);
}

void Queue::advance(Instant now, std::vector<std::uint64_t>& expired) {
  while (!heap_.empty() && slab_[heap_.front()].visible_at <= now) {
    const auto slot = heap_.front();
    auto& entry = slab_[slot];
    heap_remove(slot);
    if (entry.state == MessageState::InFlight) {
      --in_flight_;
      --groups_[entry.group].in_flight;
    } else {
      --delayed_;
    }
    become_ready(slot);
  }
  const auto drop = [&](Slot slot) {
    expired.push_back(slab_[slot].sequence);
    remove(slot);
  };
  while (oldest_ != no_slot && slab_[oldest_].sent + rules_.retention <= now) drop(oldest_);
  while (!out_of_order_.empty() && out_of_order_.begin()->first + rules_.retention <= now) drop(out_of_order_.begin()->second);
  forgive(now);
}

bool Queue::set_aside_if_exhausted(Slot slot, const ReceiveOrder& order, std::vector<Slot>& exhausted) {
  auto& entry = slab_[slot];
  if (rules_.maximum_receive_count == 0 || entry.receive_count < rules_.maximum_receive_count || !order.may_leave()) return false;
  unlink_from_group(slot);
  entry.state = MessageState::Leaving;
  ++leaving_;
  exhausted.push_back(slot);
  return true;
}

bool Queue::is_served(const ReceiveOrder& order, const std::vector<Slot>& taken, const std::vector<Slot>& exhausted) const {
  return taken.size() >= order.most || exhausted.size() >= most_exhausted || in_flight_ >= order.most_in_flight;
}

void Queue::receive(const ReceiveOrder& order, std::vector<Slot>& taken, std::vector<Slot>& exhausted) {
  if (rules_.is_fifo) return receive_in_order(order, taken, exhausted);
  receive_fair(order, taken, exhausted);
}

void Queue::receive_fair(const ReceiveOrder& order, std::vector<Slot>& taken, std::vector<Slot>& exhausted) {
  while (!is_served(order, taken, exhausted)) {
    const auto number = groups_.turn();
    if (number == no_group) break;
    const auto slot = groups_[number].head;
    if (!set_aside_if_exhausted(slot, order, exhausted)) {
      unlink_from_group(slot);
      become_in_flight(slot, order.now, order.hidden_until);
      taken.push_back(slot);
    }
    if (!groups_.is_alone(number) || groups_[number].head == no_slot) {
      groups_.leave(number);  // to the end of the ring
      refresh(number);
    }
    if (number != 0) judge(number, order.now);
  }
  // What a receive without hiding puts back must not come round again in the same answer.
  if (order.hidden_until > order.now) return;
  for (const auto slot : taken) become_ready(slot);
}

void Queue::receive_in_order(const ReceiveOrder& order, std::vector<Slot>& taken, std::vector<Slot>& exhausted) {
  std::vector<GroupNumber> served;  // back in the ring at the end, if they can be received from still
  while (!is_served(order, taken, exhausted)) {
    const auto number = groups_.turn();
    if (number == no_group) break;
    groups_.leave(number);
    served.push_back(number);
    auto slot = groups_[number].head;
    while (slot != no_slot && slab_[slot].state == MessageState::Ready && !is_served(order, taken, exhausted)) {
      const auto following = slab_[slot].next;
      if (!set_aside_if_exhausted(slot, order, exhausted)) {
        become_in_flight(slot, order.now, order.hidden_until);
        taken.push_back(slot);
      }
      slot = following;
    }
  }
  for (const auto number : served) refresh(number);
}

void Queue::change_visibility(Slot slot, Instant now, Instant visible_at) {
  auto& entry = slab_[slot];
  SURGE_ASSERT(entry.state == MessageState::InFlight, "only what is in flight has a visibility");
  entry.visible_at = visible_at;
  if (visible_at > now) return heap_settle(entry.heap_position);
  heap_remove(slot);
  --in_flight_;
  --groups_[entry.group].in_flight;
  become_ready(slot);
}

void Queue::remove(Slot slot) {
  auto& entry = slab_[slot];
  const auto number = entry.group;
  switch (entry.state) {
    case MessageState::InFlight:
      --in_flight_;
      --groups_[number].in_flight;
      heap_remove(slot);
      break;
    case MessageState::Delayed:
      --delayed_;
      heap_remove(slot);
      break;
    case MessageState::Leaving:
      --leaving_;
      break;
    case MessageState::Ready:
    case MessageState::Free:
      break;
  }
  SURGE_ASSERT(entry.state != MessageState::Free, "a message is removed once");
  if (entry.state == MessageState::Ready || (rules_.is_fifo && entry.state != MessageState::Leaving)) unlink_from_group(slot);
  leave_age_order(slot);
  if (!received_before_load_.empty()) received_before_load_.erase(entry.sequence);
  --groups_[number].messages;
  refresh(number);
  groups_.forget_if_empty(number);
  slab_.give_back(slot);
  // The memory of a backlog goes back when it is worked off; a queue that is always nearly empty keeps the little that it has.
  constexpr std::size_t worth_keeping = 256 * 1024;
  if (--count_ == 0 && slab_.bytes() > worth_keeping) clear();
}

void Queue::clear() {
  slab_.clear();
  groups_.clear();
  heap_ = {};
  oldest_ = newest_ = no_slot;
  out_of_order_.clear();
  out_of_order_sequences_.clear();
  noisy_.clear();
  received_before_load_ = {};
  count_ = in_flight_ = delayed_ = leaving_ = 0;
}

// A group is noisy while it holds at least 30 messages and more than a tenth of all that are in flight, and five minutes longer.
void Queue::judge(GroupNumber number, Instant now) {
  auto& group = groups_[number];
  if (group.in_flight < limits::noisy_in_flight || group.in_flight * limits::noisy_share <= in_flight_) return;
  group.noisy_until = now + limits::noisy_period;
  if (group.is_noisy) return;
  group.is_noisy = true;
  noisy_.emplace_back(group.noisy_until, number);
  refresh(number);
}

void Queue::forgive(Instant now) {
  while (!noisy_.empty() && noisy_.front().first <= now) {
    const auto number = noisy_.front().second;
    noisy_.pop_front();
    auto& group = groups_[number];
    if (!group.is_noisy) continue;  // forgotten, and perhaps another one by now
    const bool is_large = group.in_flight >= limits::noisy_in_flight && group.in_flight * limits::noisy_share > in_flight_;
    if (is_large || group.noisy_until > now) {
      noisy_.emplace_back(is_large ? now + limits::noisy_period : group.noisy_until, number);
      continue;
    }
    group.is_noisy = false;
    refresh(number);
  }
}

Slot Queue::find(std::uint64_t sequence, Slot hint) const {
  const auto is_it = [&](Slot slot) {
    return slab_.contains(slot) && slab_[slot].state != MessageState::Free && slab_[slot].sequence == sequence;
  };
  if (is_it(hint)) return hint;
  const auto loaded = received_before_load_.find(sequence);
  return loaded != received_before_load_.end() && is_it(loaded->second) ? loaded->second : no_slot;
}

std::optional<Instant> Queue::next_visible() const {
  if (heap_.empty()) return std::nullopt;
  return slab_[heap_.front()].visible_at;
}

std::optional<Instant> Queue::oldest_sent() const {
  std::optional<Instant> oldest;
  if (oldest_ != no_slot) oldest = slab_[oldest_].sent;
  if (!out_of_order_.empty() && (!oldest || out_of_order_.begin()->first < *oldest)) oldest = out_of_order_.begin()->first;
  return oldest;
}

std::optional<std::uint64_t> Queue::lowest_sequence() const {
  std::optional<std::uint64_t> lowest;
  if (oldest_ != no_slot) lowest = slab_[oldest_].sequence;
  if (!out_of_order_sequences_.empty() && (!lowest || *out_of_order_sequences_.begin() < *lowest))
    lowest = *out_of_order_sequences_.begin();
  return lowest;
}

}  // namespace surgetank::sqs
