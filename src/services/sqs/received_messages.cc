// What a consumer does with messages that it has received: delete them, change their visibility; and purging the queue.
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
#include "services/sqs/throttling.h"

namespace surgetank::sqs {
namespace {

// Whether a handle is that of the last receive of its message, and where the message is.
struct Located {
  Slot slot = no_slot;  // no_slot: the message is not there any more
  bool is_last_receive = false;
};

Result<Located> locate(const LoadedQueue& loaded, std::string_view text) {
  const auto handle = parse_receipt_handle(text);
  if (!handle || handle->storage_id != loaded.storage_id())
    return Error{&ReceiptHandleIsInvalid, "The input receipt handle \"" + std::string(text) + "\" is not a valid receipt handle."};
  const auto slot = loaded.queue().find(handle->sequence, handle->slot);
  if (slot == no_slot) return Located{};
  return Located{.slot = slot, .is_last_receive = loaded.queue().entry(slot).receive_count == handle->receive_count};
}

// Standard queues delete by the last handle only, and say nothing about others; FIFO queues only while the message is in flight.
Result<Unit> remove_received(Call& call, LoadedQueue& loaded, std::string_view text) {
  SURGE_TRY(located, locate(loaded, text));
  if (located.slot == no_slot) return Unit{};
  const bool is_in_flight = loaded.queue().entry(located.slot).state == MessageState::InFlight;
  if (loaded.settings().is_fifo() && !(located.is_last_receive && is_in_flight))
    return invalid_value(text, "ReceiptHandle", "The receipt handle has expired.");
  if (!located.is_last_receive) return Unit{};
  loaded.remove(call, located.slot);
  ++loaded.activity().deleted;
  return Unit{};
}

Result<Unit> change_visibility(Call& call, LoadedQueue& loaded, std::string_view text, Integer timeout) {
  if (const auto checked = check_quota(call.ports.quotas, quotas::visibility_timeout, timeout); !checked.ok() || timeout < 0) {
    const auto most = std::to_string(quota_value(call.ports.quotas, quotas::visibility_timeout));
    auto error =
        invalid_value(std::to_string(timeout), "VisibilityTimeout", "VisibilityTimeout must be an integer between 0 and " + most + ".");
    if (!checked.ok()) error.quota = &quotas::visibility_timeout;
    return error;
  }
  SURGE_TRY(located, locate(loaded, text));
  if (located.slot == no_slot || !located.is_last_receive)
    return invalid_value(text, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.");
  const auto& entry = loaded.queue().entry(located.slot);
  if (entry.state != MessageState::InFlight) return Error{&MessageNotInflight, "The specified message isn't in flight."};
  const auto visible_at = call.now + seconds(timeout);
  const auto longest = std::min(quota_value(call.ports.quotas, quotas::visibility_timeout), limits::most_of_an_attribute);
  if (visible_at - entry.last_received > seconds(longest)) {
    auto error = invalid_value(std::to_string(timeout), "VisibilityTimeout",
                               "Total VisibilityTimeout for the message is beyond the limit [" + std::to_string(longest) + " seconds].");
    error.quota = &quotas::visibility_timeout;
    return error;
  }
  loaded.queue().change_visibility(located.slot, call.now, visible_at);
  loaded.write_index(call, located.slot);
  return Unit{};
}

void finish(Call& call, LoadedQueue& loaded) {
  loaded.tidy(call);
  loaded.long_polls().leave(call, loaded.topic(), loaded.queue().can_receive(), loaded.queue().next_visible());
}

// Applies `change` to each entry and sorts the ids by outcome.
template <class Response, class Entry, class Change>
Response each_of(const List<Entry>& entries, Change change) {
  Response response;
  response.Successful.emplace();
  for (const auto& entry : entries) {
    if (auto changed = change(entry); changed.ok()) {
      response.Successful->push_back({entry.Id});
    } else {
      if (!response.Failed) response.Failed.emplace();
      response.Failed->push_back(failed_entry(entry.Id, changed.error()));
    }
  }
  return response;
}

// The one purge that is allowed within a window is remembered in the queue's record, so that a restart does not forget it.
Result<Unit> check_purge(Call& call, const QueueRecord& record) {
  auto* registry = call.ports.quotas;
  const auto& row = quotas::purge_queue;
  const Quotas::Owner owner{.account = call.account(), .region = call.region(), .resource = record.name};
  bool admitted = true;
  if (quota_value(registry, row) == 1) {
    admitted = !record.purged || call.now - *record.purged >= row.per;
    if (admitted) registry->in_use(row, 1);
    if (!admitted) registry->rejected(row);
  } else {
    admitted = registry == nullptr || registry->take(row, owner, call.now);
  }
  if (admitted) return Unit{};
  auto error = Quotas::error(row);
  error.message += record.name + " is allowed every " + std::to_string(row.per.us / seconds(1).us) + " seconds.";
  return error;
}

}  // namespace

Result<Empty> delete_message(Call& call, const DeleteMessageRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::delete_message));
  SURGE_CHECK(take_turn(call, *queue, QueueAction::Delete));
  SURGE_CHECK(remove_received(call, *queue, request.ReceiptHandle));
  finish(call, *queue);
  return Empty{};
}

Result<DeleteMessageBatchResponse> delete_message_batch(Call& call, const DeleteMessageBatchRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::delete_message));
  SURGE_CHECK(check_batch(call.ports.quotas, request.Entries, "DeleteMessageBatchRequestEntry"));
  SURGE_CHECK(take_turn(call, *queue, QueueAction::Delete));
  auto response = each_of<DeleteMessageBatchResponse>(
      request.Entries, [&](const DeleteMessageBatchRequestEntry& entry) { return remove_received(call, *queue, entry.ReceiptHandle); });
  finish(call, *queue);
  return response;
}

Result<Empty> change_message_visibility(Call& call, const ChangeMessageVisibilityRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::change_visibility));
  SURGE_CHECK(take_turn(call, *queue, QueueAction::ChangeVisibility));
  SURGE_CHECK(change_visibility(call, *queue, request.ReceiptHandle, request.VisibilityTimeout));
  queue->erase_nothing(call);
  finish(call, *queue);
  return Empty{};
}

Result<ChangeMessageVisibilityBatchResponse> change_message_visibility_batch(Call& call,
                                                                             const ChangeMessageVisibilityBatchRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::change_visibility));
  SURGE_CHECK(check_batch(call.ports.quotas, request.Entries, "ChangeMessageVisibilityBatchRequestEntry"));
  SURGE_CHECK(take_turn(call, *queue, QueueAction::ChangeVisibility));
  auto response = each_of<ChangeMessageVisibilityBatchResponse>(
      request.Entries, [&](const ChangeMessageVisibilityBatchRequestEntry& entry) -> Result<Unit> {
        if (!entry.VisibilityTimeout) return missing_parameter("VisibilityTimeout");
        return change_visibility(call, *queue, entry.ReceiptHandle, *entry.VisibilityTimeout);
      });
  queue->erase_nothing(call);
  finish(call, *queue);
  return response;
}

Result<Empty> purge_queue(Call& call, const QueueUrlRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::purge));
  auto record = find_queue_by_name(call, queue->settings().name);
  SURGE_CHECK(check_purge(call, *record));
  record->purged = call.now;
  save_queue(call, *record);
  queue->remove_all(call);
  return Empty{};
}

}  // namespace surgetank::sqs
