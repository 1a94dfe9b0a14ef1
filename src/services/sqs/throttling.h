#pragma once
// The rates of FIFO queues (AWS: "Amazon SQS message quotas", "High throughput for FIFO queues"): so many requests per second of each
// action, a batch being one; with high throughput (FifoThroughputLimit perMessageGroupId) far more for the queue and a rate of their own
// for the sends of each message group. Standard queues have none. On the queue's lane.
#include <string_view>
#include <vector>

#include "kernel/call.h"
#include "services/sqs/queue_state.h"

namespace surgetank::sqs {

enum class QueueAction : std::uint8_t { Send, Receive, Delete, ChangeVisibility };

// RequestThrottled, if the action is beyond the queue's rate. `groups`: those that are sent to, each once.
Result<Unit> take_turn(Call& call, const LoadedQueue& queue, QueueAction action, const std::vector<std::string_view>& groups = {});

}  // namespace surgetank::sqs
