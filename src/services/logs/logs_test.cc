#include <gtest/gtest.h>

#include <map>

#include "kernel/test_world.h"
#include "services/logs/emf.h"
#include "services/logs/filter_pattern.h"
#include "services/logs/service.h"
#include "wire/json_value.h"

namespace surgetank::logs {
namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;  // TestWorld's start

struct LogsTest : testing::Test {
  TestWorld world{{&service}};
  std::string call(std::string_view operation, const std::string& input) { return world.call("logs", operation, input); }
  void make(const std::string& group, const std::string& stream) {
    call("CreateLogGroup", R"({"logGroupName":")" + group + R"("})");
    call("CreateLogStream", R"({"logGroupName":")" + group + R"(","logStreamName":")" + stream + R"("})");
  }
  std::string put(const std::string& stream, const std::vector<std::pair<std::int64_t, std::string>>& events,
                  const std::string& group = "g") {
    std::string list;
    for (const auto& [offset, message] : events)
      list += (list.empty() ? "" : ",") + std::string(R"({"timestamp":)") + std::to_string(now_ms + offset) + R"(,"message":")" + message +
              R"("})";
    return call("PutLogEvents", R"({"logGroupName":")" + group + R"(","logStreamName":")" + stream + R"(","logEvents":[)" + list + "]}");
  }
  // The messages of a reply, in order, separated by spaces.
  static std::string messages(const std::string& reply) {
    const auto document = parse_json(reply);
    std::string out;
    if (!document.ok() || document->find("events") == nullptr) return reply;
    for (const auto& event : *document->find("events")->as_array()) out += (out.empty() ? "" : " ") + *event.find_string("message");
    return out;
  }
  // What was counted so far, by metric name.
  std::map<std::string, IngestedMetric> metrics() {
    std::map<std::string, IngestedMetric> out;
    for (const auto& batch : world.telemetry.take_metrics())
      for (const auto& metric : batch.request.Metrics) out[metric.MetricName] = metric;
    return out;
  }
  static std::string member(const std::string& reply, std::string_view name) {
    const auto document = parse_json(reply);
    const auto* text = document.ok() ? document->find_string(name) : nullptr;
    return text == nullptr ? "" : *text;
  }
};

TEST_F(LogsTest, GroupsAndStreamsAreMadeOnceDescribedAndDeleted) {
  make("g", "s");
  EXPECT_EQ(call("CreateLogGroup", R"({"logGroupName":"g"})"), "ResourceAlreadyExistsException: The specified log group already exists");
  EXPECT_EQ(call("CreateLogStream", R"({"logGroupName":"g","logStreamName":"s"})"),
            "ResourceAlreadyExistsException: The specified log stream already exists");
  EXPECT_NE(call("DescribeLogGroups", "{}").find(R"("arn":"arn:aws:logs:us-east-1:000000000000:log-group:g:*")"), std::string::npos);
  EXPECT_NE(call("DescribeLogStreams", R"({"logGroupName":"g"})").find(R"("logStreamName":"s")"), std::string::npos);
  put("s", {{0, "x"}});
  call("DeleteLogGroup", R"({"logGroupName":"g"})");
  EXPECT_EQ(call("DescribeLogStreams", R"({"logGroupName":"g"})"), "ResourceNotFoundException: The specified log group does not exist.");
  make("g", "s");
  EXPECT_EQ(messages(call("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s"})")), "");
}

TEST_F(LogsTest, EventsComeBackInOrderOfTimeWhateverTheOrderOfIntake) {
  make("g", "s");
  put("s", {{-1000, "b"}, {0, "d"}});
  put("s", {{-2000, "a"}, {-500, "c"}});
  EXPECT_EQ(messages(call("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s","startFromHead":true})")), "a b c d");
  EXPECT_EQ(messages(call("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s","limit":2})")), "c d");
  EXPECT_EQ(messages(call("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s","startFromHead":true,"limit":2})")), "a b");
}

TEST_F(LogsTest, TokensWalkForwardAndBackwardAndStayAtTheEnds) {
  make("g", "s");
  std::vector<std::pair<std::int64_t, std::string>> events;
  for (int i = 0; i < 5; ++i) events.emplace_back(i * 70'000 - 400'000, std::to_string(i));
  put("s", events);
  const std::string base = R"({"logGroupName":"g","logStreamName":"s","startFromHead":true,"limit":2)";
  const auto first = call("GetLogEvents", base + "}");
  EXPECT_EQ(messages(first), "0 1");
  const auto second = call("GetLogEvents", base + R"(,"nextToken":")" + member(first, "nextForwardToken") + R"("})");
  EXPECT_EQ(messages(second), "2 3");
  EXPECT_EQ(messages(call("GetLogEvents", base + R"(,"nextToken":")" + member(second, "nextBackwardToken") + R"("})")), "0 1");
  const auto third = call("GetLogEvents", base + R"(,"nextToken":")" + member(second, "nextForwardToken") + R"("})");
  EXPECT_EQ(messages(third), "4");
  const auto end = call("GetLogEvents", base + R"(,"nextToken":")" + member(third, "nextForwardToken") + R"("})");
  EXPECT_EQ(messages(end), "");
  EXPECT_EQ(member(end, "nextForwardToken"), member(third, "nextForwardToken"));
  EXPECT_EQ(call("GetLogEvents", base + R"(,"nextToken":"x"})"), "InvalidParameterException: The specified nextToken is invalid.");
}

TEST_F(LogsTest, FilterMergesStreamsByTimeAndPagesLoseNothing) {
  make("g", "s1");
  make("g", "s2");
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    put(i % 3 == 0 ? "s1" : "s2", {{i / 2 - 100, "m" + std::to_string(i)}});
  }
  const auto all = messages(call("FilterLogEvents", R"({"logGroupName":"g"})"));
  std::string paged;
  std::string token;
  int pages = 0;
  do {
    const auto reply =
        call("FilterLogEvents", R"({"logGroupName":"g","limit":3)" + (token.empty() ? "" : R"(,"nextToken":")" + token + "\"") + "}");
    const auto page = messages(reply);
    if (!page.empty()) paged += (paged.empty() ? "" : " ") + page;
    token = member(reply, "nextToken");
  } while (!token.empty() && ++pages < 100);
  EXPECT_EQ(paged, all);
  EXPECT_EQ(std::count(all.begin(), all.end(), ' '), 39);
}

TEST_F(LogsTest, FilterTakesPatternsTimesAndStreams) {
  make("g", "s1");
  make("g", "t2");
  put("s1", {{-10, "ERROR one"}, {-5, "fine"}});
  put("t2", {{-7, "ERROR two"}});
  EXPECT_EQ(messages(call("FilterLogEvents", R"({"logGroupName":"g","filterPattern":"ERROR"})")), "ERROR one ERROR two");
  EXPECT_EQ(messages(call("FilterLogEvents", R"({"logGroupName":"g","logStreamNamePrefix":"s"})")), "ERROR one fine");
  EXPECT_EQ(messages(call("FilterLogEvents", R"({"logGroupName":"g","startTime":)" + std::to_string(now_ms - 7) + R"(,"endTime":)" +
                                                 std::to_string(now_ms - 7) + "}")),
            "ERROR two");
  EXPECT_EQ(call("FilterLogEvents", R"({"logGroupName":"g","filterPattern":"{ $.x = "})").substr(0, 25), "InvalidParameterException");
}

TEST_F(LogsTest, BatchesAreCheckedAndOldOrNewEventsRejected) {
  make("g", "s");
  EXPECT_EQ(put("s", {{0, "b"}, {-1, "a"}}),
            "InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.");
  EXPECT_EQ(put("s", {}).substr(0, 25), "InvalidParameterException");
  EXPECT_NE(put("s", {{days(-15).ms(), "old"}}).find(R"("tooOldLogEventEndIndex":0)"), std::string::npos);
  EXPECT_NE(put("s", {{0, "now"}, {hours(3).ms(), "new"}}).find(R"("tooNewLogEventStartIndex":1)"), std::string::npos);
  EXPECT_EQ(messages(call("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s"})")), "now");
}

TEST_F(LogsTest, RetentionHidesAtOnceAndErasesLater) {
  make("g", "s");
  put("s", {{days(-3).ms(), "old"}});
  put("s", {{0, "new"}});
  EXPECT_EQ(call("PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":2})").substr(0, 25), "InvalidParameterException");
  call("PutRetentionPolicy", R"({"logGroupName":"g","retentionInDays":1})");
  EXPECT_EQ(messages(call("FilterLogEvents", R"({"logGroupName":"g"})")), "new");
  world.advance(days(2));
  EXPECT_EQ(messages(call("FilterLogEvents", R"({"logGroupName":"g"})")), "");
  auto txn = world.store->begin();
  int chunks = 0;
  txn->scan("logs/event/", prefix_end("logs/event/"), [&](std::string_view, std::string_view) { return ++chunks > 0; });
  EXPECT_EQ(chunks, 0);
}

TEST_F(LogsTest, IngestionMakesGroupAndStreamAndTurnsEmbeddedMetricsIntoMetrics) {
  const std::string emf =
      R"({\"_aws\":{\"Timestamp\":1700000000000,\"CloudWatchMetrics\":[{\"Namespace\":\"N\",\"Dimensions\":[[\"d\"]],\"Metrics\":[{\"Name\":\"m\",\"Unit\":\"Count\"}]}]},\"d\":\"v\",\"m\":3})";
  call("IngestLogEvents",
       R"({"logGroupName":"/aws/lambda/f","logStreamName":"s","events":[{"timestamp":1700000000000,"message":")" + emf + R"("}]})");
  EXPECT_NE(messages(call("GetLogEvents", R"({"logGroupName":"/aws/lambda/f","logStreamName":"s"})")), "");
  const auto counted = metrics();
  ASSERT_TRUE(counted.contains("m"));
  EXPECT_EQ(counted.at("m").Dimensions[0].Value, "v");
  EXPECT_EQ(counted.at("m").Values, List<double>{3});
}

TEST_F(LogsTest, WhatComesInIsCountedByGroup) {
  make("g", "s");
  put("s", {{-1, "four"}, {0, "eight888"}});
  const auto counted = metrics();
  ASSERT_TRUE(counted.contains("IncomingBytes") && counted.contains("IncomingLogEvents"));
  EXPECT_EQ(counted.at("IncomingBytes").Namespace, "AWS/Logs");
  EXPECT_EQ(counted.at("IncomingBytes").Dimensions[0].Value, "g");
  EXPECT_EQ(counted.at("IncomingBytes").Values, List<double>{12});
  EXPECT_EQ(counted.at("IncomingLogEvents").Values, List<double>{2});
}

TEST_F(LogsTest, AcknowledgedEventsSurviveACrash) {
  make("g", "s");
  put("s", {{0, "kept"}});
  world.crash_and_restart();
  EXPECT_EQ(messages(call("GetLogEvents", R"({"logGroupName":"g","logStreamName":"s"})")), "kept");
}

bool matches(std::string_view pattern, std::string_view message) {
  const auto parsed = FilterPattern::parse(pattern);
  EXPECT_TRUE(parsed.ok()) << pattern;
  return parsed.ok() && parsed->matches(message);
}

TEST(FilterPatternTest, TermsAreRequiredExcludedOrOptional) {
  EXPECT_TRUE(matches("", "anything"));
  EXPECT_TRUE(matches("ERROR ARGUMENTS", "ARGUMENTS then ERROR"));
  EXPECT_FALSE(matches("ERROR ARGUMENTS", "ERROR only"));
  EXPECT_FALSE(matches("error", "ERROR"));
  EXPECT_TRUE(matches("\"two words\"", "these two words here"));
  EXPECT_FALSE(matches("ERROR -EXITING", "ERROR EXITING"));
  EXPECT_TRUE(matches("?ERROR ?WARN", "a WARN b"));
  EXPECT_FALSE(matches("?ERROR ?WARN", "INFO"));
  EXPECT_TRUE(matches("%AUTHORIZED|[4-5]\\d\\d%", "status 404"));
}

TEST(FilterPatternTest, JsonConditionsCompareMembersOfTheEvent) {
  constexpr std::string_view event = R"({"level":"ERROR","ms":120.5,"ok":true,"none":null,"tags":["a","b"],"user":{"name":"alice"}})";
  EXPECT_TRUE(matches("{ $.level = \"ERROR\" }", event));
  EXPECT_TRUE(matches("{ $.level = ERR* && $.ms > 100 }", event));
  EXPECT_FALSE(matches("{ $.ms >= 121 }", event));
  EXPECT_TRUE(matches("{ ($.ms < 1 || $.tags[1] = b) && $.user.name != bob }", event));
  EXPECT_TRUE(matches("{ $.ok IS TRUE }", event));
  EXPECT_TRUE(matches("{ $.none IS NULL }", event));
  EXPECT_TRUE(matches("{ $.gone NOT EXISTS }", event));
  EXPECT_FALSE(matches("{ $.gone = 1 }", event));
  EXPECT_FALSE(matches("{ $.level = \"ERROR\" }", "no json"));
}

TEST(FilterPatternTest, SpaceDelimitedFieldsTakeWordsQuotesAndBrackets) {
  constexpr std::string_view line = R"(127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534)";
  EXPECT_TRUE(matches("[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]", line));
  EXPECT_FALSE(matches("[ip, user, username, timestamp, request, status_code = 5*, bytes]", line));
  EXPECT_TRUE(matches("[..., status_code = 404 || status_code = 410, bytes]", line));
  EXPECT_FALSE(matches("[ip, user]", line));
  const auto extracted = FilterPattern::parse("[ip, ..., request, status, bytes]")->extract(line);
  EXPECT_EQ(extracted.at("$request"), "GET /index.html HTTP/1.0");
  EXPECT_EQ(extracted.at("$status"), "404");
}

TEST(FilterPatternTest, MalformedPatternsAreRefused) {
  for (const char* bad : {"{ $.a }", "{ a = 1 }", "{ $.a = 1", "{ $.a = 1 } x", "{ ($.a = 1 }", "[a, b", "[a > x]", "[..., ...]", "\"open",
                          "%open", "%(%", "{ $.a > b }", "{ $.a[x] = 1 }"})
    EXPECT_FALSE(FilterPattern::parse(bad).ok()) << bad;
  std::string deep(300, '(');
  EXPECT_FALSE(FilterPattern::parse("{" + deep + "$.a = 1}").ok());
}

TEST(Emf, RefusesWhatBreaksTheSpecification) {
  const Instant now{now_ms * 1000};
  std::vector<MetricSample> out;
  EXPECT_EQ(read_emf("plain text", now, out), EmfResult::NotEmf);
  EXPECT_EQ(read_emf(R"({"_aws":{"CloudWatchMetrics":[]}})", now, out), EmfResult::Invalid);
  EXPECT_EQ(read_emf(R"({"_aws":{"Timestamp":1,"CloudWatchMetrics":[]}})", now, out), EmfResult::Invalid);
  const std::string head =
      R"({"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"m"}]}]},)";
  EXPECT_EQ(read_emf(head + R"("m":1})", now, out), EmfResult::Invalid);
  EXPECT_EQ(read_emf(head + R"("d":"v","m":"text"})", now, out), EmfResult::Invalid);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(read_emf(head + R"("d":"v","m":[1,2]})", now, out), EmfResult::Valid);
  EXPECT_EQ(out.size(), 2U);
}

}  // namespace
}  // namespace surgetank::logs
