#pragma once
// Looks at the bytes of one PostgreSQL connection (protocol 3.0, both directions, as they pass) and tells what happens in it: who
// connects, whether that succeeds, which statements run and how long. It never changes, keeps or delays a byte, holds a bounded amount
// of memory whatever it is fed, and goes blind instead of failing when it does not understand.
// Source: PostgreSQL documentation, "Frontend/Backend Protocol". One thread; no clock of its own.
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "kernel/trace_context.h"

namespace surgetank {

struct PostgresStatement {
  std::string text;  // literals masked, at most 200 characters
  Instant start;
  Duration length;
  std::string tag;    // "SELECT 1"
  std::string fault;  // "23505: duplicate key ..."; empty: fine
  TraceContext trace;
};

class PostgresEvents {
 public:
  virtual ~PostgresEvents() = default;
  virtual void on_startup(const std::string& user, const std::string& database) = 0;
  // The server is ready for the first statement, or (`fault` not empty) has refused.
  virtual void on_connected(const std::string& fault, Instant now) = 0;
  virtual void on_statement(PostgresStatement statement) = 0;
  // To whom a statement that begins now belongs.
  virtual TraceContext current_trace() = 0;
};

// Cuts one direction into messages; of each the first bytes are kept, the rest is counted only.
class PostgresMessages {
 public:
  enum class First : std::uint8_t { Startup, Tagged };  // a client's first message has no type byte
  explicit PostgresMessages(First first) : startup_(first == First::Startup) {}

  struct Message {
    char type = 0;          // 0: the startup message
    std::string_view body;  // the first bytes of it
  };
  // Takes bytes until a message is complete or all are taken. False: none is complete (yet).
  bool next(std::string_view& bytes, Message& message);
  bool broken() const { return broken_; }

 private:
  bool read_header(std::string_view& bytes);

  bool startup_;
  bool broken_ = false;
  bool in_body_ = false;
  char type_ = 0;
  std::string header_;
  std::string body_;
  std::size_t left_ = 0;
};

class PostgresObserver {
 public:
  explicit PostgresObserver(PostgresEvents& events) : events_(events) {}
  void from_client(std::string_view bytes, Instant now);
  void from_server(std::string_view bytes, Instant now);
  // The connection ended; what still runs is told as a fault.
  void ended(Instant now);

 private:
  enum class Kind : std::uint8_t { Query, Execute, Sync };
  struct Pending {
    Kind kind = Kind::Query;
    std::string text;
    Instant start;
    TraceContext trace;
  };
  void client_message(const PostgresMessages::Message& message, Instant now);
  void server_message(const PostgresMessages::Message& message, Instant now);
  void startup(std::string_view body);
  void begin(Kind kind, std::string text, Instant now);
  void finish(Pending& pending, Instant now);
  void ready(Instant now);
  void execution_ended(Instant now);
  std::string text_of_statement(const std::string& name) const;
  void remember(std::map<std::string, std::string>& names, std::string name, std::string text);

  PostgresEvents& events_;
  PostgresMessages client_{PostgresMessages::First::Startup};
  PostgresMessages server_{PostgresMessages::First::Tagged};
  bool connected_ = false;
  bool blind_ = false;
  std::map<std::string, std::string> statements_;  // prepared, by name
  std::map<std::string, std::string> portals_;     // the text of the statement behind a portal
  std::deque<Pending> pending_;
  Instant free_since_;  // when the server finished the statement before
  std::string tag_;
  std::string fault_;
};

// A statement as a name: literals become ?, comments go, white space is single, at most `limit` bytes.
std::string mask_sql(std::string_view sql, std::size_t limit);

}  // namespace surgetank
