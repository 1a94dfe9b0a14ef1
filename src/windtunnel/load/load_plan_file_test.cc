#include "windtunnel/load/load_plan_file.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace surgetank::windtunnel {
namespace {

struct Read {
  std::optional<LoadPlan> plan;
  std::string problems;
};

Read read(const std::string& text) {
  stack::Problems problems("plan.yaml");
  Read out;
  out.plan = read_load_plan(
      text,
      [](const std::string& path) -> Result<std::string> {
        return Error{&invalid_csv, path + " cannot be read"};
      },
      problems);
  out.problems = join(problems.lines(), "\n");
  return out;
}

TEST(LoadPlanFile, OneRequestMayStandAtTheTop) {
  const auto [plan, problems] = read(
      "http: put http://x/a\nheaders: {a: b}\nbody: {n: '{{n}}'}\nexpect: 204\ntimeout: 2s\nconnections: 7\nfollow: 0s\n"
      "traffic: {phases: [1s@1]}\nthresholds: [p99 < 1s]\n");
  ASSERT_TRUE(plan) << problems;
  ASSERT_EQ(plan->requests.size(), 1U);
  const auto& request = plan->requests[0];
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url, "http://x/a");
  EXPECT_EQ(request.body, R"({"n":"{{n}}"})");
  EXPECT_EQ(request.expected, std::vector<int>{204});
  EXPECT_EQ(request.timeout, seconds(2));
  EXPECT_EQ(plan->connections, 7U);
  EXPECT_EQ(plan->follow, Duration{});
  EXPECT_EQ(plan->thresholds.size(), 1U);
}

TEST(LoadPlanFile, KnowsFourKindsOfRequests) {
  const auto [plan, problems] = read(
      "requests: [{http: http://x/}, {name: p, http: http://x/, body: hi}, {websocket: ws://x/}, {invoke: F}, {name: e, invoke: F, event: "
      "true}, "
      "{send: Q, body: m}]\n");
  ASSERT_TRUE(plan) << problems;
  using Kind = RequestPlan::Kind;
  const Kind kinds[] = {Kind::Http, Kind::Http, Kind::WebSocket, Kind::Invoke, Kind::InvokeEvent, Kind::SendMessage};
  ASSERT_EQ(plan->requests.size(), std::size(kinds));
  for (std::size_t index = 0; index < std::size(kinds); ++index) EXPECT_EQ(plan->requests[index].kind, kinds[index]) << index;
  EXPECT_EQ(plan->requests[0].method, "GET");
  EXPECT_EQ(plan->requests[1].method, "POST") << "what has a body";
}

TEST(LoadPlanFile, SaysWhatIsWrongAndWhere) {
  for (const auto& [text, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"request: []\n", "plan.yaml:1:1: a load plan has no `request`; did you mean `requests`?"},
           {"requests: [{htp: http://x/}]\n", "plan.yaml:1:13: a request has no `htp`; did you mean `http`?"},
           {"requests: [{http: http://x/, send: q}]\n", "a request has exactly one of: http, websocket, invoke, send"},
           {"requests: [{send: q, event: true}]\n", "`event` belongs to `invoke`"},
           {"requests: [{http: http://x/}, {http: http://y/}]\n", "two requests are called `GET`"},
           {"requests: [{http: http://x/}]\nhttp: http://x/\n", "there are `requests` and one more request beside them"},
           {"requests: [{http: http://x/, expect: [20]}]\n", "`expect` takes HTTP statuses"},
           {"requests: [{http: http://x/, weight: 0}]\n", "`weight` is not a number above 0"},
           {"requests: [{http: http://x/, timeout: 31m}]\n", "`timeout` is not a length of time up to 30m"},
           {"http: http://x/\nconnections: 60001\n", "`connections` is a number from 1 to 60,000"},
           {"http: http://x/\ncsv: a.csv\n", "a.csv cannot be read"},
           {"http: http://x/\nthresholds: [p99 < 5]\n", "the limit of a time has a unit"},
           {"- a\n", "a load plan is a map"}}) {
    const auto [plan, problems] = read(text);
    EXPECT_FALSE(plan) << text;
    EXPECT_TRUE(contains(problems, message)) << problems;
  }
}

TEST(LoadPlanFile, HostileTextEndsWithAProblemAndNotWithTheMemory) {
  std::string many = "requests:\n";
  for (int index = 0; index < 101; ++index) many += "- {name: r" + std::to_string(index) + ", http: http://x/}\n";
  EXPECT_TRUE(contains(read(many).problems, "more than 100 requests"));
  EXPECT_TRUE(contains(read("requests: " + std::string(1000, '[') + std::string(1000, ']')).problems, "nested deeper than 64 levels"));
  std::string bomb = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 9; ++level) {
    bomb += "b" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
    for (int copy = 0; copy < 10; ++copy) bomb += (copy > 0 ? ", *a" : "*a") + std::to_string(level - 1);
    bomb += "]\n";
  }
  EXPECT_TRUE(contains(read(bomb).problems, "after expanding aliases"));
  EXPECT_FALSE(read(std::string(2 << 20, 'x')).plan) << "larger than a megabyte";
  EXPECT_FALSE(read("\xff\xfe").plan);
}

}  // namespace
}  // namespace surgetank::windtunnel
