#include "net/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/assert.h"

namespace surgetank {
namespace {

// A peer that vanished without a word is found out after about a minute and a half.
constexpr int keepalive_idle_seconds = 60;
constexpr int keepalive_interval_seconds = 10;
constexpr int keepalive_probes = 3;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress ip_address(const std::string& ip, std::uint16_t port) {
  SocketAddress address;
  auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, ip.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, ip.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
  }
  return address;
}

SocketAddress unix_address(const std::string& path) {
  SocketAddress address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  SURGE_ASSERT(path.size() < sizeof(un->sun_path), "unix socket paths are checked when they are parsed");
  un->sun_family = AF_UNIX;
  std::memcpy(un->sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

void set_option(int descriptor, int level, int name, int value) { setsockopt(descriptor, level, name, &value, sizeof value); }

void tune_stream(int descriptor) {
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_seconds);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_seconds);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keepalive_probes);
}

Descriptor close_keeping_errno(Descriptor socket) {
  const int error = errno;
  socket = {};
  errno = error;
  return {};
}

// A socket file that is left from a process that is gone refuses connections.
void remove_stale_socket(const std::string& path) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const auto probe = connect_unix_blocking(path);
  if (!probe && errno == ECONNREFUSED) unlink(path.c_str());
}

std::string ip_text(const sockaddr_storage& storage, std::uint16_t& port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    const auto& four = reinterpret_cast<const sockaddr_in&>(storage);
    port = ntohs(four.sin_port);
    inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
  } else if (storage.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(storage);
    port = ntohs(six.sin6_port);
    inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
    // An IPv4 client of a listener on [::].
    if (std::strncmp(text, "::ffff:", 7) == 0 && std::strchr(text, '.') != nullptr) return text + 7;
  }
  return text;
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor listen_on(ListenAddress& address, mode_t unix_mode) {
  const bool is_unix = address.kind == ListenAddress::Kind::Unix;
  const auto fail = [&](int error) { throw std::system_error(error, std::generic_category(), "cannot listen on " + to_text(address)); };
  auto name = is_unix ? unix_address(address.path) : ip_address(address.host, address.port);
  Descriptor listener(::socket(name.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener) fail(errno);
  if (is_unix) {
    remove_stale_socket(address.path);
    fchmod(listener.get(), unix_mode);  // before bind: the socket file never exists with wider permissions
  } else {
    set_option(listener.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (::bind(listener.get(), name.get(), name.size) != 0) fail(errno);
  if (::listen(listener.get(), SOMAXCONN) != 0) fail(errno);
  if (!is_unix) {
    if (getsockname(listener.get(), name.get(), &name.size) != 0) fail(errno);
    ip_text(name.storage, address.port);
  }
  return listener;
}

Accepted accept_from(int listener) {
  Accepted accepted;
  SocketAddress peer;
  peer.size = sizeof peer.storage;
  accepted.socket = Descriptor(::accept4(listener, peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted.socket) {
    accepted.error = errno;
    return accepted;
  }
  if (peer.storage.ss_family != AF_UNIX) tune_stream(accepted.socket.get());
  accepted.peer_address = ip_text(peer.storage, accepted.peer_port);
  return accepted;
}

Descriptor begin_connect_ip(const std::string& ip, std::uint16_t port) {
  const auto name = ip_address(ip, port);
  Descriptor socket(::socket(name.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (::connect(socket.get(), name.get(), name.size) == 0 || errno == EINPROGRESS) return socket;
  return close_keeping_errno(std::move(socket));
}

int connect_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  SocketAddress peer;
  peer.size = sizeof peer.storage;
  if (error == 0 && getpeername(socket, peer.get(), &peer.size) != 0) return EINPROGRESS;
  return error;
}

Descriptor connect_ip_blocking(const std::string& ip, std::uint16_t port, int timeout_ms) {
  auto socket = begin_connect_ip(ip, port);
  if (!socket) return socket;
  pollfd decided{socket.get(), POLLOUT, 0};
  errno = ::poll(&decided, 1, timeout_ms) == 1 ? connect_error(socket.get()) : ETIMEDOUT;
  return errno == 0 ? std::move(socket) : close_keeping_errno(std::move(socket));
}

Descriptor connect_unix_blocking(const std::string& path) {
  const auto name = unix_address(path);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  if (::connect(socket.get(), name.get(), name.size) == 0) return socket;
  return close_keeping_errno(std::move(socket));  // EAGAIN: somebody listens, but has no room
}

}  // namespace surgetank
