#pragma once
// SQS against a plain map of messages: a standard queue with a dead-letter queue, and a FIFO queue. Nothing that was acknowledged is
// lost; nothing is delivered inside its visibility or delay, out of its group's order, or twice for one deduplication id; receive counts
// are right and decide what goes to the dead-letter queue; a receive does not overlook what is there. After a crash the model knows
// bounds instead of values for what the operations under way may or may not have done. One operation a queue at a time.
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "sim/workload.h"
#include "wire/json_value.h"

namespace surgetank::sim {

class SqsWorkload final : public Workload {
 public:
  std::vector<const Service*> services() const override;
  void step(World& world) override;
  void crashed() override;
  void verify(World& world) override;
  std::optional<std::string> failure() const override { return failure_; }
  std::uint64_t delivered() const { return delivered_; }

 private:
  enum class Place : unsigned char { Standard, Dead, Fifo };
  enum class Doing : unsigned char { Nothing, Create, Send, Receive, Delete, ChangeVisibility };
  struct Message {
    std::string group;
    std::uint64_t order = 0;
    bool is_certain = false;       // acknowledged or seen: it must be there
    bool is_order_certain = true;  // false: sent again after a crash
    bool was_in_dead = false;      // seen in the dead-letter queue
    Instant hidden_until;          // not delivered before
    Instant visible_from;          // must be visible then at the latest
    std::int64_t least_receives = 0;
    std::int64_t most_receives = 0;
    std::string handle;
    bool is_handle_last = false;
    Place handle_place = Place::Standard;
  };
  struct Queue {
    std::string name;
    Place place = Place::Standard;
    bool is_created = false;
    Doing doing = Doing::Nothing;
    std::string body = {};  // of the message it is about
    Instant asked = {};
    Duration visibility{};
    bool is_long = false;
    std::size_t most = 0;
  };
  struct Sent {
    std::string body;
    std::string id;
    std::string message_id;  // empty: not acknowledged
    Instant first_asked;
  };
  using Messages = std::map<std::string, Message>;  // by body

  Messages& messages_of(const Queue& queue) { return queue.place == Place::Fifo ? fifo_ : standard_; }
  bool can_be_in(const Message& message, Place place) const;
  void act(World& world, Queue& queue);
  void call(World& world, Queue& queue, Doing doing, std::string_view operation, const std::string& members,
            void (SqsWorkload::*answered)(Queue&, const JsonValue&, Instant));
  void create(World& world, Queue& queue);
  void send(World& world, Queue& queue);
  void send_fifo(World& world, Queue& queue, const Sent* again);
  void receive(World& world, Queue& queue);
  void remove(World& world, Queue& queue);
  void change_visibility(World& world, Queue& queue);

  void was_created(Queue& queue, const JsonValue& reply, Instant now);
  void was_sent(Queue& queue, const JsonValue& reply, Instant now);
  void was_received(Queue& queue, const JsonValue& reply, Instant now);
  void was_removed(Queue& queue, const JsonValue& reply, Instant now);
  void was_changed(Queue& queue, const JsonValue& reply, Instant now);

  void check_delivery(Queue& queue, const std::string& body, std::int64_t receives, Instant latest, const std::vector<std::string>& batch);
  void check_group(const std::string& body, const Message& message, Instant latest, const std::vector<std::string>& batch);
  void check_nothing_overlooked(const Queue& queue, const std::vector<std::string>& batch);
  void drain(World& world);
  void fail(const std::string& what) {
    if (!failure_) failure_ = what;
  }

  std::vector<Queue> queues_ = {{.name = "dead", .place = Place::Dead},
                                {.name = "standard", .place = Place::Standard},
                                {.name = "ordered.fifo", .place = Place::Fifo}};
  Messages standard_;
  Messages fifo_;
  std::vector<Sent> sent_;  // to the FIFO queue
  bool is_draining_ = false;
  std::uint64_t next_body_ = 1;
  std::uint64_t delivered_ = 0;
  std::uint64_t life_ = 0;  // answers of before a crash are not ours to hear any more
  std::optional<std::string> failure_;
};

}  // namespace surgetank::sim
