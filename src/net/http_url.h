#pragma once
// The URLs that the HTTP clients take: http://host[:port]/path?query, https://..., unix:/path/of/socket[:/path?query].
// User names, fragments and anything else are refused with a reason. Pure.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace surgetank {

inline constexpr ErrorCode invalid_url{"InvalidUrl"};

struct HttpUrl {
  enum class Scheme : std::uint8_t { Http, Https, Unix };
  Scheme scheme = Scheme::Http;
  std::string host;       // a name or a textual IP (IPv6 without brackets); empty for Unix
  std::uint16_t port = 0;
  std::string unix_path;
  std::string authority;  // for the Host header: as in the URL; "localhost" for Unix
  std::string target;     // "/path?query"

  std::string origin() const;  // equal for URLs that may share a connection
};

Result<HttpUrl> parse_http_url(std::string_view url);

}  // namespace surgetank
