#pragma once
// Quotas and ranges of RDS (user guide "Quotas and constraints", API reference of CreateDBInstance).
#include <cstddef>
#include <cstdint>

namespace surgetank::rds::limits {

inline constexpr std::size_t instances_per_account_and_region = 40;
inline constexpr std::size_t tags_per_resource = 50;
inline constexpr std::size_t tag_key_characters = 128;
inline constexpr std::size_t tag_value_characters = 256;
inline constexpr std::size_t identifier_characters = 63;
inline constexpr std::size_t name_characters = 63;  // of users and databases: PostgreSQL's own limit
inline constexpr std::size_t shortest_password = 8;
inline constexpr std::size_t longest_password = 128;
inline constexpr std::int64_t least_port = 1150;
inline constexpr std::int64_t greatest_port = 65'535;
inline constexpr std::int64_t default_port = 5432;
inline constexpr std::int64_t least_storage_gib = 20;
inline constexpr std::int64_t least_magnetic_storage_gib = 5;
inline constexpr std::int64_t greatest_storage_gib = 65'536;
inline constexpr std::int64_t greatest_backup_retention_days = 35;
inline constexpr std::int64_t least_page = 20;
inline constexpr std::int64_t greatest_page = 100;

}  // namespace surgetank::rds::limits
