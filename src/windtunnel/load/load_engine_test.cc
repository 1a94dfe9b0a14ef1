#include "windtunnel/load/load_engine.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "base/text.h"
#include "net/http_server.h"
#include "windtunnel/load/load_plan_file.h"
#include "windtunnel/load/traffic_file.h"
#include "wire/json_value.h"

namespace surgetank::windtunnel {
namespace {

// A real server on one loop, so that a handler that takes its time stalls everybody.
class TestServer {
 public:
  explicit TestServer(HttpServer::Handler handler) : loops_(1), server_(loops_, options(), std::move(handler)) { loops_.start(); }
  ~TestServer() {
    server_.drain(seconds(1));
    loops_.stop();
    loops_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  HttpServerStatistics statistics() const { return server_.statistics(); }

 private:
  static HttpServerOptions options() {
    HttpServerOptions options;
    options.listen = {*parse_listen_address("127.0.0.1:0")};
    return options;
  }
  EventLoops loops_;
  HttpServer server_;
};

LoadPlan plan_of(const std::string& url, const char* phase) {
  LoadPlan plan;
  plan.requests.push_back({.name = "one", .url = url});
  plan.traffic.phases.push_back(*parse_phase(phase));
  plan.traffic.arrivals = Traffic::Arrivals::Even;
  return plan;
}

LoadResults run(const LoadPlan& plan, const LoadEngine::Ticker& ticker = {}) {
  auto requests = make_requests(plan);
  if (!requests.ok()) throw std::runtime_error(requests.error().message);
  return LoadEngine(plan, std::move(*requests)).run(ticker);
}

double milliseconds_of(Duration span) { return static_cast<double>(span.us) / 1000; }

TEST(LoadEngine, SendsEveryArrivalOnceAndReusesConnections) {
  std::atomic<int> seen = 0;
  TestServer server([&](const HttpRequest&, HttpReply reply) {
    ++seen;
    reply({.status = 200, .body = "hello"});
  });
  const auto results = run(plan_of(server.url() + "/x", "1s@500"));
  EXPECT_EQ(seen, 500);
  EXPECT_EQ(results.total.arrivals, 500U);
  EXPECT_EQ(results.total.succeeded, 500U);
  EXPECT_EQ(results.statuses.at(200), 500U);
  EXPECT_LT(results.connections_opened, 100U);
  EXPECT_GT(results.bytes_received, 500U * 5);
  EXPECT_NEAR(results.rate(), 500, 25);
}

TEST(LoadEngine, AServerThatStallsShowsUpInTheLatencyOfAllWhoArriveMeanwhile) {
  std::atomic<int> seen = 0;
  TestServer server([&](const HttpRequest&, HttpReply reply) {
    if (++seen == 50) std::this_thread::sleep_for(std::chrono::milliseconds(600));
    reply({.status = 200});
  });
  const auto results = run(plan_of(server.url(), "2s@100"));
  EXPECT_EQ(results.total.succeeded, 200U);
  // One request of 200 was slow to serve, but 60 were held up by it, 0 to 600 ms: a closed model would see one.
  EXPECT_GT(milliseconds_of(results.total.latency.quantile(0.95)), 350);
  EXPECT_GT(milliseconds_of(results.total.latency.quantile(0.80)), 80);
  EXPECT_LT(milliseconds_of(results.lateness.quantile(0.95)), 100) << "the generator itself was in time";
}

TEST(LoadEngine, ARequestThatWaitsForAConnectionCountsItsWait) {
  std::mutex mutex;
  std::vector<std::thread> sleepers;
  TestServer server([&](const HttpRequest&, HttpReply reply) {
    const std::lock_guard lock(mutex);
    sleepers.emplace_back([reply = std::move(reply)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      reply({.status = 200});
    });
  });
  auto plan = plan_of(server.url(), "1s@20");
  plan.connections = 1;  // serves 10 a second
  const auto results = run(plan);
  for (auto& sleeper : sleepers) sleeper.join();
  EXPECT_EQ(results.total.succeeded, 20U);
  EXPECT_EQ(results.connections_opened, 1U);
  EXPECT_GT(milliseconds_of(results.total.latency.maximum()), 900) << "the last one waited for those before it";
  EXPECT_LT(milliseconds_of(results.total.latency.minimum()), 250);
}

TEST(LoadEngine, WhatMayNotEvenWaitIsNotSentAndFails) {
  std::vector<HttpReply> kept;
  TestServer server([&](const HttpRequest&, HttpReply reply) { kept.push_back(std::move(reply)); });
  auto plan = plan_of(server.url(), "500ms@40");
  plan.connections = 1;
  plan.waiting = 4;
  plan.requests[0].timeout = milliseconds(700);
  const auto results = run(plan);
  EXPECT_EQ(results.total.failed, 20U);
  std::uint64_t not_sent = 0;
  for (const auto& kind : results.failures)
    if (contains(kind.what, "not sent")) not_sent = kind.count;
  EXPECT_EQ(not_sent, 15U) << "one is under way, four wait";
  EXPECT_EQ(results.total.latency.count(), 5U) << "what was not sent took no time";
}

TEST(LoadEngine, StatusesFailWhatWasNotExpectedAndAreTold) {
  std::atomic<int> seen = 0;
  TestServer server([&](const HttpRequest&, HttpReply reply) {
    const int turn = seen++ % 4;
    reply({.status = turn == 0 ? 500 : turn == 1 ? 429 : turn == 2 ? 404 : 201, .body = turn == 0 ? "broken <here>" : ""});
  });
  auto plan = plan_of(server.url(), "1s@40");
  plan.requests[0].expected = {201, 404};
  const auto results = run(plan);
  EXPECT_EQ(results.total.failed, 20U);
  EXPECT_EQ(results.total.throttled, 10U);
  EXPECT_EQ(results.failures.size(), 2U);
  EXPECT_EQ(results.statuses.at(404), 10U);
  for (const auto& kind : results.failures) EXPECT_EQ(kind.sample, kind.what == "HTTP 500" ? "broken <here>" : "");
}

TEST(LoadEngine, NobodyListeningAndNoAnswerInTimeAreFailures) {
  const auto refused = run(plan_of("http://127.0.0.1:1/", "1s@20"));
  EXPECT_EQ(refused.total.failed, 20U);
  EXPECT_EQ(refused.failures.at(0).what, "connection refused");

  std::vector<HttpReply> kept;
  TestServer server([&](const HttpRequest&, HttpReply reply) { kept.push_back(std::move(reply)); });
  auto plan = plan_of(server.url(), "500ms@20");
  plan.requests[0].timeout = milliseconds(200);
  const auto late = run(plan);
  EXPECT_EQ(late.total.failed, 10U);
  EXPECT_EQ(late.failures.at(0).what, "timeout after 200ms");
  EXPECT_NEAR(milliseconds_of(late.total.latency.quantile(0.5)), 230, 60);
}

TEST(LoadEngine, RequestsAreMixedByWeightAndRenderedFromTemplates) {
  std::mutex mutex;
  std::map<std::string, int> paths;
  std::set<std::string> roots;
  std::set<std::string> bodies;
  TestServer server([&](const HttpRequest& request, HttpReply reply) {
    const std::lock_guard lock(mutex);
    ++paths[std::string(request.method) + " " + std::string(request.path.substr(0, 2))];
    roots.insert(std::string(request.header("x-amzn-trace-id").value_or("")));
    if (request.method == "POST") {
      const auto body = parse_json(request.body);
      bodies.insert(body.ok() && body->find_string("name") != nullptr ? *body->find_string("name") : "broken");
    }
    reply({.status = 200});
  });
  stack::Problems problems("plan.yaml");
  auto plan = read_load_plan(
      "requests:\n"
      "  - {name: post, http: POST " +
          server.url() +
          "/a, body: {name: '{{csv.name}}', id: '{{uuid}}'}, weight: 3}\n"
          "  - {name: get, http: \"GET " +
          server.url() +
          "/b/{{random 1 5}}\"}\n"
          "csv: names.csv\n"
          "traffic: {arrivals: even, phases: [1s@400]}\n",
      [](const std::string& path) -> Result<std::string> {
        EXPECT_EQ(path, "names.csv");
        return std::string("name\n\"a \"\"b\"\"\"\nc\n");
      },
      problems);
  ASSERT_TRUE(plan) << join(problems.lines(), "\n");
  const auto results = run(*plan);
  EXPECT_EQ(results.total.succeeded, 400U);
  EXPECT_NEAR(paths["POST /a"], 300, 45);
  EXPECT_EQ(paths["POST /a"] + paths["GET /b"], 400);
  EXPECT_EQ(roots.size(), 400U) << "a trace root each";
  EXPECT_EQ(bodies, (std::set<std::string>{"a \"b\"", "c"}));
  EXPECT_EQ(results.requests[0].arrivals, static_cast<std::uint64_t>(paths["POST /a"]));
}

TEST(LoadEngine, TheTickerStopsIt) {
  TestServer server([&](const HttpRequest&, HttpReply reply) { reply({.status = 200}); });
  const auto results = run(plan_of(server.url(), "1h@100"), [](const LoadProgress& progress) {
    return progress.since_begin > milliseconds(400) ? LoadEngine::Proceed::NoMoreArrivals : LoadEngine::Proceed::On;
  });
  EXPECT_TRUE(results.was_stopped);
  EXPECT_LT(results.total.arrivals, 200U);
  EXPECT_EQ(results.total.finished(), results.total.arrivals);
}

TEST(LoadEngine, SecondsAddUpToTheWhole) {
  TestServer server([&](const HttpRequest&, HttpReply reply) { reply({.status = 200}); });
  const auto results = run(plan_of(server.url(), "2500ms@100..300"));
  std::uint64_t arrivals = 0;
  std::uint64_t succeeded = 0;
  for (const auto& second : results.seconds) {
    arrivals += second.arrivals;
    succeeded += second.succeeded;
  }
  EXPECT_EQ(arrivals, results.total.arrivals);
  EXPECT_EQ(succeeded, results.total.succeeded);
  EXPECT_GE(results.seconds.size(), 3U);
  EXPECT_EQ(results.phases.at(0).totals.arrivals, results.total.arrivals);
}

TEST(LoadRequests, WhatCannotBeSentIsSaidBeforeTheFirstRequest) {
  auto plan = plan_of("http://127.0.0.1:9/", "1s@1");
  for (const auto* url : {"", "ftp://x/", "http://user@x/", "unix:/x", "http://x/a b", "http://{{n}}/"}) {
    plan.requests[0].url = url;
    EXPECT_FALSE(make_requests(plan).ok()) << url;
  }
  plan = plan_of("http://127.0.0.1:9/", "1s@1");
  plan.requests[0].headers = {{"Host", "x"}};
  EXPECT_FALSE(make_requests(plan).ok());
  plan.requests[0].headers = {{"X-A", "a\r\nb"}};
  EXPECT_FALSE(make_requests(plan).ok());
  plan.requests[0].headers = {};
  plan.requests[0].method = "GE T";
  EXPECT_FALSE(make_requests(plan).ok());
  plan.requests[0].method = "GET";
  plan.thresholds = {*parse_threshold("other.p99 < 1s")};
  EXPECT_FALSE(make_requests(plan).ok());
}

TEST(LoadTraceRoots, AreFoundAgain) {
  const TraceRoots roots({1'764'460'800'000'000}, 0xabcdef);
  std::string text;
  roots.append(123'456, text);
  EXPECT_EQ(text.size(), 35U);
  EXPECT_EQ(roots.number_of(text), 123'456U);
  std::string other;
  TraceRoots({1'764'460'800'000'000}, 0xabcdee).append(123'456, other);
  EXPECT_FALSE(roots.number_of(other));
  EXPECT_FALSE(roots.number_of(text + "0"));
}

TEST(LoadAsync, CountsWorkFromAcceptedToTheLastCompletion) {
  const Instant begin{1'000'000'000};
  AsyncTracker tracker(begin);
  tracker.accepted(0, begin + milliseconds(10), AsyncTracker::Work::Expected);
  tracker.accepted(1, begin + milliseconds(10), AsyncTracker::Work::Possible);  // nothing comes of it: not asynchronous
  tracker.completed(2, begin + milliseconds(30), AsyncTracker::Ending::Done);   // done before its answer was here
  tracker.accepted(2, begin + milliseconds(40), AsyncTracker::Work::Possible);
  EXPECT_EQ(tracker.accepted(), 2U);
  EXPECT_EQ(tracker.done(), 1U);
  tracker.completed(0, begin + milliseconds(20), AsyncTracker::Ending::Failed);
  EXPECT_EQ(tracker.open(), 1U);
  tracker.completed(0, begin + milliseconds(110), AsyncTracker::Ending::Done);
  tracker.completed(0, begin + milliseconds(210), AsyncTracker::Ending::Done);
  const auto results = tracker.results();
  EXPECT_EQ(results.done, 2U);
  EXPECT_EQ(results.open(), 0U);
  EXPECT_EQ(results.failed_attempts, 1U);
  EXPECT_NEAR(static_cast<double>(results.latency.maximum().us), 200'000, 200);
  EXPECT_EQ(results.latency.minimum().us, 0);
}

}  // namespace
}  // namespace surgetank::windtunnel
