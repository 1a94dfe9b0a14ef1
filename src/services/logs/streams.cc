#include <algorithm>

#include "base/text.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/logs/keys.h"
#include "services/logs/limits.h"
#include "services/logs/operations.h"

namespace surgetank::logs {
namespace {

String sequence_token(const StreamRecord& stream) { return "4964" + std::to_string(1'000'000'000'000 + stream.next_sequence); }

LogStream shown(Call& call, const String& group, const StreamRecord& record) {
  return {.logStreamName = record.name,
          .creationTime = record.created_ms,
          .firstEventTimestamp = record.first_event_ms,
          .lastEventTimestamp = record.last_event_ms,
          .lastIngestionTime = record.last_ingestion_ms,
          .uploadSequenceToken = sequence_token(record),
          .arn = group_arn(call, group) + ":log-stream:" + record.name,
          .storedBytes = 0};  // AWS reports 0 for every stream since 2019
}

}  // namespace

Result<StreamRecord> find_stream(Call& call, std::string_view group, std::string_view name) {
  auto record = get_record<StreamRecord>(call.txn, keys::stream(call.caller, group, name));
  if (!record) return Error{&ResourceNotFoundException, "The specified log stream does not exist."};
  return std::move(*record);
}

void save_stream(Call& call, const String& group, const StreamRecord& stream) {
  put_record(call.txn, keys::stream(call.caller, group, stream.name), stream);
}

Result<Empty> create_log_stream(Call& call, const LogStreamRequest& request) {
  SURGE_CHECK(check_stream_name(request.logStreamName));
  SURGE_TRY(group, find_group(call, request.logGroupName));
  if (call.txn.get(keys::stream(call.caller, group.name, request.logStreamName)))
    return Error{&ResourceAlreadyExistsException, "The specified log stream already exists"};
  StreamRecord stream;
  stream.name = request.logStreamName;
  stream.created_ms = call.now.ms();
  save_stream(call, group.name, stream);
  return Empty{};
}

Result<Empty> delete_log_stream(Call& call, const LogStreamRequest& request) {
  SURGE_TRY(group, find_group(call, request.logGroupName));
  SURGE_TRY(stream, find_stream(call, group.name, request.logStreamName));
  const auto prefix = keys::events(call.caller, group.name, stream.name);
  std::vector<std::string> chunks;
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    chunks.emplace_back(key);
    return true;
  });
  for (const auto& key : chunks) call.txn.erase(key);
  call.txn.erase(keys::stream(call.caller, group.name, stream.name));
  return Empty{};
}

Result<DescribeLogStreamsResponse> describe_log_streams(Call& call, const DescribeLogStreamsRequest& request) {
  SURGE_CHECK(Validation()
                  .range("limit", request.limit, 1, limits::list_page)
                  .one_of("orderBy", request.orderBy, {"LogStreamName", "LastEventTime"})
                  .finish(InvalidParameterException));
  const bool by_time = request.orderBy == "LastEventTime";
  if (by_time && request.logStreamNamePrefix)
    return Error{&InvalidParameterException, "Cannot order by LastEventTime with a logStreamNamePrefix."};
  SURGE_TRY(group, find_group(call, request.logGroupName.value_or(request.logGroupIdentifier.value_or(""))));
  List<StreamRecord> streams;
  scan_records<StreamRecord>(call.txn, keys::streams(call.caller, group.name), [&](StreamRecord record) {
    const auto prefix = request.logStreamNamePrefix.value_or("");
    if (record.name.substr(0, prefix.size()) == prefix) streams.push_back(std::move(record));
    return true;
  });
  if (by_time)
    std::stable_sort(streams.begin(), streams.end(),
                     [](const auto& a, const auto& b) { return a.last_event_ms.value_or(0) < b.last_event_ms.value_or(0); });
  if (request.descending.value_or(false)) std::reverse(streams.begin(), streams.end());

  const auto first = request.nextToken ? parse_integer(*request.nextToken).value_or(-1) : 0;
  if (first < 0 || first > static_cast<std::int64_t>(streams.size()))
    return Error{&InvalidParameterException, "The specified nextToken is invalid."};
  DescribeLogStreamsResponse response;
  auto& out = response.logStreams.emplace();
  const auto end = std::min(streams.size(), static_cast<std::size_t>(first + request.limit.value_or(limits::list_page)));
  for (auto i = static_cast<std::size_t>(first); i < end; ++i) out.push_back(shown(call, group.name, streams[i]));
  if (end < streams.size()) response.nextToken = std::to_string(end);
  return response;
}

}  // namespace surgetank::logs
