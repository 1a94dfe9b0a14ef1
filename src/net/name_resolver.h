#pragma once
// Host names to IP addresses without holding up a loop: getaddrinfo() runs on the thread beside the loop, one name at a time. On
// the loop's thread only.
#include <string>
#include <vector>

#include "net/event_loop.h"

namespace surgetank {

struct ResolvedName {
  std::vector<std::string> addresses;  // textual IPs in the order to try; empty on failure
  std::string failure;
};

// `done` runs on the loop, later; at once for a textual IP, and for localhost and the names below it (loopback, RFC 6761).
void resolve_name(EventLoop& loop, const std::string& host, UniqueFunction<void(ResolvedName)> done);

}  // namespace surgetank
