#include "orders.h"

#include <charconv>
#include <cstdint>

namespace {

namespace json = boost::json;

constexpr const char* select_latest = R"sql(
  SELECT id, customer, items, amount_cents, status, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  FROM orders ORDER BY created_at DESC, id LIMIT $1)sql";
constexpr const char* select_totals = "SELECT count(*), coalesce(sum(amount_cents), 0)::bigint FROM orders";
constexpr std::string_view undefined_table = "42P01";

std::int64_t number(const std::string& text) { return std::stoll(text); }

json::object order(const Rows& rows, int row) {
  return {{"id", rows.text(row, 0)},
          {"customer", rows.text(row, 1)},
          {"items", json::parse(rows.text(row, 2))},
          {"amount_cents", number(rows.text(row, 3))},
          {"status", rows.text(row, 4)},
          {"created_at", rows.text(row, 5)}};
}

}  // namespace

std::optional<int> read_limit(std::string_view text) {
  int limit = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() || limit < 1 || limit > max_limit) return std::nullopt;
  return limit;
}

json::object list_orders(Database& database, int limit) {
  json::array orders;
  std::int64_t total_count = 0;
  std::int64_t total_amount_cents = 0;
  try {
    const Rows latest = database.query(select_latest, {std::to_string(limit)});
    for (int row = 0; row < latest.size(); ++row) orders.push_back(order(latest, row));
    const Rows totals = database.query(select_totals);
    total_count = number(totals.text(0, 0));
    total_amount_cents = number(totals.text(0, 1));
  } catch (const DatabaseError& error) {
    if (error.sqlstate != undefined_table) throw;  // otherwise: nobody has ordered anything yet
  }
  return {{"orders", std::move(orders)}, {"total_count", total_count}, {"total_amount_cents", total_amount_cents}};
}
