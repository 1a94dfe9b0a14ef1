#include "services/sqs/transfers.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "kernel/ports.h"
#include "services/sqs/keys.h"
#include "services/sqs/record_bytes.h"
#include "wire/json.h"

namespace surgetank::sqs {
namespace {

void start_taking(Call& call, const TakeInboxRequest& request) {
  std::string input;
  write_json(*shape_of<TakeInboxRequest>(), &request, input);
  call.outbox.at(
      call.now,
      {.service = "sqs", .operation = "TakeInbox", .account = call.account(), .region = call.region(), .input = std::move(input)});
}

std::string inbox_record(Instant sent, std::string_view group, std::string_view body) {
  std::string out;
  append_number(out, sent.us);
  append_bytes(out, group);
  append_bytes(out, body);
  return out;
}

void take_one(Call& call, LoadedQueue& target, std::string_view record, std::uint64_t source_sequence) {
  RecordReader reader(record);
  const auto sent = reader.instant();
  const auto group = reader.bytes();
  const auto body = reader.bytes();
  const auto message = reader.is_whole() ? read_body_record(body, *call.ports.vault, {target.storage_id(), source_sequence}) : std::nullopt;
  if (!message) throw StorageError("a record of a queue is damaged: inbox");
  const auto sequence = target.new_sequence(call);
  const auto slot = target.queue().add(
      {.sequence = sequence, .sent = sent.us == 0 || target.settings().is_fifo() ? call.now : sent, .visible_at = call.now, .group = group},
      call.now);
  target.write_index(call, slot);
  target.write_body(call, sequence, *message, {.attributes = message->attributes, .body = message->body});
}

}  // namespace

void hand_over(Call& call, LoadedQueue& source, const std::vector<Slot>& slots, const QueueRecord& target, TransferReason reason) {
  const auto target_id = storage_id_of(target);
  const auto* vault = source.settings().encryption == BodyEncryption::Plain ? nullptr : call.ports.vault;
  auto first = source.queue().entry(slots.front()).sequence;
  auto last = first;
  for (const auto slot : slots) {
    const auto& entry = source.queue().entry(slot);
    const auto sequence = entry.sequence;
    auto body = source.read_body(call, sequence);
    if (reason == TransferReason::DeadLetter) {
      body.earlier_receives += entry.receive_count;
      body.dead_letter_source_arn = source.settings().arn;
    } else {
      body.id = new_message_id(call.random);
      body.earlier_receives = 0;
      body.dead_letter_source_arn.clear();
    }
    const auto sent = reason == TransferReason::DeadLetter ? entry.sent : Instant{};
    call.txn.put(keys::inbox(target_id, source.storage_id(), sequence),
                 inbox_record(sent, source.queue().group_id(slot),
                              body_record(body, {.attributes = body.attributes, .body = body.body}, vault, {target_id, sequence})));
    source.remove(call, slot);
    first = std::min(first, sequence);
    last = std::max(last, sequence);
  }
  start_taking(call, {.QueueName = target.name,
                      .QueueId = target.id,
                      .SourceId = std::to_string(source.storage_id()),
                      .First = static_cast<std::int64_t>(first),
                      .Last = static_cast<std::int64_t>(last)});
}

Result<Empty> take_inbox(Call& call, const TakeInboxRequest& request) {
  std::uint64_t source_id = 0;
  std::from_chars(request.SourceId.data(), request.SourceId.data() + request.SourceId.size(), source_id);
  auto* target = call.state_as<SqsState>().find(call, request.QueueName);
  QueueRecord named;
  named.id = request.QueueId;
  const auto target_id = storage_id_of(named);
  if (target != nullptr && target->storage_id() != target_id) target = nullptr;

  std::vector<std::pair<std::string, std::string>> found;
  call.txn.scan(keys::inbox(target_id, source_id, static_cast<std::uint64_t>(request.First)),
                keys::inbox(target_id, source_id, static_cast<std::uint64_t>(request.Last) + 1),
                [&](std::string_view key, std::string_view value) {
                  found.emplace_back(key, value);
                  return true;
                });
  for (const auto& [key, record] : found) {
    call.txn.erase(key);
    auto sequence = std::string_view(key).substr(key.size() - sizeof(std::uint64_t));
    if (target != nullptr) take_one(call, *target, record, read_key_number(sequence).value_or(0));
  }
  if (target == nullptr || found.empty()) return Empty{};
  target->tidy(call);
  if (target->queue().can_receive()) target->long_polls().wake(call, target->topic(), found.size());
  return Empty{};
}

}  // namespace surgetank::sqs
