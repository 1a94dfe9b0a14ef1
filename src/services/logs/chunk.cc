#include "services/logs/chunk.h"

#include "storage/store.h"

namespace surgetank::logs {

// ingestion time (8), then per event: timestamp (8), length (8), message.
std::string encode_chunk(const std::vector<Event>& events, std::int64_t ingestion_ms) {
  std::string out;
  append_key_number(out, static_cast<std::uint64_t>(ingestion_ms));
  for (const auto& event : events) {
    append_key_number(out, static_cast<std::uint64_t>(event.timestamp_ms));
    append_key_number(out, event.message.size());
    out += event.message;
  }
  return out;
}

bool decode_chunk(std::string_view bytes, std::int64_t sequence, std::vector<Event>& out) {
  const auto ingestion = read_key_number(bytes);
  if (!ingestion) return false;
  for (std::int64_t index = 0; !bytes.empty(); ++index) {
    const auto timestamp = read_key_number(bytes);
    const auto length = read_key_number(bytes);
    if (!timestamp || !length || *length > bytes.size()) return false;
    out.push_back({.timestamp_ms = static_cast<std::int64_t>(*timestamp),
                   .ingestion_ms = static_cast<std::int64_t>(*ingestion),
                   .sequence = sequence,
                   .index = index,
                   .message = std::string(bytes.substr(0, *length))});
    bytes.remove_prefix(*length);
  }
  return true;
}

}  // namespace surgetank::logs
