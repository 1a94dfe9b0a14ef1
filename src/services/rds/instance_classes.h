#pragma once
// What a DB instance class gives to PostgreSQL. Pure.
// max_connections of RDS PostgreSQL's default parameter group is LEAST({DBInstanceClassMemory/9531392},5000), where
// DBInstanceClassMemory is what the operating system and the agents leave. AWS does not publish that; we reserve 256 MiB plus 3%,
// which meets the connection counts that are known of real instances (micro 81, small 190, medium 409, large 846, 16 GiB 1720).
#include <cstdint>
#include <optional>
#include <string_view>

namespace surgetank::rds {

// nullopt: no such class for PostgreSQL.
std::optional<std::int64_t> class_memory_mib(std::string_view instance_class);
std::int64_t max_connections(std::int64_t memory_mib);
// Virtual processors; nullopt as above.
std::optional<std::int64_t> class_processors(std::string_view instance_class);

}  // namespace surgetank::rds
