// Functions that fail: errors, timeouts, exits, inits that come to nothing.
#include <gtest/gtest.h>

#include "engine/engine_fixture_test.h"
#include "engine/function_engine.h"

namespace surgetank {
namespace {

using Kind = InvocationOutcome::Kind;

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

TEST(FunctionEngine, FailedInitIsTheAnswerAndLogged) {
  EngineFixture f;
  const auto version =
      f.function("broken", "provided.al2023", "handler",
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
  const auto version =
      f.function("slow", "provided.al2023", "handler", {{"bootstrap", obedient_bootstrap}, {"init.py", "time.sleep(100)\n"}});
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

TEST(FunctionEngine, ExitAfterTheAnswerDoesNotSpoilItNorTheNext) {
  EngineFixture f;
  const auto version = f.obedient();
  EXPECT_EQ(f.invoke(version, R"({"do":"exit after","code":1})").kind, Kind::Success);
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
}

}  // namespace
}  // namespace surgetank
