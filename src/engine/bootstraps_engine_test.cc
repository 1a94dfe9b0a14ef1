// Our bootstraps for Node and Python on the real engine.
#include <gtest/gtest.h>

#include "engine/engine_fixture_test.h"

namespace surgetank {
namespace {

using Kind = InvocationOutcome::Kind;

constexpr const char* node_handler = R"JS(
const fs = require('node:fs');
exports.handler = async (event, context) => {
  if (event.do === 'throw') throw new TypeError('as asked');
  if (event.do === 'log') { console.log('first line\nsecond line'); console.error('an error'); process.stdout.write('raw\n'); }
  if (event.do === 'exit') process.exit(5);
  if (event.do === 'hang') await new Promise(() => setInterval(() => {}, 1000));
  if (event.do === 'big') return 'x'.repeat(event.bytes);
  if (event.do === 'env') return process.env;
  return { event, id: context.awsRequestId, name: context.functionName, remaining: context.getRemainingTimeInMillis(),
           cwd: process.cwd(), trace: process.env._X_AMZN_TRACE_ID };
};
)JS";

constexpr const char* python_handler = R"PY(
import json, logging, os, sys, time
def handler(event, context):
    do = event.get("do")
    if do == "throw": raise ValueError("as asked")
    if do == "log":
        print("printed")
        logging.getLogger().error("first line\nsecond line")
    if do == "exit": os._exit(6)
    if do == "hang": time.sleep(1000)
    if do == "big": return "x" * event["bytes"]
    if do == "memory": return len(bytearray(event["megabytes"] << 20))
    return {"event": event, "id": context.aws_request_id, "name": context.function_name, "cwd": os.getcwd()}
)PY";

struct Case {
  const char* runtime;
  const char* file;
  const char* code;
  const char* handler;
};

class Bootstraps : public testing::TestWithParam<Case> {
 protected:
  std::shared_ptr<FunctionVersion> function() {
    return f.function("hello", GetParam().runtime, GetParam().handler, {{GetParam().file, GetParam().code}});
  }
  EngineFixture f;
};

TEST_P(Bootstraps, EventGoesInAndResultComesOut) {
  const auto version = function();
  const InvocationOutcome first = f.invoke(version, R"({"a":[1,"ü"]})");
  ASSERT_EQ(first.kind, Kind::Success) << first.failure << first.payload << f.telemetry.log();
  EXPECT_TRUE(contains(first.payload, f.last_request_id)) << first.payload;
  EXPECT_TRUE(contains(first.payload, "hello")) << first.payload;
  EXPECT_GT(first.init_duration.us, 1000);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(f.invoke(version, "{}").init_duration.us, 0);
  EXPECT_EQ(f.engine().status().environments, 1U);
}

TEST_P(Bootstraps, ThrownErrorIsTheFunctionsError) {
  const auto version = function();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"throw"})");
  EXPECT_EQ(outcome.kind, Kind::FunctionError);
  EXPECT_TRUE(contains(outcome.payload, "as asked")) << outcome.payload;
  EXPECT_TRUE(contains(outcome.payload, "errorType")) << outcome.payload;
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
}

TEST_P(Bootstraps, LogLinesAreWholeEventsBetweenStartAndEnd) {
  const InvocationOutcome outcome = f.invoke(function(), R"({"do":"log"})", LogTail::Wanted);
  ASSERT_EQ(outcome.kind, Kind::Success) << outcome.payload;
  const auto start = outcome.log_tail.find("START RequestId");
  const auto end = outcome.log_tail.find("END RequestId");
  const auto lines = outcome.log_tail.find("first line\nsecond line\n");
  ASSERT_NE(lines, std::string::npos) << outcome.log_tail;
  EXPECT_LT(start, lines);
  EXPECT_LT(lines, end);
}

TEST_P(Bootstraps, ExitAndHangAreReportedAndTheNextInvocationWorks) {
  const auto version = function();
  version->timeout_seconds = 5;
  const InvocationOutcome exited = f.invoke(version, R"({"do":"exit"})");
  EXPECT_TRUE(contains(exited.payload, "Runtime exited with error: exit status ")) << exited.payload;
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
  const InvocationOutcome hung = f.invoke(version, R"({"do":"hang"})");
  EXPECT_TRUE(contains(hung.payload, "Task timed out after 5.00 seconds")) << hung.payload;
  EXPECT_EQ(f.invoke(version, "{}").kind, Kind::Success);
}

TEST_P(Bootstraps, TooLargeResultIsAnError) {
  const auto version = function();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"big","bytes":7000000})");
  EXPECT_TRUE(contains(outcome.payload, "Function.ResponseSizeTooLarge")) << outcome.payload.substr(0, 200);
  EXPECT_EQ(f.invoke(version, R"({"do":"big","bytes":6000000})").payload.size(), 6000002U);
  EXPECT_EQ(f.engine().status().environments, 1U);
}

TEST_P(Bootstraps, MissingHandlerIsAnInitError) {
  const auto version = function();
  version->handler = "nothing.handler";
  const InvocationOutcome outcome = f.invoke(version, "{}");
  EXPECT_EQ(outcome.kind, Kind::FunctionError);
  EXPECT_TRUE(contains(outcome.payload, "Runtime.ImportModuleError")) << outcome.payload;
  ASSERT_TRUE(f.telemetry.log_gets("Error Type: Runtime.ImportModuleError"));
}

INSTANTIATE_TEST_SUITE_P(Languages, Bootstraps,
                         testing::Values(Case{"nodejs20.x", "index.js", node_handler, "index.handler"},
                                         Case{"python3.11", "app.py", python_handler, "app.handler"}),
                         [](const auto& one) { return std::string(one.param.runtime).substr(0, 6); });

TEST(BootstrapsMemory, PythonOutOfMemory) {
  EngineFixture f;
  const auto version = f.function("hello", "python3.11", "app.handler", {{"app.py", python_handler}});
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"memory","megabytes":600})");
  EXPECT_TRUE(contains(outcome.payload, "Runtime.OutOfMemory")) << outcome.payload;
}

TEST(BootstrapsEnvironment, NodeSeesLambdasVariablesAndNoneOfOurs) {
  EngineFixture f;
  const auto version = f.function("hello", "nodejs20.x", "index.handler", {{"index.js", node_handler}});
  const std::string payload = f.invoke(version, R"({"do":"env"})").payload;
  EXPECT_TRUE(contains(payload, R"("AWS_EXECUTION_ENV":"AWS_Lambda_nodejs20.x")")) << payload;
  EXPECT_FALSE(contains(payload, "SURGETANK_")) << payload;
  EXPECT_TRUE(contains(payload, R"("_X_AMZN_TRACE_ID":"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=)")) << payload;
}

}  // namespace
}  // namespace surgetank
