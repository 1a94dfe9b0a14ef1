#pragma once
// How anything above the sockets makes an HTTP request to somewhere else (HTTP proxy integrations, webhooks, the command line).
// net/ implements it with sockets, sim/ with a virtual network. No redirects are followed, no cookies are kept.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/unique_function.h"

namespace surgetank {

struct HttpClientRequest {
  std::string url;  // http://host[:port]/path?query, https://..., or unix:/path/of/socket:/path?query
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers = {};  // Host may be given; Content-Length, Connection, Expect ... are ignored
  std::string body = {};
  Duration timeout = seconds(30);                    // for everything: resolve, connect, send, the whole answer
  std::size_t response_limit = 10 * 1024 * 1024;     // bytes of body
};

struct HttpClientResult {
  enum class Failure : std::uint8_t { None, Resolve, Connect, Timeout, TooLarge, Protocol };
  Failure failure = Failure::None;
  std::string failure_text = {};  // one line, fit for a log; empty when there is none
  int status = 0;                 // 0 on failure
  std::vector<std::pair<std::string, std::string>> headers = {};  // as sent, in order, without trailers
  std::string body = {};
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // `done` is called exactly once, never inside the call. See the implementation for the thread.
  virtual void send(HttpClientRequest request, UniqueFunction<void(HttpClientResult)> done) = 0;
};

}  // namespace surgetank
