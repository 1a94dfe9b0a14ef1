#include "net/name_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

namespace surgetank {
namespace {

std::optional<std::string> canonical_ip(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> canonical{};
  for (const int family : {AF_INET, AF_INET6})
    if (::inet_pton(family, text.c_str(), bytes.data()) == 1) return ::inet_ntop(family, bytes.data(), canonical.data(), canonical.size());
  return std::nullopt;
}

std::string text_of(const addrinfo& entry) {
  std::array<char, NI_MAXHOST> text{};
  if (::getnameinfo(entry.ai_addr, entry.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return {};
  return text.data();
}

// Blocks.
ResolvedName look_up(const std::string& host) {
  ResolvedName name;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  if (error != 0) {
    name.failure = ::gai_strerror(error);
    return name;
  }
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    auto text = text_of(*entry);
    if (!text.empty() && std::find(name.addresses.begin(), name.addresses.end(), text) == name.addresses.end())
      name.addresses.push_back(std::move(text));
  }
  if (name.addresses.empty()) name.failure = "the name has no address";
  return name;
}

}  // namespace

void resolve_name(EventLoop& loop, const std::string& host, UniqueFunction<void(ResolvedName)> done) {
  if (auto ip = canonical_ip(host)) return done({{std::move(*ip)}, {}});
  if (host == "localhost" || host.ends_with(".localhost")) return done({{"127.0.0.1", "::1"}, {}});
  loop.run_aside([&loop, host, done = std::move(done)]() mutable {
    loop.post([name = look_up(host), done = std::move(done)]() mutable { done(std::move(name)); });
  });
}

}  // namespace surgetank
