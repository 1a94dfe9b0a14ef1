#pragma once
// The SQL by which we set a server up, and the quoting it needs. Pure. The result goes to psql's standard input only.
#include <string>
#include <string_view>

#include "base/log.h"

namespace surgetank {

std::string sql_name(std::string_view name);  // "na""me"
std::string sql_text(std::string_view text);  // 'it''s'; for standard_conforming_strings

// The master user as RDS makes it: no superuser, may make roles and databases, member of rds_superuser. Can be run again.
std::string sql_for_master(const std::string& master, const Secret<std::string>& password);
// Its database (`database` empty: none but "postgres"), if it is not there yet.
std::string sql_for_database(const std::string& database, const std::string& master);

}  // namespace surgetank
