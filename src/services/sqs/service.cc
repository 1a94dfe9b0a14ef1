#include "services/sqs/service.h"

#include "services/sqs/errors.h"
#include "services/sqs/operations.h"
#include "services/sqs/queue_record.h"

namespace surgetank::sqs {
namespace {

constexpr Operation operations[] = {
    op<create_queue>("CreateQueue", Access::Write, "QueueName"),
    op<get_queue_url>("GetQueueUrl", Access::Read, "QueueName"),
    op<list_queues>("ListQueues", Access::Read),
    op<list_dead_letter_source_queues>("ListDeadLetterSourceQueues", Access::Read, "QueueUrl"),
    op<delete_queue>("DeleteQueue", Access::Write, "QueueUrl"),
    op<free_queue_name>("FreeQueueName", Access::Internal, "QueueName"),
    op<get_queue_attributes>("GetQueueAttributes", Access::Read, "QueueUrl"),
    op<set_queue_attributes>("SetQueueAttributes", Access::Write, "QueueUrl"),
    op<add_permission>("AddPermission", Access::Write, "QueueUrl"),
    op<remove_permission>("RemovePermission", Access::Write, "QueueUrl"),
    op<tag_queue>("TagQueue", Access::Write, "QueueUrl"),
    op<untag_queue>("UntagQueue", Access::Write, "QueueUrl"),
    op<list_queue_tags>("ListQueueTags", Access::Read, "QueueUrl"),
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
                                .aggregate = &queue_name_of,
                                .title = "SQS",
                                .error_namespace = "com.amazonaws.sqs",
                                .path_member = "QueueUrl"};

}  // namespace surgetank::sqs
