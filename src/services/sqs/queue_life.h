#pragma once
// What queue administration asks of a queue's messages and of its state on this lane. Called on the queue's lane, inside the operation's
// transaction, after everything that may refuse the operation. Implemented beside the state (queue_life.cc).
#include <cstdint>

#include "services/sqs/queue_record.h"

namespace surgetank::sqs {

struct QueueCounts {
  std::int64_t visible = 0;
  std::int64_t in_flight = 0;
  std::int64_t delayed = 0;
};
QueueCounts count_messages(Call& call, const QueueRecord& record);

// The record has new attributes and is saved: the decoded settings of the state follow, and waiting receivers look again.
void queue_changed(Call& call, const QueueRecord& record);

// The record is erased: the messages of this life of the queue (QueueRecord::id) go, waiting receivers are told.
void queue_deleted(Call& call, const QueueRecord& record);

}  // namespace surgetank::sqs
