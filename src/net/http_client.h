#pragma once
// The HttpClient over sockets: plain TCP, TLS (certificate and host name are verified against the system's trust store) and unix
// sockets; keep-alive connections are pooled per origin. Names are resolved on the thread beside the loop, never on the loop.
//
// send() from any thread; `done` runs on the client's loop. A request that fails on a connection taken from the pool before one byte
// of answer came is tried once more on a new connection if its method is idempotent (RFC 9110 section 9.2.2).
// Answers are parsed as strictly as requests are; a malformed one is Failure::Protocol, an untrusted certificate Failure::Connect.
// Destroying the client (on its loop's thread, or when the loop is not running, or from elsewhere: it waits) completes what
// is under way with Failure::Connect.
#include <cstddef>
#include <memory>
#include <string>

#include "kernel/http_client.h"
#include "net/event_loop.h"

namespace surgetank {

struct LoopHttpClientOptions {
  std::size_t idle_per_origin = 32;    // pooled connections; more are closed after use
  std::size_t connections = 1024;      // open at the same time; further requests wait within their timeout
  Duration idle_timeout = seconds(30);
  std::string trust_file;              // PEM certificates that are trusted besides the system's
};

class LoopHttpClient final : public HttpClient {
 public:
  LoopHttpClient(EventLoop& loop, LoopHttpClientOptions options);
  ~LoopHttpClient() override;
  void send(HttpClientRequest request, UniqueFunction<void(HttpClientResult)> done) override;

  struct Shared;

 private:
  EventLoop& loop_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace surgetank
