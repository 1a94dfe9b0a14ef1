#include "orders.h"

#include <cstdlib>

namespace {

// The lock makes two first environments take turns: CREATE TABLE IF NOT EXISTS alone lets one of them fail.
constexpr const char* lock_table = "SELECT pg_advisory_lock(hashtext('create table orders'))";
constexpr const char* create_table = R"sql(
  CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY,
    customer text NOT NULL,
    items jsonb NOT NULL,
    amount_cents bigint NOT NULL,
    status text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  ))sql";
constexpr const char* unlock_table = "SELECT pg_advisory_unlock(hashtext('create table orders'))";
constexpr const char* insert_orders = R"sql(
  INSERT INTO orders (id, customer, items, amount_cents, status)
  SELECT id, customer, items, amount_cents, 'placed'
  FROM jsonb_to_recordset($1::jsonb) AS batch (id uuid, customer text, items jsonb, amount_cents bigint)
  ON CONFLICT (id) DO NOTHING)sql";

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

// The server's word about a statement (SQLSTATE of data and constraints), not about the connection.
bool is_refusal(const DatabaseError& error) { return error.sqlstate.starts_with("22") || error.sqlstate.starts_with("23"); }

}  // namespace

Database& Orders::connection(const std::string& trace_id) {
  if (database_) return *database_;
  const auto [username, password] = aws_.get_database_credentials(setting("DATABASE_SECRET_ID"), trace_id);
  Database made({setting("DATABASE_HOST"), setting("DATABASE_PORT"), setting("DATABASE_NAME"), username, password});
  made.query("SELECT set_config('statement_timeout', '5s', false)");
  made.query(lock_table);
  made.execute(create_table);
  made.query(unlock_table);
  return database_.emplace(std::move(made));
}

void Orders::store(const boost::json::array& orders, const std::string& trace_id) {
  try {
    connection(trace_id).execute(insert_orders, {boost::json::serialize(orders)});
  } catch (const DatabaseError& error) {
    if (!is_refusal(error)) database_.reset();  // the next try makes a new one
    throw;
  }
}
