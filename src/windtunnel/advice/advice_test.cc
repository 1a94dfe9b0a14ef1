// Each rule: a run that shows the pitfall, and one that nearly does.
#include "windtunnel/advice/advice.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/random.h"
#include "windtunnel/advice/rules.h"
#include "windtunnel/advice/test_run.h"

namespace surgetank::windtunnel {
namespace {

using Child = TestRun::Child;
using Start = TestRun::Start;

const Child connect{"db-connect", "connect orders", 5000, {}, {{"instance", "db"}}};
const Child insert{"db-statement", "INSERT INTO orders (id) VALUES ($1)", 3000, {}, {{"instance", "db"}}};
const Child select_order{"db-statement", "SELECT 1", 1000, {}, {{"instance", "db"}}};
const Child get_secret{"aws", "SecretsManager.GetSecretValue", 800};
const Child put_metrics{"aws", "CloudWatch.PutMetricData", 900};
const Child send_message{"aws", "SQS.SendMessage", 2000, {}, {{"request_bytes", "900"}}};

TEST(Advice, AnEmptyRecordingAndACleanApplicationGetNone) {
  TestRun run;
  EXPECT_EQ(run.all(), "");
  EXPECT_NE(advice_to_json(advise(run.recording)).find("\"findings\":[]"), std::string::npos);
  run.function("submit");
  run.function("worker");
  run.database(81, 12);
  run.queue("orders").deadLetterQueue = "dead";
  run.route("POST /orders", "submit");
  const auto mapping = run.mapping("orders", "worker");
  run.request("POST /orders", "submit", {send_message}, 900'000, Start::Cold);
  run.requests(300, "POST /orders", "submit", {send_message});
  run.batch(mapping, 10, "", 1, {get_secret, connect, insert});
  for (int i = 0; i < 200; ++i) run.batch(mapping, 1 + i % 10, "", 1, {insert});
  EXPECT_EQ(run.all(), "");
}

// ---- connections ----

TEST(Advice, AConnectionForEachInvocation) {
  TestRun run;
  run.function("create");
  run.requests(40, "POST /orders", "create", {connect, insert});
  const auto found = run.found("ST-101");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].resource, "create");
  EXPECT_EQ(found[0].severity, "high");
  EXPECT_EQ(found[0].traces.size(), max_example_traces);
  EXPECT_NEAR(*found[0].gain.latencyMilliseconds, 5, 0.001);
  EXPECT_NEAR(*found[0].gain.callsPerRequest, 1, 0.001);
  EXPECT_NEAR(*found[0].gain.dollarsPerMillion, 1e6 * 0.0000166667 / 4 * 0.005, 1e-6);
  EXPECT_NE(found[0].summary.find("40 of 40 warm invocations"), std::string::npos) << found[0].summary;
}

TEST(Advice, ConnectionsOfColdStartsAndRareReconnectsAreFine) {
  TestRun run;
  run.function("create");
  for (int i = 0; i < 30; ++i) run.request("GET /orders", "create", {connect, select_order}, 20'000, Start::Cold);
  run.requests(60, "GET /orders", "create", {select_order});
  run.requests(20, "GET /orders", "create", {connect, select_order});
  EXPECT_EQ(run.found("ST-101").size(), 0U);
}

TEST(Advice, FewInvocationsProveNothing) {
  TestRun run;
  run.function("create");
  run.requests(9, "GET /orders", "create", {get_secret, connect, select_order, put_metrics});
  EXPECT_EQ(run.all(), "");
}

TEST(Advice, ConnectionsNearTheMaximum) {
  TestRun run;
  run.database(100, 81);
  const auto found = run.found("ST-102");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, "high");
  EXPECT_EQ(found[0].limit->used, 81);
  TestRun clean;
  clean.database(100, 79);
  EXPECT_EQ(clean.all(), "");
}

TEST(Advice, RefusedConnectionsAreCritical) {
  TestRun run;
  run.function("create");
  run.database(100, 60);
  run.request("GET /orders", "create", {{"db-connect", "connect", 100, "53300: sorry, too many clients already", {{"instance", "db"}}}});
  const auto found = run.found("ST-102");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, "critical");
}

TEST(Advice, AMappingThatMayRunMoreBatchesThanTheDatabaseHasConnections) {
  TestRun run;
  run.function("worker");
  run.database(81, 10);
  run.queue("orders");
  auto& mapping = run.mapping("orders", "worker");
  run.batch(mapping, 5, "", 1, {insert});
  EXPECT_EQ(run.all(), "");
  mapping.maximumConcurrency = 78;
  EXPECT_EQ(run.all(), "");
  mapping.maximumConcurrency = 79;
  ASSERT_EQ(run.found("ST-103").size(), 1U);
  mapping.maximumConcurrency.reset();
  ASSERT_EQ(run.found("ST-103").size(), 1U);
  run.recording.functions[0].reservedConcurrency = 50;
  EXPECT_EQ(run.found("ST-103").size(), 0U);
}

TEST(Advice, AMappingWhoseFunctionUsesNoDatabaseMayRunFreely) {
  TestRun run;
  run.function("worker");
  run.database(81, 10);
  run.queue("orders");
  auto& mapping = run.mapping("orders", "worker");
  mapping.maximumConcurrency.reset();
  run.batch(mapping, 5);
  EXPECT_EQ(run.all(), "");
}

// ---- calls ----

TEST(Advice, ASecretAndAMetricsCallWithEachInvocation) {
  TestRun run;
  run.function("create");
  run.requests(25, "GET /orders", "create", {get_secret, put_metrics});
  ASSERT_EQ(run.found("ST-111").size(), 1U);
  ASSERT_EQ(run.found("ST-112").size(), 1U);
  EXPECT_NEAR(*run.found("ST-112")[0].gain.dollarsPerMillion, 10 + 1e6 * 0.0000166667 / 4 * 0.0009, 1e-6);
  run.recording.quotas.push_back({.id = "cloudwatch.put-metric-data",
                                  .name = "Rate of PutMetricData requests",
                                  .unit = "per second",
                                  .value = 500,
                                  .now = 0,
                                  .peak = 500,
                                  .rejections = 3});
  EXPECT_EQ(run.found("ST-112")[0].severity, "critical");
  EXPECT_EQ(run.found("ST-112")[0].limit->limit, 500);
  EXPECT_EQ(run.found("ST-111")[0].severity, "high");
  TestRun rarely;
  rarely.function("create");
  rarely.requests(60, "GET /orders", "create", {});
  rarely.requests(20, "GET /orders", "create", {get_secret, put_metrics});
  for (int i = 0; i < 30; ++i) rarely.request("GET /orders", "create", {get_secret}, 20'000, Start::Cold);
  EXPECT_EQ(rarely.all(), "");
}

// ---- limits ----

TEST(Advice, ConcurrencyNearTheAccountsLimit) {
  TestRun run;
  run.function("create");
  run.metric("ConcurrentExecutions", {}, 0, 790);
  EXPECT_EQ(run.all(), "");
  run.recording.metrics.clear();
  run.metric("ConcurrentExecutions", {}, 0, 800);
  ASSERT_EQ(run.found("ST-201").size(), 1U);
  EXPECT_EQ(run.found("ST-201")[0].severity, "high");
  run.recording.metrics.clear();
  run.metric("ConcurrentExecutions", {}, 0, 1000);
  run.metric("Throttles", {{"FunctionName", "create"}}, 50, 1);
  EXPECT_EQ(run.found("ST-201")[0].severity, "critical");
}

TEST(Advice, ThrottlesFarBelowTheLimitHaveAnotherReason) {
  TestRun run;
  run.function("create");
  run.metric("ConcurrentExecutions", {}, 0, 60);
  run.metric("Throttles", {{"FunctionName", "create"}}, 500, 1);
  EXPECT_EQ(run.all(), "");
}

TEST(Advice, ThrottlesAtTheReservedConcurrency) {
  TestRun run;
  run.function("create").reservedConcurrency = 10;
  run.metric("ConcurrentExecutions", {{"FunctionName", "create"}}, 0, 10);
  EXPECT_EQ(run.all(), "");
  run.metric("Throttles", {{"FunctionName", "create"}}, 5, 1);
  ASSERT_EQ(run.found("ST-201").size(), 1U);
  EXPECT_EQ(run.found("ST-201")[0].resource, "create");
}

TEST(Advice, RequestsThatTheGatewayThrottles) {
  TestRun run;
  run.function("create");
  run.route("GET /orders", "create").throttleRequestsPerSecond = 50;
  run.requests(20, "GET /orders", "create", {});
  for (int i = 0; i < 4; ++i) run.request("GET /orders", "", {}, 100, Start::Warm, 429);
  for (int i = 0; i < 10; ++i) run.request("GET /orders", "create", {}, 100, Start::Warm, 429);
  EXPECT_EQ(run.found("ST-202").size(), 0U) << "429s of the function are its own business";
  run.request("GET /orders", "", {}, 100, Start::Warm, 429);
  ASSERT_EQ(run.found("ST-202").size(), 1U);
  EXPECT_EQ(run.found("ST-202")[0].limit->limit, 50);
}

TEST(Advice, AStormOfRetriesOfACall) {
  const Child fails{"aws", "SQS.SendMessage", 500, "ThrottlingException"};
  TestRun run;
  run.function("create");
  run.requests(4, "GET /orders", "create", {fails, fails, fails});
  EXPECT_EQ(run.all(), "");
  run.requests(1, "GET /orders", "create", {fails, fails, fails});
  ASSERT_EQ(run.found("ST-203").size(), 1U);
  TestRun one_retry;
  one_retry.function("create");
  one_retry.requests(100, "GET /orders", "create", {fails, {"aws", "SQS.SendMessage", 500}});
  EXPECT_EQ(one_retry.all(), "");
}

TEST(Advice, MessagesThatComeAgainAndAgain) {
  TestRun run;
  run.function("worker");
  run.queue("orders");
  const auto mapping = run.mapping("orders", "worker");
  for (int i = 0; i < 41; ++i) run.batch(mapping, 5);
  for (int i = 0; i < 10; ++i) run.batch(mapping, 5, "", 3);
  EXPECT_EQ(run.all(), "");
  for (int i = 0; i < 5; ++i) run.batch(mapping, 5, "", 4);
  ASSERT_EQ(run.found("ST-203").size(), 1U);
}

// ---- waiting ----

// A trace in which `caller` invokes `callee` `times` times; inside of the call, or after it.
enum class Manner : std::uint8_t { Waiting, Asynchronous };
void calls_function(TestRun& run, int times, Manner manner) {
  auto& trace = run.trace();
  const auto caller = run.invoke(trace, "caller", "", {}, 500'000);
  for (int i = 0; i < times; ++i) {
    const auto call = run.span(trace, "aws", "Lambda.Invoke", caller, manner == Manner::Waiting ? 100'000 : 5).id;
    run.invoke(trace, "callee", call, {}, 50'000);
  }
  run.now += 1'000'000;
}

TEST(Advice, AFunctionThatWaitsForAFunction) {
  TestRun run;
  run.function("caller");
  run.function("callee");
  for (int i = 0; i < 4; ++i) calls_function(run, 1, Manner::Waiting);
  EXPECT_EQ(run.all(), "");
  calls_function(run, 1, Manner::Waiting);
  ASSERT_EQ(run.found("ST-301").size(), 1U);
  EXPECT_EQ(run.found("ST-301")[0].resource, "caller");
  EXPECT_EQ(run.found("ST-302").size(), 0U);
}

TEST(Advice, AnAsynchronousInvokeIsNotWaitedFor) {
  TestRun run;
  run.function("caller");
  run.function("callee");
  for (int i = 0; i < 20; ++i) calls_function(run, 3, Manner::Asynchronous);
  EXPECT_EQ(run.all(), "");
}

TEST(Advice, ThreeFunctionsInvokedAndWaitedForAreOrchestration) {
  TestRun run;
  run.function("caller");
  for (int i = 0; i < 6; ++i) calls_function(run, 3, Manner::Waiting);
  EXPECT_EQ(run.found("ST-302").size(), 1U);
  EXPECT_EQ(run.found("ST-301").size(), 0U) << "one of the two";
}

TEST(Advice, AWriteThatHoldsItsRouteBack) {
  TestRun fast;
  fast.function("create");
  fast.route("POST /orders", "create");
  fast.requests(100, "POST /orders", "create", {insert});
  EXPECT_EQ(fast.all(), "") << "a fast write over a kept connection is fine";
  TestRun slow;
  slow.function("create");
  slow.route("POST /orders", "create");
  for (int i = 0; i < 40; ++i) slow.request("POST /orders", "create", {{"db-statement", "insert into x", 1'500'000}}, 1'600'000);
  ASSERT_EQ(slow.found("ST-303").size(), 1U);
  EXPECT_EQ(slow.found("ST-303")[0].severity, "medium");
  TestRun reading;
  reading.function("create");
  reading.route("POST /search", "create");
  for (int i = 0; i < 40; ++i) reading.request("POST /search", "create", {{"db-statement", "SELECT 1", 1'500'000}}, 1'600'000);
  EXPECT_EQ(reading.all(), "");
}

TEST(Advice, AFunctionThatOnlyPassesOn) {
  TestRun run;
  auto& function = run.function("submit");
  run.route("POST /orders", "submit");
  run.requests(30, "POST /orders", "submit", {send_message});
  EXPECT_EQ(run.all(), "") << "what cannot be read is not judged";
  function.codeLines = 12;
  function.importsOwnFiles = false;
  ASSERT_EQ(run.found("ST-304").size(), 1U);
  function.importsOwnFiles = true;
  EXPECT_EQ(run.all(), "");
  function.importsOwnFiles = false;
  function.codeLines = 40;
  EXPECT_EQ(run.all(), "");
  function.codeLines = 12;
  run.requests(5, "POST /orders", "submit", {});
  EXPECT_EQ(run.all(), "") << "it sometimes refuses by itself";
}

// ---- latency ----

TEST(Advice, AnswersNearTheGatewaysTimeout) {
  TestRun run;
  run.function("report");
  run.route("GET /report", "report");
  for (int i = 0; i < 30; ++i) run.request("GET /report", "report", {}, i < 27 ? 1'000'000 : 20'000'000);
  EXPECT_EQ(run.all(), "") << "20 s of 30 s";
  for (int i = 0; i < 3; ++i) run.request("GET /report", "report", {}, 22'000'000);
  ASSERT_EQ(run.found("ST-305").size(), 1U);
  EXPECT_EQ(run.found("ST-305")[0].limit->limit, 30'000);
}

TEST(Advice, ColdStartsAfterTheRamp) {
  TestRun at_start;
  at_start.function("create");
  at_start.route("GET /orders", "create");
  for (int i = 0; i < 20; ++i) at_start.request("GET /orders", "create", {}, 800'000, Start::Cold);
  at_start.requests(400, "GET /orders", "create", {});
  EXPECT_EQ(at_start.all(), "") << "every environment starts once";
  TestRun always;
  always.function("create");
  always.route("GET /orders", "create");
  for (int i = 0; i < 500; ++i)
    always.request("GET /orders", "create", {}, i % 40 == 0 ? 800'000 : 20'000, i % 40 == 0 ? Start::Cold : Start::Warm);
  TestRun ahead;
  ahead.function("create");
  ahead.route("GET /orders", "create");
  for (int i = 0; i < 500; ++i)
    ahead.request("GET /orders", "create", {}, i % 40 == 0 ? 800'000 : 20'000, i % 40 == 0 ? Start::StartedAhead : Start::Warm);
  EXPECT_EQ(ahead.all(), "") << "slow for another reason: nobody waited for these environments";
  ASSERT_EQ(always.found("ST-306").size(), 1U);
  EXPECT_NEAR(*always.found("ST-306")[0].gain.latencyMilliseconds, 780, 1);
}

// ---- queues ----

TEST(Advice, BatchesOfOneUnderLoad) {
  TestRun run;
  run.function("worker");
  run.queue("orders");
  auto& mapping = run.mapping("orders", "worker");
  for (int i = 0; i < 60; ++i) run.batch(mapping, 1);
  EXPECT_EQ(run.all(), "") << "the batch size is fine, there is just not more";
  mapping.batchSizeMessages = 1;
  ASSERT_EQ(run.found("ST-401").size(), 1U);
  run.recording.queues[0].fifo = true;
  EXPECT_EQ(run.all(), "") << "an order may need it";
}

TEST(Advice, BatchesOfOneAtARestfulRateCostNothing) {
  TestRun run;
  run.function("worker");
  run.queue("orders");
  auto& mapping = run.mapping("orders", "worker");
  mapping.batchSizeMessages = 1;
  for (int i = 0; i < 60; ++i) {
    run.batch(mapping, 1);
    run.now += 1'000'000;
  }
  EXPECT_EQ(run.all(), "");
}

TEST(Advice, WholeBatchesThatComeAgain) {
  TestRun run;
  run.function("worker");
  run.queue("orders");
  auto& mapping = run.mapping("orders", "worker");
  mapping.reportsBatchItemFailures = false;
  for (int i = 0; i < 30; ++i) run.batch(mapping, 10);
  for (int i = 0; i < 5; ++i) run.batch(mapping, 10, "NotRun");
  for (int i = 0; i < 5; ++i) run.batch(mapping, 1, "FunctionError");
  for (int i = 0; i < 2; ++i) run.batch(mapping, 10, "FunctionError");
  EXPECT_EQ(run.all(), "");
  run.batch(mapping, 10, "FunctionError");
  ASSERT_EQ(run.found("ST-402").size(), 1U);
  mapping.reportsBatchItemFailures = true;
  EXPECT_EQ(run.all(), "");
}

TEST(Advice, AVisibilityTimeoutBelowSixTimesTheFunctions) {
  TestRun run;
  run.function("worker");
  auto& queue = run.queue("orders");
  auto& mapping = run.mapping("orders", "worker");
  EXPECT_EQ(run.all(), "");
  queue.visibilityTimeoutSeconds = 59;
  ASSERT_EQ(run.found("ST-403").size(), 1U);
  mapping.enabled = false;
  EXPECT_EQ(run.all(), "");
}

TEST(Advice, LessReservedConcurrencyThanTheMappingUses) {
  TestRun run;
  auto& function = run.function("worker");
  run.queue("orders").deadLetterQueue = "dead";
  auto& mapping = run.mapping("orders", "worker");
  function.reservedConcurrency = 10;
  EXPECT_EQ(run.all(), "");
  mapping.maximumConcurrency = 11;
  ASSERT_EQ(run.found("ST-404").size(), 1U);
  EXPECT_NE(run.found("ST-404")[0].summary.find("dead-letter"), std::string::npos);
  mapping.maximumConcurrency.reset();
  ASSERT_EQ(run.found("ST-404").size(), 1U);
}

// ---- payloads ----

TEST(Advice, PayloadsNearTheirLimit) {
  TestRun run;
  run.function("report");
  for (int i = 0; i < 30; ++i) run.request("GET /x", "report", {}).spans.back().attributes["response_bytes"] = i < 2 ? "6000000" : "1000";
  EXPECT_EQ(run.found("ST-501").size(), 0U);
  run.request("GET /x", "report", {}).spans.back().attributes["response_bytes"] = "5100000";
  ASSERT_EQ(run.found("ST-501").size(), 1U);
  EXPECT_EQ(run.found("ST-501")[0].limit->used, 6'000'000);
}

TEST(Advice, LargeMessagesOfPlainText) {
  const auto run_with = [](const char* bytes, const char* bits) {
    TestRun run;
    run.function("submit");
    run.requests(12, "POST /x", "submit",
                 {{"aws", "SQS.SendMessage", 900, {}, {{"request_bytes", bytes}, {"request_bits_per_byte", bits}}}});
    return run.found("ST-502").size();
  };
  EXPECT_EQ(run_with("200000", "4.60"), 1U);
  EXPECT_EQ(run_with("200000", "6.00"), 0U) << "base64 of what is packed already";
  EXPECT_EQ(run_with("60000", "4.60"), 0U);
}

TEST(Advice, LargeAnswers) {
  TestRun run;
  run.function("files");
  run.route("GET /files", "files");
  for (int i = 0; i < 40; ++i) run.request("GET /files", "files", {}).spans[0].attributes["response_bytes"] = i < 2 ? "2000000" : "1000";
  EXPECT_EQ(run.all(), "");
  run.request("GET /files", "files", {}).spans[0].attributes["response_bytes"] = "2000000";
  ASSERT_EQ(run.found("ST-503").size(), 1U);
}

// ---- places, order, pages ----

TEST(Advice, NamesTheLinesOfTheTemplate) {
  TestRun run;
  run.function("worker").logicalId = "Worker";
  auto& queue = run.queue("orders");
  queue.logicalId = "OrdersQueue";
  queue.visibilityTimeoutSeconds = 30;
  run.mapping("orders", "worker");
  RecordedTemplate made{.stack = "shop", .path = "/app/template.yaml", .sha256 = {}, .resources = {}, .lines = {}};
  made.resources.push_back(
      {.logicalId = "OrdersQueue", .type = "AWS::SQS::Queue", .physicalId = "u", .line = 20, .source = "OrdersQueue", .code = {}});
  made.resources.push_back(
      {.logicalId = "Worker", .type = "AWS::Lambda::Function", .physicalId = "worker", .line = 7, .source = "Worker", .code = {}});
  made.lines = {{"Resources.OrdersQueue.Properties.VisibilityTimeout", 22}, {"Globals.Function.Timeout", 4}};
  run.recording.templates.push_back(made);
  const auto found = run.found("ST-403");
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].changes.size(), 2U);
  EXPECT_EQ(found[0].changes[0].file, "/app/template.yaml");
  EXPECT_EQ(found[0].changes[0].line, 22);
  EXPECT_EQ(found[0].changes[0].suggest, "VisibilityTimeout: 60");
  EXPECT_EQ(found[0].changes[1].line, 4) << "the function has its timeout from the Globals";
}

TEST(Advice, TheWorstComesFirst) {
  TestRun run;
  run.function("create").reservedConcurrency = 5;
  run.route("POST /orders", "create");
  run.metric("ConcurrentExecutions", {{"FunctionName", "create"}}, 0, 5);
  run.metric("Throttles", {{"FunctionName", "create"}}, 50, 1);
  run.requests(40, "POST /orders", "create", {get_secret, connect, insert});
  EXPECT_EQ(run.all(), "ST-201 create, ST-101 create, ST-111 create, ST-303 POST /orders");
  EXPECT_EQ(*worst_severity(advise(run.recording)), Severity::Critical);
  EXPECT_FALSE(worst_severity(Advice{}).has_value());
}

TEST(Advice, TheSameRecordingGivesTheSameText) {
  TestRun run;
  run.function("create");
  run.requests(40, "POST /orders", "create", {get_secret, connect, insert, put_metrics});
  const auto again = recording_from_json(recording_to_json(run.recording));
  EXPECT_EQ(advice_to_json(advise(run.recording)), advice_to_json(advise(again)));
}

TEST(Advice, BearsWhatIsNearlyARecording) {
  TestRun run;
  run.function("create").reservedConcurrency = 5;
  run.function("worker");
  run.database(81, 80);
  run.queue("orders");
  run.route("POST /orders", "create");
  auto& mapping = run.mapping("orders", "worker");
  mapping.maximumConcurrency.reset();
  run.metric("Throttles", {{"FunctionName", "create"}}, 50, 1);
  for (int i = 0; i < 12; ++i) run.request("POST /orders", "create", {get_secret, connect, insert, put_metrics, send_message});
  for (int i = 0; i < 4; ++i) run.batch(mapping, 10, "FunctionError", 4, {connect});
  const auto json = recording_to_json(run.recording);
  Random random(11);
  std::size_t read = 0;
  for (int i = 0; i < 3000; ++i) {
    auto changed = json;
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      static constexpr std::string_view pieces = "0129-\"{}[]:,.abcxe";
      const auto at = random.below(changed.size());
      if (random.chance(50)) {
        changed[at] = pieces[random.below(pieces.size())];
      } else if (random.chance(50)) {
        changed.insert(at, 1, pieces[random.below(pieces.size())]);
      } else {
        changed.erase(at, 1 + random.below(3));
      }
    }
    try {
      const auto recording = recording_from_json(changed);
      EXPECT_FALSE(advice_to_json(advise(recording)).empty());
      ++read;
    } catch (const std::runtime_error&) {
    }
  }
  EXPECT_GT(read, 300U);
}

TEST(Advice, EveryRuleHasItsPageAndEveryPageItsRule) {
  namespace fs = std::filesystem;
  std::set<std::string> pages;
  for (const auto& entry : fs::directory_iterator("docs/findings"))
    if (const auto name = entry.path().filename().string(); name.starts_with("ST-")) pages.insert(name);
  std::set<std::string> ids;
  for (const auto* rule : all_rules()) {
    EXPECT_TRUE(ids.insert(std::string(rule->id)).second) << rule->id;
    const auto name = std::string(rule->id) + "-" + std::string(rule->slug) + ".md";
    EXPECT_EQ(pages.erase(name), 1U) << "no page docs/findings/" << name;
    std::ostringstream text;
    text << std::ifstream("docs/findings/" + name).rdbuf();
    const auto title = "# " + std::string(rule->id) + ": " + std::string(rule->title) + "\n";
    EXPECT_EQ(text.str().substr(0, title.size()), title);
    for (const char* part : {"## Why it hurts", "## How it is detected", "## The cure", "## How to check"})
      EXPECT_NE(text.str().find(part), std::string::npos) << name << " has no \"" << part << "\"";
  }
  EXPECT_TRUE(pages.empty()) << "a page without a rule: " << (pages.empty() ? "" : *pages.begin());
}

}  // namespace
}  // namespace surgetank::windtunnel
