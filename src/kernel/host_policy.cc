#include "kernel/host_policy.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/router.h"

namespace surgetank {
namespace {

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) {
  return text.size() > suffix.size() && equals_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

}  // namespace

HostPolicy::HostPolicy(std::vector<std::string> further_hosts) : exact_{"localhost", "127.0.0.1", "[::1]"}, suffixes_{".localhost"} {
  for (const auto& host : further_hosts) {
    if (host.substr(0, 2) == "*.") {
      suffixes_.push_back(to_lower(std::string_view(host).substr(1)));
    } else {
      exact_.push_back(to_lower(host));
    }
  }
}

bool HostPolicy::is_own(std::string_view host) const {
  const auto name = host_without_port(host);
  return std::any_of(exact_.begin(), exact_.end(), [&](const std::string& own) { return equals_ignoring_case(name, own); }) ||
         std::any_of(suffixes_.begin(), suffixes_.end(), [&](const std::string& suffix) { return ends_with_ignoring_case(name, suffix); });
}

Sender sender_of(const HttpRequest& request) {
  const auto origin = request.header("origin");
  const auto site = request.header("sec-fetch-site");
  if (origin) {
    const auto scheme_end = origin->find("://");
    const bool own =
        scheme_end != std::string_view::npos && equals_ignoring_case(origin->substr(scheme_end + 3), request.header("host").value_or(""));
    return own ? Sender::OwnPage : Sender::ForeignPage;
  }
  if (!site || *site == "none") return Sender::Program;
  return *site == "same-origin" ? Sender::OwnPage : Sender::ForeignPage;
}

}  // namespace surgetank
