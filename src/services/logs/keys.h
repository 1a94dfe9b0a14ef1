#pragma once
// Every storage key of CloudWatch Logs.
//   logs/group/<account><region><group>                                          -> GroupRecord
//   logs/stream/<account><region><group><stream>                                 -> StreamRecord
//   logs/event/<account><region><group><stream> first-timestamp(8) sequence(8)   -> a chunk of events (chunk.h)
#include <cstdint>

#include "kernel/keys.h"

namespace surgetank::logs::keys {

inline std::string groups(const Caller& caller) { return service_key("logs", "group", caller); }
inline std::string group(const Caller& caller, std::string_view name) { return service_key("logs", "group", caller, {name}); }
inline std::string streams(const Caller& caller, std::string_view group) { return service_key("logs", "stream", caller, {group}); }
inline std::string stream(const Caller& caller, std::string_view group, std::string_view name) {
  return service_key("logs", "stream", caller, {group, name});
}
inline std::string group_events(const Caller& caller, std::string_view group) { return service_key("logs", "event", caller, {group}); }
inline std::string events(const Caller& caller, std::string_view group, std::string_view stream) {
  return service_key("logs", "event", caller, {group, stream});
}
inline std::string chunk(const Caller& caller, std::string_view group, std::string_view stream, std::int64_t first_ms,
                         std::int64_t sequence) {
  auto key = events(caller, group, stream);
  append_key_number(key, static_cast<std::uint64_t>(first_ms));
  append_key_number(key, static_cast<std::uint64_t>(sequence));
  return key;
}

}  // namespace surgetank::logs::keys
