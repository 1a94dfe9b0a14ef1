#include "net/http_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "base/assert.h"
#include "base/text.h"
#include "net/raw_client_for_test.h"

namespace surgetank {
namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string get_path(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }
std::string post(const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string body_of(const std::string& answer) { return answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size())); }

void echo(HttpRequest request, HttpReply reply) {
  auto body = request.body.empty() ? std::string(request.target) : std::move(request.body);
  reply({.status = 200, .headers = {{"x-CaSe", "kept"}}, .body = std::move(body)});
}

// A server on running loops and a free port.
class Running {
 public:
  explicit Running(HttpServer::Handler handler, HttpServerOptions options = {}, std::size_t loop_count = 2)
      : loops(loop_count), server((loops.start(), loops), with_address(std::move(options)), std::move(handler)) {}
  std::uint16_t port() const { return server.port(); }

  EventLoops loops;
  HttpServer server;

 private:
  static HttpServerOptions with_address(HttpServerOptions options) {
    if (options.listen.empty()) options.listen = {*parse_listen_address("127.0.0.1:0")};
    return options;
  }
};

// Keeps replies until the test wants to give them.
class Keeper {
 public:
  HttpServer::Handler handler() {
    return [this](HttpRequest request, HttpReply reply) {
      const std::lock_guard lock(mutex_);
      kept_.emplace_back(std::string(request.target), std::move(reply));
    };
  }
  std::size_t wait_for(std::size_t count) {
    for (int i = 0; i < 2000; ++i) {
      if (size() >= count) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return size();
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return kept_.size();
  }
  std::pair<std::string, HttpReply> take(std::size_t index) {
    const std::lock_guard lock(mutex_);
    auto kept = std::move(kept_[index]);
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(index));
    return kept;
  }
  void answer(std::size_t index, int status = 200) {
    auto [target, reply] = take(index);
    reply({.status = status, .headers = {}, .body = target});
  }
  void drop(std::size_t index) { take(index); }

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, HttpReply>> kept_;
};

TEST(HttpServer, AnswersWithItsOwnFramingHeadersAndKeepsTheConnection) {
  Running running([](HttpRequest request, HttpReply reply) {
    EXPECT_EQ(request.peer_address, "127.0.0.1");
    EXPECT_NE(request.peer_port, 0);
    EXPECT_GT(request.received.us, 0);
    reply({.status = 201,
           .headers = {{"x-CaSe", "kept"}, {"content-length", "999"}, {"Date", "x"}, {"CONNECTION", "close"},
                       {"Transfer-Encoding", "chunked"}},
           .body = "made"});
  });
  RawClient client(running.port());
  for (int i = 0; i < 3; ++i) {
    client.send(get);
    const auto answer = client.read_answer();
    EXPECT_EQ(answer.substr(0, 55), "HTTP/1.1 201 Created\r\nx-CaSe: kept\r\nContent-Length: 4\r\n");
    EXPECT_TRUE(answer.ends_with(" GMT\r\n\r\nmade")) << answer;
    EXPECT_FALSE(contains(answer, "onnection"));
    EXPECT_FALSE(contains(answer, "chunked"));
  }
  EXPECT_EQ(running.server.statistics().requests, 3U);
  EXPECT_EQ(running.server.statistics().accepted, 1U);
}

TEST(HttpServer, HeadAnd204And304CarryNoBody) {
  Running running([](HttpRequest request, HttpReply reply) {
    const auto status = parse_integer(request.path.substr(1)).value_or(200);
    HttpResponse response{.status = static_cast<int>(status), .headers = {}, .body = "text"};
    if (request.query == "length") response = {.status = response.status, .headers = {{"Content-Length", "12345"}}, .body = ""};
    reply(std::move(response));
  });
  RawClient client(running.port());
  client.send("HEAD /200 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /200?length HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(contains(client.read_answer(true), "Content-Length: 4\r\n"));
  EXPECT_TRUE(contains(client.read_answer(true), "Content-Length: 12345\r\n"));
  client.send(get_path("/204"));
  EXPECT_FALSE(contains(client.read_answer(true), "Content-Length"));
  client.send(get_path("/304") + get_path("/304?length") + get_path("/200?length"));
  EXPECT_TRUE(contains(client.read_answer(true), "Content-Length: 4\r\n"));
  EXPECT_TRUE(contains(client.read_answer(true), "Content-Length: 12345\r\n"));
  EXPECT_TRUE(contains(client.read_answer(true), "Content-Length: 0\r\n"));
  client.send(get_path("/200"));
  EXPECT_EQ(body_of(client.read_answer()), "text");
}

TEST(HttpServer, PipelinedAnswersLeaveInTheOrderOfTheRequests) {
  Keeper keeper;
  Running running(keeper.handler());
  RawClient client(running.port());
  client.send(get_path("/0") + get_path("/1") + get_path("/2") + get_path("/3"));
  ASSERT_EQ(keeper.wait_for(4), 4U);
  keeper.answer(3);
  keeper.answer(1);
  EXPECT_FALSE(client.has_input_within(50));
  keeper.answer(0);
  EXPECT_EQ(body_of(client.read_answer()), "/0");
  EXPECT_EQ(body_of(client.read_answer()), "/1");
  EXPECT_FALSE(client.has_input_within(50));
  keeper.answer(0);
  EXPECT_EQ(body_of(client.read_answer()), "/2");
  EXPECT_EQ(body_of(client.read_answer()), "/3");
}

TEST(HttpServer, ReadsNoMoreThanTheBoundOfUnansweredRequests) {
  Keeper keeper;
  HttpServerOptions options;
  options.unanswered_per_connection = 4;
  Running running(keeper.handler(), options);
  RawClient client(running.port());
  std::string many;
  for (int i = 0; i < 50; ++i) many += get_path("/" + std::to_string(i));
  client.send(many);
  ASSERT_EQ(keeper.wait_for(4), 4U);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(keeper.size(), 4U);
  for (int i = 0; i < 50; ++i) {
    ASSERT_GE(keeper.wait_for(1), 1U);
    EXPECT_LE(keeper.size(), 4U);
    keeper.answer(0);
    EXPECT_EQ(body_of(client.read_answer()), "/" + std::to_string(i));
  }
}

TEST(HttpServer, TheSameBytesOneByOneGiveTheSameAnswers) {
  Running running(echo);
  const std::string bytes = post("one") + "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\n" +
                            get_path("/three") + "GET /four HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  RawClient at_once(running.port());
  RawClient piecemeal(running.port());
  at_once.send(bytes);
  for (const char byte : bytes) piecemeal.send({&byte, 1});
  for (auto* client : {&at_once, &piecemeal}) {
    EXPECT_EQ(body_of(client->read_answer()), "one");
    EXPECT_EQ(body_of(client->read_answer()), "two");
    EXPECT_EQ(body_of(client->read_answer()), "/three");
    const auto last = client->read_answer();
    EXPECT_EQ(body_of(last), "/four");
    EXPECT_TRUE(contains(last, "Connection: close\r\n"));
    EXPECT_TRUE(client->is_closed_by_peer());
  }
}

TEST(HttpServer, LargeBodiesGoInAndOutUnharmed) {
  Running running(echo);
  std::string body(20 * 1024 * 1024, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 + i / 251);
  RawClient client(running.port());
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(client.send(post(body)));
    EXPECT_TRUE(body_of(client.read_answer()) == body);
  }
  EXPECT_EQ(running.server.statistics().memory_bytes, 0U);
}

TEST(HttpServer, AClientThatEndsItsSideStillGetsItsAnswers) {
  Keeper keeper;
  Running running(keeper.handler());
  RawClient client(running.port());
  client.send(get_path("/a") + get_path("/b") + "GET /unfinished");
  client.end_sending();
  ASSERT_EQ(keeper.wait_for(2), 2U);
  keeper.answer(1);
  keeper.answer(0);
  EXPECT_EQ(body_of(client.read_answer()), "/a");
  EXPECT_EQ(body_of(client.read_answer()), "/b");
  EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(HttpServer, DroppingAReplyClosesTheConnectionAfterTheAnswersBeforeIt) {
  Keeper keeper;
  Running running(keeper.handler());
  RawClient client(running.port());
  client.send(get_path("/a") + get_path("/b") + get_path("/c"));
  ASSERT_EQ(keeper.wait_for(3), 3U);
  keeper.drop(1);
  EXPECT_FALSE(client.has_input_within(50));
  keeper.answer(0);
  EXPECT_EQ(body_of(client.read_answer()), "/a");
  EXPECT_TRUE(client.is_closed_by_peer());
  keeper.answer(0);  // nobody is there any more: no effect
}

TEST(HttpServer, AHandlerThatThrowsClosesItsConnectionOnly) {
  Running running([](HttpRequest request, HttpReply reply) {
    if (request.path == "/throw") throw std::runtime_error("on purpose");
    echo(std::move(request), std::move(reply));
  });
  RawClient bystander(running.port());
  RawClient client(running.port());
  client.send(get_path("/throw"));
  EXPECT_TRUE(client.is_closed_by_peer());
  bystander.send(get_path("/ok"));
  EXPECT_EQ(body_of(bystander.read_answer()), "/ok");
}

TEST(HttpServer, AnsweringTwiceIsAnInternalError) {
  std::atomic<int> caught{0};
  Running running([&](HttpRequest, HttpReply reply) {
    reply({.status = 200, .headers = {}, .body = "once"});
    try {
      reply({.status = 200, .headers = {}, .body = "twice"});
    } catch (const InternalError&) {
      ++caught;
    }
  });
  RawClient client(running.port());
  client.send(get);
  EXPECT_EQ(body_of(client.read_answer()), "once");
  EXPECT_EQ(caught, 1);
}

TEST(HttpServer, WhatHttpCannotCarryBecomesA500) {
  Running running([](HttpRequest request, HttpReply reply) {
    if (request.path == "/value") return reply({.status = 200, .headers = {{"X", "a\r\nSet-Cookie: b"}}, .body = ""});
    if (request.path == "/name") return reply({.status = 200, .headers = {{"X: y\r\nZ", "a"}}, .body = ""});
    reply({.status = 101, .headers = {}, .body = ""});
  });
  RawClient client(running.port());
  for (const auto* path : {"/value", "/name", "/status"}) {
    client.send(get_path(path));
    const auto answer = client.read_answer();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
    EXPECT_FALSE(contains(answer, "Set-Cookie"));
  }
}

TEST(HttpServer, RepliesFromManyThreadsReachTheirOwnConnections) {
  std::atomic<bool> stop{false};
  Keeper keeper;
  Running running(keeper.handler());
  std::vector<std::thread> answerers;
  std::mutex one_at_a_time;
  for (int t = 0; t < 3; ++t)
    answerers.emplace_back([&] {
      while (!stop) {
        std::unique_lock lock(one_at_a_time);
        if (keeper.size() == 0) {
          lock.unlock();
          std::this_thread::yield();
          continue;
        }
        auto [target, reply] = keeper.take(keeper.size() - 1);
        lock.unlock();
        reply({.status = 200, .headers = {}, .body = target});
      }
    });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int c = 0; c < 8; ++c) clients.push_back(std::make_unique<RawClient>(running.port()));
  for (int round = 0; round < 100; ++round) {
    for (std::size_t c = 0; c < clients.size(); ++c)
      for (int i = 0; i < 5; ++i) clients[c]->send(get_path("/" + std::to_string(c) + "/" + std::to_string(round * 5 + i)));
    for (std::size_t c = 0; c < clients.size(); ++c)
      for (int i = 0; i < 5; ++i)
        ASSERT_EQ(body_of(clients[c]->read_answer()), "/" + std::to_string(c) + "/" + std::to_string(round * 5 + i));
  }
  stop = true;
  for (auto& answerer : answerers) answerer.join();
  EXPECT_EQ(running.server.statistics().requests, 4000U);
}

TEST(HttpServer, ServesThousandsOfRequestsOnKeptConnections) {
  Running running(echo);
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      RawClient client(running.port());
      for (int i = 0; i < 2000; ++i) {
        const auto path = "/" + std::to_string(t) + "-" + std::to_string(i);
        client.send(get_path(path));
        if (body_of(client.read_answer()) == path) ++good;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 8000);
  EXPECT_EQ(running.server.statistics().accepted, 4U);
}

TEST(HttpServer, AnsweringAnotherConnectionFromAHandlerLeavesTheBytesBeingReadAlone) {
  HttpReply parked;
  HttpServerOptions options;
  options.loop = 0;
  Running running(
      [&](HttpRequest request, HttpReply reply) {
        if (request.path == "/park") {
          parked = std::move(reply);
          return;
        }
        if (request.path == "/wake") parked({.status = 200, .headers = {}, .body = "woken"});
        echo(std::move(request), std::move(reply));
      },
      options);
  RawClient sleeper(running.port());
  // The connection ends, with input to discard, inside the handler of "/wake".
  sleeper.send("GET /park HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nleft over");
  for (int i = 0; i < 1000 && running.server.statistics().requests == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  sleeper.send(std::string(30'000, 'x'));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  RawClient waker(running.port());
  waker.send(get_path("/wake") + get_path("/after") + post("the body"));
  EXPECT_EQ(body_of(waker.read_answer()), "/wake");
  EXPECT_EQ(body_of(waker.read_answer()), "/after");
  EXPECT_EQ(body_of(waker.read_answer()), "the body");
  EXPECT_EQ(body_of(sleeper.read_answer()), "woken");
}

TEST(HttpServer, ServesAUnixSocketThatOnlyItsOwnerMayUse) {
  const auto path = testing::TempDir() + "surge-http-" + std::to_string(getpid()) + ".sock";
  HttpServerOptions options;
  options.listen = {*parse_listen_address("unix:" + path)};
  {
    Running running(echo, options);
    struct stat status{};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    RawClient client(path);
    client.send(get_path("/over-unix"));
    EXPECT_EQ(body_of(client.read_answer()), "/over-unix");
    EXPECT_THROW(Running(echo, options), std::system_error);
    EXPECT_EQ(stat(path.c_str(), &status), 0);
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST(HttpServer, ReplacesTheSocketFileOfAProcessThatIsGone) {
  const auto path = testing::TempDir() + "surge-stale-" + std::to_string(getpid()) + ".sock";
  auto address = *parse_listen_address("unix:" + path);
  listen_on(address, 0600);  // closed at once, the file stays
  ASSERT_EQ(access(path.c_str(), F_OK), 0);
  HttpServerOptions options;
  options.listen = {address};
  Running running(echo, options);
  RawClient client(path);
  client.send(get);
  EXPECT_EQ(body_of(client.read_answer()), "/");
}

TEST(HttpServer, RefusesAPortThatIsTaken) {
  Running running(echo);
  HttpServerOptions options;
  options.listen = {*parse_listen_address("127.0.0.1:" + std::to_string(running.port()))};
  try {
    Running second(echo, options);
    FAIL() << "two servers on one port";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_TRUE(contains(error.what(), std::to_string(running.port())));
  }
}

TEST(HttpServer, RepliesMayOutliveTheServerAndItsLoops) {
  Keeper keeper;
  {
    EventLoops loops(2);
    loops.start();
    std::unique_ptr<RawClient> client;
    {
      HttpServerOptions options;
      options.listen = {*parse_listen_address("127.0.0.1:0")};
      HttpServer server(loops, options, keeper.handler());
      client = std::make_unique<RawClient>(server.port());
      client->send(get + get + get);
      ASSERT_EQ(keeper.wait_for(3), 3U);
    }
    EXPECT_TRUE(client->is_closed_by_peer());
    keeper.answer(0);
  }
  keeper.drop(0);
  keeper.answer(0);
}

TEST(HttpServer, AResetStormLeavesNothingBehind) {
  Keeper keeper;
  Running running([&](HttpRequest request, HttpReply reply) {
    if (request.path == "/keep") return keeper.handler()(std::move(request), std::move(reply));
    echo(std::move(request), std::move(reply));
  });
  for (int i = 0; i < 300; ++i) {
    RawClient client(running.port());
    client.send(i % 3 == 0 ? get_path("/keep") : i % 3 == 1 ? get + get : std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Le"));
    client.reset();
  }
  RawClient client(running.port());
  client.send(get);
  EXPECT_EQ(body_of(client.read_answer()), "/");
  for (int i = 0; i < 1000 && running.server.statistics().open > 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(running.server.statistics().open, 1U);
  while (keeper.size() > 0) keeper.drop(0);
}

}  // namespace
}  // namespace surgetank
