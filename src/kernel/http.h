#pragma once
// HTTP messages as plain data: what net/ reads and writes and what the kernel and services see. No sockets here.
// An HttpRequest owns its bytes (views point into `head`); it is moved, never copied, and belongs to one thread at a time.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/unique_function.h"
#include "wire/header.h"

namespace surgetank {

using HttpHeader = HeaderView;  // name as sent, value trimmed

struct HttpRequest {
  HttpRequest() = default;
  HttpRequest(HttpRequest&&) = default;
  HttpRequest& operator=(HttpRequest&&) = default;
  HttpRequest(const HttpRequest&) = delete;
  HttpRequest& operator=(const HttpRequest&) = delete;

  std::unique_ptr<char[]> head;  // the bytes that the views below point into
  std::string_view method;
  std::string_view target;  // as sent, origin form: "/path?query"
  std::string_view path;    // still percent-encoded, without query
  std::string_view query;   // still percent-encoded, without '?'
  std::vector<HttpHeader> headers;
  std::string body;
  std::string peer_address;  // textual IP of the client
  std::uint16_t peer_port = 0;
  Instant received;          // when the head was complete
  // Becomes true when the client has closed its end, if anybody watches: what waits for something to hand out then hands out nothing.
  std::shared_ptr<const std::atomic<bool>> client_left;

  // The first header of that name (any case); nullopt if absent.
  std::optional<std::string_view> header(std::string_view name) const;
};

// Builds a request outside net/ (tests, clients inside the process). Throws std::invalid_argument on control characters.
HttpRequest make_http_request(std::string_view method, std::string_view target,
                              const std::vector<std::pair<std::string, std::string>>& headers, std::string body);

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};  // Content-Length, Date and Connection are net's business
  std::string body = {};
};

// Completes one request, once, from any thread. Dropping it unanswered closes the connection.
using HttpReply = UniqueFunction<void(HttpResponse)>;

}  // namespace surgetank
