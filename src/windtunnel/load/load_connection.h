#pragma once
// One connection of the load generator with one request under way at a time: plain or TLS, HTTP/1.1 or WebSocket. Lean: it is watched by
// an epoll (edge triggered) once for its life, its buffers are kept from request to request, and an object is used again after its end.
// Its owner renders requests into it and is told of answers and failures. One thread. Nothing throws but std::bad_alloc.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_response_parser.h"
#include "net/sockets.h"
#include "net/tls_session.h"
#include "windtunnel/load/load_results.h"
#include "windtunnel/load/websocket_frames.h"

namespace surgetank::windtunnel {

class LoadConnection;

// A request on its way.
struct Flight {
  std::uint64_t n = 0;
  std::size_t request = 0;  // of the plan
  std::size_t phase = 0;
  Duration scheduled;  // since the begin of the run
  Duration deadline;
};

struct Answer {
  int status = 0;
  Failure failure = Failure::None;  // Status is the owner's judgement and not made here
  std::string_view text = {};
  std::string_view sample = {};  // the beginning of the body
};

class LoadConnectionOwner {
 public:
  virtual ~LoadConnectionOwner() = default;
  // The flight is over. The connection is idle afterwards (is_open()) or closed; the owner may send the next one at once.
  virtual void landed(LoadConnection& connection, const Flight& flight, const Answer& answer) = 0;
  // The peer's certificate is not trusted; the flight fails next.
  virtual void distrusted(LoadConnection& connection, std::string_view why) = 0;
  // It is closed; it had no flight.
  virtual void closed(LoadConnection& connection) = 0;
};

class LoadConnection {
 public:
  enum class Protocol : std::uint8_t { Http, WebSocket };
  struct Peer {
    std::string ip;
    std::uint16_t port = 0;
    std::string host;           // for TLS
    TlsTrust* trust = nullptr;  // null: plain
    Protocol protocol = Protocol::Http;
  };
  struct Traffic {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
  };

  // `peer`, `owner` and `traffic` outlive it.
  LoadConnection(LoadConnectionOwner& owner, const Peer& peer, Traffic& traffic, std::size_t pool);
  // Begins to connect; failures reach the flight that waits for it (start() must follow at once).
  void open(int epoll);
  void start(const Flight& flight, AnswerTo method);
  // Where the owner puts the bytes of the request between start() and go(); of a WebSocket the message.
  std::string& output() { return is_websocket() ? message_ : output_; }
  // Of a WebSocket that is not open yet: its upgrade request.
  std::string& upgrade() { return output_; }
  bool needs_upgrade() const { return is_websocket() && life_ != Life::Open; }
  void set_upgrade_key(std::string key) { upgrade_key_ = std::move(key); }
  void go();
  void on_events(std::uint32_t events);
  // Gives up the flight, if any, and closes.
  void fail(Failure failure, std::string_view text);
  void close();
  // Closes with the goodbye that the protocol asks for; of an idle one.
  void leave();

  bool is_closed() const { return life_ == Life::Closed; }
  bool is_open() const { return life_ == Life::Open && !flight_; }
  const std::optional<Flight>& flight() const { return flight_; }
  std::size_t pool() const { return pool_; }

 private:
  enum class Life : std::uint8_t { Closed, Connecting, Handshaking, Upgrading, Open };
  bool is_websocket() const { return peer_.protocol == Protocol::WebSocket; }
  void connected();
  void opened();
  void send_message();
  void flush();
  void read_all();
  void receive(std::string_view bytes);
  void receive_plain(std::string_view bytes);
  void receive_http(std::string_view bytes);
  void receive_upgrade(std::string_view bytes);
  void receive_frames(std::string_view bytes);
  void peer_said_goodbye();
  void peer_ended();
  void land(const Answer& answer);

  LoadConnectionOwner& owner_;
  const Peer& peer_;
  Traffic& traffic_;
  const std::size_t pool_;
  Life life_ = Life::Closed;
  Descriptor socket_;
  std::unique_ptr<TlsSession> tls_;
  std::optional<Flight> flight_;
  AnswerTo method_ = AnswerTo::OtherMethod;
  std::optional<HttpResponseParser> parser_;
  std::string sample_;
  std::string output_;
  std::size_t written_ = 0;
  std::string ciphertext_;
  std::size_t ciphertext_written_ = 0;
  std::string plaintext_;
  std::string message_;
  std::string frames_;
  std::string upgrade_key_;
  std::optional<WebSocketReader> reader_;
  Random mask_random_;
};

}  // namespace surgetank::windtunnel
