#include "runtime_connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

namespace surgetank::function_runtime {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;

std::string system_message(std::string_view what) { return std::string(what) + ": " + std::strerror(errno); }

// An interrupted connect goes on in the background: wait for its end and fetch its result.
bool finish_interrupted_connect(int socket) {
  pollfd wanted{socket, POLLOUT, 0};
  while (::poll(&wanted, 1, -1) < 0) {
    if (errno != EINTR) return false;
  }
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return false;
  errno = error;
  return error == 0;
}

}  // namespace

RuntimeEndpoint RuntimeEndpoint::unix_socket(std::string path) {
  return {Kind::UnixSocket, std::move(path), "", "localhost"};
}

RuntimeEndpoint RuntimeEndpoint::tcp(std::string_view host_and_port) {
  RuntimeEndpoint endpoint;
  const std::size_t colon = host_and_port.rfind(':');
  if (colon == host_and_port.npos) return endpoint;
  std::string_view host = host_and_port.substr(0, colon);
  const std::string_view port = host_and_port.substr(colon + 1);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const bool is_number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
  const bool is_host = !host.empty() && std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c < 0x7F && c != '/'; });
  if (!is_number || !is_host || (host.find(':') != host.npos && !is_bracketed)) return endpoint;
  return {Kind::Tcp, std::string(host), std::string(port), std::string(host_and_port)};
}

RuntimeConnection::Outcome RuntimeConnection::fail(Outcome outcome, std::string problem) {
  problem_ = std::move(problem);
  close();
  return outcome;
}

void RuntimeConnection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  reader_ = ReplyReader{};
  received_.clear();
}

RuntimeConnection::Outcome RuntimeConnection::open() {
  if (is_open()) return Outcome::Done;
  return endpoint_.kind == RuntimeEndpoint::Kind::UnixSocket ? open_unix_socket() : open_tcp();
}

bool RuntimeConnection::connect_to(int family, const void* address, unsigned length) {
  socket_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  if (::connect(socket_, static_cast<const sockaddr*>(address), length) == 0) return true;
  if (errno == EINTR && finish_interrupted_connect(socket_)) return true;
  const int error = errno;
  close();
  errno = error;
  return false;
}

RuntimeConnection::Outcome RuntimeConnection::open_unix_socket() {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string& path = endpoint_.address;
  const bool is_abstract = !path.empty() && path.front() == '@';
  const std::size_t room = sizeof name.sun_path - (is_abstract ? 0 : 1);  // a path needs its final zero
  if (path.size() > room) return fail(Outcome::Closed, "the path of the runtime socket is too long: " + path);
  std::memcpy(name.sun_path, path.data(), path.size());
  if (is_abstract) name.sun_path[0] = '\0';
  const std::size_t length = offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1);
  if (connect_to(AF_UNIX, &name, static_cast<unsigned>(length))) return Outcome::Done;
  return fail(Outcome::Closed, system_message("cannot connect to the runtime socket " + path));
}

RuntimeConnection::Outcome RuntimeConnection::open_tcp() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(endpoint_.address.c_str(), endpoint_.port.c_str(), &hints, &found);
  if (error != 0) {
    return fail(Outcome::Closed, "cannot find the runtime endpoint " + endpoint_.host_header + ": " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    if (!connect_to(address->ai_family, address->ai_addr, address->ai_addrlen)) continue;
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return Outcome::Done;
  }
  return fail(Outcome::Closed, system_message("cannot connect to the runtime endpoint " + endpoint_.host_header));
}

RuntimeConnection::Outcome RuntimeConnection::write(std::string_view head, std::string_view body, std::string_view next) {
  const auto piece = [](std::string_view bytes) { return iovec{const_cast<char*>(bytes.data()), bytes.size()}; };
  std::array<iovec, 3> pieces{piece(head), piece(body), piece(next)};
  iovec* first = pieces.data();
  std::size_t count = pieces.size();
  while (count > 0) {
    msghdr message{};
    message.msg_iov = first;
    message.msg_iovlen = count;
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail(Outcome::Closed, system_message("writing to the runtime endpoint"));
    auto left = static_cast<std::size_t>(sent);
    while (count > 0 && left >= first->iov_len) {
      left -= first->iov_len;
      ++first;
      --count;
    }
    if (count == 0) break;
    first->iov_base = static_cast<char*>(first->iov_base) + left;
    first->iov_len -= left;
  }
  return Outcome::Done;
}

RuntimeConnection::Outcome RuntimeConnection::read(Reply& reply) {
  std::array<char, read_bytes> buffer;
  for (;;) {
    std::string_view bytes = received_;
    ReplyReader::Progress progress = reader_.feed(bytes);
    received_.erase(0, received_.size() - bytes.size());
    if (progress == ReplyReader::Progress::NeedMore) {
      const ssize_t length = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (length < 0 && errno == EINTR) continue;
      if (length > 0) {
        bytes = {buffer.data(), static_cast<std::size_t>(length)};
        progress = reader_.feed(bytes);
        received_ = bytes;
      } else if (length < 0 || reader_.is_between_replies()) {
        return fail(Outcome::Closed, length < 0 ? system_message("reading from the runtime endpoint") : "the runtime endpoint hung up");
      } else {
        progress = reader_.end_of_stream();
      }
    }
    if (progress == ReplyReader::Progress::NeedMore) continue;
    if (progress == ReplyReader::Progress::Malformed) {
      return fail(Outcome::Malformed, "the runtime endpoint broke HTTP: " + reader_.problem());
    }
    reply = reader_.take();
    if (reply.afterwards == ConnectionUse::Close) close();
    return Outcome::Done;
  }
}

}  // namespace surgetank::function_runtime
