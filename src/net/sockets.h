#pragma once
// Plain POSIX sockets for the server and the clients: listening, accepting, naming. What the system refuses is a std::system_error
// (listening) or a value. Any thread.
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

#include "net/listen_address.h"

namespace surgetank {

// Owns one file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// A non-blocking listening socket; `address` gets the port that was chosen. A unix socket that nobody answers any more is
// replaced, one that somebody serves is EADDRINUSE.
Descriptor listen_on(ListenAddress& address, mode_t unix_mode);

struct Accepted {
  Descriptor socket;         // non-blocking; empty: see `error`
  int error = 0;             // EAGAIN: nobody is waiting
  std::string peer_address;  // textual IP; empty for a unix socket
  std::uint16_t peer_port = 0;
};
Accepted accept_from(int listener);

// Begins to connect without waiting: the socket becomes writable when it is decided, and then connect_error() tells (0: connected,
// EINPROGRESS: not decided yet).
// Empty and errno when it failed at once.
Descriptor begin_connect_ip(const std::string& ip, std::uint16_t port);
int connect_error(int socket);

// Connects to a textual IP or a unix socket path; the result is non-blocking, or empty (see errno) when that fails or takes longer.
Descriptor connect_ip_blocking(const std::string& ip, std::uint16_t port, int timeout_ms);
Descriptor connect_unix_blocking(const std::string& path);

}  // namespace surgetank
