#pragma once
// Requests, replies and stored records of CloudWatch Logs; members as in the AWS API reference. Times on the wire are milliseconds.
#include "shape/shape.h"

namespace surgetank::logs {

// --- groups ----------------------------------------------------------------------------------------------------------

struct CreateLogGroupRequest {
  String logGroupName;
  Opt<String> kmsKeyId;
  Map<String> tags;
  Opt<String> logGroupClass;
};
SURGE_SHAPE(CreateLogGroupRequest, logGroupName, kmsKeyId, tags, logGroupClass)
struct LogGroupRequest {
  String logGroupName;
};
SURGE_SHAPE(LogGroupRequest, logGroupName)
struct DescribeLogGroupsRequest {
  Opt<String> logGroupNamePrefix;
  Opt<String> logGroupNamePattern;
  Opt<String> nextToken;
  Opt<Integer> limit;
};
SURGE_SHAPE(DescribeLogGroupsRequest, logGroupNamePrefix, logGroupNamePattern, nextToken, limit)
struct LogGroup {
  String logGroupName;
  Integer creationTime = 0;
  Opt<Integer> retentionInDays;
  Integer metricFilterCount = 0;
  String arn;
  Integer storedBytes = 0;
  Opt<String> kmsKeyId;
  String logGroupClass;
  String logGroupArn;
};
SURGE_SHAPE(LogGroup, logGroupName, creationTime, retentionInDays, metricFilterCount, arn, storedBytes, kmsKeyId, logGroupClass,
            logGroupArn)
struct DescribeLogGroupsResponse {
  Opt<List<LogGroup>> logGroups;
  Opt<String> nextToken;
};
SURGE_SHAPE(DescribeLogGroupsResponse, logGroups, nextToken)
struct PutRetentionPolicyRequest {
  String logGroupName;
  Integer retentionInDays = 0;
};
SURGE_SHAPE(PutRetentionPolicyRequest, logGroupName, retentionInDays)
struct TagLogGroupRequest {
  String logGroupName;
  Map<String> tags;
};
SURGE_SHAPE(TagLogGroupRequest, logGroupName, tags)
struct UntagLogGroupRequest {
  String logGroupName;
  List<String> tags;
};
SURGE_SHAPE(UntagLogGroupRequest, logGroupName, tags)
struct TagResourceRequest {
  String resourceArn;
  Map<String> tags;
};
SURGE_SHAPE(TagResourceRequest, resourceArn, tags)
struct UntagResourceRequest {
  String resourceArn;
  List<String> tagKeys;
};
SURGE_SHAPE(UntagResourceRequest, resourceArn, tagKeys)
struct ListTagsForResourceRequest {
  String resourceArn;
};
SURGE_SHAPE(ListTagsForResourceRequest, resourceArn)
struct TagsResponse {
  Opt<Map<String>> tags;
};
SURGE_SHAPE(TagsResponse, tags)

// --- streams ---------------------------------------------------------------------------------------------------------

struct LogStreamRequest {
  String logGroupName;
  String logStreamName;
};
SURGE_SHAPE(LogStreamRequest, logGroupName, logStreamName)
struct DescribeLogStreamsRequest {
  Opt<String> logGroupName;
  Opt<String> logGroupIdentifier;
  Opt<String> logStreamNamePrefix;
  Opt<String> orderBy;
  Opt<bool> descending;
  Opt<String> nextToken;
  Opt<Integer> limit;
};
SURGE_SHAPE(DescribeLogStreamsRequest, logGroupName, logGroupIdentifier, logStreamNamePrefix, orderBy, descending, nextToken, limit)
struct LogStream {
  String logStreamName;
  Integer creationTime = 0;
  Opt<Integer> firstEventTimestamp;
  Opt<Integer> lastEventTimestamp;
  Opt<Integer> lastIngestionTime;
  Opt<String> uploadSequenceToken;
  String arn;
  Integer storedBytes = 0;
};
SURGE_SHAPE(LogStream, logStreamName, creationTime, firstEventTimestamp, lastEventTimestamp, lastIngestionTime, uploadSequenceToken, arn,
            storedBytes)
struct DescribeLogStreamsResponse {
  Opt<List<LogStream>> logStreams;
  Opt<String> nextToken;
};
SURGE_SHAPE(DescribeLogStreamsResponse, logStreams, nextToken)

// --- events ----------------------------------------------------------------------------------------------------------

struct InputLogEvent {
  Integer timestamp = 0;
  String message;
};
SURGE_SHAPE(InputLogEvent, timestamp, message)
struct PutLogEventsRequest {
  String logGroupName;
  String logStreamName;
  List<InputLogEvent> logEvents;
  Opt<String> sequenceToken;
};
SURGE_SHAPE(PutLogEventsRequest, logGroupName, logStreamName, logEvents, sequenceToken)
struct RejectedLogEventsInfo {
  Opt<Integer> tooNewLogEventStartIndex;
  Opt<Integer> tooOldLogEventEndIndex;
  Opt<Integer> expiredLogEventEndIndex;
};
SURGE_SHAPE(RejectedLogEventsInfo, tooNewLogEventStartIndex, tooOldLogEventEndIndex, expiredLogEventEndIndex)
struct PutLogEventsResponse {
  String nextSequenceToken;
  Opt<RejectedLogEventsInfo> rejectedLogEventsInfo;
};
SURGE_SHAPE(PutLogEventsResponse, nextSequenceToken, rejectedLogEventsInfo)

struct GetLogEventsRequest {
  Opt<String> logGroupName;
  Opt<String> logGroupIdentifier;
  String logStreamName;
  Opt<Integer> startTime;
  Opt<Integer> endTime;
  Opt<String> nextToken;
  Opt<Integer> limit;
  Opt<bool> startFromHead;
};
SURGE_SHAPE(GetLogEventsRequest, logGroupName, logGroupIdentifier, logStreamName, startTime, endTime, nextToken, limit, startFromHead)
struct OutputLogEvent {
  Integer timestamp = 0;
  String message;
  Integer ingestionTime = 0;
};
SURGE_SHAPE(OutputLogEvent, timestamp, message, ingestionTime)
struct GetLogEventsResponse {
  Opt<List<OutputLogEvent>> events;
  String nextForwardToken;
  String nextBackwardToken;
};
SURGE_SHAPE(GetLogEventsResponse, events, nextForwardToken, nextBackwardToken)

struct FilterLogEventsRequest {
  Opt<String> logGroupName;
  Opt<String> logGroupIdentifier;
  List<String> logStreamNames;
  Opt<String> logStreamNamePrefix;
  Opt<Integer> startTime;
  Opt<Integer> endTime;
  Opt<String> filterPattern;
  Opt<String> nextToken;
  Opt<Integer> limit;
  Opt<bool> interleaved;
};
SURGE_SHAPE(FilterLogEventsRequest, logGroupName, logGroupIdentifier, logStreamNames, logStreamNamePrefix, startTime, endTime,
            filterPattern, nextToken, limit, interleaved)
struct FilteredLogEvent {
  String logStreamName;
  Integer timestamp = 0;
  String message;
  Integer ingestionTime = 0;
  String eventId;
};
SURGE_SHAPE(FilteredLogEvent, logStreamName, timestamp, message, ingestionTime, eventId)
struct SearchedLogStream {
  String logStreamName;
  bool searchedCompletely = true;
};
SURGE_SHAPE(SearchedLogStream, logStreamName, searchedCompletely)
struct FilterLogEventsResponse {
  Opt<List<FilteredLogEvent>> events;
  Opt<List<SearchedLogStream>> searchedLogStreams;
  Opt<String> nextToken;
};
SURGE_SHAPE(FilterLogEventsResponse, events, searchedLogStreams, nextToken)

struct TestMetricFilterRequest {
  String filterPattern;
  List<String> logEventMessages;
};
SURGE_SHAPE(TestMetricFilterRequest, filterPattern, logEventMessages)
struct MetricFilterMatchRecord {
  Integer eventNumber = 0;
  String eventMessage;
  Map<String> extractedValues;
};
SURGE_SHAPE(MetricFilterMatchRecord, eventNumber, eventMessage, extractedValues)
struct TestMetricFilterResponse {
  Opt<List<MetricFilterMatchRecord>> matches;
};
SURGE_SHAPE(TestMetricFilterResponse, matches)

// --- stored ----------------------------------------------------------------------------------------------------------

struct GroupRecord {
  String name;
  Integer created_ms = 0;
  Opt<Integer> retention_days;
  Opt<String> kms_key_id;
  Map<String> tags;
};
SURGE_SHAPE(GroupRecord, name, created_ms, retention_days, kms_key_id, tags)
struct StreamRecord {
  String name;
  Integer created_ms = 0;
  Opt<Integer> first_event_ms;
  Opt<Integer> last_event_ms;
  Opt<Integer> last_ingestion_ms;
  Integer next_sequence = 0;
  Integer stored_bytes = 0;
};
SURGE_SHAPE(StreamRecord, name, created_ms, first_event_ms, last_event_ms, last_ingestion_ms, next_sequence, stored_bytes)

}  // namespace surgetank::logs
