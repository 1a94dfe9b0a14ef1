#pragma once
// Events are stored in chunks, one per intake and stream: a thousand invocations a second are a few records, not thousands.
// A chunk spans at most chunk_span, so that what lies at time t is in chunks that begin in [t - chunk_span, t]. Pure.
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/time.h"

namespace surgetank::logs {

inline constexpr std::int64_t chunk_span_ms = 60'000;
inline constexpr std::size_t chunk_bytes = 256 * 1024;  // a chunk is closed when it is larger than this

struct Event {
  std::int64_t timestamp_ms = 0;
  std::int64_t ingestion_ms = 0;
  std::int64_t sequence = 0;  // of its chunk within the stream
  std::int64_t index = 0;     // within its chunk
  std::string message;

  // Order of events in a stream: by time, then as they came in.
  auto position() const { return std::tuple(timestamp_ms, sequence, index); }
};

std::string encode_chunk(const std::vector<Event>& events, std::int64_t ingestion_ms);
// Appends the events of a chunk; false if it is damaged.
bool decode_chunk(std::string_view bytes, std::int64_t sequence, std::vector<Event>& out);

}  // namespace surgetank::logs
