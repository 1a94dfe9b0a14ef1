#pragma once
// The quotas of CloudWatch Logs as rows of the registry (AWS: "CloudWatch Logs quotas").
#include "kernel/quota.h"
#include "services/logs/errors.h"
#include "services/logs/limits.h"

namespace surgetank::logs::quotas {

namespace detail {
inline constexpr RegionalQuota filter_regions[] = {
    {.regions = "us-east-1", .value = 25},
    {.regions = "ap-northeast-3 ap-southeast-3 ca-west-1 eu-central-1 il-central-1", .value = 5},
    {.regions = "*", .value = 10},
};
inline constexpr RegionalQuota get_regions[] = {
    {.regions = "us-west-2 ap-northeast-3 ap-southeast-3 ca-west-1 eu-central-1 eu-west-1 il-central-1", .value = 10},
    {.regions = "eu-west-3", .value = 30},
};
constexpr QuotaRow rate(std::string_view id, std::string_view name, std::int64_t value, std::string_view operations,
                        QuotaAdjustable adjustable = QuotaAdjustable::Yes, std::span<const RegionalQuota> regional = {}) {
  return {.id = id,
          .name = name,
          .algorithm = QuotaAlgorithm::TokenBucket,
          .value = value,
          .unit = "per second",
          .adjustable = adjustable,
          .error = &ThrottlingException,
          .message = "Rate exceeded",
          .operations = operations,
          .regional = regional};
}
constexpr QuotaRow cap(std::string_view id, std::string_view name, QuotaScope scope, std::size_t value, std::string_view unit,
                       std::string_view message) {
  return {.id = id,
          .name = name,
          .scope = scope,
          .value = static_cast<std::int64_t>(value),
          .unit = unit,
          .error = &InvalidParameterException,
          .message = message};
}
}  // namespace detail

inline constexpr QuotaRow rows[] = {
    detail::rate("logs.put-log-events", "PutLogEvents throttle limit in transactions per second", 5'000, "PutLogEvents"),
    detail::rate("logs.create-log-group", "CreateLogGroup throttle limit in transactions per second", 10, "CreateLogGroup"),
    detail::rate("logs.create-log-stream", "CreateLogStream throttle limit in transactions per second", 50, "CreateLogStream"),
    detail::rate("logs.delete-log-group", "DeleteLogGroup throttle limit in transactions per second", 10, "DeleteLogGroup"),
    detail::rate("logs.delete-log-stream", "DeleteLogStream throttle limit in transactions per second", 15, "DeleteLogStream"),
    detail::rate("logs.describe-log-groups", "DescribeLogGroups throttle limit in transactions per second", 10, "DescribeLogGroups"),
    detail::rate("logs.describe-log-streams", "DescribeLogStreams throttle limit in transactions per second", 25, "DescribeLogStreams"),
    detail::rate("logs.filter-log-events", "FilterLogEvents throttle limit in transactions per second", 25, "FilterLogEvents",
                 QuotaAdjustable::No, detail::filter_regions),
    detail::rate("logs.get-log-events", "GetLogEvents throttle limit in transactions per second", 25, "GetLogEvents", QuotaAdjustable::No,
                 detail::get_regions),
    detail::rate("logs.other-requests", "Throttle limit of other requests in transactions per second", 5, "*"),
    {.id = "logs.log-groups",
     .code = "L-C7B9AAAB",
     .name = "Log groups",
     .value = 1'000'000,
     .unit = "log groups",
     .adjustable = QuotaAdjustable::Yes,
     .error = &LimitExceededException,
     .message = "Resource limit exceeded."},
    detail::cap("logs.batch-bytes", "Batch size of PutLogEvents", QuotaScope::Request, limits::batch_bytes, "bytes",
                "Upload too large: {amount} bytes exceeds limit of {value}"),
    detail::cap("logs.batch-events", "Log events in one PutLogEvents request", QuotaScope::Request, limits::batch_events, "events",
                "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and "
                "{value}"),
    detail::cap("logs.event-bytes", "Log event size", QuotaScope::Request, limits::event_bytes, "bytes",
                "Log event too large: {amount} bytes exceeds limit of {value}"),
    detail::cap("logs.tags", "Tags of a log group", QuotaScope::Resource, limits::tags, "tags", "A log group has at most {value} tags."),
};

inline constexpr const QuotaRow& log_groups = quota_row(rows, "logs.log-groups");
inline constexpr const QuotaRow& batch_bytes = quota_row(rows, "logs.batch-bytes");
inline constexpr const QuotaRow& batch_events = quota_row(rows, "logs.batch-events");
inline constexpr const QuotaRow& event_bytes = quota_row(rows, "logs.event-bytes");
inline constexpr const QuotaRow& tags = quota_row(rows, "logs.tags");

}  // namespace surgetank::logs::quotas
