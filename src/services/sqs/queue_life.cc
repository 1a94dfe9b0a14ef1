#include "services/sqs/queue_life.h"

#include "services/sqs/queue_state.h"

namespace surgetank::sqs {

QueueCounts count_messages(Call& call, const QueueRecord& record) {
  const auto* loaded = call.state_as<SqsState>().find(call, record.name);
  if (loaded == nullptr) return {};
  const auto totals = loaded->queue().totals();
  return {.visible = static_cast<std::int64_t>(totals.visible),
          .in_flight = static_cast<std::int64_t>(totals.in_flight),
          .delayed = static_cast<std::int64_t>(totals.delayed)};
}

void queue_changed(Call& call, const QueueRecord& record) {
  auto* loaded = call.state_as<SqsState>().find_loaded(call.caller, record.name);
  if (loaded == nullptr) return;
  loaded->set_settings(call, decode_settings(record, call.caller));
  call.signal(loaded->topic());
}

void queue_deleted(Call& call, const QueueRecord& record) {
  remove_records(call, record);
  call.signal(topic_of(storage_id_of(record)));
  call.state_as<SqsState>().forget(call.caller, record.name);
}

}  // namespace surgetank::sqs
