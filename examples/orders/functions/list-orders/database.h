#pragma once
// libpq with an owner: a connection and the result of a statement.
//
// Who owns it  Whoever opens a Database closes it by leaving the scope. One thread.
// What fails   Connecting and every statement: throws DatabaseError with the server's text and SQLSTATE.
#include <libpq-fe.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct DatabaseError : std::runtime_error {
  DatabaseError(const std::string& message, std::string state) : std::runtime_error(message), sqlstate(std::move(state)) {}
  std::string sqlstate;  // empty when there was no server to say
};

class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result, &PQclear) {}
  int size() const { return PQntuples(result_.get()); }
  // Columns are in text format, as the server sends them.
  std::string text(int row, int column) const { return PQgetvalue(result_.get(), row, column); }

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

class Database {
 public:
  struct Address {
    std::string host;
    std::string port;
    std::string name;
    std::string username;
    std::string password;
  };
  explicit Database(const Address& address);

  Rows query(const char* statement, const std::vector<std::string>& parameters = {});
  // A statement that gives no rows.
  void execute(const char* statement, const std::vector<std::string>& parameters = {});

 private:
  Rows run(const char* statement, const std::vector<std::string>& parameters, ExecStatusType wanted);
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};
