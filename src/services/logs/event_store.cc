#include "services/logs/event_store.h"

#include <algorithm>
#include <queue>

#include "kernel/ports.h"
#include "kernel/telemetry.h"
#include "services/logs/keys.h"
#include "services/logs/limits.h"

namespace surgetank::logs {
namespace {

void put_chunk(Call& call, const String& group, StreamRecord& stream, const std::vector<Event>& events) {
  call.txn.put(keys::chunk(call.caller, group, stream.name, events.front().timestamp_ms, stream.next_sequence),
               encode_chunk(events, call.now.ms()));
  stream.next_sequence += 1;
}

struct Later {
  bool operator()(const Event& a, const Event& b) const { return a.position() > b.position(); }
};

struct ChunkKey {
  std::int64_t first_ms = 0;
  std::int64_t sequence = 0;
};

ChunkKey read_chunk_key(std::string_view key, std::size_t prefix) {
  key.remove_prefix(prefix);
  const auto first = read_key_number(key).value_or(0);
  const auto sequence = read_key_number(key).value_or(0);
  return {static_cast<std::int64_t>(first), static_cast<std::int64_t>(sequence)};
}

// AWS/Logs, by group: what is paid for. Bytes of messages without the 26 of each event, as AWS counts them here.
void count_incoming(Call& call, const String& group, const std::vector<Event>& events) {
  if (call.ports.telemetry == nullptr) return;
  std::size_t bytes = 0;
  for (const auto& event : events) bytes += event.message.size();
  const auto sample = [&](std::string name, std::size_t value, std::string unit) {
    call.ports.telemetry->metric({.account = call.account(),
                                  .region = call.region(),
                                  .name_space = "AWS/Logs",
                                  .name = std::move(name),
                                  .dimensions = {{"LogGroupName", group}},
                                  .time = call.now,
                                  .value = static_cast<double>(value),
                                  .unit = std::move(unit)});
  };
  sample("IncomingBytes", bytes, "Bytes");
  sample("IncomingLogEvents", events.size(), "Count");
}

}  // namespace

void append_events(Call& call, const String& group, StreamRecord& stream, std::vector<Event> events) {
  if (events.empty()) return;
  count_incoming(call, group, events);
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.timestamp_ms < b.timestamp_ms; });
  stream.first_event_ms = std::min(stream.first_event_ms.value_or(events.front().timestamp_ms), events.front().timestamp_ms);
  stream.last_event_ms = std::max(stream.last_event_ms.value_or(0), events.back().timestamp_ms);
  stream.last_ingestion_ms = call.now.ms();
  std::vector<Event> chunk;
  std::size_t bytes = 0;
  for (auto& event : events) {
    if (!chunk.empty() && (bytes > chunk_bytes || event.timestamp_ms - chunk.front().timestamp_ms >= chunk_span_ms)) {
      put_chunk(call, group, stream, chunk);
      chunk.clear();
      bytes = 0;
    }
    const auto size = event.message.size() + limits::event_overhead_bytes;
    bytes += size;
    stream.stored_bytes += static_cast<std::int64_t>(size);
    chunk.push_back(std::move(event));
  }
  put_chunk(call, group, stream, chunk);
}

void visit_events(Call& call, const String& group, const String& stream, std::int64_t from_ms, std::int64_t to_ms,
                  const std::function<bool(Event)>& visit) {
  const auto prefix = keys::events(call.caller, group, stream);
  auto from = prefix;
  append_key_number(from, static_cast<std::uint64_t>(std::max<std::int64_t>(0, from_ms - chunk_span_ms)));
  auto to = prefix;
  append_key_number(to, static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms)));
  // Chunks come in order of their first event; an event may be given out once no later chunk can begin before it.
  std::priority_queue<Event, std::vector<Event>, Later> waiting;
  bool going = true;
  const auto release = [&](std::int64_t before_ms) {
    while (going && !waiting.empty() && waiting.top().timestamp_ms < before_ms) {
      auto event = waiting.top();
      waiting.pop();
      going = visit(std::move(event));
    }
  };
  call.txn.scan(from, to, [&](std::string_view key, std::string_view value) {
    const auto chunk = read_chunk_key(key, prefix.size());
    release(chunk.first_ms);
    std::vector<Event> events;
    if (!decode_chunk(value, chunk.sequence, events)) throw StorageError("damaged log chunk in " + group + "/" + stream);
    for (auto& event : events)
      if (event.timestamp_ms >= from_ms && event.timestamp_ms < to_ms) waiting.push(std::move(event));
    return going;
  });
  release(to_ms);
}

bool erase_events_before(Call& call, const String& group, std::int64_t before_ms, std::size_t most) {
  std::vector<std::string> expired;
  const auto prefix = keys::group_events(call.caller, group);
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    auto rest = key.substr(prefix.size());
    read_key_part(rest);
    const auto first_ms = static_cast<std::int64_t>(read_key_number(rest).value_or(0));
    if (first_ms + chunk_span_ms <= before_ms) expired.emplace_back(key);
    return expired.size() < most;
  });
  for (const auto& key : expired) call.txn.erase(key);
  return expired.size() == most;
}

}  // namespace surgetank::logs
