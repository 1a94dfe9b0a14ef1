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

TEST(FunctionEngine, LogHasTheLinesOfThePlatformAroundThoseOfTheFunction) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"print","text":"one\ntwo\nno end"})", LogTail::Wanted);
  ASSERT_TRUE(f.telemetry.log_gets("REPORT"));
  const std::string log = f.telemetry.log();
  const std::string& id = f.last_request_id;
  EXPECT_TRUE(log.starts_with("INIT_START Runtime Version: provided:al2023.v1\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:")) << log;
  EXPECT_TRUE(contains(log, "START RequestId: " + id + " Version: $LATEST\none\ntwo\nno end\nEND RequestId: " + id +
                                "\nREPORT RequestId: " + id + "\tDuration: "))
      << log;
  EXPECT_TRUE(contains(log, " MB\tInit Duration: ")) << log;
  EXPECT_TRUE(contains(log, "\tMemory Size: 128 MB\tMax Memory Used: ")) << log;
  EXPECT_TRUE(log.ends_with(" ms\t\n")) << log;
  EXPECT_TRUE(outcome.log_tail.starts_with("START RequestId: " + id)) << outcome.log_tail;
  EXPECT_TRUE(contains(outcome.log_tail, "two\nno end\nEND")) << outcome.log_tail;
  const auto streams = f.telemetry.streams();
  ASSERT_EQ(streams.size(), 1U);
  EXPECT_TRUE(contains(streams.begin()->first, "/aws/lambda/obedient 20")) << streams.begin()->first;
  EXPECT_TRUE(contains(streams.begin()->first, "/[$LATEST]")) << streams.begin()->first;
}

TEST(FunctionEngine, JsonLogFormatHasPlatformEvents) {
  EngineFixture f;
  const auto version = f.obedient();
  version->log_format = "JSON";
  f.invoke(version, "{}");
  ASSERT_TRUE(f.telemetry.log_gets("platform.report"));
  const std::string log = f.telemetry.log();
  EXPECT_TRUE(contains(log, R"("type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init")")) << log;
  EXPECT_TRUE(contains(log, R"("type":"platform.start","record":{"requestId":")" + f.last_request_id + R"(","version":"$LATEST"}})")) << log;
  EXPECT_TRUE(contains(log, R"("memorySizeMB":128,"maxMemoryUsedMB":)")) << log;
  EXPECT_TRUE(contains(log, R"("status":"success"}})")) << log;
  EXPECT_FALSE(contains(log, "END RequestId")) << log;
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

TEST(FunctionEngine, SpansTellQueueInitAndInvoke) {
  EngineFixture f;
  const auto version = f.obedient();
  f.invoke(version, "{}");
  f.invoke(version, R"({"do":"fail"})");
  const auto invokes = f.telemetry.spans("invoke");
  const auto inits = f.telemetry.spans("init");
  ASSERT_EQ(invokes.size(), 2U);
  ASSERT_EQ(inits.size(), 1U);
  for (const Span& span : {invokes[0], invokes[1], inits[0]}) {
    EXPECT_EQ(span.parent, "00000000000000aa");
    EXPECT_EQ(span.trace_root, "1-5759e988-bd862e3fe1be46a994272793");
    EXPECT_EQ(span.name, "obedient");
  }
  EXPECT_EQ(invokes[0].fault, "");
  EXPECT_EQ(invokes[1].fault, "Unhandled");
  EXPECT_GT(inits[0].length.us, 1000);
}

TEST(FunctionEngine, InvokeSpansTellSizesMemoryEnvironmentAndColdStart) {
  EngineFixture f;
  const auto version = f.obedient();
  const auto outcome = f.invoke(version, R"({"do":"headers"})");
  f.invoke(version, "{}");
  const auto invokes = f.telemetry.spans("invoke");
  ASSERT_EQ(invokes.size(), 2U);
  const auto attribute = [](const Span& span, std::string_view name) {
    for (const auto& [key, value] : span.attributes)
      if (key == name) return value;
    return std::string("absent");
  };
  EXPECT_EQ(attribute(invokes[0], "request_bytes"), "16");
  EXPECT_EQ(attribute(invokes[0], "response_bytes"), std::to_string(outcome.payload.size()));
  EXPECT_EQ(attribute(invokes[0], "memory_mb"), std::to_string(version->memory_mb));
  EXPECT_GT(parse_integer(attribute(invokes[0], "init_microseconds")).value_or(0), 1000);
  EXPECT_EQ(attribute(invokes[1], "init_microseconds"), "absent");
  EXPECT_EQ(attribute(invokes[0], "environment").size(), 32U);
  EXPECT_EQ(attribute(invokes[0], "environment"), attribute(invokes[1], "environment"));
}

TEST(FunctionEngine, SpansTellTheProcessorTimeOfTheInitAndOfEachInvocationAlone) {
  EngineFixture f;
  const auto version = f.obedient();
  f.invoke(version, "{}");
  f.invoke(version, R"({"do":"sleep","seconds":0.2})");
  const auto processor_time = [](const Span& span) {
    for (const auto& [key, value] : span.attributes)
      if (key == "processor_microseconds") return parse_integer(value).value_or(-1);
    return std::int64_t{-1};
  };
  const auto inits = f.telemetry.spans("init");
  const auto invokes = f.telemetry.spans("invoke");
  ASSERT_EQ(inits.size(), 1U);
  ASSERT_EQ(invokes.size(), 2U);
  EXPECT_GT(processor_time(inits[0]), 1'000);  // an interpreter starts
  EXPECT_GT(processor_time(invokes[0]), 0);
  EXPECT_GE(invokes[1].length.us, 200'000);
  EXPECT_LT(processor_time(invokes[1]), 100'000);  // neither the init nor waiting counts
}

TEST(FunctionEngine, MetricsCountInvocationsErrorsAndDuration) {
  EngineFixture f;
  const auto version = f.obedient();
  f.invoke(version, "{}");
  f.invoke(version, R"({"do":"fail"})");
  f.invoke(version, R"({"do":"sleep","seconds":0.1})");
  for (const std::string function : {"", "obedient"}) {
    EXPECT_TRUE(f.telemetry.sum_gets("Invocations", function, 3));
    EXPECT_TRUE(f.telemetry.sum_gets("Errors", function, 1));
    EXPECT_TRUE(f.telemetry.sum_gets("ConcurrentExecutions", function, 3));
    EXPECT_GE(f.telemetry.sum("Duration", function), 100);
  }
}

TEST(FunctionEngine, ErrorOfTheFunctionIsItsPayload) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"fail"})");
  EXPECT_EQ(outcome.kind, Kind::FunctionError);
  EXPECT_EQ(outcome.payload, R"({"errorType": "Test.Error", "errorMessage": "as asked"})");
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
  EXPECT_EQ(f.engine().status().environments, 1U);
}

TEST(FunctionEngine, TimeoutKillsTheProcessAndTheNextInvocationStartsItAnew) {
  EngineFixture f;
  const auto version = f.obedient();
  version->timeout_seconds = 2;
  const std::string before = f.invoke(version, R"({"do":"tmp"})").payload;
  const auto started = std::chrono::steady_clock::now();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"hang"})");
  const std::string id = f.last_request_id;
  EXPECT_EQ(outcome.kind, Kind::FunctionError);
  EXPECT_EQ(outcome.payload,
            R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: )" + id + R"( Error: Task timed out after 2.00 seconds"})");
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(1990));
  ASSERT_TRUE(f.telemetry.log_gets("\tStatus: timeout\t\n"));
  EXPECT_TRUE(contains(f.telemetry.log(), "\tDuration: 2000.00 ms\tBilled Duration: 2000 ms\t"));
  EXPECT_TRUE(contains(f.telemetry.log(), id + " Task timed out after 2.00 seconds\n"));
  const InvocationOutcome after = f.invoke(version, R"({"do":"tmp"})");
  EXPECT_EQ(after.kind, Kind::Success) << after.payload;
  EXPECT_EQ(before, "1");
  EXPECT_EQ(after.payload, "2") << "/tmp is kept";
  EXPECT_EQ(after.init_duration.us, 0) << "a suppressed init is not reported";
  EXPECT_EQ(f.telemetry.streams().size(), 1U) << "it is the same environment";
}

TEST(FunctionEngine, ExitInAnInvocationIsReportedWithItsStatus) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome exited = f.invoke(version, R"({"do":"exit","code":3})", LogTail::Wanted);
  EXPECT_EQ(exited.payload, R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: )" + f.last_request_id +
                                R"( Error: Runtime exited with error: exit status 3"})");
  EXPECT_TRUE(contains(exited.log_tail, "Error: Runtime exited with error: exit status 3\nRuntime.ExitError\nEND RequestId"))
      << exited.log_tail;
  EXPECT_TRUE(contains(exited.log_tail, "\tStatus: error\tError Type: Runtime.ExitError\t\n")) << exited.log_tail;
  const InvocationOutcome silent = f.invoke(version, R"({"do":"exit","code":0})");
  EXPECT_EQ(silent.payload, R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: )" + f.last_request_id +
                                R"( Error: Runtime exited without providing a reason"})");
  const InvocationOutcome crashed = f.invoke(version, R"({"do":"die","signal":11})");
  EXPECT_TRUE(contains(crashed.payload, "Runtime exited with error: signal: segmentation fault")) << crashed.payload;
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
  EXPECT_TRUE(f.telemetry.sum_gets("Errors", "obedient", 3));
}

TEST(FunctionEngine, OutOfMemoryIsReportedAsSuch) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"memory","megabytes":600})");
  EXPECT_EQ(outcome.payload, R"({"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: )" + f.last_request_id +
                                 R"( Error: Runtime exited with error: signal: killed"})");
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
}

TEST(FunctionEngine, ResponseAboveTheLimitIsAnErrorAndTheEnvironmentLives) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome fits = f.invoke(version, R"({"do":"big","bytes":6291554})");
  EXPECT_EQ(fits.kind, Kind::Success);
  EXPECT_EQ(fits.payload.size(), 6291556U);
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"big","bytes":6291555})");
  EXPECT_EQ(outcome.kind, Kind::FunctionError);
  EXPECT_TRUE(contains(outcome.payload, "\"Function.ResponseSizeTooLarge\"")) << outcome.payload.substr(0, 200);
  EXPECT_TRUE(contains(outcome.payload, "Response payload size exceeded maximum allowed payload size (6291556 bytes)."));
  EXPECT_TRUE(contains(f.invoke(version, "{}").payload, "\"count\": 3"));
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

TEST(FunctionEngine, FailedInitIsTheAnswerAndLogged) {
  EngineFixture f;
  const auto version = f.function("broken", "provided.al2023", "handler",
                                  {{"bootstrap", obedient_bootstrap},
                                   {"init.py",
                                    "c = http.client.HTTPConnection(api)\n"
                                    "c.request('POST', '/2018-06-01/runtime/init/error', '{\"errorType\":\"Init.Broken\",\"errorMessage\":\"no\"}',"
                                    " {'Lambda-Runtime-Function-Error-Type': 'Init.Broken'})\n"
                                    "print('status', c.getresponse().status)\nsys.exit(1)\n"}});
  const InvocationOutcome outcome = f.invoke(version, "{}");
  EXPECT_EQ(outcome.kind, Kind::FunctionError);
  EXPECT_EQ(outcome.payload, R"({"errorType":"Init.Broken","errorMessage":"no"})");
  ASSERT_TRUE(f.telemetry.log_gets("REPORT RequestId"));
  const std::string log = f.telemetry.log();
  EXPECT_TRUE(contains(log, "INIT_REPORT Init Duration: ")) << log;
  EXPECT_TRUE(contains(log, "\tPhase: init\tStatus: error\tError Type: Init.Broken\n")) << log;
  EXPECT_TRUE(contains(log, "\tStatus: error\tError Type: Init.Broken\t\n")) << log;
}

TEST(FunctionEngine, ExitInInitIsTheAnswer) {
  EngineFixture f;
  const auto version = f.function("broken", "provided.al2", "handler", {{"bootstrap", "#!/bin/sh\necho going >&2\nexit 9\n"}});
  const InvocationOutcome outcome = f.invoke(version, "{}");
  EXPECT_EQ(outcome.payload, R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: )" + f.last_request_id +
                                 R"( Error: Runtime exited with error: exit status 9"})");
  ASSERT_TRUE(f.telemetry.log_gets("going\n"));
}

TEST(FunctionEngine, InitThatTakesTooLongIsRunAgainInsideTheInvocation) {
  EngineFixture f;
  const auto version = f.function("slow", "provided.al2023", "handler", {{"bootstrap", obedient_bootstrap}, {"init.py", "time.sleep(100)\n"}});
  version->timeout_seconds = 1;
  const InvocationOutcome outcome = f.invoke(version, "{}");
  EXPECT_TRUE(contains(outcome.payload, "Task timed out after 1.00 seconds")) << outcome.payload;
  ASSERT_TRUE(f.telemetry.log_gets("Status: timeout\t\n"));
  EXPECT_TRUE(contains(f.telemetry.log(), "INIT_REPORT Init Duration: 10")) << f.telemetry.log();
  EXPECT_TRUE(contains(f.telemetry.log(), "\tPhase: init\tStatus: timeout\n")) << f.telemetry.log();
}

TEST(FunctionEngine, MissingOrUnusableBootstrapIsAnInvalidEntrypoint) {
  EngineFixture f;
  const InvocationOutcome missing = f.invoke(f.function("empty", "provided.al2023", "handler", {}), "{}");
  EXPECT_EQ(missing.payload, R"({"errorType":"Runtime.InvalidEntrypoint","errorMessage":"RequestId: )" + f.last_request_id +
                                 R"( Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"})");
  const InvocationOutcome unusable = f.invoke(f.function("data", "provided.al2023", "handler", {{"bootstrap", "not a program"}}), "{}");
  EXPECT_TRUE(contains(unusable.payload, "Error: fork/exec /var/task/bootstrap: exec format error")) << unusable.payload;
}

TEST(FunctionEngine, UnsupportedRuntimeIsNamed) {
  EngineFixture f;
  const InvocationOutcome outcome = f.invoke(f.function("old", "java21", "handler", {}), "{}");
  EXPECT_EQ(outcome.kind, Kind::ServiceFailure);
  EXPECT_TRUE(contains(outcome.failure, "java21")) << outcome.failure;
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

TEST(FunctionEngine, ExitAfterTheAnswerDoesNotSpoilItNorTheNext) {
  EngineFixture f;
  const auto version = f.obedient();
  EXPECT_EQ(f.invoke(version, R"({"do":"exit after","code":1})").kind, Kind::Success);
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
}

TEST(FunctionEngine, AFloodOfOutputIsHeldUpAndComplete) {
  EngineFixture f;
  const auto version = f.obedient();
  // 12 MB in lines of 1,000 bytes: six times what is read between two flushes.
  const std::string text = std::string(999, '#') + "\\n";
  std::string flood;
  for (int i = 0; i < 12; ++i) flood += text;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(f.invoke(version, R"({"do":"print","text":")" + flood + "\"}").kind, Kind::Success);
  }
  ASSERT_EQ(f.invoke(version, R"({"do":"print","text":"the end\n"})").kind, Kind::Success);
  ASSERT_TRUE(f.telemetry.log_gets("the end\n"));
  const std::string log = f.telemetry.log();
  EXPECT_EQ(std::count(log.begin(), log.end(), '#'), 999 * 120);
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
