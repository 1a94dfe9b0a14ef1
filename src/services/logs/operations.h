#pragma once
// The operations of CloudWatch Logs by noun, and what they share. Everything of a group runs on the group's lane.
#include "kernel/call.h"
#include "kernel/telemetry_model.h"
#include "services/logs/errors.h"
#include "services/logs/model.h"

namespace surgetank::logs {

// The group's name out of a name or an ARN (with or without ":*").
String group_name_of(std::string_view name_or_arn);
Result<GroupRecord> find_group(Call& call, std::string_view name);
Result<StreamRecord> find_stream(Call& call, std::string_view group, std::string_view name);
void save_group(Call& call, const GroupRecord& group);
Result<Unit> add_group(Call& call, const GroupRecord& group);  // a new one; LimitExceededException
void save_stream(Call& call, const String& group, const StreamRecord& stream);
Result<Unit> check_group_name(std::string_view name);
Result<Unit> check_stream_name(std::string_view name);
std::string group_arn(const Call& call, std::string_view name);
// Events older than this are gone for readers, whether or not they have been erased yet; 0 without retention.
std::int64_t oldest_kept_ms(const Call& call, const GroupRecord& group);

// groups.cc
Result<Empty> create_log_group(Call& call, const CreateLogGroupRequest& request);
Result<Empty> delete_log_group(Call& call, const LogGroupRequest& request);
Result<DescribeLogGroupsResponse> describe_log_groups(Call& call, const DescribeLogGroupsRequest& request);
Result<Empty> put_retention_policy(Call& call, const PutRetentionPolicyRequest& request);
Result<Empty> delete_retention_policy(Call& call, const LogGroupRequest& request);
Result<Empty> expire_log_events(Call& call, const LogGroupRequest& request);
Result<Empty> tag_log_group(Call& call, const TagLogGroupRequest& request);
Result<Empty> untag_log_group(Call& call, const UntagLogGroupRequest& request);
Result<TagsResponse> list_tags_log_group(Call& call, const LogGroupRequest& request);
Result<Empty> tag_resource(Call& call, const TagResourceRequest& request);
Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request);
Result<TagsResponse> list_tags_for_resource(Call& call, const ListTagsForResourceRequest& request);

// streams.cc
Result<Empty> create_log_stream(Call& call, const LogStreamRequest& request);
Result<Empty> delete_log_stream(Call& call, const LogStreamRequest& request);
Result<DescribeLogStreamsResponse> describe_log_streams(Call& call, const DescribeLogStreamsRequest& request);

// intake.cc
Result<PutLogEventsResponse> put_log_events(Call& call, const PutLogEventsRequest& request);
Result<Empty> ingest_log_events(Call& call, const IngestLogEventsRequest& request);

// reading.cc
Result<GetLogEventsResponse> get_log_events(Call& call, const GetLogEventsRequest& request);
Result<FilterLogEventsResponse> filter_log_events(Call& call, const FilterLogEventsRequest& request);
Result<TestMetricFilterResponse> test_metric_filter(Call& call, const TestMetricFilterRequest& request);

}  // namespace surgetank::logs
