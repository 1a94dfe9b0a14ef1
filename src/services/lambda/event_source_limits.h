#pragma once
// Quotas of event source mappings (AWS quotas: "Event source mappings"; API reference of CreateEventSourceMapping).
#include <cstddef>
#include <cstdint>

namespace surgetank::lambda::limits {

inline constexpr std::int64_t largest_batch = 10'000;
inline constexpr std::int64_t largest_batch_without_window = 10;  // also of FIFO queues
inline constexpr std::int64_t longest_batching_window_seconds = 300;
inline constexpr std::int64_t most_mapping_concurrency = 1'000;
inline constexpr std::int64_t most_minimum_pollers = 200;
inline constexpr std::int64_t most_maximum_pollers = 10'000;
inline constexpr std::size_t mapping_filters = 5;  // AWS raises it to 10 on request
inline constexpr std::size_t filter_pattern_characters = 4'096;
inline constexpr std::int64_t mapping_list_page = 100;

}  // namespace surgetank::lambda::limits
