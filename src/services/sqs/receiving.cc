#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/sqs/access.h"
#include "services/sqs/errors.h"
#include "services/sqs/keys.h"
#include "services/sqs/message_checks.h"
#include "services/sqs/message_operations.h"
#include "services/sqs/queue_state.h"
#include "services/sqs/quotas.h"
#include "services/sqs/receipt_handle.h"
#include "services/sqs/received_view.h"
#include "services/sqs/throttling.h"
#include "services/sqs/transfers.h"

namespace surgetank::sqs {
namespace {

struct ReceiveOrder {
  std::size_t most = 1;
  Duration visibility{};
  Duration wait{};
};

// Without a registry as well: more than this a queue does not hold in flight.
std::int64_t in_flight_quota(const Quotas* registry) {
  return registry != nullptr ? registry->value(quotas::in_flight) : quotas::in_flight.value;
}

Result<Unit> check_most(Quotas* registry, const QuotaRow& row, std::int64_t value, std::string_view parameter) {
  const auto checked = check_quota(registry, row, value);
  if (checked.ok() && value >= 0) return Unit{};
  const auto most = std::to_string(quota_value(registry, row));
  auto error = invalid_value(std::to_string(value), parameter, "Must be >= 0 and <= " + most + ", if provided.");
  if (!checked.ok()) error.quota = &row;
  return error;
}

Result<ReceiveOrder> read_order(Quotas* registry, const ReceiveMessageRequest& request, const QueueSettings& settings) {
  const auto most = request.MaxNumberOfMessages.value_or(1);
  if (most < 1 || most > limits::receive_most_messages)
    return invalid_value(std::to_string(most), "MaxNumberOfMessages", "Must be between 1 and 10, if provided.");
  const auto visibility = request.VisibilityTimeout.value_or(0);
  SURGE_CHECK(check_most(registry, quotas::visibility_timeout, visibility, "VisibilityTimeout"));
  const auto wait = request.WaitTimeSeconds.value_or(0);
  SURGE_CHECK(check_most(registry, quotas::long_poll, wait, "WaitTimeSeconds"));
  if (request.ReceiveRequestAttemptId) {
    if (!settings.is_fifo()) {
      return invalid_value(*request.ReceiveRequestAttemptId, "ReceiveRequestAttemptId",
                           "The request include parameter that is not valid for this queue type.");
    }
    SURGE_CHECK(check_id(*request.ReceiveRequestAttemptId, "ReceiveRequestAttemptId"));
  }
  return ReceiveOrder{.most = static_cast<std::size_t>(most),
                      .visibility = request.VisibilityTimeout ? seconds(visibility) : settings.visibility_timeout,
                      .wait = request.WaitTimeSeconds ? seconds(wait) : settings.receive_wait};
}

// The messages of an earlier receive with this attempt id, hidden anew; empty if one of them has changed since.
std::vector<Slot> receive_again(Call& call, LoadedQueue& loaded, const IdHash& hash, Instant hidden_until) {
  auto* attempt = loaded.attempts().find(hash, call.now);
  if (attempt == nullptr) return {};
  std::vector<Slot> slots;
  for (const auto& message : attempt->messages) {
    const auto slot = loaded.queue().find(message.sequence, message.slot);
    if (slot == no_slot) return {};
    const auto& entry = loaded.queue().entry(slot);
    const bool is_as_it_was =
        entry.state == MessageState::InFlight && entry.receive_count == message.receive_count && entry.visible_at == message.visible_at;
    if (!is_as_it_was) return {};
    slots.push_back(slot);
  }
  for (const auto slot : slots) loaded.queue().change_visibility(slot, call.now, hidden_until);
  return slots;
}

void remember_attempt(Call& call, LoadedQueue& loaded, const IdHash& hash, const std::vector<Slot>& taken) {
  const auto* known = loaded.attempts().find(hash, call.now);
  ReceiveAttempt attempt{.received = known != nullptr ? known->received : call.now, .messages = {}};
  for (const auto slot : taken) {
    const auto& entry = loaded.queue().entry(slot);
    attempt.messages.push_back(
        {.sequence = entry.sequence, .receive_count = entry.receive_count, .slot = slot, .visible_at = entry.visible_at});
  }
  call.txn.put(keys::of_message(keys::attempt_kind, loaded.storage_id(), number_of(hash)), attempt_record(hash, attempt));
  loaded.attempts().put(hash, std::move(attempt));
}

// Up to `order.most` messages, in flight from now on and written so. Those received too often go to the dead-letter queue.
std::vector<Slot> take(Call& call, LoadedQueue& loaded, const ReceiveOrder& order) {
  std::vector<Slot> taken;
  std::vector<Slot> exhausted;
  Opt<QueueRecord> target;  // looked for once, if there is something to move
  bool has_looked = false;
  const std::function<bool()> may_leave = [&] {
    if (!has_looked) target = find_queue_by_name(call, loaded.settings().redrive->target_name);
    has_looked = true;
    return target.has_value();  // without a place to go they are received on
  };
  const Queue::ReceiveOrder queue_order{.now = call.now,
                                        .most = order.most,
                                        .hidden_until = call.now + order.visibility,
                                        .may_leave = may_leave,
                                        .most_in_flight = static_cast<std::size_t>(in_flight_quota(call.ports.quotas))};
  loaded.queue().receive(queue_order, taken, exhausted);
  if (!exhausted.empty()) hand_over(call, loaded, exhausted, *target, TransferReason::DeadLetter);
  return taken;
}

ReceiveMessageResponse answer(Call& call, LoadedQueue& loaded, const ReceivedView& view, const std::vector<Slot>& taken) {
  ReceiveMessageResponse response;
  response.Messages.reserve(taken.size());
  const auto& queue = loaded.queue();
  for (const auto slot : taken) {
    const auto& entry = queue.entry(slot);
    loaded.write_index(call, slot);
    auto handle =
        to_text({.storage_id = loaded.storage_id(), .sequence = entry.sequence, .receive_count = entry.receive_count, .slot = slot});
    response.Messages.push_back(
        view.show(loaded.read_body(call, entry.sequence), entry, queue.group_id(slot), loaded.settings().kind, std::move(handle)));
  }
  return response;
}

}  // namespace

Result<ReceiveMessageResponse> receive_message(Call& call, const ReceiveMessageRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::receive));
  auto& loaded = *queue;
  SURGE_TRY(order, read_order(call.ports.quotas, request, loaded.settings()));
  SURGE_TRY(view, ReceivedView::of(request));
  SURGE_CHECK(take_turn(call, loaded, QueueAction::Receive));
  const auto most_in_flight = in_flight_quota(call.ports.quotas);
  const auto in_flight = static_cast<std::int64_t>(loaded.queue().totals().in_flight);
  if (call.ports.quotas != nullptr) call.ports.quotas->in_use(quotas::in_flight, in_flight);
  if (in_flight >= most_in_flight && !loaded.settings().is_fifo() && order.wait == Duration{}) {
    if (call.ports.quotas != nullptr) call.ports.quotas->rejected(quotas::in_flight);
    return Quotas::error(quotas::in_flight, most_in_flight, in_flight);
  }

  std::optional<IdHash> attempt;
  if (request.ReceiveRequestAttemptId) attempt = hash_of_id({}, *request.ReceiveRequestAttemptId);
  std::vector<Slot> taken;
  if (attempt) taken = receive_again(call, loaded, *attempt, call.now + order.visibility);
  if (taken.empty()) {
    taken = take(call, loaded, order);
    loaded.activity().received += taken.size();
  }
  const auto deadline = call.arrived() + order.wait;
  if (taken.empty() && !call.txn.has_writes() && call.now < deadline && call.may_wait()) {
    loaded.long_polls().park(call, loaded.topic(), deadline, loaded.queue().next_visible());
    return ReceiveMessageResponse{};
  }
  auto response = answer(call, loaded, view, taken);
  if (taken.empty()) {
    ++loaded.activity().empty_receives;
  } else {
    if (attempt) remember_attempt(call, loaded, *attempt, taken);
    loaded.tidy(call);
    loaded.erase_nothing(call);
  }
  loaded.long_polls().leave(call, loaded.topic(), loaded.queue().can_receive(), loaded.queue().next_visible());
  return response;
}

}  // namespace surgetank::sqs
