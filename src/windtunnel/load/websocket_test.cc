#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/text.h"
#include "net/sockets.h"
#include "windtunnel/load/load_engine.h"
#include "windtunnel/load/traffic_file.h"
#include "windtunnel/load/websocket_frames.h"

namespace surgetank::windtunnel {
namespace {

// Echoes the first text frame of each read, upper-cased in two fragments with a ping between them. One connection after the other.
class EchoServer {
 public:
  explicit EchoServer(std::string accept_suffix = "") : suffix_(std::move(accept_suffix)) {
    address_ = *parse_listen_address("127.0.0.1:0");
    listener_ = listen_on(address_, 0600);
    thread_ = std::thread([this] { serve(); });
  }
  ~EchoServer() {
    stop_ = true;
    thread_.join();
    for (auto& worker : workers_) worker.join();
  }
  std::string url() const { return "ws://" + to_text(address_) + "/chat?x=1"; }

 private:
  void serve() {
    while (!stop_) {
      pollfd readable{listener_.get(), POLLIN, 0};
      if (::poll(&readable, 1, 20) != 1) continue;
      auto accepted = accept_from(listener_.get());
      if (accepted.socket) workers_.emplace_back([this, socket = std::move(accepted.socket)] { talk(socket.get()); });
    }
  }
  void talk(int socket) {
    std::string bytes;
    if (!read_until(socket, bytes, "\r\n\r\n")) return;
    const auto at = bytes.find("Sec-WebSocket-Key: ") + 19;
    const auto key = bytes.substr(at, bytes.find("\r\n", at) - at);
    write_all(socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                          websocket_accept(key) + suffix_ + "\r\n\r\n");
    bytes.clear();
    while (read_some(socket, bytes)) {
      while (bytes.size() >= 6 && bytes.size() >= 6 + (bytes[1] & 0x7fU)) {
        const auto size = static_cast<std::size_t>(bytes[1] & 0x7f);
        std::string text = bytes.substr(6, size);
        for (std::size_t index = 0; index < size; ++index) text[index] = static_cast<char>(text[index] ^ bytes[2 + index % 4]);
        const bool is_text = (bytes[0] & 15) == 1;
        bytes.erase(0, 6 + size);
        if (!is_text) continue;
        text = to_upper(text);
        const auto half = text.size() / 2;
        write_all(socket, std::string("\x01") + static_cast<char>(half) + text.substr(0, half) + "\x89\x02hi" + "\x80" +
                              static_cast<char>(text.size() - half) + text.substr(half));
      }
    }
  }
  bool read_some(int socket, std::string& bytes) {
    char buffer[4096];
    while (!stop_) {
      pollfd readable{socket, POLLIN, 0};
      if (::poll(&readable, 1, 20) != 1) continue;
      const auto size = ::recv(socket, buffer, sizeof buffer, 0);
      if (size <= 0) return false;
      bytes.append(buffer, static_cast<std::size_t>(size));
      return true;
    }
    return false;
  }
  bool read_until(int socket, std::string& bytes, std::string_view end) {
    while (bytes.find(end) == std::string::npos)
      if (!read_some(socket, bytes)) return false;
    return true;
  }
  static void write_all(int socket, const std::string& bytes) {
    EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }

  std::string suffix_;
  ListenAddress address_;
  Descriptor listener_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> workers_;
  std::thread thread_;
};

LoadResults run(const std::string& url) {
  LoadPlan plan;
  plan.requests.push_back({.name = "chat", .kind = RequestPlan::Kind::WebSocket, .url = url, .body = "message {{n}}"});
  plan.traffic.phases.push_back(*parse_phase("1s@50"));
  plan.traffic.arrivals = Traffic::Arrivals::Even;
  auto requests = make_requests(plan);
  if (!requests.ok()) throw std::runtime_error(requests.error().message);
  return LoadEngine(plan, std::move(*requests)).run({});
}

TEST(LoadWebSocket, SendsMessagesOnOpenConnectionsAndWaitsForTheAnswers) {
  EchoServer server;
  const auto results = run(server.url());
  EXPECT_EQ(results.total.succeeded, 50U) << (results.failures.empty() ? "" : results.failures[0].what);
  EXPECT_LT(results.connections_opened, 20U);
}

TEST(LoadWebSocket, AWrongAcceptIsAFailure) {
  EchoServer server("x");
  const auto results = run(server.url());
  EXPECT_EQ(results.total.failed, 50U);
  EXPECT_EQ(results.failures.at(0).what, "the WebSocket's Sec-WebSocket-Accept is wrong");
}

TEST(WebSocketFrames, TheAcceptOfTheStandardsExample) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketFrames, LengthsHaveThreeForms) {
  Random random(1);
  for (const std::size_t size : {0UL, 125UL, 126UL, 65535UL, 65536UL}) {
    std::string out;
    append_websocket_frame(out, WebSocketOpcode::Text, std::string(size, 'a'), random);
    EXPECT_EQ(out.size(), size + 6 + (size > 65535 ? 8 : size > 125 ? 2 : 0));
    EXPECT_TRUE((static_cast<unsigned char>(out[1]) & 0x80) != 0) << "a client masks";
  }
}

WebSocketReader::Event read(std::string bytes, std::size_t limit = 1000) {
  WebSocketReader reader(limit);
  return reader.next(bytes);
}

TEST(WebSocketFrames, WhatAServerMustNotSendIsAFault) {
  using Event = WebSocketReader::Event;
  using namespace std::string_literals;
  EXPECT_EQ(read("\x81\x02hi"), Event::Message);
  EXPECT_EQ(read("\x81\x02h"), Event::NeedMore);
  EXPECT_EQ(read("\x88\x00"s), Event::Close);
  EXPECT_EQ(read("\x81\x82\x01\x02\x03\x04hi"), Event::Fault) << "masked";
  EXPECT_EQ(read("\xc1\x02hi"), Event::Fault) << "reserved bit";
  EXPECT_EQ(read("\x83\x00"s), Event::Fault) << "unknown opcode";
  EXPECT_EQ(read("\x09\x00"s), Event::Fault) << "fragmented control";
  EXPECT_EQ(read("\x89\x7e\x00\x7e"s), Event::Fault) << "long control";
  EXPECT_EQ(read("\x80\x00"s), Event::Fault) << "continuation of nothing";
  EXPECT_EQ(read("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"s), Event::Fault) << "too large";
  EXPECT_EQ(read("\x01\x02hi\x01\x02hi"s), Event::Fault) << "a message inside another";
}

}  // namespace
}  // namespace surgetank::windtunnel
