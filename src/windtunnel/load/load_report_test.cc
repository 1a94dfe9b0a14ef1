#include "windtunnel/load/load_report.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "windtunnel/load/load_summary.h"
#include "windtunnel/load/server_watch.h"
#include "windtunnel/load/traffic_file.h"
#include "wire/json_value.h"

namespace surgetank::windtunnel {
namespace {

struct Run {
  LoadPlan plan;
  LoadResults results;
  std::vector<Verdict> verdicts;
};

Run small_run() {
  Run run;
  RequestPlan request;
  request.name = "<submit>";
  request.url = "http://x/<b>";
  run.plan.requests.push_back(request);
  run.plan.traffic.phases.push_back(*parse_phase("10s@2"));
  auto& results = run.results;
  results.sending = results.elapsed = seconds(10);
  results.total.arrivals = 20;
  results.total.succeeded = 18;
  results.total.failed = 2;
  for (int ms = 1; ms <= 20; ++ms) results.total.latency.add(milliseconds(ms));
  results.requests = {results.total};
  results.requests[0].name = request.name;
  results.phases.push_back({.name = "10s@2", .begin = {}, .totals = results.total});
  results.failures = {{.what = "HTTP 503", .count = 2, .sample = "<h1>busy</h1>\x1b[31m"}};
  for (int second = 0; second < 10; ++second) {
    SecondResults row;
    row.second = second;
    row.succeeded = 2;
    row.p50_ms = row.p95_ms = row.p99_ms = 5;
    results.seconds.push_back(row);
    ServerSample sample;
    sample.second = second;
    sample.concurrency_limit = 10;
    sample.functions = {{.name = "Submit", .in_flight = second, .environments = 9, .idle = 0, .cold_starts = second, .throttles = 0}};
    sample.queues = {{.name = "Orders", .visible = 0, .in_flight = 0, .delayed = 0, .oldest_seconds = 0}};
    sample.databases = {{.name = "db", .connections = 70, .max_connections = 81}};
    sample.quotas = {
        {.id = "q", .name = "Concurrent executions", .value = 10, .now = 5.0 + second % 2, .peak = 9, .rejections = second * 3}};
    results.server.push_back(sample);
  }
  run.verdicts = judge({*parse_threshold("p99 < 5ms"), *parse_threshold("failed < 50%"), *parse_threshold("done.p99 < 1s")},
                       [&run](const Threshold& threshold) { return measured(run.results, threshold); });
  return run;
}

TEST(LoadReport, ShowsTheServersPlotsAlsoWhenNothingHappenedThere) {
  const auto run = small_run();
  const auto html = load_report({.plan = run.plan, .results = run.results, .verdicts = run.verdicts, .subtitle = "<x>"});
  for (const auto* title :
       {"Latency over time", "Rate", "Latency by share of requests", "In flight", "Concurrency", "Environments", "Cold starts",
        "Throttles by quota", "Queue depth", "Age of the oldest message", "Database connections", "Use of quotas"})
    EXPECT_TRUE(contains(html, "<h3>" + std::string(title) + "</h3>")) << title;
  EXPECT_TRUE(contains(html, "account limit")) << "the highest concurrency came near it";
  EXPECT_TRUE(contains(html, "max_connections"));
  for (const auto* markup : {"<submit>", "<b>", "<h1>busy", "<x>", "\x1b"}) EXPECT_FALSE(contains(html, markup)) << markup;
}

TEST(LoadReport, SaysThatNoServerWasWatched) {
  auto run = small_run();
  run.results.server.clear();
  const auto html = load_report({.plan = run.plan, .results = run.results, .verdicts = run.verdicts, .subtitle = ""});
  EXPECT_TRUE(contains(html, "No Surgetank server was watched"));
  EXPECT_FALSE(contains(html, "<h3>Concurrency</h3>"));
}

TEST(LoadSummary, TellsThresholdsFirstAndControlCharactersNever) {
  const auto run = small_run();
  std::string text;
  for (const auto& line : summary_lines(run.results, run.verdicts)) text += line.text + "\n";
  EXPECT_TRUE(text.starts_with(
      "  THRESHOLDS\n    ✗ p99 < 5ms   (20 ms)\n    ✓ failed < 50%   (10 %)\n    ✗ done.p99 < 1s   (nothing was measured)\n"))
      << text;
  EXPECT_TRUE(contains(text, "request_duration"));
  EXPECT_TRUE(contains(text, "10 %  2 out of 20"));
  EXPECT_FALSE(contains(text, "\x1b"));
}

TEST(LoadSummary, JsonHoldsWhatTheSummaryTells) {
  const auto run = small_run();
  const auto json = parse_json(results_json(run.results, run.verdicts));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->find_path({"total", "failed"})->as_integer(), 2);
  EXPECT_EQ(json->find_path({"total", "latencyMs", "p99"})->as_double(), 20.0);
  EXPECT_EQ(json->find("seconds")->as_array()->size(), 10U);
  EXPECT_EQ(json->find("thresholds")->as_array()->size(), 3U);
  EXPECT_EQ(json->find_path({"async", "followed"})->as_boolean(), false);
}

TEST(ServerWatch, ReadsGaugesAndQuotasAndBearsWhatIsMissing) {
  const auto sample = read_gauges(
      R"({"time":1.5,"functions":[{"name":"f","inFlight":2,"environments":3,"idle":1,"coldStarts":4,"throttles":5}],)"
      R"("concurrency":{"inFlight":2,"limit":1000},"queues":[{"name":"q","visible":7,"inFlight":1,"delayed":0,"oldestSeconds":1.5}],)"
      R"("databases":[{"name":"d","connections":4,"maxConnections":81}]})");
  ASSERT_TRUE(sample);
  EXPECT_EQ(sample->functions.at(0).throttles, 5);
  EXPECT_EQ(sample->queues.at(0).oldest_seconds, 1.5);
  EXPECT_EQ(sample->databases.at(0).max_connections, 81);
  EXPECT_EQ(sample->concurrency_limit, 1000);
  EXPECT_FALSE(read_gauges("<html>"));
  EXPECT_FALSE(read_gauges("{}"));
  const auto* row = R"([{"id":"L-1","name":"n","value":10,"unit":"","now":4,"peak":9,"rejections":3}])";
  EXPECT_EQ(read_quotas(row).at(0).rejections, 3);
  EXPECT_EQ(read_quotas("{\"quotas\":" + std::string(row) + "}").at(0).now, 4);
  EXPECT_TRUE(read_quotas("").empty());
}

}  // namespace
}  // namespace surgetank::windtunnel
