#pragma once
// The quotas of SQS as rows of the registry (AWS: "Amazon SQS quotas"). Attributes of queues and members of requests are checked against
// the same rows. What AWS calls no quota but the range of a parameter is a constant of limits.h: the least MaximumMessageSize (1,024)
// and MessageRetentionPeriod (60), KmsDataKeyReusePeriodSeconds, maxReceiveCount, MaxNumberOfMessages, MaxResults, and the lengths of
// names, labels, ids and tags.
#include "kernel/quota.h"
#include "services/sqs/errors.h"
#include "services/sqs/limits.h"

namespace surgetank::sqs::quotas {

namespace detail {
constexpr QuotaRow cap(std::string_view id, std::string_view name, QuotaScope scope, std::size_t value, std::string_view unit,
                       const ErrorCode& error, std::string_view message) {
  return {
      .id = id, .name = name, .scope = scope, .value = static_cast<std::int64_t>(value), .unit = unit, .error = &error, .message = message};
}
// Of an access policy; the message is the reason in "Invalid value for the parameter Policy. Reason: ".
constexpr QuotaRow of_policy(std::string_view id, std::string_view name, std::size_t value, std::string_view unit,
                             std::string_view message) {
  return cap(id, name, QuotaScope::Queue, value, unit, InvalidAttributeValue, message);
}
inline constexpr RegionalQuota high_throughput_regions[] = {
    {.regions = "us-east-1 us-west-2 eu-west-1", .value = 70'000},
    {.regions = "us-east-2 eu-central-1", .value = 19'000},
    {.regions = "ap-south-1 ap-southeast-1 ap-southeast-2 ap-northeast-1", .value = 9'000},
    {.regions = "eu-west-2 sa-east-1", .value = 4'500},
    {.regions = "*", .value = 2'400},
};
constexpr QuotaRow rate(std::string_view id, std::string_view name, QuotaScope scope, std::int64_t value, std::string_view unit) {
  return {.id = id,
          .name = name,
          .algorithm = QuotaAlgorithm::TokenBucket,
          .scope = scope,
          .value = value,
          .unit = unit,
          .error = &RequestThrottled,
          .message = "Request is throttled."};
}
}  // namespace detail

inline constexpr QuotaRow rows[] = {
    // --- rates of FIFO queues; a batch is one request -----------------------------------------------------------------------
    detail::rate("sqs.fifo-requests", "Transactions per second of a FIFO queue, per API action", QuotaScope::Queue, 300,
                 "per second and action"),
    {.id = "sqs.fifo-high-throughput-requests",
     .name = "Transactions per second of a high throughput FIFO queue, per API action",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .scope = QuotaScope::Queue,
     .value = 70'000,
     .unit = "per second and action",
     .error = &RequestThrottled,
     .message = "Request is throttled.",
     .regional = detail::high_throughput_regions},
    detail::rate("sqs.fifo-group-requests", "Sends per second of one message group of a high throughput FIFO queue", QuotaScope::Resource,
                 300, "per second"),
    // --- messages -------------------------------------------------------------------------------------------------------------
    {.id = "sqs.in-flight",
     .name = "In-flight messages per queue",
     .algorithm = QuotaAlgorithm::Concurrency,
     .scope = QuotaScope::Queue,
     .value = static_cast<std::int64_t>(limits::in_flight),
     .unit = "messages",
     .error = &OverLimit,
     .message = "Too many messages in flight. The limit of this queue is {value}."},
    detail::cap("sqs.message-size", "Message size", QuotaScope::Request, limits::message_bytes, "bytes", InvalidParameterValue,
                "One or more parameters are invalid. Reason: Message must be shorter than {value} bytes."),
    detail::cap("sqs.batch-size", "Total size of a batch request", QuotaScope::Request, limits::message_bytes, "bytes", BatchRequestTooLong,
                "Batch requests cannot be longer than {value} bytes. You have sent {amount} bytes."),
    detail::cap("sqs.batch-entries", "Entries of a batch request", QuotaScope::Request, limits::batch_entries, "entries",
                TooManyEntriesInBatchRequest, "Maximum number of entries per request are {value}. You have sent {amount}."),
    detail::cap("sqs.message-attributes", "Attributes of a message", QuotaScope::Request, limits::attributes_per_message, "attributes",
                InvalidParameterValue, "Number of message attributes [{amount}] exceeds the allowed maximum [{value}]."),
    detail::cap("sqs.delay", "Delay of a message", QuotaScope::Request, limits::longest_delay_seconds, "seconds", InvalidParameterValue,
                "DelaySeconds must be >= 0 and <= {value}."),
    detail::cap("sqs.visibility-timeout", "Visibility timeout", QuotaScope::Request, limits::longest_visibility_seconds, "seconds",
                InvalidParameterValue, "VisibilityTimeout must be an integer between 0 and {value}."),
    detail::cap("sqs.long-poll", "Wait of a long poll", QuotaScope::Request, limits::longest_wait_seconds, "seconds", InvalidParameterValue,
                "Must be >= 0 and <= {value}, if provided."),
    detail::cap("sqs.retention", "Message retention", QuotaScope::Queue, limits::longest_retention_seconds, "seconds",
                InvalidAttributeValue, "Invalid value for the parameter MessageRetentionPeriod."),
    // --- queues ---------------------------------------------------------------------------------------------------------------
    {.id = "sqs.purge-queue",
     .name = "PurgeQueue requests of a queue",
     .algorithm = QuotaAlgorithm::Window,
     .scope = QuotaScope::Queue,
     .value = 1,
     .per = limits::purge_interval,
     .unit = "per 60 seconds",
     .error = &PurgeQueueInProgress,
     .message = "Only one PurgeQueue operation on "},
    detail::cap("sqs.name-reuse", "Wait before the name of a deleted queue is free", QuotaScope::Queue,
                static_cast<std::size_t>(limits::name_reuse_interval.us / seconds(1).us), "seconds", QueueDeletedRecently,
                "You must wait {value} seconds after deleting a queue before you can create another with the same name."),
    detail::cap("sqs.permission-actions", "Actions of a permission or a statement", QuotaScope::Request, limits::permission_actions,
                "actions", OverLimit, "{amount} Actions were found, maximum allowed is {value}."),
    detail::of_policy("sqs.policy-size", "Size of a queue's policy", limits::policy_bytes, "bytes",
                      "The policy is longer than {value} bytes."),
    detail::of_policy("sqs.policy-statements", "Statements of a queue's policy", limits::policy_statements, "statements",
                      "The policy has more than {value} statements."),
    detail::of_policy("sqs.policy-principals", "Principals of a queue's policy", limits::policy_principals, "principals",
                      "The policy has more than {value} principals."),
    detail::of_policy("sqs.policy-conditions", "Conditions of a queue's policy", limits::policy_conditions, "conditions",
                      "The policy has more than {value} conditions."),
    detail::cap("sqs.tags", "Tags of a queue", QuotaScope::Queue, limits::tags_per_queue, "tags", InvalidParameterValue,
                "Too many tags added for queue "),
    detail::cap("sqs.move-tasks", "Active message move tasks per account", QuotaScope::Account, limits::move_tasks_per_account, "tasks",
                OverLimit, "An account can have {value} active message move tasks."),
    detail::cap("sqs.move-rate", "Messages per second of a message move task", QuotaScope::Request, limits::move_task_most_per_second,
                "per second", InvalidParameterValue, "Must be between 1 and {value}, if provided."),
};

inline constexpr const QuotaRow& fifo_requests = quota_row(rows, "sqs.fifo-requests");
inline constexpr const QuotaRow& fifo_high_throughput_requests = quota_row(rows, "sqs.fifo-high-throughput-requests");
inline constexpr const QuotaRow& fifo_group_requests = quota_row(rows, "sqs.fifo-group-requests");
inline constexpr const QuotaRow& in_flight = quota_row(rows, "sqs.in-flight");
inline constexpr const QuotaRow& message_size = quota_row(rows, "sqs.message-size");
inline constexpr const QuotaRow& batch_size = quota_row(rows, "sqs.batch-size");
inline constexpr const QuotaRow& batch_entries = quota_row(rows, "sqs.batch-entries");
inline constexpr const QuotaRow& message_attributes = quota_row(rows, "sqs.message-attributes");
inline constexpr const QuotaRow& delay = quota_row(rows, "sqs.delay");
inline constexpr const QuotaRow& visibility_timeout = quota_row(rows, "sqs.visibility-timeout");
inline constexpr const QuotaRow& long_poll = quota_row(rows, "sqs.long-poll");
inline constexpr const QuotaRow& purge_queue = quota_row(rows, "sqs.purge-queue");
inline constexpr const QuotaRow& name_reuse = quota_row(rows, "sqs.name-reuse");
inline constexpr const QuotaRow& permission_actions = quota_row(rows, "sqs.permission-actions");
inline constexpr const QuotaRow& retention = quota_row(rows, "sqs.retention");
inline constexpr const QuotaRow& policy_size = quota_row(rows, "sqs.policy-size");
inline constexpr const QuotaRow& policy_principals = quota_row(rows, "sqs.policy-principals");
inline constexpr const QuotaRow& policy_conditions = quota_row(rows, "sqs.policy-conditions");
inline constexpr const QuotaRow& policy_statements = quota_row(rows, "sqs.policy-statements");
inline constexpr const QuotaRow& tags = quota_row(rows, "sqs.tags");
inline constexpr const QuotaRow& move_tasks = quota_row(rows, "sqs.move-tasks");
inline constexpr const QuotaRow& move_rate = quota_row(rows, "sqs.move-rate");

}  // namespace surgetank::sqs::quotas
