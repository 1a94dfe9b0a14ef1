#pragma once
// A queue as a state machine: which message may be received when, by age, delay, visibility, group and receive count. It knows no
// bodies, no storage, no clock and no JSON; what it is told it remembers in about 80 bytes a message. state.h loads one from its
// records and keeps it on the queue's lane; every change is written to the store in the same operation by whoever asks for it.
//
// Standard queues hand out what became visible first. Messages with a group id are served by group in turn, and a group that
// holds more than its share of what is in flight waits until the others are served (fair queues). FIFO queues hand out the
// messages of a group in order, and a group with a message in flight is locked. Sources: SQS developer guide.
//
// `now` never has to grow from call to call: wall clocks step back. advance() must be called before anything that takes a `now`.
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "services/sqs/limits.h"
#include "services/sqs/message_groups.h"
#include "services/sqs/message_slab.h"

namespace surgetank::sqs {

// Of the queue's settings, what the state machine goes by.
struct QueueRules {
  bool is_fifo = false;
  Duration delay = {};  // FIFO queues apply a changed delay to messages that are waiting already
  Duration retention = days(4);
  std::int64_t maximum_receive_count = 0;  // 0: there is no dead-letter queue
};

struct QueueTotals {
  std::uint64_t visible = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delayed = 0;
};

// A message as it is added or loaded.
struct MessageFacts {
  std::uint64_t sequence = 0;
  Instant sent = {};
  Instant visible_at = {};
  Instant first_received = {};
  Instant last_received = {};
  std::uint32_t receive_count = 0;
  std::string_view group = {};
};

class Queue {
 public:
  explicit Queue(const QueueRules& rules) : rules_(rules) {}

  const QueueRules& rules() const { return rules_; }
  void set_rules(const QueueRules& rules, Instant now);

  // Sequences grow from call to call.
  Slot add(const MessageFacts& facts, Instant now);
  // The same while a queue is rebuilt: in order of sequence, then finish_loading() once.
  void load(const MessageFacts& facts, Instant now);
  void finish_loading();

  // Makes visible what is due, and removes what is older than the retention period: those sequences are appended to `expired`.
  void advance(Instant now, std::vector<std::uint64_t>& expired);

  // Takes up to `most` messages in flight until `hidden_until`. Those that were received too often are appended to `exhausted`
  // instead (at most `most_exhausted`) if they may leave: their state is Leaving, and the caller removes them.
  struct ReceiveOrder {
    Instant now;
    std::size_t most = 1;
    Instant hidden_until;
    const std::function<bool()>& may_leave;  // asked when there is one
    std::size_t most_in_flight = limits::in_flight;
  };
  void receive(const ReceiveOrder& order, std::vector<Slot>& taken, std::vector<Slot>& exhausted);
  static constexpr std::size_t most_exhausted = 100;
  bool can_receive() const { return groups_.turn() != no_group; }
  // Like a receive of exactly this message, which is in flight already: sets the time anew, counts nothing.
  void change_visibility(Slot slot, Instant now, Instant visible_at);
  void remove(Slot slot);
  void clear();

  // The slot of a message by its sequence; `hint` is where it was when its receipt handle was made. no_slot: it is not here.
  Slot find(std::uint64_t sequence, Slot hint) const;
  const Entry& entry(Slot slot) const { return slab_[slot]; }
  std::string_view group_id(Slot slot) const { return groups_[slab_[slot].group].id; }

  QueueTotals totals() const { return {count_ - in_flight_ - delayed_ - leaving_, in_flight_, delayed_}; }
  std::uint64_t count() const { return count_; }
  // When the next message becomes visible by itself; nullopt: none will.
  std::optional<Instant> next_visible() const;
  std::optional<Instant> oldest_sent() const;
  // No message of the queue has a lower sequence; nullopt: it is empty.
  std::optional<std::uint64_t> lowest_sequence() const;
  std::size_t bytes() const { return slab_.bytes() + heap_.capacity() * sizeof(Slot); }

 private:
  // queue_lists.cc
  void enter_age_order(Slot slot);
  void leave_age_order(Slot slot);
  void append_to_group(Slot slot);
  void unlink_from_group(Slot slot);
  void heap_insert(Slot slot);
  void heap_remove(Slot slot);
  void heap_settle(std::uint32_t position);
  bool comes_before(Slot a, Slot b) const;
  void heap_place(std::uint32_t position, Slot slot);

  Slot place(const MessageFacts& facts);
  void become_ready(Slot slot);
  void become_in_flight(Slot slot, Instant now, Instant hidden_until);
  void refresh(GroupNumber group);
  void judge(GroupNumber group, Instant now);
  void forgive(Instant now);
  bool set_aside_if_exhausted(Slot slot, const ReceiveOrder& order, std::vector<Slot>& exhausted);
  bool is_served(const ReceiveOrder& order, const std::vector<Slot>& taken, const std::vector<Slot>& exhausted) const;
  void receive_fair(const ReceiveOrder& order, std::vector<Slot>& taken, std::vector<Slot>& exhausted);
  void receive_in_order(const ReceiveOrder& order, std::vector<Slot>& taken, std::vector<Slot>& exhausted);

  QueueRules rules_;
  MessageSlab slab_;
  MessageGroups groups_;
  std::vector<Slot> heap_;  // Delayed and InFlight, by visible_at
  Slot oldest_ = no_slot;   // the list by age: sent and sequence both grow along it
  Slot newest_ = no_slot;
  std::set<std::pair<Instant, Slot>> out_of_order_;    // the others: handed over by another queue with the time they were first sent
  std::set<std::uint64_t> out_of_order_sequences_;     // of the same
  std::deque<std::pair<Instant, GroupNumber>> noisy_;  // when to look at a noisy group again, in order
  std::unordered_map<std::uint64_t, Slot> received_before_load_;  // only looked up, never walked
  std::vector<Slot> loaded_ready_;
  std::uint64_t count_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t delayed_ = 0;
  std::uint64_t leaving_ = 0;
};

}  // namespace surgetank::sqs
