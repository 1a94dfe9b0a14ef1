// Deadlines, limits and the end of an HttpServer's life. Spans are shortened by the options.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "net/http_server.h"
#include "net/raw_client_for_test.h"

namespace surgetank {
namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

class Running {
 public:
  explicit Running(HttpServerOptions options = {})
      : loops(2), server((loops.start(), loops), with_address(std::move(options)), [this](HttpRequest request, HttpReply reply) {
          if (request.path != "/wait") return reply({.status = 200, .headers = {}, .body = std::string(request.body)});
          const std::lock_guard lock(mutex_);
          waiting_.push_back(std::move(reply));
          ++waiting_count;
        }) {}
  std::uint16_t port() const { return server.port(); }
  void wait_for(int count) {
    for (int i = 0; i < 2000 && waiting_count < count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_EQ(waiting_count, count);
  }
  void answer_all() {
    std::vector<HttpReply> replies;
    {
      const std::lock_guard lock(mutex_);
      replies.swap(waiting_);
    }
    for (auto& reply : replies) reply({.status = 200, .headers = {}, .body = "at last"});
  }

  EventLoops loops;
  std::atomic<int> waiting_count{0};

 private:
  static HttpServerOptions with_address(HttpServerOptions options) {
    options.listen = {*parse_listen_address("127.0.0.1:0")};
    return options;
  }
  std::mutex mutex_;
  std::vector<HttpReply> waiting_;

 public:
  HttpServer server;
};

double seconds_of(const std::function<void()>& what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(HttpServerLimits, AHeadThatTricklesInIsCutOffAtItsDeadline) {
  HttpServerOptions options;
  options.head_deadline = milliseconds(200);
  Running running(options);
  RawClient client(running.port());
  client.send(get);
  ASSERT_TRUE(contains(client.read_answer(), " 200 "));
  std::string answer;
  const auto took = seconds_of([&] {
    for (int i = 0; i < 1000 && !client.has_input_within(20); ++i) client.send(i == 0 ? "GET / HTTP/1.1\r\nX: " : "y");
    answer = client.read_until_close();
  });
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
  EXPECT_TRUE(contains(answer, "Connection: close\r\n"));
  EXPECT_GE(took, 0.19);
  EXPECT_LT(took, 10);
}

TEST(HttpServerLimits, AConnectionThatNeverSaysAnythingIsClosedSilently) {
  HttpServerOptions options;
  options.head_deadline = milliseconds(100);
  Running running(options);
  RawClient client(running.port());
  EXPECT_EQ(client.read_until_close(), "");
  EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(HttpServerLimits, AnIdleConnectionIsClosedButNotOneThatWaitsForItsAnswer) {
  HttpServerOptions options;
  options.idle_timeout = milliseconds(100);
  Running running(options);
  RawClient idle(running.port());
  RawClient waiting(running.port());
  idle.send(get);
  waiting.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  idle.read_answer();
  EXPECT_TRUE(idle.is_closed_by_peer());
  running.wait_for(1);
  EXPECT_FALSE(waiting.has_input_within(300));
  running.answer_all();
  EXPECT_TRUE(contains(waiting.read_answer(), "at last"));
}

TEST(HttpServerLimits, ABodyThatTricklesInIsCutOffAndOneThatFlowsIsNot) {
  HttpServerOptions options;
  options.body_grace = milliseconds(200);
  options.body_bytes_per_second = 1000;
  Running running(options);
  RawClient slow(running.port());
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  for (int i = 0; i < 100 && !slow.has_input_within(50); ++i) slow.send("x");
  EXPECT_TRUE(slow.read_until_close().starts_with("HTTP/1.1 408 "));
  RawClient steady(running.port());
  steady.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n");
  for (int i = 0; i < 8; ++i) {  // 10 kB/s, twice as long as the grace
    steady.send(std::string(500, 'x'));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(steady.read_answer().starts_with("HTTP/1.1 200 "));
}

TEST(HttpServerLimits, AClientThatDoesNotReadItsAnswerIsCutOff) {
  HttpServerOptions options;
  options.write_grace = milliseconds(200);
  Running running(options);
  RawClient client(running.port());
  const std::string body(30'000'000, 'x');
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\n\r\n");
  client.send(body);
  for (int i = 0; i < 2000 && running.server.statistics().open > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(running.server.statistics().open, 0U);
  EXPECT_EQ(running.server.statistics().memory_bytes, 0U);
  EXPECT_LT(client.read_until_close().size(), body.size());
}

TEST(HttpServerLimits, ReadingPausesWhileTheClientDoesNotTakeItsAnswers) {
  HttpServerOptions options;
  options.unsent_bytes_per_connection = 100'000;
  Running running(options);
  RawClient client(running.port());
  const std::string request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n" + std::string(50000, 'x');
  std::thread sender([&] {
    for (int i = 0; i < 2000; ++i) client.send(request);
  });
  std::size_t most = 0;
  for (int i = 0; i < 40; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    most = std::max(most, running.server.statistics().memory_bytes);
  }
  EXPECT_LT(most, 1'000'000U);
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(client.read_answer().starts_with("HTTP/1.1 200 "));
  sender.join();
}

TEST(HttpServerLimits, ATooLargeBodyIsRefusedBeforeItIsSentAndTheAnswerSurvivesIt) {
  HttpServerOptions options;
  options.limits.body_bytes = 1000;
  Running running(options);
  RawClient patient(running.port());
  patient.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(patient.read_until_close().starts_with("HTTP/1.1 413 "));
  RawClient eager(running.port());
  eager.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n");
  eager.send(std::string(5'000'000, 'x'));
  EXPECT_TRUE(eager.read_until_close().starts_with("HTTP/1.1 413 "));
}

TEST(HttpServerLimits, MalformedRequestsAreAnsweredAndClosedAndNothingAfterThemIsServed) {
  Running running;
  for (const auto* bad : {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "GET / HTTP/1.1\nHost: a\n\n",
                          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    RawClient client(running.port());
    client.send(get + bad + get + get);
    client.end_sending();
    const auto answers = client.read_until_close();
    EXPECT_TRUE(answers.starts_with("HTTP/1.1 200 ")) << answers;
    EXPECT_TRUE(contains(answers, "HTTP/1.1 400 ")) << answers;
    EXPECT_EQ(answers.find("HTTP/1.1 200 ", 5), std::string::npos) << answers;
  }
  EXPECT_EQ(running.server.statistics().refused, 4U);
  EXPECT_EQ(running.server.statistics().requests, 4U);
}

TEST(HttpServerLimits, ContinueIsSentWhenTheBodyIsAwaitedAndAfterTheAnswersBefore) {
  Running running;
  RawClient client(running.port());
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  client.send(head);
  EXPECT_EQ(client.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_TRUE(client.read_answer().ends_with("ok"));
  client.send(head + "ok");  // it did not wait
  EXPECT_TRUE(client.read_answer().starts_with("HTTP/1.1 200 "));
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + head);
  running.wait_for(1);
  EXPECT_FALSE(client.has_input_within(100));
  running.answer_all();
  EXPECT_TRUE(contains(client.read_answer(), "at last"));
  EXPECT_EQ(client.read_answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_TRUE(client.read_answer().ends_with("ok"));
}

TEST(HttpServerLimits, ConnectionsBeyondTheLimitGetA503AndOthersLive) {
  HttpServerOptions options;
  options.connections = 3;
  Running running(options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(running.port()));
    clients.back()->send(get);
    ASSERT_TRUE(contains(clients.back()->read_answer(), " 200 "));
  }
  RawClient fourth(running.port());
  EXPECT_TRUE(fourth.read_until_close().starts_with("HTTP/1.1 503 "));
  clients.pop_back();
  for (int i = 0; i < 1000 && running.server.statistics().open > 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  RawClient fifth(running.port());
  fifth.send(get);
  EXPECT_TRUE(contains(fifth.read_answer(), " 200 "));
}

TEST(HttpServerLimits, BodiesBeyondTheMemoryBoundGetA503) {
  HttpServerOptions options;
  options.memory_bytes = 4'000'000;
  Running running(options);
  RawClient first(running.port());
  first.send("POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x'));
  running.wait_for(1);
  RawClient second(running.port());
  second.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x'));
  EXPECT_TRUE(second.read_until_close().starts_with("HTTP/1.1 503 "));
  running.answer_all();
  EXPECT_TRUE(contains(first.read_answer(), "at last"));
  RawClient third(running.port());
  third.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x'));
  EXPECT_TRUE(third.read_answer().starts_with("HTTP/1.1 200 "));
}

TEST(HttpServerDrain, FinishesWhatIsUnderWayAndClosesWhatIsIdle) {
  HttpServerOptions options;
  options.loop = 0;  // loops begin to drain one after the other
  Running running(options);
  RawClient idle(running.port());
  RawClient busy(running.port());
  RawClient sending(running.port());
  idle.send(get);
  idle.read_answer();
  busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  running.wait_for(1);
  sending.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto port = running.port();
  auto drained = HttpServer::Drained::Forced;
  std::thread drainer([&] { drained = running.server.drain(seconds(20)); });
  EXPECT_TRUE(idle.is_closed_by_peer());
  EXPECT_FALSE(RawClient(port).connected());
  sending.send("lf");
  const auto finished = sending.read_until_close();
  EXPECT_TRUE(finished.starts_with("HTTP/1.1 200 ")) << finished;
  EXPECT_TRUE(contains(finished, "Connection: close\r\n"));
  EXPECT_TRUE(finished.ends_with("half"));
  running.answer_all();
  const auto last = busy.read_until_close();
  EXPECT_TRUE(contains(last, "Connection: close\r\n"));
  EXPECT_TRUE(last.ends_with("at last"));
  sending.reset();
  busy.reset();
  drainer.join();
  EXPECT_EQ(drained, HttpServer::Drained::Clean);
  EXPECT_EQ(running.server.statistics().open, 0U);
}

TEST(HttpServerDrain, GivesUpAtItsDeadline) {
  Running running;
  RawClient stuck(running.port());
  stuck.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  running.wait_for(1);
  auto drained = HttpServer::Drained::Clean;
  const auto took = seconds_of([&] { drained = running.server.drain(milliseconds(100)); });
  EXPECT_EQ(drained, HttpServer::Drained::Forced);
  EXPECT_GE(took, 0.09);
  EXPECT_LT(took, 10);
  EXPECT_TRUE(stuck.is_closed_by_peer());
  running.answer_all();
}

}  // namespace
}  // namespace surgetank
