#include "net/http_client.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/text.h"
#include "net/http_server.h"
#include "net/raw_client_for_test.h"

namespace surgetank {
namespace {

using Failure = HttpClientResult::Failure;

void echo(HttpRequest request, HttpReply reply) {
  std::string seen = std::string(request.method) + " " + std::string(request.target) + "\n";
  for (const auto& header : request.headers) seen += std::string(header.name) + "=" + std::string(header.value) + "\n";
  reply({.status = 200, .headers = {{"X-Port", std::to_string(request.peer_port)}}, .body = seen + request.body});
}

class Running {
 public:
  explicit Running(HttpServer::Handler handler = echo, LoopHttpClientOptions options = {}, HttpServerOptions server_options = {},
                   std::string address = "127.0.0.1:0")
      : loops(2),
        server((loops.start(), loops), listening(std::move(server_options), address), std::move(handler)),
        client(std::make_unique<LoopHttpClient>(loops.lane(0), options)) {}
  std::string url(const std::string& target) const { return "http://127.0.0.1:" + std::to_string(server.port()) + target; }
  std::future<HttpClientResult> begin(HttpClientRequest request) {
    auto promise = std::make_shared<std::promise<HttpClientResult>>();
    client->send(std::move(request), [promise](HttpClientResult result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }
  HttpClientResult send(HttpClientRequest request) { return begin(std::move(request)).get(); }
  HttpClientResult get(const std::string& target) { return send({.url = url(target)}); }

  EventLoops loops;
  HttpServer server;
  std::unique_ptr<LoopHttpClient> client;

 private:
  static HttpServerOptions listening(HttpServerOptions options, const std::string& address) {
    options.listen = {*parse_listen_address(address)};
    return options;
  }
};

// Accepts connections and answers each with the next of some scripts (all bytes at once after the first input), then closes.
class Scripted {
 public:
  explicit Scripted(std::vector<std::string> scripts) : scripts_(std::move(scripts)) {
    ListenAddress address = *parse_listen_address("127.0.0.1:0");
    listener_ = listen_on(address, 0600);
    port = address.port;
    thread_ = std::thread([this] { serve(); });
  }
  ~Scripted() {
    stop_ = true;
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port) + "/"; }
  std::uint16_t port = 0;
  std::atomic<std::size_t> served{0};

 private:
  void serve() {
    while (!stop_) {
      pollfd ready{listener_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 20) != 1) continue;
      auto accepted = accept_from(listener_.get());
      if (!accepted.socket) continue;
      ready = {accepted.socket.get(), POLLIN, 0};
      ::poll(&ready, 1, 5000);
      char buffer[4096];
      [[maybe_unused]] const auto got = ::recv(accepted.socket.get(), buffer, sizeof buffer, 0);
      const auto& script = scripts_[std::min<std::size_t>(served++, scripts_.size() - 1)];
      [[maybe_unused]] const auto sent = ::send(accepted.socket.get(), script.data(), script.size(), MSG_NOSIGNAL);
      if (script == "hang") held_.push_back(std::move(accepted.socket));
    }
  }
  std::vector<std::string> scripts_;
  Descriptor listener_;
  std::vector<Descriptor> held_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

TEST(LoopHttpClient, SendsWhatItIsGivenAndItsOwnFraming) {
  Running running;
  const auto result = running.send({.url = running.url("/p?q=1"),
                                    .method = "PUT",
                                    .headers = {{"X-a", "b"}, {"content-length", "9"}, {"Connection", "close"}, {"Expect", "100-continue"}},
                                    .body = "body"});
  EXPECT_EQ(result.failure, Failure::None) << result.failure_text;
  EXPECT_EQ(result.status, 200);
  EXPECT_EQ(result.body, "PUT /p?q=1\nHost=127.0.0.1:" + std::to_string(running.server.port()) + "\nX-a=b\nContent-Length=4\nbody");
  const auto hosted = running.send({.url = running.url("/"), .headers = {{"hOst", "other.example"}}});
  EXPECT_EQ(hosted.body, "GET /\nHost=other.example\n");
}

TEST(LoopHttpClient, KeepsConnectionsAndUsesThemAgain) {
  Running running;
  for (int i = 0; i < 20; ++i) ASSERT_EQ(running.get("/").status, 200);
  EXPECT_EQ(running.server.statistics().accepted, 1U);
  const auto head = running.send({.url = running.url("/"), .method = "HEAD"});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(running.get("/").status, 200);
  EXPECT_EQ(running.server.statistics().accepted, 1U);
}

TEST(LoopHttpClient, ManyRequestsShareABoundedNumberOfConnections) {
  LoopHttpClientOptions options;
  options.connections = 3;
  Running running(echo, options);
  std::vector<std::future<HttpClientResult>> results;
  for (int i = 0; i < 200; ++i) results.push_back(running.begin({.url = running.url("/" + std::to_string(i))}));
  for (int i = 0; i < 200; ++i) {
    const auto result = results[static_cast<std::size_t>(i)].get();
    ASSERT_EQ(result.failure, Failure::None) << result.failure_text;
    EXPECT_TRUE(result.body.starts_with("GET /" + std::to_string(i) + "\n"));
  }
  EXPECT_EQ(running.server.statistics().accepted, 3U);
}

TEST(LoopHttpClient, SpeaksOverUnixSockets) {
  const auto path = testing::TempDir() + "surge-client-" + std::to_string(getpid()) + ".sock";
  Running running(echo, {}, {}, "unix:" + path);
  const auto result = running.send({.url = "unix:" + path + ":/p?q"});
  EXPECT_EQ(result.failure_text, "");
  EXPECT_EQ(result.body, "GET /p?q\nHost=localhost\n");
  EXPECT_EQ(running.send({.url = "unix:" + path}).body, "GET /\nHost=localhost\n");
  EXPECT_EQ(running.server.statistics().accepted, 1U);
  EXPECT_EQ(running.send({.url = "unix:/nowhere/at/all:/"}).failure, Failure::Connect);
}

TEST(LoopHttpClient, ResolvesNamesAndTriesEveryAddress) {
  Running running;
  const auto port = std::to_string(running.server.port());
  EXPECT_EQ(running.send({.url = "http://localhost:" + port + "/"}).status, 200);
  EXPECT_EQ(running.send({.url = "http://api.localhost:" + port + "/"}).status, 200);
  const auto unknown = running.send({.url = "http://no-such-name.invalid/"});
  EXPECT_EQ(unknown.failure, Failure::Resolve);
  EXPECT_TRUE(contains(unknown.failure_text, "no-such-name.invalid"));
}

TEST(LoopHttpClient, LargeBodiesGoOutAndIn) {
  Running running([](HttpRequest request, HttpReply reply) { reply({.status = 200, .headers = {}, .body = std::move(request.body)}); });
  std::string body(8 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 + i / 255);
  const auto result = running.send({.url = running.url("/"), .method = "POST", .body = body});
  EXPECT_EQ(result.failure_text, "");
  EXPECT_TRUE(result.body == body);
}

TEST(LoopHttpClient, FailuresAreToldApart) {
  std::mutex mutex;
  std::vector<HttpReply> kept;
  Running running([&](HttpRequest request, HttpReply reply) {
    if (request.path == "/drop") return;
    if (request.path == "/large") return reply({.status = 200, .headers = {}, .body = std::string(2000, 'x')});
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(reply));
  });
  EXPECT_EQ(running.send({.url = running.url("/hang"), .timeout = milliseconds(100)}).failure, Failure::Timeout);
  EXPECT_EQ(running.get("/drop").failure, Failure::Protocol);
  EXPECT_EQ(running.send({.url = running.url("/large"), .response_limit = 1999}).failure, Failure::TooLarge);
  EXPECT_EQ(running.send({.url = running.url("/large"), .response_limit = 2000}).failure, Failure::None);
  std::uint16_t unused = 0;
  {
    ListenAddress address = *parse_listen_address("127.0.0.1:0");
    listen_on(address, 0600);
    unused = address.port;
  }
  EXPECT_EQ(running.send({.url = "http://127.0.0.1:" + std::to_string(unused) + "/"}).failure, Failure::Connect);
  const std::pair<HttpClientRequest, const char*> unsendable[] = {
      {{.url = "ftp://a/"}, "does not begin"},
      {{.url = "http://user:secret@a/"}, "user name"},
      {{.url = running.url("/a b")}, "percent-encoded"},
      {{.url = running.url("/#f")}, "fragment"},
      {{.url = running.url("/"), .method = "G ET"}, "method"},
      {{.url = running.url("/"), .headers = {{"X", "a\r\nY: b"}}}, "control characters"},
      {{.url = running.url("/"), .headers = {{"X:", "a"}}}, "header name"},
  };
  for (const auto& [request, reason] : unsendable) {
    const auto result = running.send(request);
    EXPECT_EQ(result.failure, Failure::Protocol);
    EXPECT_TRUE(contains(result.failure_text, reason)) << result.failure_text;
    EXPECT_FALSE(contains(result.failure_text, "secret"));
  }
}

TEST(LoopHttpClient, AMalformedOrTruncatedAnswerIsAProtocolFailure) {
  Running running;
  Scripted server({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                   "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nall of it"});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(running.send({.url = server.url()}).failure, Failure::Protocol) << i;
  EXPECT_EQ(running.send({.url = server.url()}).body, "all of it");
}

TEST(LoopHttpClient, AStaleConnectionIsReplacedForIdempotentMethods) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  Running running;
  Scripted server({answer});  // promises to keep the connection and closes it
  EXPECT_EQ(running.send({.url = server.url()}).body, "ok");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(running.send({.url = server.url()}).body, "ok") << i;
}

TEST(LoopHttpClient, AnIdleConnectionIsClosedInTime) {
  LoopHttpClientOptions options;
  options.idle_timeout = milliseconds(50);
  Running running(echo, options);
  EXPECT_EQ(running.get("/").status, 200);
  for (int i = 0; i < 1000 && running.server.statistics().open > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(running.server.statistics().open, 0U);
  EXPECT_EQ(running.get("/").status, 200);
}

TEST(LoopHttpClient, DestroyingTheClientCompletesWhatIsUnderWay) {
  std::mutex mutex;
  std::vector<HttpReply> kept;
  LoopHttpClientOptions options;
  options.connections = 2;
  Running running(
      [&](HttpRequest, HttpReply reply) {
        const std::lock_guard lock(mutex);
        kept.push_back(std::move(reply));
      },
      options);
  std::vector<std::future<HttpClientResult>> results;
  for (int i = 0; i < 5; ++i) results.push_back(running.begin({.url = running.url("/")}));
  running.client.reset();
  for (auto& result : results) EXPECT_EQ(result.get().failure, Failure::Connect);
}

TEST(LoopHttpClient, DoneMaySendAgain) {
  Running running;
  std::promise<int> last;
  std::function<void(int)> next = [&](int n) {
    running.client->send({.url = running.url("/")}, [&, n](HttpClientResult result) {
      if (n == 100 || result.status != 200) return last.set_value(n);
      next(n + 1);
    });
  };
  next(0);
  EXPECT_EQ(last.get_future().get(), 100);
  EXPECT_EQ(running.server.statistics().accepted, 1U);
}

}  // namespace
}  // namespace surgetank
