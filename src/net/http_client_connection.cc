#include "net/http_client_connection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "net/http_request_writer.h"

namespace surgetank {
namespace {

constexpr Duration attempt_time = seconds(3);  // for one address while there are others
constexpr std::size_t read_bytes = 16 * 1024;
constexpr int reads_per_turn = 16;

}  // namespace

HttpClientConnection::HttpClientConnection(EventLoop& loop, HttpConnectionOwner& owner, std::string origin)
    : loop_(loop), owner_(owner), origin_(std::move(origin)), timer_(loop) {}

void HttpClientConnection::connect(std::shared_ptr<HttpExchange> exchange, std::vector<std::string> addresses, TlsTrust* trust) {
  exchange_ = std::move(exchange);
  exchange_->connection = weak_from_this();
  addresses_ = std::move(addresses);
  trust_ = trust;
  connect_next();
}

void HttpClientConnection::connect_next() {
  timer_.cancel();
  waiting_writable_ = false;
  const bool is_unix = exchange_->url.scheme == HttpUrl::Scheme::Unix;
  Descriptor socket;
  while (!socket) {
    if (addresses_.empty()) return fail(HttpClientResult::Failure::Connect, "cannot connect: " + connect_failure_);
    const auto address = addresses_.front();
    addresses_.erase(addresses_.begin());
    socket = is_unix ? connect_unix_blocking(address) : begin_connect_ip(address, exchange_->url.port);
    if (!socket) connect_failure_ = std::strerror(errno);
  }
  life_ = Life::Connecting;
  watch_ = std::make_unique<SocketWatch>(loop_, socket.release());
  waiting_writable_ = true;
  watch_->wait_writable(shared_from_this());
  if (addresses_.empty()) return;  // the exchange's own timeout is enough
  timer_.after(attempt_time, [this] {
    connect_failure_ = std::strerror(ETIMEDOUT);
    watch_->close();
    connect_next();
  });
}

void HttpClientConnection::on_writable() {
  if (life_ == Life::Closed || !waiting_writable_) return;
  if (life_ != Life::Connecting) {
    waiting_writable_ = false;
    return flush();
  }
  const int error = connect_error(watch_->descriptor());
  if (error == EINPROGRESS) return watch_->wait_writable(shared_from_this());  // the event was of the attempt before
  if (error == 0) {
    waiting_writable_ = false;
    return connected();
  }
  connect_failure_ = std::strerror(error);
  watch_->close();
  connect_next();
}

void HttpClientConnection::connected() {
  timer_.cancel();
  want_input();
  if (exchange_->url.scheme != HttpUrl::Scheme::Https) return send_request();
  life_ = Life::Handshaking;
  tls_ = std::make_unique<TlsSession>(*trust_, exchange_->url.host);
  tls_->start();
  flush();
}

void HttpClientConnection::begin(std::shared_ptr<HttpExchange> exchange) {
  timer_.cancel();
  exchange_ = std::move(exchange);
  exchange_->connection = weak_from_this();
  send_request();
}

void HttpClientConnection::send_request() {
  life_ = Life::Busy;
  ++exchanges_;
  const auto& request = exchange_->request;
  HttpResponseLimits limits;
  limits.body_bytes = request.response_limit;
  parser_.emplace(limits, request.method == "HEAD" ? AnswerTo::Head : AnswerTo::OtherMethod);
  if (tls_) {
    std::string head;
    append_request_head(head, request, exchange_->url, ClientPersistence::KeepAlive);
    tls_->send(head);
    if (!request.body.empty()) tls_->send(request.body);
  } else {
    append_request_head(output_.tail(), request, exchange_->url, ClientPersistence::KeepAlive);
    // The body is copied: it is needed again if the connection turns out to be stale.
    if (!request.body.empty()) output_.append_body(request.body);
  }
  flush();
}

void HttpClientConnection::flush() {
  if (tls_) {
    auto bytes = tls_->take_output();
    if (!bytes.empty()) output_.append_body(std::move(bytes));
  }
  if (waiting_writable_ || output_.empty()) return;
  switch (output_.write_to(watch_->descriptor())) {
    case OutputQueue::Written::All: return;
    case OutputQueue::Written::Failed: return;  // reading finds the answer that the peer may have sent before it closed, or the end
    case OutputQueue::Written::Blocked: break;
  }
  waiting_writable_ = true;
  watch_->wait_writable(shared_from_this());
}

void HttpClientConnection::want_input() {
  if (waiting_readable_ || life_ == Life::Closed) return;
  waiting_readable_ = true;
  watch_->wait_readable(shared_from_this());
}

void HttpClientConnection::on_readable() {
  waiting_readable_ = false;
  if (life_ == Life::Closed) return;
  const auto self = shared_from_this();
  std::array<char, read_bytes> buffer;
  for (int round = 0; round < reads_per_turn; ++round) {
    const auto got = ::recv(watch_->descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      watch_->note_drained();
      break;
    }
    // An idle connection on which the peer speaks or which it closes is of no further use.
    if (life_ == Life::Idle) return close();
    if (got <= 0) return peer_ended();
    const bool drained = static_cast<std::size_t>(got) < buffer.size();
    if (drained) watch_->note_drained();
    receive({buffer.data(), static_cast<std::size_t>(got)});
    if (life_ == Life::Closed) return;
    if (drained) break;
  }
  want_input();
}

void HttpClientConnection::receive(std::string_view bytes) {
  if (tls_) return receive_tls(bytes);
  check_answer(bytes.size() - parser_->feed(bytes));
}

void HttpClientConnection::receive_tls(std::string_view bytes) {
  plaintext_.clear();
  tls_->receive(bytes, plaintext_);
  if (life_ == Life::Handshaking && tls_->state() == TlsSession::State::Open) send_request();
  flush();
  if (life_ == Life::Busy && !plaintext_.empty()) {
    check_answer(plaintext_.size() - parser_->feed(plaintext_));
    if (life_ != Life::Busy) return;
  }
  if (tls_->state() == TlsSession::State::Failed)
    return fail(life_ == Life::Handshaking ? HttpClientResult::Failure::Connect : HttpClientResult::Failure::Protocol, tls_->failure());
  if (tls_->state() == TlsSession::State::PeerClosed) peer_ended();
}

void HttpClientConnection::peer_ended() {
  if (life_ == Life::Handshaking)
    return fail(HttpClientResult::Failure::Connect, "the peer closed the connection during the TLS handshake");
  if (parser_->at_start() && exchanges_ > 1) {
    const auto exchange = std::move(exchange_);
    exchange_ = nullptr;
    close();
    return owner_.was_stale(exchange);
  }
  // Without the farewell of TLS anybody on the way may have cut the answer short.
  if (!tls_ || tls_->state() == TlsSession::State::PeerClosed) parser_->end_of_connection();
  if (parser_->state() == HttpResponseParser::State::Complete) return answer_complete(0);
  const auto text = parser_->state() == HttpResponseParser::State::Failed ? parser_->fault_text() : "the connection was cut";
  fail(HttpClientResult::Failure::Protocol, std::string(text));
}

void HttpClientConnection::check_answer(std::size_t left_over) {
  if (parser_->state() == HttpResponseParser::State::Complete) return answer_complete(left_over);
  if (parser_->state() != HttpResponseParser::State::Failed) return;
  const auto failure = parser_->is_too_large() ? HttpClientResult::Failure::TooLarge : HttpClientResult::Failure::Protocol;
  fail(failure, std::string(parser_->fault_text()));
}

void HttpClientConnection::answer_complete(std::size_t left_over) {
  HttpClientResult result;
  result.status = parser_->status();
  result.headers = std::move(parser_->headers());
  result.body = std::move(parser_->body());
  const bool open = !tls_ || tls_->state() == TlsSession::State::Open;
  const bool reusable = parser_->keeps_alive() && left_over == 0 && output_.empty() && open;
  const auto exchange = std::move(exchange_);
  exchange_ = nullptr;
  life_ = Life::Idle;
  if (!reusable) close();
  owner_.finished(exchange, std::move(result), reusable ? HttpConnectionOwner::After::Reusable : HttpConnectionOwner::After::Gone);
}

bool HttpClientConnection::is_usable() const {
  char byte = 0;
  if (life_ != Life::Idle) return false;
  return ::recv(watch_->descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void HttpClientConnection::close_after(Duration idle) {
  timer_.after(idle, [this] { close(); });
}

void HttpClientConnection::fail(HttpClientResult::Failure failure, const std::string& text) {
  const auto self = shared_from_this();
  const auto exchange = std::move(exchange_);
  exchange_ = nullptr;
  close();
  if (exchange == nullptr) return;
  HttpClientResult result;
  result.failure = failure;
  result.failure_text = text;
  owner_.finished(exchange, std::move(result), HttpConnectionOwner::After::Gone);
}

void HttpClientConnection::close() {
  if (life_ == Life::Closed) return;
  life_ = Life::Closed;
  const auto self = shared_from_this();
  timer_.cancel();
  if (watch_) watch_->close();
  owner_.closed(self);
}

}  // namespace surgetank
