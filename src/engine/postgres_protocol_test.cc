#include "engine/postgres_protocol.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

std::string number(std::size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}
std::string message(char type, const std::string& body) { return type + number(body.size() + 4) + body; }
std::string text(const std::string& value) { return value + std::string(1, '\0'); }
std::string startup(const std::string& user, const std::string& database) {
  const auto body = number(0x00030000) + text("user") + text(user) + text("database") + text(database) + std::string(1, '\0');
  return number(body.size() + 4) + body;
}
std::string error(const std::string& code, const std::string& words) {
  return message('E', "S" + text("ERROR") + "C" + text(code) + "M" + text(words) + std::string(1, '\0'));
}
const std::string ready = message('Z', "I");

struct Recorder final : PostgresEvents {
  std::string log;
  std::vector<PostgresStatement> statements;
  void on_startup(const std::string& user, const std::string& database) override { log += "startup " + user + " " + database + "; "; }
  void on_connected(const std::string& fault, Instant) override { log += "connected " + fault + "; "; }
  void on_statement(PostgresStatement statement) override {
    log += statement.text + " -> " + statement.tag + statement.fault + "; ";
    statements.push_back(std::move(statement));
  }
  TraceContext current_trace() override { return {}; }
};

struct PostgresObserverTest : testing::Test {
  Recorder events;
  PostgresObserver observer{events};
  Instant now{1'000'000};
  void client(const std::string& bytes) { observer.from_client(bytes, now); }
  void server(const std::string& bytes) { observer.from_server(bytes, now); }
  void connect() {
    client(startup("me", "orders"));
    server(message('R', number(0)) + ready);
    events.log.clear();
  }
  std::string parse(const std::string& name, const std::string& sql) { return message('P', text(name) + text(sql) + std::string(2, '\0')); }
  std::string bind(const std::string& portal, const std::string& name) {
    return message('B', text(portal) + text(name) + std::string(6, '\0'));
  }
  std::string execute(const std::string& portal) { return message('E', text(portal) + number(0)); }
  const std::string sync = message('S', "");
};

TEST_F(PostgresObserverTest, AConnectionIsReadyOrRefused) {
  client(startup("me", "orders"));
  client(message('p', "secret"));
  server(message('R', number(10) + "SCRAM") + message('R', number(0)) + ready);
  EXPECT_EQ(events.log, "startup me orders; connected ; ");
  Recorder others;
  PostgresObserver refused(others);
  refused.from_client(startup("me", ""), now);
  refused.from_server(error("53300", "sorry, too many clients already"), now);
  EXPECT_EQ(others.log, "startup me me; connected 53300: sorry, too many clients already; ");
}

TEST_F(PostgresObserverTest, ASimpleQueryLastsUntilTheServerIsReady) {
  connect();
  client(message('Q', text("SELECT * FROM orders WHERE id = 42 AND name = 'it''s'")));
  now = now + milliseconds(7);
  server(message('C', text("SELECT 1")) + ready);
  EXPECT_EQ(events.log, "SELECT * FROM orders WHERE id = ? AND name = ? -> SELECT 1; ");
  EXPECT_EQ(events.statements[0].length, milliseconds(7));
  client(message('Q', text("oops")));
  server(error("42601", "syntax error at or near \"oops\"") + ready);
  EXPECT_EQ(events.statements[1].fault, "42601: syntax error at or near \"oops\"");
}

TEST_F(PostgresObserverTest, ThePiecesInWhichBytesArriveDoNotMatter) {
  const auto up = startup("me", "orders");
  for (const char c : up) client(std::string(1, c));
  for (const char c : ready) server(std::string(1, c));
  for (const char c : message('Q', text("SELECT 1"))) client(std::string(1, c));
  for (const char c : message('C', text("SELECT 1")) + ready) server(std::string(1, c));
  EXPECT_EQ(events.log, "startup me orders; connected ; SELECT ? -> SELECT 1; ");
}

TEST_F(PostgresObserverTest, PreparedStatementsAreNamedByTheirText) {
  connect();
  client(parse("s1", "INSERT INTO t VALUES ($1)") + bind("", "s1") + execute("") + sync);
  server(message('1', "") + message('2', "") + message('C', text("INSERT 0 1")) + ready);
  client(bind("", "s1") + execute("") + bind("", "s1") + execute("") + sync);
  server(message('2', "") + message('C', text("INSERT 0 1")) + message('2', "") + message('C', text("INSERT 0 1")) + ready);
  EXPECT_EQ(events.statements.size(), 3u);
  EXPECT_EQ(events.statements[2].text, "INSERT INTO t VALUES ($1)");
}

TEST_F(PostgresObserverTest, AfterAFaultTheRestUpToSyncIsSkipped) {
  connect();
  client(parse("", "SELECT 1/0") + bind("", "") + execute("") + bind("", "") + execute("") + sync);
  client(parse("", "SELECT 2") + bind("", "") + execute("") + sync);
  server(error("22012", "division by zero") + ready);
  server(message('C', text("SELECT 1")) + ready);
  EXPECT_EQ(events.log, "SELECT ?/? -> 22012: division by zero; SELECT ? -> SELECT 1; ");
}

TEST_F(PostgresObserverTest, AStatementThatTheConnectionDidNotSurviveIsAFault) {
  connect();
  client(message('Q', text("SELECT pg_sleep(100)")));
  observer.ended(now + seconds(1));
  EXPECT_EQ(events.log, "SELECT pg_sleep(?) -> the connection ended; ");
}

TEST_F(PostgresObserverTest, WhatItDoesNotUnderstandMakesItBlindNotWrong) {
  client("GET / HTTP/1.1\r\n\r\n");
  server(error("0A000", "unsupported frontend protocol"));
  EXPECT_EQ(events.log, "");
  Recorder others;
  PostgresObserver cancelling(others);
  cancelling.from_client(number(16) + number(80877102) + number(1) + number(2), now);
  EXPECT_EQ(others.log, "");
}

TEST_F(PostgresObserverTest, ACrowdOfPendingStatementsIsNotKept) {
  connect();
  for (int i = 0; i < 5000; ++i) client(message('Q', text("SELECT 1")));
  server(message('C', text("SELECT 1")) + ready);
  EXPECT_EQ(events.log, "");
}

TEST(MaskSql, LiteralsAndCommentsGoTheRestStays) {
  EXPECT_EQ(mask_sql("select  1.5e-3,\n\t-7 from \"t1\" -- secret\n where a1=$1", 200), "select ?, -? from \"t1\" where a1=$1");
  EXPECT_EQ(mask_sql("select E'it\\'s', $tag$ a $ b $tag$, /* x /* y */ z */ b'01'", 200), "select ?, ?, ?");
  EXPECT_EQ(mask_sql("ALTER ROLE x PASSWORD 'hunter2'", 200), "ALTER ROLE x PASSWORD ?");
  EXPECT_EQ(mask_sql("select 'open", 200), "select ?");
  EXPECT_EQ(mask_sql("select $tag$open", 200), "select ?");
  EXPECT_EQ(mask_sql("/* open", 200), "");
  EXPECT_EQ(mask_sql("", 200), "");
}

TEST(MaskSql, ALongStatementIsCutBetweenCharacters) {
  EXPECT_EQ(mask_sql("select abcdef", 10), "select abc");
  EXPECT_EQ(mask_sql("select ab\xc3\xa4", 10), "select ab");
}

}  // namespace
}  // namespace surgetank
