#pragma once
// A page that a browser shows may send requests to this machine, and a name that its author controls may resolve to 127.0.0.1
// (DNS rebinding). So a request must name one of our own hosts, and what a browser sends must come from a page of our own.
// Source of the rules: RFC 9110 section 7.2 (421), Fetch standard (Origin), Fetch Metadata (Sec-Fetch-Site).
//
// Own hosts: localhost, anything below .localhost (RFC 6761: browsers never ask a resolver for it), 127.0.0.1, [::1], and the
// configured ones: "build.example", "*.build.example" (every name below it). Ports are not looked at.
// Immutable after construction, any thread, never fails.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/http.h"

namespace surgetank {

enum class Sender : std::uint8_t {
  Program,      // no browser, or the user's own navigation
  OwnPage,      // a page that this very host and port served
  ForeignPage,  // any other page
};
Sender sender_of(const HttpRequest& request);

class HostPolicy {
 public:
  explicit HostPolicy(std::vector<std::string> further_hosts);
  // `host` is the Host header with or without port.
  bool is_own(std::string_view host) const;

 private:
  std::vector<std::string> exact_;     // lower case
  std::vector<std::string> suffixes_;  // ".build.example"
};

}  // namespace surgetank
