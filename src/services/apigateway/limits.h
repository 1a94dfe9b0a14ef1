#pragma once
// Quotas of HTTP APIs (AWS: "Amazon API Gateway quotas and important notes").
#include <cstddef>
#include <cstdint>

namespace surgetank::apigateway::limits {

inline constexpr std::size_t apis = 600;
inline constexpr std::size_t routes_per_api = 300;
inline constexpr std::size_t integrations_per_api = 300;
inline constexpr std::size_t stages_per_api = 10;
inline constexpr std::size_t deployments_per_api = 1000;
inline constexpr std::size_t stage_variables = 100;
inline constexpr std::size_t stage_variable_name = 64;
inline constexpr std::size_t stage_variable_value = 512;
inline constexpr std::size_t tags = 50;
inline constexpr std::int64_t least_timeout_ms = 50;
inline constexpr std::int64_t longest_timeout_ms = 30'000;
inline constexpr std::size_t payload_bytes = 10 * 1024 * 1024;
inline constexpr std::size_t head_bytes = 10'240;  // request line and headers
inline constexpr std::int64_t page = 100;
inline constexpr std::int64_t largest_page = 500;

}  // namespace surgetank::apigateway::limits
