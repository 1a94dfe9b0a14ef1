#include "windtunnel/advice/advice_view.h"

#include <gtest/gtest.h>

#include "windtunnel/advice/test_run.h"
#include "wire/sha256.h"

namespace surgetank::windtunnel {
namespace {

Advice two_functions() {
  TestRun run;
  run.function("create");
  run.function("<get>");
  run.requests(40, "POST /orders", "create", {{"db-connect", "connect", 5000}});
  run.requests(40, "GET /orders", "<get>", {{"db-connect", "connect", 5000}});
  return advise(run.recording);
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(AdviceView, FindingsOfOneRuleStandTogetherWithTheCureOnce) {
  const auto text = advice_text(two_functions(), {.width = 100, .paint = {}, .folder = {}});
  EXPECT_EQ(times(text, "ST-101  "), 1U) << text;
  EXPECT_EQ(times(text, "outside of the handler, on first use"), 1U);
  EXPECT_NE(text.find("  create\n"), std::string::npos);
  EXPECT_NE(text.find("  <get>\n"), std::string::npos);
  EXPECT_NE(text.find("2 high"), std::string::npos);
}

TEST(AdviceView, LinesKeepToTheWidth) {
  const auto text = advice_text(two_functions(), {.width = 80, .paint = {}, .folder = {}});
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin))
    EXPECT_LE(end - begin, 80U) << text.substr(begin, end - begin);
}

TEST(AdviceView, NoFindingsIsSaidInWords) {
  EXPECT_NE(advice_text({}, {}).find("Nothing to improve was found."), std::string::npos);
  EXPECT_NE(advice_page({}).find("Nothing to improve was found."), std::string::npos);
}

TEST(AdviceView, RequestsThatFailedAndABusyMachineAreSaidFirst) {
  TestRun run;
  run.function("create");
  for (int i = 0; i < 30; ++i)
    run.request("POST /orders", "create", {}, 20'000, TestRun::Start::Warm, 500).spans.back().fault = "Sandbox.Timedout";
  run.recording.host = {.processors = 2, .functionProcesses = 100, .busyMicroseconds = 0};
  run.recording.host->busyMicroseconds = 2 * (run.recording.endMicroseconds - run.recording.startMicroseconds);
  const auto text = advice_text(advise(run.recording), {});
  EXPECT_NE(text.find("30 of 30 requests failed (5xx); invocations ended with Sandbox.Timedout (30)."), std::string::npos) << text;
  EXPECT_NE(text.find("100 % busy"), std::string::npos) << text;
  EXPECT_EQ(text.find("Nothing to improve"), std::string::npos) << text;
}

TEST(AdviceView, ThePageEscapesWhatItShows) {
  const auto page = advice_page(two_functions());
  EXPECT_NE(page.find("&lt;get&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<get>"), std::string::npos);
}

TEST(AdviceView, SnippetsComeFromTheTemplateAsDeployedOnly) {
  TestRun run;
  run.function("worker");
  run.queue("orders").visibilityTimeoutSeconds = 30;
  run.mapping("orders", "worker");
  const std::string text = "Resources:\n  orders:\n    VisibilityTimeout: 30\n    X: 1\n";
  RecordedTemplate made{.stack = "shop", .path = "/app/t.yaml", .sha256 = sha256_hex(text), .resources = {}, .lines = {}};
  made.resources.push_back(
      {.logicalId = "orders", .type = "AWS::SQS::Queue", .physicalId = "u", .line = 2, .source = "orders", .code = {}});
  made.lines = {{"Resources.orders.Properties.VisibilityTimeout", 3}};
  run.recording.templates.push_back(made);
  auto advice = advise(run.recording);
  add_snippets(advice, run.recording, [&](const std::string&) { return std::optional(text); });
  EXPECT_EQ(advice.findings.at(0).changes.at(0).snippet, "    VisibilityTimeout: 30");
  advice = advise(run.recording);
  add_snippets(advice, run.recording, [&](const std::string&) { return std::optional("# more\n" + text); });
  EXPECT_EQ(advice.findings.at(0).changes.at(0).snippet, "");
}

TEST(AdviceView, NamesTheOneLineOfCodeThatMakesTheCall) {
  TestRun run;
  auto& function = run.function("create");
  function.codeFile = "/app/index.mjs";
  run.requests(40, "POST /orders", "create", {{"aws", "SecretsManager.GetSecretValue", 500}});
  const std::string once = "import { GetSecretValueCommand } from 'x';\n\nawait client.send(new GetSecretValueCommand({}));\n";
  const auto line_in = [&](const std::string& text) {
    auto advice = advise(run.recording);
    add_snippets(advice, run.recording, [&](const std::string&) { return std::optional(text); });
    return advice.findings.at(0).changes.at(0).line;
  };
  EXPECT_EQ(line_in(once), 3);
  EXPECT_EQ(line_in(once + "await client.send(new GetSecretValueCommand({}));\n"), 0) << "which one is not known";
  EXPECT_EQ(line_in("nothing of the kind"), 0);
}

}  // namespace
}  // namespace surgetank::windtunnel
