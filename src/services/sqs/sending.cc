#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/sqs/access.h"
#include "services/sqs/errors.h"
#include "services/sqs/keys.h"
#include "services/sqs/message_checks.h"
#include "services/sqs/message_digest.h"
#include "services/sqs/message_operations.h"
#include "services/sqs/queue_state.h"
#include "services/sqs/quotas.h"
#include "services/sqs/throttling.h"
#include "wire/sha256.h"

namespace surgetank::sqs {
namespace {

struct OutgoingMessage {
  std::string_view body;
  const Opt<Integer>& delay_seconds;
  const Map<MessageAttributeValue>& attributes;
  const Map<MessageAttributeValue>& system_attributes;
  const Opt<String>& deduplication_id;
  const Opt<String>& group_id;
};
template <class Request>
OutgoingMessage outgoing(const Request& request) {
  return {.body = request.MessageBody,
          .delay_seconds = request.DelaySeconds,
          .attributes = request.MessageAttributes,
          .system_attributes = request.MessageSystemAttributes,
          .deduplication_id = request.MessageDeduplicationId,
          .group_id = request.MessageGroupId};
}

std::size_t size_of(const OutgoingMessage& message) { return message.body.size() + size_of(message.attributes); }

struct SentMessage {
  String id;
  String body_md5;
  Opt<String> attributes_md5;
  Opt<String> system_attributes_md5;
  Opt<String> sequence_number;
};

constexpr std::string_view not_for_this_kind = "The request include parameter that is not valid for this queue type.";

Result<Unit> check_fifo_parameters(const QueueSettings& settings, const OutgoingMessage& message) {
  if (!message.group_id) return missing_parameter("MessageGroupId");
  if (message.delay_seconds.value_or(0) != 0)
    return invalid_value(std::to_string(*message.delay_seconds), "DelaySeconds", not_for_this_kind);
  if (!message.deduplication_id && settings.body_deduplication == BodyDeduplication::Off) {
    return Error{&InvalidParameterValue,
                 "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"};
  }
  if (message.deduplication_id) SURGE_CHECK(check_id(*message.deduplication_id, "MessageDeduplicationId"));
  return Unit{};
}

Result<Unit> check_message(Quotas* registry, const QueueSettings& settings, const OutgoingMessage& message) {
  SURGE_CHECK(check_body(message.body));
  SURGE_CHECK(check_attributes(registry, message.attributes));
  SURGE_CHECK(check_system_attributes(message.system_attributes));
  const auto delay = message.delay_seconds.value_or(0);
  if (const auto checked = check_quota(registry, quotas::delay, delay); !checked.ok() || delay < 0) {
    auto error = Quotas::error(quotas::delay, quota_value(registry, quotas::delay), delay);
    error.message = invalid_value(std::to_string(delay), "DelaySeconds", error.message).message;
    if (checked.ok()) error.quota = nullptr;
    return error;
  }
  if (settings.is_fifo()) {
    SURGE_CHECK(check_fifo_parameters(settings, message));
  } else if (message.deduplication_id) {
    return invalid_value(*message.deduplication_id, "MessageDeduplicationId", not_for_this_kind);
  }
  if (message.group_id) SURGE_CHECK(check_id(*message.group_id, "MessageGroupId"));
  SURGE_CHECK(check_quota(registry, quotas::message_size, size_of(message)));
  if (size_of(message) > settings.maximum_message_bytes) {
    auto error = Quotas::error(quotas::message_size, static_cast<std::int64_t>(settings.maximum_message_bytes), 0);
    error.quota = nullptr;  // the queue's own setting
    return error;
  }
  return Unit{};
}

std::vector<std::string_view> groups_of(const std::vector<Opt<String>>& groups) {
  std::vector<std::string_view> distinct;
  for (const auto& group : groups)
    if (group && std::find(distinct.begin(), distinct.end(), *group) == distinct.end()) distinct.emplace_back(*group);
  return distinct;
}

// The deduplication id of a FIFO message: given, or the digest of its body.
String deduplication_id_of(const OutgoingMessage& message) {
  return message.deduplication_id ? *message.deduplication_id : to_hex(sha256(message.body));
}

IdHash deduplication_hash(const QueueSettings& settings, const OutgoingMessage& message, std::string_view id) {
  const bool by_group = settings.deduplication_scope == DeduplicationScope::MessageGroup;
  return hash_of_id(by_group ? std::string_view(*message.group_id) : std::string_view{}, id);
}

void remember_sent(Call& call, LoadedQueue& loaded, const IdHash& hash, const SentBefore& sent) {
  loaded.sent_messages().add(hash, sent);
  call.txn.put(keys::of_message(keys::deduplication_kind, loaded.storage_id(), sent.sequence), sent_record(hash, sent));
}

// Adds a message that was checked; nothing here refuses.
SentMessage add(Call& call, LoadedQueue& loaded, const OutgoingMessage& message) {
  const auto& settings = loaded.settings();
  BodyRecord frame;
  frame.body_md5 = md5(message.body);
  SentMessage sent{.id = {},
                   .body_md5 = md5_text(frame.body_md5),
                   .attributes_md5 = md5_of_attributes(message.attributes),
                   .system_attributes_md5 = md5_of_attributes(message.system_attributes),
                   .sequence_number = std::nullopt};
  std::optional<IdHash> hash;
  if (settings.is_fifo()) {
    frame.deduplication_id = deduplication_id_of(message);
    hash = deduplication_hash(settings, message, frame.deduplication_id);
    if (const auto* before = loaded.sent_messages().find(*hash, call.now)) {
      sent.id = message_id_text(before->id);
      sent.sequence_number = sequence_number_text(before->sequence);
      return sent;
    }
  }
  const auto sequence = loaded.new_sequence(call);
  frame.id = new_message_id(call.random);
  frame.sender_id = call.caller.user_id.empty() ? call.account() : call.caller.user_id;
  if (const auto trace = message.system_attributes.find("AWSTraceHeader"); trace != message.system_attributes.end())
    frame.trace_header = *trace->second.StringValue;
  else if (!call.trace.root.empty() && !call.trace.sampled.empty())  // the sender's X-Amzn-Trace-Id, as AWS takes it on
    frame.trace_header = trace_header(call.trace);
  const auto delay = message.delay_seconds && !settings.is_fifo() ? seconds(*message.delay_seconds) : settings.delay;
  const auto slot = loaded.queue().add({.sequence = sequence,
                                        .sent = call.now,
                                        .visible_at = call.now + delay,
                                        .group = message.group_id ? std::string_view(*message.group_id) : std::string_view{}},
                                       call.now);
  loaded.write_index(call, slot);
  loaded.write_body(call, sequence, frame, {.attributes = message.attributes, .body = message.body});
  if (hash) remember_sent(call, loaded, *hash, {.sequence = sequence, .sent = call.now, .id = frame.id});
  sent.id = message_id_text(frame.id);
  if (settings.is_fifo()) sent.sequence_number = sequence_number_text(sequence);
  loaded.activity().count_sent(size_of(message));
  return sent;
}

// After messages were added: those who wait may look.
void announce(Call& call, LoadedQueue& loaded, std::size_t added) {
  loaded.tidy(call);
  if (loaded.queue().can_receive()) loaded.long_polls().wake(call, loaded.topic(), added);
  loaded.long_polls().leave(call, loaded.topic(), false, loaded.queue().next_visible());
}

}  // namespace

Result<SendMessageResponse> send_message(Call& call, const SendMessageRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::send));
  const auto message = outgoing(request);
  SURGE_CHECK(check_message(call.ports.quotas, queue->settings(), message));
  SURGE_CHECK(take_turn(call, *queue, QueueAction::Send, groups_of({message.group_id})));
  auto sent = add(call, *queue, message);
  announce(call, *queue, 1);
  return SendMessageResponse{.MD5OfMessageBody = std::move(sent.body_md5),
                             .MD5OfMessageAttributes = std::move(sent.attributes_md5),
                             .MD5OfMessageSystemAttributes = std::move(sent.system_attributes_md5),
                             .MessageId = std::move(sent.id),
                             .SequenceNumber = std::move(sent.sequence_number)};
}

Result<SendMessageBatchResponse> send_message_batch(Call& call, const SendMessageBatchRequest& request) {
  SURGE_TRY(queue, open_queue(call, request.QueueUrl, permissions::send));
  SURGE_CHECK(check_batch(call.ports.quotas, request.Entries, "SendMessageBatchRequestEntry"));
  std::size_t total = 0;
  for (const auto& entry : request.Entries) total += size_of(outgoing(entry));
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::batch_size, total));
  std::vector<Opt<String>> groups;
  for (const auto& entry : request.Entries) groups.push_back(entry.MessageGroupId);
  SURGE_CHECK(take_turn(call, *queue, QueueAction::Send, groups_of(groups)));
  SendMessageBatchResponse response;
  response.Successful.emplace();
  for (const auto& entry : request.Entries) {
    const auto message = outgoing(entry);
    if (auto checked = check_message(call.ports.quotas, queue->settings(), message); !checked.ok()) {
      if (!response.Failed) response.Failed.emplace();
      response.Failed->push_back(failed_entry(entry.Id, checked.error()));
      continue;
    }
    auto sent = add(call, *queue, message);
    response.Successful->push_back({.Id = entry.Id,
                                    .MessageId = std::move(sent.id),
                                    .MD5OfMessageBody = std::move(sent.body_md5),
                                    .MD5OfMessageAttributes = std::move(sent.attributes_md5),
                                    .MD5OfMessageSystemAttributes = std::move(sent.system_attributes_md5),
                                    .SequenceNumber = std::move(sent.sequence_number)});
  }
  announce(call, *queue, response.Successful->size());
  return response;
}

}  // namespace surgetank::sqs
