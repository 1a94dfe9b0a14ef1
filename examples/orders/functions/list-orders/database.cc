#include "database.h"

namespace {

PGconn* connect(const Database::Address& address) {
  const char* const keywords[] = {"host", "port", "dbname", "user", "password", nullptr};
  const char* const values[] = {address.host.c_str(),     address.port.c_str(),     address.name.c_str(),
                                address.username.c_str(), address.password.c_str(), nullptr};
  return PQconnectdbParams(keywords, values, 0);
}

}  // namespace

Database::Database(const Address& address) : connection_(connect(address), &PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw DatabaseError(PQerrorMessage(connection_.get()), "");
}

Rows Database::query(const char* statement, const std::vector<std::string>& parameters) {
  return run(statement, parameters, PGRES_TUPLES_OK);
}

void Database::execute(const char* statement, const std::vector<std::string>& parameters) { run(statement, parameters, PGRES_COMMAND_OK); }

Rows Database::run(const char* statement, const std::vector<std::string>& parameters, ExecStatusType wanted) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  PGresult* result =
      PQexecParams(connection_.get(), statement, static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0);
  Rows rows(result);
  if (PQresultStatus(result) == wanted) return rows;
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  throw DatabaseError(PQerrorMessage(connection_.get()), state == nullptr ? "" : state);
}
