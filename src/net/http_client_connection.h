#pragma once
// One connection of a LoopHttpClient, plain or TLS, and the request that is under way on it. Internal to net/; one loop's thread.
//
// connect -> (TLS handshake) -> busy with one exchange after the other, idle in the pool between them -> closed. Whatever ends an
// exchange is reported to the owner once, through finish(); the connection decides only whether it may be used again.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/http_client.h"
#include "net/http_response_parser.h"
#include "net/http_url.h"
#include "net/output_queue.h"
#include "net/socket_watch.h"
#include "net/sockets.h"
#include "net/steady_timer.h"
#include "net/tls_session.h"

namespace surgetank {

class HttpClientConnection;

// One request on its way, from send() to its `done`.
struct HttpExchange {
  explicit HttpExchange(EventLoop& loop) : timer(loop) {}
  HttpClientRequest request;
  HttpUrl url;
  UniqueFunction<void(HttpClientResult)> done;
  SteadyTimer timer;
  std::weak_ptr<HttpClientConnection> connection;
  bool retried = false;
  bool finished = false;
};

// What a connection tells its owner.
class HttpConnectionOwner {
 public:
  virtual ~HttpConnectionOwner() = default;
  // The exchange is over: an answer or a failure. `reusable`: the connection is idle now.
  enum class After : std::uint8_t { Reusable, Gone };
  virtual void finished(const std::shared_ptr<HttpExchange>& exchange, HttpClientResult result, After after) = 0;
  // A connection from the pool was gone already: no byte of an answer came.
  virtual void was_stale(const std::shared_ptr<HttpExchange>& exchange) = 0;
  virtual void closed(const std::shared_ptr<HttpClientConnection>& connection) = 0;
};

class HttpClientConnection final : public SocketEvents, public std::enable_shared_from_this<HttpClientConnection> {
 public:
  HttpClientConnection(EventLoop& loop, HttpConnectionOwner& owner, std::string origin);
  // Connects (to the addresses in turn) for this exchange and begins it. `trust` for https only.
  void connect(std::shared_ptr<HttpExchange> exchange, std::vector<std::string> addresses, TlsTrust* trust);
  void begin(std::shared_ptr<HttpExchange> exchange);  // on an idle connection
  bool is_usable() const;                              // idle, and the peer has neither closed nor spoken
  void close_after(Duration idle);
  void fail(HttpClientResult::Failure failure, const std::string& text);  // the exchange under way, if any; then close
  void close();
  const std::string& origin() const { return origin_; }
  const std::shared_ptr<HttpExchange>& exchange() const { return exchange_; }

  void on_readable() override;
  void on_writable() override;

 private:
  enum class Life : std::uint8_t { New, Connecting, Handshaking, Busy, Idle, Closed };
  void connect_next();
  void connected();
  void send_request();
  void flush();
  void receive(std::string_view bytes);
  void receive_tls(std::string_view bytes);
  void peer_ended();
  void check_answer(std::size_t left_over);
  void answer_complete(std::size_t left_over);
  void want_input();

  EventLoop& loop_;
  HttpConnectionOwner& owner_;
  std::string origin_;
  Life life_ = Life::New;
  std::shared_ptr<HttpExchange> exchange_;
  std::vector<std::string> addresses_;  // still to try
  std::string connect_failure_;
  TlsTrust* trust_ = nullptr;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<SocketWatch> watch_;
  SteadyTimer timer_;                   // of one connect attempt, or of idling
  OutputQueue output_;
  std::optional<HttpResponseParser> parser_;
  std::string plaintext_;
  std::size_t exchanges_ = 0;
  bool waiting_readable_ = false;
  bool waiting_writable_ = false;
};

}  // namespace surgetank
