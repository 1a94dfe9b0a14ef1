#include "services/logs/service.h"

#include "services/logs/operations.h"
#include "services/logs/quotas.h"

namespace surgetank::logs {
namespace {

constexpr Operation operations[] = {
    op<create_log_group>("CreateLogGroup", Access::Write, "logGroupName"),
    op<delete_log_group>("DeleteLogGroup", Access::Write, "logGroupName"),
    op<describe_log_groups>("DescribeLogGroups", Access::Read),
    op<put_retention_policy>("PutRetentionPolicy", Access::Write, "logGroupName"),
    op<delete_retention_policy>("DeleteRetentionPolicy", Access::Write, "logGroupName"),
    op<expire_log_events>("ExpireLogEvents", Access::Internal, "logGroupName"),
    op<tag_log_group>("TagLogGroup", Access::Write, "logGroupName"),
    op<untag_log_group>("UntagLogGroup", Access::Write, "logGroupName"),
    op<list_tags_log_group>("ListTagsLogGroup", Access::Read, "logGroupName"),
    op<tag_resource>("TagResource", Access::Write, "resourceArn"),
    op<untag_resource>("UntagResource", Access::Write, "resourceArn"),
    op<list_tags_for_resource>("ListTagsForResource", Access::Read, "resourceArn"),
    op<create_log_stream>("CreateLogStream", Access::Write, "logGroupName"),
    op<delete_log_stream>("DeleteLogStream", Access::Write, "logGroupName"),
    op<describe_log_streams>("DescribeLogStreams", Access::Read),
    op<put_log_events>("PutLogEvents", Access::Write, "logGroupName"),
    op<ingest_log_events>("IngestLogEvents", Access::Internal, "logGroupName"),
    op<get_log_events>("GetLogEvents", Access::Read),
    op<filter_log_events>("FilterLogEvents", Access::Read),
    op<test_metric_filter>("TestMetricFilter", Access::Read),
};
constexpr Protocol protocols[] = {Protocol::Json11};

}  // namespace

constinit const Service service{.name = "logs",
                                .signing_name = "logs",
                                .target_prefix = "Logs_20140328",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &InvalidParameterException, .malformed = nullptr},
                                .aggregate = [](std::string_view name) -> std::string { return group_name_of(name); },
                                .title = "Logs",
                                .quotas = quotas::rows};

}  // namespace surgetank::logs
