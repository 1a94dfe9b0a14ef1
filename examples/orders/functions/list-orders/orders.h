#pragma once
// What this function knows about orders: how many to list, and how to read them from the database.
#include <boost/json.hpp>
#include <optional>
#include <string_view>

#include "database.h"

inline constexpr int default_limit = 20;
inline constexpr int max_limit = 100;

// The whole number from 1 to max_limit in `text`.
std::optional<int> read_limit(std::string_view text);

// {"orders":[the latest first],"total_count":n,"total_amount_cents":n}; all empty and zero while there is no table yet.
// Throws DatabaseError.
boost::json::object list_orders(Database& database, int limit);
