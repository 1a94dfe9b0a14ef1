#include "services/sqs/queue_life.h"

namespace surgetank::sqs {

QueueCounts count_messages(Call&, const QueueRecord&) { return {}; }

void queue_changed(Call&, const QueueRecord&) {}

void queue_deleted(Call&, const QueueRecord&) {}

}  // namespace surgetank::sqs
