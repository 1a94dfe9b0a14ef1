#include "net/blocking_client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "net/http_server.h"
#include "net/raw_client_for_test.h"

namespace surgetank {
namespace {

using Failure = HttpClientResult::Failure;

// One connection that answers with pieces, a pause before each.
class Streaming {
 public:
  explicit Streaming(std::vector<std::string> pieces, int pause_ms = 10) {
    ListenAddress address = *parse_listen_address("127.0.0.1:0");
    listener_ = listen_on(address, 0600);
    url = "http://127.0.0.1:" + std::to_string(address.port) + "/";
    thread_ = std::thread([this, pieces = std::move(pieces), pause_ms] {
      pollfd ready{listener_.get(), POLLIN, 0};
      ::poll(&ready, 1, 10'000);
      const auto accepted = accept_from(listener_.get());
      ready = {accepted.socket.get(), POLLIN, 0};
      ::poll(&ready, 1, 10'000);
      for (const auto& piece : pieces) {
        std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
        if (::send(accepted.socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL) < 0) {
          cut_off = true;
          return;
        }
      }
    });
  }
  ~Streaming() { thread_.join(); }
  std::string url;
  std::atomic<bool> cut_off{false};

 private:
  Descriptor listener_;
  std::thread thread_;
};

TEST(BlockingClient, SendsARequestAndReturnsTheAnswer) {
  EventLoops loops(1);
  HttpServerOptions options;
  const auto path = testing::TempDir() + "surge-blocking-" + std::to_string(getpid()) + ".sock";
  options.listen = {*parse_listen_address("127.0.0.1:0"), *parse_listen_address("unix:" + path)};
  HttpServer server(loops, options, [](HttpRequest request, HttpReply reply) {
    reply({.status = 201, .headers = {{"X-A", "b"}}, .body = std::string(request.target) + std::to_string(request.body.size())});
  });
  loops.start();
  const auto result = send_blocking({.url = "http://localhost:" + std::to_string(server.port()) + "/p",
                                     .method = "POST",
                                     .body = std::string(3'000'000, 'x')});
  EXPECT_EQ(result.failure_text, "");
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(result.body, "/p3000000");
  EXPECT_EQ(result.headers.front().second, "b");
  EXPECT_EQ(send_blocking({.url = "unix:" + path + ":/u"}).body, "/u0");
}

TEST(BlockingClient, TellsFailuresApart) {
  EXPECT_EQ(send_blocking({.url = "unix:/nowhere/at/all"}).failure, Failure::Connect);
  EXPECT_EQ(send_blocking({.url = "http://no-such-name.invalid/"}).failure, Failure::Resolve);
  EXPECT_EQ(send_blocking({.url = "https://localhost/"}).failure, Failure::Protocol);
  Streaming silent({"HTTP/1.1 200 OK\r\n"}, 400);
  EXPECT_EQ(send_blocking({.url = silent.url, .timeout = milliseconds(100)}).failure, Failure::Timeout);
  Streaming large({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"});
  EXPECT_EQ(send_blocking({.url = large.url, .response_limit = 99}).failure, Failure::TooLarge);
}

TEST(BlockingClient, HandsOverLinesAsTheyArrive) {
  Streaming server({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\none\nt\r\n", "4\r\nwo\r\n\r\n", "1\r\n\n\r\n",
                    "5\r\nthree\r\n", "0\r\n\r\n"});
  std::vector<std::string> lines;
  const auto result = stream_lines_blocking({.url = server.url}, [&](std::string_view line) {
    lines.emplace_back(line);
    return LineControl::Continue;
  });
  EXPECT_EQ(result.failure_text, "");
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.body, "");
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "", "three"}));
}

TEST(BlockingClient, StopEndsTheStream) {
  std::vector<std::string> pieces = {"HTTP/1.1 200 OK\r\n\r\n"};
  for (int i = 0; i < 500; ++i) pieces.push_back("line\n");
  Streaming server(pieces);
  int lines = 0;
  const auto result = stream_lines_blocking({.url = server.url}, [&](std::string_view) {
    return ++lines == 3 ? LineControl::Stop : LineControl::Continue;
  });
  EXPECT_EQ(result.failure, Failure::None);
  EXPECT_EQ(lines, 3);
}

TEST(BlockingClient, AnErrorAnswerKeepsItsBodyAndALineHasALimit) {
  Streaming refusing({"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n", "no\nno"});
  const auto never = [](std::string_view) {
    ADD_FAILURE() << "a line of an error";
    return LineControl::Stop;
  };
  const auto refused = stream_lines_blocking({.url = refusing.url}, never);
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.body, "no\nno");
  Streaming endless({"HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x')});
  EXPECT_EQ(stream_lines_blocking({.url = endless.url, .response_limit = 1000}, never).failure, Failure::TooLarge);
}

}  // namespace
}  // namespace surgetank
