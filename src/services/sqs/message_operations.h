#pragma once
// The operations on the messages of a queue, all on the queue's lane. What is behind them: queue_state.h.
#include "base/result.h"
#include "kernel/call.h"
#include "services/sqs/model.h"

namespace surgetank::sqs {

// sending.cc
Result<SendMessageResponse> send_message(Call& call, const SendMessageRequest& request);
Result<SendMessageBatchResponse> send_message_batch(Call& call, const SendMessageBatchRequest& request);

// receiving.cc
Result<ReceiveMessageResponse> receive_message(Call& call, const ReceiveMessageRequest& request);

// received_messages.cc
Result<Empty> delete_message(Call& call, const DeleteMessageRequest& request);
Result<DeleteMessageBatchResponse> delete_message_batch(Call& call, const DeleteMessageBatchRequest& request);
Result<Empty> change_message_visibility(Call& call, const ChangeMessageVisibilityRequest& request);
Result<ChangeMessageVisibilityBatchResponse> change_message_visibility_batch(Call& call,
                                                                             const ChangeMessageVisibilityBatchRequest& request);
Result<Empty> purge_queue(Call& call, const QueueUrlRequest& request);

// move_tasks.cc
Result<StartMessageMoveTaskResponse> start_message_move_task(Call& call, const StartMessageMoveTaskRequest& request);
Result<CancelMessageMoveTaskResponse> cancel_message_move_task(Call& call, const CancelMessageMoveTaskRequest& request);
Result<ListMessageMoveTasksResponse> list_message_move_tasks(Call& call, const ListMessageMoveTasksRequest& request);

}  // namespace surgetank::sqs
