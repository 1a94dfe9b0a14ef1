#pragma once
// An HTTP/1.1 server over event loops: TCP and unix sockets, keep-alive, pipelining, limits, deadlines, graceful drain.
//
// The handler is called on the loop of the connection, concurrently on all loops. It completes each request with its HttpReply:
// from any thread, once; on the connection's own loop without a detour. Answers leave in the order of the requests. Dropping the
// HttpReply closes the connection (after the answers before it). A handler that throws has dropped its reply.
// The server adds Content-Length, Date and Connection and ignores the handler's (except Content-Length for HEAD, which may
// describe a body that is not there); a status below 200 or a header that HTTP cannot carry becomes a 500 and a log line.
// What the server refuses by itself (400 408 413 414 417 431 501 503 505) is answered with a short text and closed.
//
// Owner: whoever wires the process. Loops outlive the server; replies may outlive both (and do nothing then), but
// none is completed or dropped while the loops are being destroyed. Sockets listen when the constructor returns
// (std::system_error if one cannot); connections are served as soon as the loops run. TCP connections are dealt out to the
// loops in turn; those of a unix socket stay on one loop.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "net/event_loop.h"
#include "net/http_parser.h"
#include "net/listen_address.h"

namespace surgetank {

struct HttpServerOptions {
  std::vector<ListenAddress> listen;
  HttpLimits limits;
  Duration head_deadline = seconds(10);        // from accept, or the first byte of a later request, to the end of the head; then 408
  Duration idle_timeout = minutes(5);          // between requests; then closed
  Duration body_grace = seconds(10);           // a body may take this long plus its bytes / body_bytes_per_second; then 408
  std::size_t body_bytes_per_second = 4096;
  Duration write_grace = seconds(30);          // the same for a client that does not read its answers; then reset
  std::size_t write_bytes_per_second = 4096;
  std::size_t connections = 8192;              // more are answered 503 and closed
  std::size_t unanswered_per_connection = 32;  // pipelined requests under way; beyond it nothing more is read
  std::size_t unsent_bytes_per_connection = 1024 * 1024;  // answers the client has not read yet; beyond it nothing more is read
  std::size_t memory_bytes = std::size_t{1} << 30;        // all bodies and unsent answers together; a body beyond it is answered 503
  std::optional<std::size_t> loop;             // serve every connection on this loop only
  unsigned unix_mode = 0600;                   // permissions of a unix socket's file
};

struct HttpServerStatistics {
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;       // handed to the handler
  std::uint64_t refused = 0;        // answered by the server itself (malformed, too large, too slow, too many)
  std::size_t open = 0;             // connections now
  std::size_t memory_bytes = 0;     // counted against options.memory_bytes now
};

class HttpServer {
 public:
  using Handler = std::function<void(HttpRequest, HttpReply)>;

  HttpServer(EventLoops& loops, HttpServerOptions options, Handler handler);
  // Stops listening and closes every connection at once. When it returns the handler is not running and will not run again.
  // Not from a loop thread.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // As bound: port 0 replaced by the real one. In the order of options.listen.
  const std::vector<ListenAddress>& addresses() const;
  std::uint16_t port() const;  // of the first TCP address; 0 if there is none

  // Stops listening, finishes the requests under way (answers say "Connection: close"), closes idle connections.
  // Returns when no connection is left, or after `deadline`, when the rest has been closed. Not from a loop thread.
  enum class Drained : std::uint8_t { Clean, Forced };
  Drained drain(Duration deadline);

  HttpServerStatistics statistics() const;  // from any thread

  struct Shared;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace surgetank
