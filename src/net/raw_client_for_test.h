#pragma once
// A blocking socket for tests: sends exactly the bytes given, reads with a deadline. Failures show as empty results.
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>

#include "net/sockets.h"

namespace surgetank {

class RawClient {
 public:
  static constexpr int patience_ms = 20'000;
  explicit RawClient(std::uint16_t port) : socket_(connect_ip_blocking("127.0.0.1", port, patience_ms)) {}
  explicit RawClient(const std::string& unix_path) : socket_(connect_unix_blocking(unix_path)) {}

  bool connected() const { return static_cast<bool>(socket_); }
  int descriptor() const { return socket_.get(); }

  // False when the peer has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0)
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      else if (errno != EAGAIN || !wait(POLLOUT))
        return false;
    }
    return true;
  }
  void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  void reset() {
    const linger abort{1, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    socket_ = {};
  }

  // Reads until `bytes` have come in all since the last call, the peer closed or patience ran out.
  std::string read(std::size_t bytes) {
    while (unread_.size() < bytes && read_some()) {
    }
    return take(std::min(bytes, unread_.size()));
  }
  // One answer: head and as much body as its Content-Length says (none for HEAD).
  std::string read_answer(bool head_only = false) {
    std::size_t end = 0;
    while ((end = unread_.find("\r\n\r\n")) == std::string::npos)
      if (!read_some()) return take(unread_.size());
    const auto head = take(end + 4);
    const auto length = head.find("Content-Length: ");
    if (head_only || length == std::string::npos) return head;
    return head + read(std::stoul(head.substr(length + 16)));
  }
  std::string read_until_close() {
    while (read_some()) {
    }
    return take(unread_.size());
  }
  bool is_closed_by_peer() { return unread_.empty() && !read_some() && ended_; }
  bool has_input_within(int ms) { return !unread_.empty() || wait(POLLIN, ms); }

 private:
  bool wait(short events, int ms = patience_ms) const {
    pollfd ready{socket_.get(), events, 0};
    return ::poll(&ready, 1, ms) == 1;
  }
  bool read_some() {
    if (ended_ || !wait(POLLIN)) return false;
    char buffer[65536];
    const auto got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (got <= 0) {
      ended_ = true;
      return false;
    }
    unread_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  std::string take(std::size_t bytes) {
    auto taken = unread_.substr(0, bytes);
    unread_.erase(0, bytes);
    return taken;
  }

  Descriptor socket_;
  std::string unread_;
  bool ended_ = false;
};

}  // namespace surgetank
