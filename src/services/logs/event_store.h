#pragma once
// Reading and writing the events of streams. All on the lane of the log group.
#include <functional>
#include <string>
#include <vector>

#include "kernel/call.h"
#include "services/logs/chunk.h"
#include "services/logs/model.h"

namespace surgetank::logs {

// Writes events (in any order) as chunks and brings the stream's record up to date (not stored yet).
void append_events(Call& call, const String& group, StreamRecord& stream, std::vector<Event> events);

// Visits the stream's events with from_ms <= timestamp < to_ms in order of position until `visit` returns false.
void visit_events(Call& call, const String& group, const String& stream, std::int64_t from_ms, std::int64_t to_ms,
                  const std::function<bool(Event)>& visit);

// Erases chunks that lie before `before_ms` as a whole, at most `most` of them; true if there may be more.
bool erase_events_before(Call& call, const String& group, std::int64_t before_ms, std::size_t most);

}  // namespace surgetank::logs
