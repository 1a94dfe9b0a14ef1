#pragma once
// Quotas of CloudWatch metrics (AWS: "CloudWatch service quotas", "PutMetricData").
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace surgetank::cloudwatch::limits {

inline constexpr std::size_t metrics_per_put = 1000;
inline constexpr std::size_t dimensions = 30;
inline constexpr std::size_t values_per_datum = 150;
inline constexpr std::size_t request_bytes = 1024 * 1024;
inline constexpr std::size_t text_characters = 255;  // namespace, metric and dimension names
inline constexpr std::size_t dimension_value_characters = 1024;
inline constexpr std::int64_t datapoints_of_statistics = 1440;
inline constexpr std::size_t queries = 500;
inline constexpr std::int64_t datapoints_of_data = 100'800;
inline constexpr std::size_t list_page = 500;
inline constexpr Duration most_past = days(14);
inline constexpr Duration most_future = hours(2);
inline constexpr Duration keep_seconds = hours(3);  // data of one second
inline constexpr Duration keep_minutes = days(15);
inline constexpr double largest_value = 0x1p360;

}  // namespace surgetank::cloudwatch::limits
