#pragma once
// Quotas of CloudWatch Logs (AWS: "CloudWatch Logs quotas").
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace surgetank::logs::limits {

inline constexpr std::size_t batch_bytes = 1'048'576;  // of PutLogEvents, 26 bytes an event included
inline constexpr std::size_t event_overhead_bytes = 26;
inline constexpr std::size_t batch_events = 10'000;
inline constexpr std::size_t event_bytes = 1'048'576;  // a longer message is cut
inline constexpr Duration batch_span = hours(24);
inline constexpr Duration most_future = hours(2);
inline constexpr Duration most_past = days(14);
inline constexpr std::int64_t events_page = 10'000;
inline constexpr std::size_t page_bytes = 1'048'576;  // of GetLogEvents and FilterLogEvents
inline constexpr std::int64_t list_page = 50;
inline constexpr std::size_t groups = 1'000'000;
inline constexpr std::size_t tags = 50;
inline constexpr std::size_t filter_pattern_characters = 1024;
inline constexpr std::size_t filter_streams = 100;       // logStreamNames of FilterLogEvents
inline constexpr std::size_t events_examined = 200'000;  // by one FilterLogEvents call, then it answers with a token

}  // namespace surgetank::logs::limits
