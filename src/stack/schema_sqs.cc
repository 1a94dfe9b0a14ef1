#include "stack/schema_tables.h"

namespace surgetank::stack {
namespace {

using enum PropertyType;
using enum Need;
using enum Change;

constexpr PropertySchema tag_members[] = {{"Key", Text, Required}, {"Value", Text, Required}};

constexpr PropertySchema queue_properties[] = {
    {"ContentBasedDeduplication", Boolean},
    {"DeduplicationScope"},
    {"DelaySeconds", Integer},
    {"FifoQueue", Boolean, Optional, Replace},
    {"FifoThroughputLimit"},
    {"KmsDataKeyReusePeriodSeconds", Integer},
    {"KmsMasterKeyId"},
    {"MaximumMessageSize", Integer},
    {"MessageRetentionPeriod", Integer},
    {"QueueName", Text, Optional, Replace},
    {"ReceiveMessageWaitTimeSeconds", Integer},
    {"RedriveAllowPolicy", Document},
    {"RedrivePolicy", Document},
    {"SqsManagedSseEnabled", Boolean},
    {"Tags", ObjectList, Optional, InPlace, Support::Yes, tag_members},
    {"VisibilityTimeout", Integer},
};
constexpr std::string_view queue_attributes[] = {"Arn", "QueueName", "QueueUrl"};

constexpr PropertySchema policy_properties[] = {{"PolicyDocument", Document, Required}, {"Queues", TextList, Required}};
constexpr std::string_view policy_attributes[] = {"Id"};

constexpr ResourceSchema schemas[] = {
    {"AWS::SQS::Queue", queue_properties, queue_attributes, "QueueName"},
    {"AWS::SQS::QueuePolicy", policy_properties, policy_attributes},
};

}  // namespace

std::span<const ResourceSchema> sqs_schemas() { return schemas; }

}  // namespace surgetank::stack
