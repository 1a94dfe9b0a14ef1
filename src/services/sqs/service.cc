#include "services/sqs/service.h"

#include "services/sqs/errors.h"
#include "services/sqs/gauge.h"
#include "services/sqs/message_operations.h"
#include "services/sqs/move_tasks.h"
#include "services/sqs/operations.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/queue_state.h"
#include "services/sqs/quotas.h"
#include "services/sqs/transfers.h"

namespace surgetank::sqs {
namespace {

constexpr Operation operations[] = {
    op<create_queue>("CreateQueue", Access::Write, "QueueName").needs_room(),
    op<get_queue_url>("GetQueueUrl", Access::Read, "QueueName"),
    op<list_queues>("ListQueues", Access::Read),
    op<list_dead_letter_source_queues>("ListDeadLetterSourceQueues", Access::Read, "QueueUrl"),
    op<delete_queue>("DeleteQueue", Access::Write, "QueueUrl"),
    op<free_queue_name>("FreeQueueName", Access::Internal, "QueueName"),
    op<get_queue_attributes>("GetQueueAttributes", Access::Read, "QueueUrl"),
    op<set_queue_attributes>("SetQueueAttributes", Access::Write, "QueueUrl").needs_room(),
    op<add_permission>("AddPermission", Access::Write, "QueueUrl").needs_room(),
    op<remove_permission>("RemovePermission", Access::Write, "QueueUrl"),
    op<tag_queue>("TagQueue", Access::Write, "QueueUrl").needs_room(),
    op<untag_queue>("UntagQueue", Access::Write, "QueueUrl"),
    op<list_queue_tags>("ListQueueTags", Access::Read, "QueueUrl"),

    op<send_message>("SendMessage", Access::Write, "QueueUrl").needs_room(),
    op<send_message_batch>("SendMessageBatch", Access::Write, "QueueUrl").needs_room(),
    op<receive_message>("ReceiveMessage", Access::Write, "QueueUrl"),
    op<delete_message>("DeleteMessage", Access::Write, "QueueUrl"),
    op<delete_message_batch>("DeleteMessageBatch", Access::Write, "QueueUrl"),
    op<change_message_visibility>("ChangeMessageVisibility", Access::Write, "QueueUrl"),
    op<change_message_visibility_batch>("ChangeMessageVisibilityBatch", Access::Write, "QueueUrl"),
    op<purge_queue>("PurgeQueue", Access::Write, "QueueUrl"),
    op<start_message_move_task>("StartMessageMoveTask", Access::Write, "SourceArn").needs_room(),
    op<cancel_message_move_task>("CancelMessageMoveTask", Access::Write, "TaskHandle"),
    op<list_message_move_tasks>("ListMessageMoveTasks", Access::Read, "SourceArn"),
    op<take_inbox>("TakeInbox", Access::Internal, "QueueName"),
    op<step_message_move>("StepMessageMove", Access::Internal, "SourceArn"),
    op<sweep_queue>("SweepQueue", Access::Internal, "QueueName"),
    op<read_queue_gauge>("ReadQueueGauge", Access::Internal, "QueueUrl"),
};
constexpr Protocol protocols[] = {Protocol::Json10, Protocol::Query};

}  // namespace

constinit const Service service{.name = "sqs",
                                .signing_name = "sqs",
                                .target_prefix = "AmazonSQS",
                                .api_version = "2012-11-05",
                                .xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &MissingParameter, .malformed = nullptr},
                                .make_state = &make_sqs_state,
                                .aggregate = &queue_name_of,
                                .owner = &owner_of_queue_url,
                                .title = "SQS",
                                .error_namespace = "com.amazonaws.sqs",
                                .path_member = "QueueUrl",
                                .quotas = quotas::rows};

}  // namespace surgetank::sqs
