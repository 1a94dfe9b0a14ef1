#include "net/http_url.h"

#include <algorithm>

#include "base/text.h"
#include "net/http_chars.h"

namespace surgetank {
namespace {

constexpr std::size_t longest_unix_path = 107;

Error refuse(std::string_view url, std::string_view why) {
  return {&invalid_url, "the URL \"" + std::string(url.substr(0, 200)) + "\" " + std::string(why)};
}

// Splits "host:port" or "[ip]:port"; false if the port is no port.
bool split_authority(std::string_view authority, HttpUrl& url) {
  auto host = authority;
  std::string_view port;
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const auto colon = authority.find(':', bracket);
  if (colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
    const auto number = parse_integer(port);
    if (!number || *number < 1 || *number > 65535) return false;
    url.port = static_cast<std::uint16_t>(*number);
  }
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return false;
    host = host.substr(1, host.size() - 2);
  }
  url.host = to_lower(host);
  return !url.host.empty();
}

Result<HttpUrl> parse_unix_url(std::string_view text) {
  HttpUrl url;
  url.scheme = HttpUrl::Scheme::Unix;
  const auto rest = text.substr(5);
  const auto end = rest.find(":/");
  url.unix_path = rest.substr(0, end);
  url.target = end == std::string_view::npos ? "/" : rest.substr(end + 1);
  url.authority = "localhost";
  if (url.unix_path.empty() || url.unix_path.size() > longest_unix_path || url.unix_path.find('\0') != std::string::npos)
    return refuse(text, "has no usable socket path");
  if (!all_in(url.target, CharClass::Target)) return refuse(text, "holds characters that must be percent-encoded");
  return url;
}

}  // namespace

std::string HttpUrl::origin() const {
  switch (scheme) {
    case Scheme::Unix: return "unix:" + unix_path;
    case Scheme::Https: return "https " + host + " " + std::to_string(port);
    case Scheme::Http: break;
  }
  return "http " + host + " " + std::to_string(port);
}

Result<HttpUrl> parse_http_url(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix_url(text);
  HttpUrl url;
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
  if (equals_ignoring_case(scheme, "https"))
    url.scheme = HttpUrl::Scheme::Https;
  else if (!equals_ignoring_case(scheme, "http"))
    return refuse(text, "does not begin with http://, https:// or unix:");
  url.port = url.scheme == HttpUrl::Scheme::Https ? 443 : 80;
  const auto rest = text.substr(scheme_end + 3);
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  const auto authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos)
    return Error{&invalid_url, "the URL holds a user name, which is not supported"};  // not quoted: it may hold a password
  if (authority.empty() || !all_in(authority, CharClass::Host) || !split_authority(authority, url))
    return refuse(text, "has no usable host and port");
  url.authority = authority;
  url.target = rest.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (!all_in(url.target, CharClass::Target)) return refuse(text, "holds a fragment or characters that must be percent-encoded");
  return url;
}

}  // namespace surgetank
