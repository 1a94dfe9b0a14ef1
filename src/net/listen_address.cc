#include "net/listen_address.h"

#include <arpa/inet.h>

#include "base/text.h"

namespace surgetank {
namespace {

constexpr std::size_t longest_unix_path = 107;  // sockaddr_un::sun_path less its final NUL

Error expected(std::string_view text) {
  return {&invalid_listen_address,
          "\"" + std::string(text) + "\" is not an address to listen on: use 127.0.0.1:4566, :4566, [::1]:4566 or unix:/path"};
}

bool is_ip(int family, const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(family, host.c_str(), address) == 1;
}

}  // namespace

bool ListenAddress::is_loopback() const {
  return kind == Kind::Unix || (kind == Kind::Ip4 ? host.starts_with("127.") : host == "::1");
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  ListenAddress address;
  if (text.starts_with("unix:")) {
    address.kind = ListenAddress::Kind::Unix;
    address.path = text.substr(5);
    if (address.path.empty() || address.path.size() > longest_unix_path || contains(address.path, std::string_view("\0", 1)))
      return expected(text);
    return address;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return expected(text);
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  const auto port = parse_integer(digits);
  if (!port || *port < 0 || *port > 65535 || digits.front() == '-') return expected(text);
  address.port = static_cast<std::uint16_t>(*port);
  if (host.starts_with('[') && host.ends_with(']')) {
    address.kind = ListenAddress::Kind::Ip6;
    address.host = host.substr(1, host.size() - 2);
    if (!is_ip(AF_INET6, address.host)) return expected(text);
    return address;
  }
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  address.host = host;
  if (!is_ip(AF_INET, address.host)) return expected(text);
  return address;
}

std::string to_text(const ListenAddress& address) {
  switch (address.kind) {
    case ListenAddress::Kind::Unix: return "unix:" + address.path;
    case ListenAddress::Kind::Ip6: return "[" + address.host + "]:" + std::to_string(address.port);
    case ListenAddress::Kind::Ip4: break;
  }
  return address.host + ":" + std::to_string(address.port);
}

}  // namespace surgetank
