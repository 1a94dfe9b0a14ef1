#pragma once
// Messages that go from one queue to another: to the dead-letter queue, and back by a move task. Queues live on lanes of their own, so
// a message crosses in two transactions: the source's erases it there and writes it into the target's inbox together with an outbox
// task, and the task's takes it into the target. A crash between them delays the message; nothing loses or doubles it.
#include <vector>

#include "base/result.h"
#include "kernel/call.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/queue_state.h"

namespace surgetank::sqs {

enum class TransferReason : std::uint8_t {
  DeadLetter,  // the same message: id, receive count and (standard queues) age stay
  Redrive,     // a new message with the content of the old one
};

// From the source's lane. The messages leave the source.
void hand_over(Call& call, LoadedQueue& source, const std::vector<Slot>& slots, const QueueRecord& target, TransferReason reason);

struct TakeInboxRequest {
  String QueueName;
  String QueueId;   // QueueRecord::id: if the queue is another one by now, the messages are gone with the old one
  String SourceId;  // storage id, decimal
  Integer First = 0;
  Integer Last = 0;  // sequences in the source
};
SURGE_SHAPE(TakeInboxRequest, QueueName, QueueId, SourceId, First, Last)
Result<Empty> take_inbox(Call& call, const TakeInboxRequest& request);

}  // namespace surgetank::sqs
