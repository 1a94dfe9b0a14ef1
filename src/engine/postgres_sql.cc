#include "engine/postgres_sql.h"

#include "base/text.h"

namespace surgetank {

std::string sql_name(std::string_view name) { return '"' + replace_all(std::string(name), "\"", "\"\"") + '"'; }
std::string sql_text(std::string_view text) { return '\'' + replace_all(std::string(text), "'", "''") + '\''; }

std::string sql_for_master(const std::string& master, const Secret<std::string>& password) {
  const auto name = sql_name(master);
  return "SET log_statement = 'none';\nSET log_min_error_statement = panic;\nSET log_min_duration_statement = -1;\n"
         "DO $surgetank$ BEGIN\n"
         "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_superuser') THEN\n"
         "    CREATE ROLE rds_superuser NOLOGIN;\n"
         "    GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION;\n"
         "  END IF;\n"
         "  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = " +
         sql_text(master) +
         ") THEN\n"
         "    CREATE ROLE " +
         name +
         " LOGIN CREATEDB CREATEROLE;\n"
         "    GRANT rds_superuser TO " +
         name +
         ";\n"
         "    ALTER DATABASE postgres OWNER TO " +
         name +
         ";\n"
         "  END IF;\n"
         "END $surgetank$;\n"
         "ALTER ROLE " +
         name + " PASSWORD " + sql_text(password.reveal()) + ";\n";
}

std::string sql_for_database(const std::string& database, const std::string& master) {
  if (database.empty()) return {};
  return "SELECT " + sql_text("CREATE DATABASE " + sql_name(database) + " OWNER " + sql_name(master)) +
         " WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = " + sql_text(database) + ")\\gexec\n";
}

}  // namespace surgetank
