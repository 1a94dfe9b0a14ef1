#pragma once
// The operations of SQS by noun. What names a queue runs on that queue's lane; listings on the account's lane of the region.
#include "kernel/call.h"
#include "services/sqs/model.h"
#include "services/sqs/queue_record.h"

namespace surgetank::sqs {

// queues.cc
Result<QueueUrlResponse> create_queue(Call& call, const CreateQueueRequest& request);
Result<QueueUrlResponse> get_queue_url(Call& call, const GetQueueUrlRequest& request);
Result<ListQueuesResponse> list_queues(Call& call, const ListQueuesRequest& request);
Result<ListDeadLetterSourceQueuesResponse> list_dead_letter_source_queues(Call& call, const ListDeadLetterSourceQueuesRequest& request);
Result<Empty> delete_queue(Call& call, const QueueUrlRequest& request);
Result<Empty> free_queue_name(Call& call, const FreeQueueNameRequest& request);

// queue_attributes.cc
Result<GetQueueAttributesResponse> get_queue_attributes(Call& call, const GetQueueAttributesRequest& request);
Result<Empty> set_queue_attributes(Call& call, const SetQueueAttributesRequest& request);

// permissions.cc
Result<Empty> add_permission(Call& call, const AddPermissionRequest& request);
Result<Empty> remove_permission(Call& call, const RemovePermissionRequest& request);

// tags.cc
Result<Unit> check_tags(Call& call, const QueueRecord& record);
Result<Empty> tag_queue(Call& call, const TagQueueRequest& request);
Result<Empty> untag_queue(Call& call, const UntagQueueRequest& request);
Result<ListQueueTagsResponse> list_queue_tags(Call& call, const QueueUrlRequest& request);

}  // namespace surgetank::sqs
