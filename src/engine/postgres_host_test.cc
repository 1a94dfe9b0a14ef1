// With a real PostgreSQL, driven by its own client program through the relay. Skipped where none is installed.
#include "engine/postgres_host.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "base/text.h"
#include "engine/descriptor.h"

namespace surgetank {
namespace {

namespace files = std::filesystem;

constexpr const char* installation_root = "/usr/lib/postgresql";
constexpr const char* child_directory_variable = "SURGE_POSTGRES_CHILD_DIRECTORY";
constexpr std::string_view child_is_ready = "the table is made\n";

struct SpanRecorder final : Telemetry {
  void span(Span span) override {
    const std::lock_guard lock(mutex);
    spans.push_back(std::move(span));
  }
  void metric(MetricSample) override {}
  void log(LogBatch) override {}
  // The first span of this kind whose name or fault contains `part`; waits a moment for it.
  std::optional<Span> find(std::string_view kind, std::string_view part) {
    for (int i = 0; i < 200; ++i) {
      {
        const std::lock_guard lock(mutex);
        for (const auto& candidate : spans)
          if (candidate.kind == kind && (contains(candidate.name, part) || contains(candidate.fault, part))) return candidate;
      }
      ::usleep(10'000);
    }
    return std::nullopt;
  }
  std::size_t count(std::string_view kind, std::string_view trace_root) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::count_if(
        spans.begin(), spans.end(), [&](const Span& candidate) { return candidate.kind == kind && candidate.trace_root == trace_root; }));
  }
  std::mutex mutex;
  std::vector<Span> spans;
};

DatabaseInstance instance(std::int64_t max_connections = 20, std::uint16_t port = 0) {
  return {.account = "000000000000",
          .region = "us-east-1",
          .identifier = "orders-db",
          .resource_id = "db-TEST",
          .engine_version = {},
          .master_username = "orders",
          .master_password = Secret<std::string>("it's-secret"),
          .database_name = "orders",
          .max_connections = max_connections,
          .preferred_port = port};
}

DatabaseStatus run(PostgresHost& host, DatabaseInstance wanted) {
  std::promise<DatabaseStatus> status;
  host.ensure_running(std::move(wanted), [&status](DatabaseStatus answer) { status.set_value(std::move(answer)); });
  return status.get_future().get();
}
void stop(PostgresHost& host) {
  std::promise<void> done;
  host.stop("db-TEST", [&done] { done.set_value(); });
  done.get_future().get();
}

struct Client {
  std::uint16_t port = 0;
  std::string password = "it's-secret";
  std::string sslmode = "prefer";
};
ChildProgram psql(const Client& client, const std::string& sql) {
  ChildProgram program;
  program.arguments = {
      find_postgres(installation_root).back().directory + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql};
  program.environment = {"PGHOST=127.0.0.1",  "PGPORT=" + std::to_string(client.port), "PGUSER=orders",
                         "PGDATABASE=orders", "PGPASSWORD=" + client.password,         "PGSSLMODE=" + client.sslmode,
                         "PATH=/usr/bin:/bin"};
  return program;
}
std::string ask(const Client& client, const std::string& sql) {
  auto answer = run_child(psql(client, sql), "", seconds(20)).output;
  if (answer.ends_with('\n')) answer.pop_back();
  return answer;
}

// One host for all tests of the suite: making a database takes a second.
struct PostgresHostTest : testing::Test {
  static void SetUpTestSuite() {
    if (find_postgres(installation_root).empty()) return;
    std::string name = (files::temp_directory_path() / "surgetank-postgres-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);  // nobody else may enter it: PostgreSQL's user neither
    directory = name;
    loops = std::make_unique<EventLoops>(1);
    loops->start();
    open_host();
  }
  static void TearDownTestSuite() {
    host.reset();
    loops.reset();
    if (!directory.empty()) files::remove_all(directory);
  }
  static void open_host() {
    owner = std::make_shared<EnvironmentIdentity>("000000000000", "us-east-1", "create-order", "0123456789abcdef0123456789abcdef");
    host = std::make_unique<PostgresHost>(loops->lane(0), PostgresHost::Options{.directory = directory + "/databases",
                                                                                .installation_root = installation_root,
                                                                                .owner = [](std::uint16_t, std::uint16_t) { return owner; },
                                                                                .telemetry = &telemetry});
  }
  void SetUp() override {
    if (!host) GTEST_SKIP() << "PostgreSQL is not installed";
    const auto status = run(*host, instance(20, client.port));
    ASSERT_TRUE(status.running) << status.failure;
    client.port = status.port;
    version = status.engine_version;
  }
  static std::string pid_of_server() {
    const auto text = read_small_file(directory + "/databases/db-TEST/data/postmaster.pid");
    return text.substr(0, text.find('\n'));
  }

  static inline std::string directory;
  static inline std::unique_ptr<EventLoops> loops;
  static inline std::unique_ptr<PostgresHost> host;
  static inline SpanRecorder telemetry;
  static inline std::shared_ptr<EnvironmentIdentity> owner;
  static inline Client client;
  std::string version;
};

TEST_F(PostgresHostTest, TheMasterUserOwnsItsDatabaseAndIsNoSuperuser) {
  EXPECT_EQ(ask(client, "SELECT current_user, current_database(), rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"),
            "orders|orders|f|t");
  EXPECT_EQ(ask(client, "SHOW max_connections"), "20");
  EXPECT_EQ(ask(client, "SHOW listen_addresses"), "");
  EXPECT_TRUE(ask(client, "SHOW server_version").starts_with(version));
  EXPECT_EQ(ask(client, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (41), (1); SELECT sum(n) FROM kept"), "42");
}

TEST_F(PostgresHostTest, NobodyGetsInWithoutThePassword) {
  EXPECT_TRUE(contains(ask({client.port, "wrong"}, "SELECT 1"), "password authentication failed"));
  auto as_admin = psql({client.port, ""}, "SELECT 1");
  as_admin.environment[2] = "PGUSER=rdsadmin";
  EXPECT_NE(run_child(as_admin, "", seconds(20)).exit_code, 0);
}

TEST_F(PostgresHostTest, EncryptionIsRefusedAsTheProtocolProvides) {
  EXPECT_EQ(ask({client.port, client.password, "disable"}, "SELECT 1"), "1");
  EXPECT_TRUE(contains(ask({client.port, client.password, "require"}, "SELECT 1"), "server does not support SSL"));
}

TEST_F(PostgresHostTest, ManyRowsPassUnchanged) {
  const auto plain = psql(client, "COPY (SELECT generate_series(1, 300000)) TO STDOUT");
  std::string command;
  for (const auto& argument : plain.arguments) command += "'" + argument + "' ";
  auto shell = plain;
  shell.arguments = {"/bin/sh", "-c", command + "| md5sum; seq 1 300000 | md5sum"};
  const auto sums = run_child(shell, "", seconds(20)).output;
  const auto lines = split(sums, '\n');
  ASSERT_GE(lines.size(), 2u) << sums;
  EXPECT_EQ(lines[0], lines[1]);
}

TEST_F(PostgresHostTest, WhatAFunctionAsksBecomesSpansOfItsTrace) {
  TraceContext trace;
  trace.root = "1-5759e988-bd862e3fe1be46a994272793";
  trace.parent = "00f067aa0ba902b7";
  owner->begin("request", trace);
  EXPECT_EQ(ask(client, "SELECT 'confidential', 7"), "confidential|7");
  const auto connect = telemetry.find("db-connect", "orders");
  const auto statement = telemetry.find("db-statement", "SELECT ?, ?");
  EXPECT_TRUE(contains(ask(client, "SELECT 1/0"), "division by zero"));
  const auto failed = telemetry.find("db-statement", "22012");
  owner->end();
  ASSERT_TRUE(connect && statement && failed);
  EXPECT_EQ(connect->trace_root, trace.root);
  EXPECT_EQ(statement->parent, trace.parent);
  EXPECT_EQ(statement->fault, "");
  EXPECT_GT(connect->length.us, 0);
}

TEST_F(PostgresHostTest, ARunningStatementCanBeCancelled) {
  auto output = make_pipe();
  auto program = psql(client, "SELECT pg_sleep(30)");
  program.output = output.second.get();
  program.death_signal = SIGKILL;
  const auto pid = start_child(program);
  for (int i = 0; i < 500 && ask(client, "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)'") != "1"; ++i)
    ::usleep(10'000);
  const auto open = host->connections("db-TEST");
  ASSERT_FALSE(open.empty());
  EXPECT_EQ(open[0].environment, "create-order/0123456789abcdef0123456789abcdef");
  EXPECT_EQ(open[0].user, "orders");
  ::kill(pid, SIGINT);
  EXPECT_TRUE(wait_for_child(pid, seconds(10)));
  char text[512] = {};
  ASSERT_GT(::read(output.first.get(), text, sizeof text - 1), 0);
  EXPECT_TRUE(contains(text, "canceling statement due to user request")) << text;
}

TEST_F(PostgresHostTest, TooManyConnectionsFailWithTheServersOwnError) {
  ASSERT_TRUE(run(*host, instance(5, client.port)).running);  // three of them are reserved for superusers
  ASSERT_EQ(ask(client, "SHOW max_connections"), "5");
  TraceContext trace;
  trace.root = "1-5759e988-bd862e3fe1be46a994272794";
  owner->begin("request", trace);
  std::vector<pid_t> holders;
  for (int i = 0; i < 2; ++i) {
    auto program = psql(client, "SELECT pg_sleep(30)");
    program.death_signal = SIGKILL;
    holders.push_back(start_child(program));
  }
  // Both must be in before a third one tries.
  for (int i = 0; i < 1000 && telemetry.count("db-connect", trace.root) < 2; ++i) ::usleep(10'000);
  const auto refusal = ask(client, "SELECT 1");
  EXPECT_TRUE(contains(refusal, "remaining connection slots are reserved")) << refusal;
  EXPECT_TRUE(telemetry.find("db-connect", "53300: "));
  owner->end();
  for (const auto pid : holders) {
    ::kill(pid, SIGKILL);
    wait_for_child(pid, seconds(5));
  }
}

TEST_F(PostgresHostTest, ARestartKeepsPortAndData) {
  const auto port = client.port;
  stop(*host);
  EXPECT_TRUE(contains(ask(client, "SELECT 1"), "Connection refused"));
  host.reset();
  open_host();
  const auto status = run(*host, instance(20, port));
  EXPECT_TRUE(status.running) << status.failure;
  EXPECT_EQ(status.port, port);
  EXPECT_EQ(ask(client, "SELECT sum(n) FROM kept"), "42");
}

TEST_F(PostgresHostTest, AServerThatIsKilledIsStartedAgain) {
  const auto before = pid_of_server();
  ASSERT_EQ(::kill(static_cast<pid_t>(*parse_integer(before)), SIGKILL), 0);
  std::string answer;
  for (int i = 0; i < 1000 && answer != "42"; ++i) {
    ::usleep(10'000);
    answer = ask(client, "SELECT sum(n) FROM kept");
  }
  EXPECT_EQ(answer, "42");
  EXPECT_NE(pid_of_server(), before);
}

TEST_F(PostgresHostTest, AChangedPasswordReplacesTheOldOne) {
  auto changed = instance(20, client.port);
  changed.master_password = Secret<std::string>("another-one");
  ASSERT_TRUE(run(*host, std::move(changed)).running);
  EXPECT_EQ(ask({client.port, "another-one"}, "SELECT 1"), "1");
  EXPECT_TRUE(contains(ask(client, "SELECT 1"), "password authentication failed"));
  const auto log = read_small_file(directory + "/databases/db-TEST/postgres.log");
  EXPECT_FALSE(contains(log, "another-one"));
}

TEST_F(PostgresHostTest, ATakenPortIsReplacedByAFreeOne) {
  ListenAddress taken{.kind = ListenAddress::Kind::Ip4, .host = "127.0.0.1", .port = 0, .path = {}};
  const auto socket = listen_on(taken, 0);
  const auto status = run(*host, instance(20, taken.port));
  EXPECT_TRUE(status.running);
  EXPECT_NE(status.port, taken.port);
  client.port = status.port;
  EXPECT_EQ(ask(client, "SELECT 1"), "1");
}

TEST_F(PostgresHostTest, AnInstalledVersionIsWantedAndAMissingOneIsNamed) {
  EXPECT_FALSE(host->engine_versions().empty());
  auto missing = instance();
  missing.resource_id = "db-OTHER";
  missing.engine_version = "9.6";
  const auto status = run(*host, std::move(missing));
  EXPECT_FALSE(status.running);
  EXPECT_EQ(status.failure, "PostgreSQL 9 is not installed: apt-get install postgresql-9");
}

// What the next test starts as a process of its own, to kill it.
TEST(PostgresHostChild, DISABLED_RunsUntilKilled) {
  const char* child_directory = std::getenv(child_directory_variable);
  ASSERT_NE(child_directory, nullptr);
  EventLoops loops(1);
  loops.start();
  PostgresHost host(loops.lane(0),
                    {.directory = child_directory, .installation_root = installation_root, .owner = {}, .telemetry = nullptr});
  const auto status = run(host, instance());
  ASSERT_TRUE(status.running) << status.failure;
  ASSERT_EQ(ask({status.port}, "CREATE TABLE after_kill AS SELECT 7 AS n"), "");
  ASSERT_GT(::write(STDOUT_FILENO, child_is_ready.data(), child_is_ready.size()), 0);
  ::pause();
}

// Until `part` has come, or the end.
std::string read_until(int pipe, std::string_view part) {
  std::string text;
  while (!contains(text, part)) {
    pollfd readable{pipe, POLLIN, 0};
    if (::poll(&readable, 1, -1) < 1) continue;
    char buffer[4096];
    const auto size = ::read(pipe, buffer, sizeof buffer);
    if (size <= 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

TEST_F(PostgresHostTest, KillingUsStopsTheServerAndLosesNothing) {
  stop(*host);
  ChildProgram child;
  child.arguments = {files::read_symlink("/proc/self/exe").string(), "--gtest_also_run_disabled_tests",
                     "--gtest_filter=PostgresHostChild.*"};
  child.environment = {std::string(child_directory_variable) + "=" + directory + "/databases", "PATH=/usr/bin:/bin"};
  child.death_signal = SIGKILL;
  auto output = make_pipe();
  child.output = output.second.get();
  const auto pid = start_child(child);
  output.second = Descriptor();
  // However long it takes: a child that fails ends, and its end of the pipe with it.
  const auto text = read_until(output.first.get(), child_is_ready);
  ::kill(pid, SIGKILL);
  wait_for_child(pid, seconds(60));
  ASSERT_TRUE(contains(text, child_is_ready)) << text;
  const auto status = run(*host, instance(20, 0));  // waits for the old server to end
  ASSERT_TRUE(status.running) << status.failure;
  client.port = status.port;
  EXPECT_EQ(ask(client, "SELECT n FROM after_kill"), "7");
}

TEST_F(PostgresHostTest, DestroyingRemovesTheData) {
  EXPECT_TRUE(files::exists(directory + "/databases/db-TEST"));
  std::promise<void> done;
  host->destroy("db-TEST", [&done] { done.set_value(); });
  done.get_future().get();
  EXPECT_FALSE(files::exists(directory + "/databases/db-TEST"));
  EXPECT_TRUE(contains(ask(client, "SELECT 1"), "Connection refused"));
}

}  // namespace
}  // namespace surgetank
