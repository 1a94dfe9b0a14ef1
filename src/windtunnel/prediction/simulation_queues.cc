// The part of a prediction that messages are in: the queue of the sqs service, the poller of the lambda service, and the time between them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "services/sqs/limits.h"
#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {
namespace {

constexpr Duration receive_time = milliseconds(5);  // ours: of a ReceiveMessage inside AWS that finds messages

}  // namespace

// ---- the queue ----

// SQS is paid for by requests, each 64 KB of one again.
void Simulation::pay(const QueueState& queue, double requests, std::int64_t bytes) {
  constexpr double step_bytes = 64 * 1024;
  (queue.profile->is_fifo ? use_.fifo_requests : use_.queue_requests) +=
      requests * std::max(1.0, std::ceil(static_cast<double>(bytes) / step_bytes));
}

void Simulation::send(std::uint32_t number) {
  auto& queue = queues_[number];
  pay(queue, 1, queue.profile->message_bytes);
  ++queue.figures.sent;
  add_message(queue, now());
  serve_waiting(number);
}

void Simulation::add_message(QueueState& queue, Instant sent) {
  std::string group;
  if (queue.profile->is_fifo)
    group = "g" + std::to_string(choices_.below(static_cast<std::uint64_t>(std::max<std::int64_t>(queue.profile->groups, 1))));
  queue.queue.add({.sequence = ++sequence_, .sent = sent, .visible_at = now() + queue.profile->delay, .group = group}, now());
  queue.figures.depth_peak = std::max(queue.figures.depth_peak, queue.queue.count());
}

void Simulation::advance_queue(QueueState& queue) {
  expired_.clear();
  queue.queue.advance(now(), expired_);
}

// Long polls that wait get what has become visible.
void Simulation::serve_waiting(std::uint32_t number) {
  auto& queue = queues_[number];
  advance_queue(queue);
  while (!queue.waiting.empty() && queue.queue.can_receive()) {
    const auto waiting = queue.waiting.front();
    queue.waiting.pop_front();
    if (!receives_.is_current(waiting.receive, waiting.generation)) continue;
    if (!try_receive(waiting.receive)) break;
  }
  arm_queue(number);
}

// Somebody waits: the queue must be looked at when a message becomes visible by itself.
void Simulation::arm_queue(std::uint32_t number) {
  auto& queue = queues_[number];
  if (queue.waiting.empty()) return;
  const auto next = queue.queue.next_visible();
  if (!next || (queue.wake && *queue.wake <= *next)) return;
  queue.wake = next;
  heap_.push(*next, EventKind::QueueWakes, number, ++queue.wake_generation);
}

// ---- the poller ----

void Simulation::ask_poller(std::uint32_t number) {
  auto& mapping = mappings_[number];
  ++mapping.wake_generation;
  auto orders = mapping.poller->orders(now());
  for (const auto& order : orders.receives) {
    const auto receive = receives_.take();
    receives_[receive].mapping = number;
    receives_[receive].order = order;
    heap_.push(now() + receive_time, EventKind::ReceiveAnswered, receive, receives_[receive].generation);
  }
  auto& queue = queues_[mapping.queue];
  for (const auto& handle : orders.released) {
    const auto slot = static_cast<sqs::Slot>(parse_integer(handle).value_or(0));
    if (queue.queue.entry(slot).state == sqs::MessageState::InFlight) queue.queue.change_visibility(slot, now(), now());
  }
  const auto batches_before = mapping.poller->batches();
  for (const auto batch : orders.invocations) submit(mapping.function, {.kind = OriginKind::Batch, .subject = number, .detail = batch});
  ledger_.used(mapping.concurrency_limit, static_cast<double>(batches_before));
  if (static_cast<std::int64_t>(batches_before) >= mapping.profile->maximum_concurrency.value_or(1'250) && queue.queue.totals().visible > 0)
    ledger_.used_up(mapping.concurrency_limit, now());
  if (orders.wake) heap_.push(std::max(*orders.wake, now() + microseconds(1)), EventKind::PollerWakes, number, mapping.wake_generation);
}

void Simulation::receive_answered(std::uint32_t number) {
  auto& receive = receives_[number];
  const auto queue = mappings_[receive.mapping].queue;
  advance_queue(queues_[queue]);
  if (try_receive(number)) return;
  if (receive.order.wait > Duration{}) {
    heap_.push(receive.order.asked_at + receive.order.wait, EventKind::LongPollEnds, number, receive.generation);
    queues_[queue].waiting.push_back({number, receive.generation});
    return arm_queue(queue);
  }
  give_messages(number, {});
}

void Simulation::long_poll_ends(std::uint32_t number) { give_messages(number, {}); }

// False: there is nothing.
bool Simulation::try_receive(std::uint32_t number) {
  const auto& receive = receives_[number];
  auto& queue = queues_[mappings_[receive.mapping].queue];
  const auto most = static_cast<std::size_t>(std::min<std::int64_t>(receive.order.count, sqs::limits::receive_most_messages));
  const std::function<bool()> may_leave = [] { return true; };
  taken_.clear();
  do {
    exhausted_.clear();
    queue.queue.receive({.now = now(), .most = most, .hidden_until = now() + queue.profile->visibility, .may_leave = may_leave}, taken_,
                        exhausted_);
    move_exhausted(queue, exhausted_);
  } while (taken_.empty() && exhausted_.size() == sqs::Queue::most_exhausted);
  if (taken_.empty()) return false;
  queue.figures.receives += taken_.size();
  const auto taken = taken_;
  give_messages(number, taken);
  return true;
}

void Simulation::give_messages(std::uint32_t number, const std::vector<sqs::Slot>& taken) {
  const auto receive = receives_[number];
  receives_.give_back(number);
  auto& mapping = mappings_[receive.mapping];
  auto& queue = queues_[mapping.queue];
  std::vector<lambda::QueuedMessage> messages;
  messages.reserve(taken.size());
  for (const auto slot : taken) {
    lambda::QueuedMessage message;
    message.id = std::to_string(queue.queue.entry(slot).sequence);
    message.receipt_handle = std::to_string(slot);
    if (queue.profile->is_fifo) message.group = queue.queue.group_id(slot);
    message.record.resize(static_cast<std::size_t>(queue.profile->message_bytes));
    messages.push_back(std::move(message));
  }
  pay(queue, 1, queue.profile->message_bytes * static_cast<std::int64_t>(taken.size()));
  const lambda::EventSourcePoller::Polled polled{.count = taken.size(),
                                                 .bytes = taken.size() * static_cast<std::size_t>(queue.profile->message_bytes)};
  mapping.poller->received(now(), receive.order, polled, std::move(messages));
  // Not from within: the queue may be serving others.
  ++mapping.wake_generation;
  heap_.push(now(), EventKind::PollerWakes, receive.mapping, mapping.wake_generation);
}

void Simulation::move_exhausted(QueueState& queue, const std::vector<sqs::Slot>& exhausted) {
  for (const auto slot : exhausted) {
    const auto sent = queue.queue.entry(slot).sent;
    queue.queue.remove(slot);
    ++queue.figures.dead;
    ledger_.refused(queue.dead_letter_limit, now());
    add_message(queues_[queue.dead_letters], sent);
  }
}

// ---- batches ----

void Simulation::delete_message(QueueState& queue, const lambda::QueuedMessage& message) {
  const auto sequence = static_cast<std::uint64_t>(parse_integer(message.id).value_or(0));
  const auto slot = queue.queue.find(sequence, static_cast<sqs::Slot>(parse_integer(message.receipt_handle).value_or(0)));
  if (slot == sqs::no_slot) return;  // its visibility ran out, and somebody else was done with it
  queue.accepted_to_done.add(now() - queue.queue.entry(slot).sent);
  ++queue.figures.done;
  queue.queue.remove(slot);
}

void Simulation::batch_ended(std::uint32_t number, std::uint64_t batch, LimitNumber reason) {
  auto& mapping = mappings_[number];
  auto& queue = queues_[mapping.queue];
  auto& function = functions_[mapping.function];
  const double failure_share = function.profile->failure_share;
  auto end = lambda::BatchEnd::Succeeded;
  if (reason != no_limit) {
    ledger_.refused(reason, now());
    end = ledger_[reason].effect == LimitEffect::Throttled ? lambda::BatchEnd::Throttled : lambda::BatchEnd::Failed;
  } else if (mapping.profile->failures == BatchFailures::Whole && failure_share > 0 && choices_.fraction() < failure_share) {
    ledger_.refused(function.own_error, now());
    ++function.errors;
    end = lambda::BatchEnd::Failed;
  } else {
    for (const auto& message : mapping.poller->messages(batch)) {
      if (mapping.profile->failures == BatchFailures::Reported && failure_share > 0 && choices_.fraction() < failure_share) {
        ledger_.refused(function.own_error, now());
        end = lambda::BatchEnd::Reported;
        continue;
      }
      delete_message(queue, message);
    }
  }
  constexpr double messages_of_a_delete = 10;
  if (end != lambda::BatchEnd::Throttled && end != lambda::BatchEnd::Failed)
    pay(queue, std::ceil(static_cast<double>(mapping.poller->messages(batch).size()) / messages_of_a_delete), 0);
  mapping.poller->finished(now(), batch, end);
  ++mapping.wake_generation;
  heap_.push(now(), EventKind::PollerWakes, number, mapping.wake_generation);
}

}  // namespace surgetank::prediction
