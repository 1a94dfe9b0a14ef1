#pragma once
// Quotas of Secrets Manager (AWS quotas: "Secrets Manager quotas").
#include <cstddef>
#include <cstdint>

namespace surgetank::secretsmanager::limits {

inline constexpr std::size_t value_bytes = 65'536;
inline constexpr std::size_t versions_per_secret = 100;
inline constexpr std::size_t labels_per_secret = 20;
inline constexpr std::size_t tags_per_secret = 50;
inline constexpr std::int64_t default_recovery_days = 30;
inline constexpr std::int64_t least_recovery_days = 7;
inline constexpr std::int64_t list_page = 100;
inline constexpr std::size_t batch_get = 20;

}  // namespace surgetank::secretsmanager::limits
