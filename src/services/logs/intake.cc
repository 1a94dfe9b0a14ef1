#include <algorithm>

#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/telemetry.h"
#include "services/logs/emf.h"
#include "services/logs/event_store.h"
#include "services/logs/keys.h"
#include "services/logs/limits.h"
#include "services/logs/operations.h"
#include "services/logs/quotas.h"

namespace surgetank::logs {
namespace {

// Metrics inside log events go where PutMetricData's go; what breaks the format is counted as AWS counts it.
void extract_metrics(Call& call, const String& group, std::string_view message) {
  std::vector<MetricSample> samples;
  const auto result = read_emf(message, call.now, samples);
  if (result == EmfResult::NotEmf) return;
  if (result == EmfResult::Invalid) {
    MetricSample sample;
    sample.name_space = "AWS/Logs";
    sample.name = "EMFValidationErrors";
    sample.dimensions = {{"LogGroupName", group}};
    sample.time = call.now;
    sample.value = 1;
    sample.unit = "Count";
    samples.push_back(std::move(sample));
  }
  for (auto& sample : samples) {
    sample.account = call.account();
    sample.region = call.region();
    call.ports.telemetry->metric(std::move(sample));
  }
}

std::vector<Event> kept_events(Call& call, const String& group, const List<InputLogEvent>& events, std::size_t first, std::size_t end) {
  std::vector<Event> kept;
  for (auto i = first; i < end; ++i) {
    extract_metrics(call, group, events[i].message);
    Event event;
    event.timestamp_ms = events[i].timestamp;
    event.message = events[i].message;
    kept.push_back(std::move(event));
  }
  return kept;
}

Result<Unit> check_batch(Call& call, const List<InputLogEvent>& events) {
  auto* registry = call.ports.quotas;
  SURGE_CHECK(check_quota(registry, quotas::batch_events, events.size()));
  if (events.empty()) return Error{&InvalidParameterException, Quotas::error(quotas::batch_events).message};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].message.empty())
      return Error{&InvalidParameterException,
                   "1 validation error detected: Value '' at 'logEvents." + std::to_string(i + 1) +
                       ".member.message' failed to satisfy constraint: Member must have length greater than or equal to 1"};
    SURGE_CHECK(check_quota(registry, quotas::event_bytes, events[i].message.size()));
    bytes += events[i].message.size() + limits::event_overhead_bytes;
    if (i > 0 && events[i].timestamp < events[i - 1].timestamp)
      return Error{&InvalidParameterException, "Log events in a single PutLogEvents request must be in chronological order."};
  }
  SURGE_CHECK(check_quota(registry, quotas::batch_bytes, bytes));
  if (events.back().timestamp - events.front().timestamp > limits::batch_span.ms())
    return Error{&InvalidParameterException, "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."};
  return Unit{};
}

}  // namespace

Result<PutLogEventsResponse> put_log_events(Call& call, const PutLogEventsRequest& request) {
  SURGE_CHECK(check_batch(call, request.logEvents));
  SURGE_TRY(group, find_group(call, request.logGroupName));
  SURGE_TRY(stream, find_stream(call, group.name, request.logStreamName));
  const auto& events = request.logEvents;
  const auto position = [&](std::int64_t ms) {
    return static_cast<std::size_t>(
        std::partition_point(events.begin(), events.end(), [ms](const InputLogEvent& event) { return event.timestamp < ms; }) -
        events.begin());
  };
  const auto old_end = position((call.now - limits::most_past).ms());
  const auto expired_end = position(oldest_kept_ms(call, group));
  const auto new_start = position((call.now + limits::most_future).ms() + 1);
  const auto first = std::max(old_end, expired_end);

  PutLogEventsResponse response;
  if (first > 0 || new_start < events.size()) {
    auto& info = response.rejectedLogEventsInfo.emplace();
    if (new_start < events.size()) info.tooNewLogEventStartIndex = static_cast<Integer>(new_start);
    if (old_end > 0) info.tooOldLogEventEndIndex = static_cast<Integer>(old_end - 1);
    if (expired_end > old_end) info.expiredLogEventEndIndex = static_cast<Integer>(expired_end - 1);
  }
  if (first < new_start) {
    append_events(call, group.name, stream, kept_events(call, group.name, events, first, new_start));
    save_stream(call, group.name, stream);
  }
  response.nextSequenceToken = "4964" + std::to_string(1'000'000'000'000 + stream.next_sequence);
  return response;
}

// What functions write: groups and streams come into being with their first event, as Lambda's logging permission lets them.
Result<Empty> ingest_log_events(Call& call, const IngestLogEventsRequest& request) {
  if (!call.txn.get(keys::group(call.caller, request.logGroupName))) {
    GroupRecord group;
    group.name = request.logGroupName;
    group.created_ms = call.now.ms();
    SURGE_CHECK(add_group(call, group));
  }
  auto stream = get_record<StreamRecord>(call.txn, keys::stream(call.caller, request.logGroupName, request.logStreamName));
  if (!stream) {
    stream.emplace();
    stream->name = request.logStreamName;
    stream->created_ms = call.now.ms();
  }
  std::vector<Event> events;
  for (const auto& ingested : request.events) {
    if (ingested.message.empty()) continue;
    extract_metrics(call, request.logGroupName, ingested.message);
    Event event;
    event.timestamp_ms = ingested.timestamp;
    event.message = ingested.message.substr(0, limits::event_bytes);
    events.push_back(std::move(event));
  }
  append_events(call, request.logGroupName, *stream, std::move(events));
  save_stream(call, request.logGroupName, *stream);
  return Empty{};
}

}  // namespace surgetank::logs
