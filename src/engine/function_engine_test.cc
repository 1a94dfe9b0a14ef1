#include "engine/function_engine.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "engine/descriptor.h"
#include "engine/engine_fixture_test.h"

namespace surgetank {
namespace {

using Kind = InvocationOutcome::Kind;

// A sleep that only this test process starts, and how many of it run.
const std::string& sleep_marker() {
  static const std::string marker = "1001." + std::to_string(::getpid());
  return marker;
}
int marked_sleeps() {
  const std::string wanted = std::string("sleep") + '\0' + sleep_marker() + '\0';
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    count += read_small_file(entry.path().string() + "/cmdline") == wanted ? 1 : 0;
  }
  return count;
}

TEST(FunctionEngine, InvokesAFunctionAndReusesItsEnvironment) {
  // However slow the machine: an environment that has answered is waited for.
  EngineFixture f({.pool = {.finish_grace = seconds(5)}});
  const auto version = f.obedient();
  const InvocationOutcome first = f.invoke(version, "{}");
  ASSERT_EQ(first.kind, Kind::Success) << first.failure << first.payload;
  EXPECT_TRUE(contains(first.payload, "\"count\": 1")) << first.payload;
  EXPECT_GT(first.init_duration.us, 0);
  for (int i = 2; i <= 20; ++i) {
    const InvocationOutcome next = f.invoke(version, "{}");
    EXPECT_TRUE(contains(next.payload, "\"count\": " + std::to_string(i))) << next.payload;
    EXPECT_EQ(next.init_duration.us, 0);
  }
  EXPECT_EQ(f.engine().status().environments, 1U);
}

TEST(FunctionEngine, WithTheClockOfTheCloudAnInitTakesNoLessThanThere) {
  CloudLatency latency(1);
  EngineFixture f({.latency = &latency});
  const auto version = f.obedient();
  const auto* row = find_cold_start(version->runtime, "x86_64");
  ASSERT_NE(row, nullptr) << version->runtime;
  const InvocationOutcome first = f.invoke(version, "{}");
  ASSERT_EQ(first.kind, Kind::Success) << first.failure << first.payload;
  EXPECT_GE(first.init_duration, row->quantiles[0]);
  const InvocationOutcome second = f.invoke(version, "{}");
  EXPECT_TRUE(contains(second.payload, "\"count\": 2")) << second.payload;
  EXPECT_EQ(second.init_duration.us, 0);
}

TEST(FunctionEngine, ConcurrentInvocationsRunInEnvironmentsOfTheirOwn) {
  EngineFixture f;
  const auto version = f.obedient();
  std::vector<std::future<InvocationOutcome>> under_way;
  for (int i = 0; i < 4; ++i) under_way.push_back(f.start(version, R"({"do":"sleep","seconds":1})"));
  std::set<std::string> payloads;
  for (auto& one : under_way) payloads.insert(EngineFixture::wait_for(one).payload);
  EXPECT_EQ(f.engine().status().environments, 4U);
}

TEST(FunctionEngine, ConcurrencyLimitOfTheAccountThrottles) {
  EngineFixture f({.account_concurrency = 2});
  const auto version = f.obedient();
  auto first = f.start(version, R"({"do":"sleep","seconds":2})");
  auto second = f.start(version, R"({"do":"sleep","seconds":2})");
  const InvocationOutcome third = f.invoke(version, "{}");
  EXPECT_EQ(third.kind, Kind::Throttled);
  EXPECT_EQ(third.throttle, ThrottleReason::AccountConcurrency);
  EXPECT_EQ(EngineFixture::wait_for(first).kind, Kind::Success);
  EXPECT_EQ(EngineFixture::wait_for(second).kind, Kind::Success);
  EXPECT_TRUE(f.telemetry.sum_gets("Throttles", "obedient", 1));
  EXPECT_TRUE(f.telemetry.sum_gets("Invocations", "obedient", 2));
}

TEST(FunctionEngine, ProcessLimitMakesInvocationsWaitAndSaysSo) {
  EngineFixture f({.host_processes = 1});
  const auto busy = f.obedient("busy");
  const auto waiting = f.obedient("waiting");
  waiting->timeout_seconds = 1;
  auto first = f.start(busy, R"({"do":"sleep","seconds":4})");
  const InvocationOutcome outcome = f.invoke(waiting, "{}");
  EXPECT_EQ(outcome.kind, Kind::Throttled);
  EXPECT_EQ(outcome.throttle, ThrottleReason::HostProcesses);
  EXPECT_TRUE(contains(outcome.failure, "at most 1 function processes")) << outcome.failure;
  EXPECT_EQ(EngineFixture::wait_for(first).kind, Kind::Success);
  EXPECT_EQ(f.invoke(waiting, "{}").kind, Kind::Success) << "the idle one makes room";
}

TEST(FunctionEngine, EnvironmentVariablesAreThoseOfLambdaAndNothingOfTheServers) {
  ::setenv("SURGE_SERVER_SECRET", "do not leak", 1);
  EngineFixture f;
  const auto version = f.obedient();
  version->environment = {{"GREETING", "hello"}, {"AWS_REGION", "mars"}, {"TZ", "Europe/Berlin"}};
  const std::string payload = f.invoke(version, R"({"do":"env"})").payload;
  for (const char* const expected :
       {R"("GREETING": "hello")", R"("AWS_REGION": "eu-west-1")", R"("AWS_DEFAULT_REGION": "eu-west-1")", R"("TZ": "Europe/Berlin")",
        R"("_HANDLER": "handler")", R"("AWS_LAMBDA_FUNCTION_NAME": "obedient")", R"("AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128")",
        R"("AWS_LAMBDA_FUNCTION_VERSION": "$LATEST")", R"("AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand")",
        R"("AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/obedient")", R"("AWS_LAMBDA_LOG_STREAM_NAME": "20)",
        R"("AWS_ACCESS_KEY_ID": "ASIATEST")", R"("AWS_SECRET_ACCESS_KEY": "secret-of-arn:aws:iam::000000000000:role/r")",
        R"("AWS_SESSION_TOKEN": "session-token")", R"("AWS_ENDPOINT_URL": "http://127.0.0.1:4566")", R"("LANG": "en_US.UTF-8")",
        R"("LAMBDA_TASK_ROOT": ")", R"("AWS_LAMBDA_RUNTIME_API": "127.0.0.1:)", R"("SURGETANK_RUNTIME_SOCKET": ")"}) {
    EXPECT_TRUE(contains(payload, expected)) << expected << "\n" << payload;
  }
  EXPECT_FALSE(contains(payload, "SURGE_SERVER_SECRET"));
  EXPECT_FALSE(contains(payload, "AWS_EXECUTION_ENV")) << "not for provided runtimes";
}

TEST(FunctionEngine, HeadersOfTheEventAreThoseOfLambda) {
  EngineFixture f;
  const auto version = f.obedient();
  const std::string payload = f.invoke(version, R"({"do":"headers"})").payload;
  EXPECT_TRUE(contains(payload, R"("Lambda-Runtime-Aws-Request-Id": ")" + f.last_request_id + "\"")) << payload;
  EXPECT_TRUE(contains(payload, R"("Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:000000000000:function:obedient")"));
  EXPECT_TRUE(contains(payload, R"("Content-Type": "application/json")"));
  const auto invokes = f.telemetry.spans("invoke");
  ASSERT_EQ(invokes.size(), 1U);
  EXPECT_TRUE(contains(payload, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=" + invokes[0].id + ";Sampled=0")) << payload;
  const auto at = payload.find("Deadline-Ms\": \"");
  ASSERT_NE(at, std::string::npos);
  const auto deadline = parse_integer(payload.substr(at + 15, 13)).value_or(0);
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(static_cast<double>(deadline), static_cast<double>(now_ms + 30'000), 20'000);
}

TEST(FunctionEngine, GrandchildrenEndWithTheirEnvironment) {
  EngineFixture f;
  const auto version = f.obedient();
  version->timeout_seconds = 2;
  f.invoke(version, R"({"do":"spawn","marker":")" + sleep_marker() + "\"}");
  for (int i = 0; i < 500 && marked_sleeps() == 0; ++i) ::usleep(10'000);
  EXPECT_EQ(marked_sleeps(), 1) << "what a function leaves running lives on between invocations";
  f.invoke(version, R"({"do":"hang"})");
  for (int i = 0; i < 500 && marked_sleeps() != 0; ++i) ::usleep(10'000);
  EXPECT_EQ(marked_sleeps(), 0);
}

TEST(FunctionEngine, RetiredVersionLosesItsEnvironments) {
  EngineFixture f;
  const auto version = f.obedient();
  f.invoke(version, "{}");
  f.retire(*version);
  for (int i = 0; i < 1000 && f.engine().status().environments != 0; ++i) ::usleep(10'000);
  EXPECT_EQ(f.engine().status().environments, 0U);
  EXPECT_TRUE(contains(f.invoke(version, "{}").payload, "\"count\": 1"));
}

TEST(FunctionEngine, IdleEnvironmentsAreReclaimedWithTheirFolder) {
  EnvironmentPool::Options pool;
  pool.idle_reclaim = milliseconds(100);
  EngineFixture f({.pool = pool});
  f.invoke(f.obedient(), R"({"do":"tmp"})");
  for (int i = 0; i < 1000 && f.engine().status().environments != 0; ++i) ::usleep(10'000);
  EXPECT_EQ(f.engine().status().environments, 0U);
  for (int i = 0; i < 500 && !std::filesystem::is_empty(f.directory() + "/run"); ++i) ::usleep(10'000);
  EXPECT_TRUE(std::filesystem::is_empty(f.directory() + "/run"));
}

TEST(FunctionEngine, FunctionRunsUnprivilegedInItsCode) {
  EngineFixture f;
  const std::string payload = f.invoke(f.obedient(), R"({"do":"user"})").payload;
  EXPECT_TRUE(contains(payload, R"("task": ["bootstrap"])")) << payload;
  if (::geteuid() == 0) {
    EXPECT_FALSE(contains(payload, "\"uid\": 0,")) << payload;
  }
}

TEST(FunctionEngine, RefusedRequestsAreAnsweredAsLambdaDoes) {
  EngineFixture f;
  const auto version = f.obedient();
  const auto ask = [&](const std::string& method, const std::string& path, const std::string& body = "") {
    return f.invoke(version, R"({"do":"request","method":")" + method + R"(","path":")" + path + R"(","body":")" + body + "\"}").payload;
  };
  EXPECT_TRUE(contains(ask("GET", "/2018-06-01/runtime/invocation/next"), R"({"status": 403, )"));
  EXPECT_TRUE(contains(ask("GET", "/2018-06-01/runtime/invocation/next"), "InvalidStateTransition"));
  EXPECT_TRUE(contains(ask("POST", "/2018-06-01/runtime/invocation/another-id/response", "1"), R"({"status": 400, )"));
  EXPECT_TRUE(contains(ask("POST", "/2018-06-01/runtime/invocation/another-id/response", "1"), "InvalidRequestID"));
  EXPECT_TRUE(contains(ask("POST", "/2018-06-01/runtime/init/error", "{}"), R"({"status": 403, )"));
  EXPECT_TRUE(contains(ask("POST", "/2020-01-01/extension/register", "{}"), "Lambda Extensions API"));
  EXPECT_TRUE(contains(ask("PUT", "/2022-07-01/telemetry", "{}"), "Lambda Telemetry API"));
  EXPECT_TRUE(contains(ask("GET", "/somewhere"), R"({"status": 404, )"));
}

TEST(FunctionEngine, OnlyTheFirstAnswerCounts) {
  EngineFixture f;
  const auto version = f.obedient();
  EXPECT_EQ(f.invoke(version, R"({"do":"answer twice"})").payload, "1");
  EXPECT_TRUE(contains(f.invoke(version, "{}").payload, "\"count\": 2"));
}

TEST(FunctionEngine, ResponseStreamingIsRefusedByName) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"stream"})");
  EXPECT_EQ(outcome.kind, Kind::FunctionError);
  EXPECT_TRUE(contains(outcome.payload, "does not support response streaming yet")) << outcome.payload;
  EXPECT_TRUE(contains(f.invoke(version, "{}").payload, "\"count\": 2"));
}

TEST(FunctionEngine, ConnectionsAreTracedToTheirEnvironment) {
  EngineFixture f;
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 8), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  const auto version = f.obedient();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"connect","port":)" + std::to_string(port) + "}");
  const auto client = parse_integer(outcome.payload);
  ASSERT_TRUE(client.has_value()) << outcome.payload;
  const auto environment = f.engine().registry().find_by_local_port(static_cast<std::uint16_t>(*client), port);
  ASSERT_NE(environment, nullptr);
  EXPECT_EQ(environment->function_name, "obedient");
  EXPECT_EQ(environment->environment.size(), 32U);
  EXPECT_EQ(f.engine().registry().find_by_local_port(1, 2), nullptr);
  // A connection of the test itself is nobody's.
  const Descriptor own(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(own.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  sockaddr_in mine{};
  ASSERT_EQ(::getsockname(own.get(), reinterpret_cast<sockaddr*>(&mine), &size), 0);
  EXPECT_EQ(f.engine().registry().find_by_local_port(ntohs(mine.sin_port), port), nullptr);
}

TEST(FunctionEngine, ShutdownEndsEverything) {
  {
    EngineFixture f;
    const auto version = f.obedient();
    f.invoke(version, "{}");
    auto under_way = f.start(version, R"({"do":"hang"})");
    f.invoke(f.obedient("other"), R"({"do":"spawn","marker":")" + sleep_marker() + "\"}");
    ::usleep(50'000);
    f.engine().shutdown();
    EXPECT_EQ(EngineFixture::wait_for(under_way).kind, Kind::ServiceFailure);
    EXPECT_EQ(f.engine().status().environments, 0U);
    EXPECT_EQ(f.invoke(version, "{}").kind, Kind::ServiceFailure);
  }
  EXPECT_EQ(marked_sleeps(), 0);
}

// The server is killed: nothing that it started may be left.
TEST(FunctionEngine, KilledServerLeavesNoProcess) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  ASSERT_EQ(marked_sleeps(), 0);  // and the marker is made before the fork
  const pid_t server = ::fork();
  if (server == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    EngineFixture f;
    f.invoke(f.obedient(), R"({"do":"spawn","marker":")" + sleep_marker() + "\"}");
    f.start(f.obedient("other"), R"({"do":"hang"})");
    [[maybe_unused]] const auto written = ::write(pipe_ends[1], "x", 1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(pipe_ends[0], &byte, 1), 1);
  for (int i = 0; i < 500 && marked_sleeps() == 0; ++i) ::usleep(10'000);
  ASSERT_EQ(marked_sleeps(), 1);
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  for (int i = 0; i < 1000 && marked_sleeps() != 0; ++i) ::usleep(10'000);
  EXPECT_EQ(marked_sleeps(), 0);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

}  // namespace
}  // namespace surgetank
