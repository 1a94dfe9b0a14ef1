// What the engine tells of invocations: logs, spans, metrics.
#include <gtest/gtest.h>

#include "engine/engine_fixture_test.h"
#include "engine/function_engine.h"

namespace surgetank {
namespace {

using Kind = InvocationOutcome::Kind;

TEST(FunctionEngine, LogHasTheLinesOfThePlatformAroundThoseOfTheFunction) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome outcome = f.invoke(version, R"({"do":"print","text":"one\ntwo\nno end"})", LogTail::Wanted);
  ASSERT_TRUE(f.telemetry.log_gets("REPORT"));
  const std::string log = f.telemetry.log();
  const std::string& id = f.last_request_id;
  EXPECT_TRUE(log.starts_with("INIT_START Runtime Version: provided:al2023.v1\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:"))
      << log;
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
  EXPECT_TRUE(contains(log, R"("type":"platform.start","record":{"requestId":")" + f.last_request_id + R"(","version":"$LATEST"}})"))
      << log;
  EXPECT_TRUE(contains(log, R"("memorySizeMB":128,"maxMemoryUsedMB":)")) << log;
  EXPECT_TRUE(contains(log, R"("status":"success"}})")) << log;
  EXPECT_FALSE(contains(log, "END RequestId")) << log;
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

}  // namespace
}  // namespace surgetank
