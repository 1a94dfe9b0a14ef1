#pragma once
// Where a server listens or a client connects: "127.0.0.1:4566", ":4566" (all IPv4 addresses), "[::1]:0", "localhost:4566",
// "unix:/path". Pure; a wrong text is a Result error that says what is expected. Host names other than "localhost"
// (127.0.0.1) are refused: a listener must not depend on a resolver.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace surgetank {

inline constexpr ErrorCode invalid_listen_address{"InvalidListenAddress"};

struct ListenAddress {
  enum class Kind : std::uint8_t { Ip4, Ip6, Unix };
  Kind kind = Kind::Ip4;
  std::string host;        // a textual IP without brackets; empty for Unix
  std::uint16_t port = 0;  // 0: the system picks a free one
  std::string path;        // Unix only; shorter than the 108 bytes of sockaddr_un

  bool operator==(const ListenAddress&) const = default;
  bool is_loopback() const;  // 127.0.0.0/8, ::1 or a unix socket: not reachable from other machines
};

Result<ListenAddress> parse_listen_address(std::string_view text);
// The text that parse_listen_address() reads back.
std::string to_text(const ListenAddress& address);

}  // namespace surgetank
