#include "windtunnel/load/load_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t sample_bytes = 300;
constexpr std::size_t upgrade_head_bytes = 16 * 1024;
constexpr std::size_t message_bytes = std::size_t{64} << 20;
constexpr HttpResponseLimits limits{.head_bytes = 64 * 1024, .headers = 256, .interim_responses = 16, .body_bytes = std::size_t{1} << 32};

std::string system_text(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "connection refused";
    case ECONNRESET:
    case EPIPE:
      return "connection reset";
    case ETIMEDOUT:
      return "connecting timed out";
    case EADDRNOTAVAIL:
      return "no free local port";
    case EMFILE:
    case ENFILE:
      return "no free descriptor (ulimit -n)";
    default:
      return std::strerror(error);
  }
}

// The value of a header in a head that is known to end in an empty line.
std::string_view header_of(std::string_view head, std::string_view name) {
  for (const auto line : split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !equals_ignoring_case(line.substr(0, colon), name)) continue;
    auto value = line.substr(colon + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    return trim(value);
  }
  return {};
}

}  // namespace

LoadConnection::LoadConnection(LoadConnectionOwner& owner, const Peer& peer, Traffic& traffic, std::size_t pool)
    : owner_(owner), peer_(peer), traffic_(traffic), pool_(pool), mask_random_(reinterpret_cast<std::uintptr_t>(this)) {}

void LoadConnection::open(int epoll) {
  output_.clear();
  ciphertext_.clear();
  frames_.clear();
  written_ = ciphertext_written_ = 0;
  reader_.emplace(message_bytes);
  tls_.reset();
  life_ = Life::Connecting;
  socket_ = begin_connect_ip(peer_.ip, peer_.port);
  if (!socket_) return;  // go() reports it
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket_.get(), &event) != 0) socket_ = {};
}

void LoadConnection::start(const Flight& flight, AnswerTo method) {
  flight_ = flight;
  method_ = method;
  if (!is_websocket()) parser_.emplace(limits, method);
  sample_.clear();
}

void LoadConnection::go() {
  if (!socket_) return fail(Failure::Connect, system_text(errno));
  if (life_ != Life::Open) return;
  if (is_websocket()) send_message();
  flush();
}

void LoadConnection::on_events(std::uint32_t events) {
  if (life_ == Life::Connecting) {
    const int error = connect_error(socket_.get());
    if (error == EINPROGRESS) return;
    if (error != 0) return fail(Failure::Connect, system_text(error));
    connected();
  }
  if (life_ != Life::Closed && (events & EPOLLOUT) != 0) flush();
  if (life_ != Life::Closed && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read_all();
}

void LoadConnection::connected() {
  if (peer_.trust == nullptr) return opened();
  life_ = Life::Handshaking;
  tls_ = std::make_unique<TlsSession>(*peer_.trust, peer_.host);
  tls_->start();
  flush();
}

void LoadConnection::opened() {
  life_ = is_websocket() ? Life::Upgrading : Life::Open;
  flush();
}

void LoadConnection::send_message() {
  append_websocket_frame(output_, WebSocketOpcode::Text, message_, mask_random_);
  message_.clear();
}

void LoadConnection::flush() {
  const bool may_speak = life_ == Life::Open || life_ == Life::Upgrading;
  if (tls_) {
    if (may_speak && !output_.empty()) {
      tls_->send(output_);
      output_.clear();
    }
    ciphertext_ += tls_->take_output();
  } else if (!may_speak) {
    return;
  }
  auto& bytes = tls_ ? ciphertext_ : output_;
  auto& written = tls_ ? ciphertext_written_ : written_;
  while (written < bytes.size()) {
    const auto sent = ::send(socket_.get(), bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (errno == EINTR) continue;
      return;  // reading tells what happened
    }
    written += static_cast<std::size_t>(sent);
    traffic_.sent += static_cast<std::uint64_t>(sent);
  }
  bytes.clear();
  written = 0;
}

void LoadConnection::read_all() {
  static thread_local char buffer[64 * 1024];
  while (life_ != Life::Closed) {
    const auto size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (size < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (errno == EINTR) continue;
      return fail(Failure::Closed, system_text(errno));
    }
    if (size == 0) return peer_ended();
    traffic_.received += static_cast<std::uint64_t>(size);
    receive({buffer, static_cast<std::size_t>(size)});
    // Less than there was room for: the socket is empty; its end would be an event of its own.
    if (static_cast<std::size_t>(size) < sizeof buffer) return;
  }
}

void LoadConnection::receive(std::string_view bytes) {
  if (!tls_) return receive_plain(bytes);
  plaintext_.clear();
  tls_->receive(bytes, plaintext_);
  if (tls_->state() == TlsSession::State::Failed) {
    if (tls_->distrusts()) owner_.distrusted(*this, tls_->failure());
    return fail(life_ == Life::Handshaking ? Failure::Connect : Failure::Protocol, tls_->failure());
  }
  if (life_ == Life::Handshaking && tls_->state() == TlsSession::State::Open) opened();
  flush();
  if (!plaintext_.empty()) receive_plain(plaintext_);
  if (life_ != Life::Closed && tls_->state() == TlsSession::State::PeerClosed) peer_ended();
}

void LoadConnection::receive_plain(std::string_view bytes) {
  if (life_ == Life::Upgrading) return receive_upgrade(bytes);
  if (is_websocket()) return receive_frames(bytes);
  receive_http(bytes);
}

void LoadConnection::receive_http(std::string_view bytes) {
  if (!flight_) return fail(Failure::Protocol, "the server spoke without being asked");
  const auto used = parser_->feed(bytes);
  auto& body = parser_->body();
  if (sample_.size() < sample_bytes) sample_.append(body, 0, sample_bytes - sample_.size());
  body.clear();
  if (parser_->state() == HttpResponseParser::State::Failed) return fail(Failure::Protocol, parser_->fault_text());
  if (parser_->state() != HttpResponseParser::State::Complete) return;
  Answer answer{.status = parser_->status()};
  answer.sample = sample_;
  for (const auto& [name, value] : parser_->headers())
    if (equals_ignoring_case(name, "x-amz-function-error")) {
      answer.failure = Failure::FunctionError;
      answer.text = "function error";
    }
  if (!parser_->keeps_alive() || used != bytes.size()) close();
  land(answer);
}

void LoadConnection::receive_upgrade(std::string_view bytes) {
  frames_ += bytes;
  const auto end = frames_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (frames_.size() > upgrade_head_bytes) fail(Failure::Protocol, "the head of the upgrade is too large");
    return;
  }
  const auto head = std::string_view(frames_).substr(0, end);
  if (!head.starts_with("HTTP/1.1 101")) {
    const auto status = head.starts_with("HTTP/1.1 ") ? parse_integer(head.substr(9, 3)) : std::nullopt;
    return fail(Failure::Protocol, "the WebSocket was refused" + (status ? ": HTTP " + std::to_string(*status) : std::string()));
  }
  if (header_of(head, "sec-websocket-accept") != websocket_accept(upgrade_key_))
    return fail(Failure::Protocol, "the WebSocket's Sec-WebSocket-Accept is wrong");
  frames_.erase(0, end + 4);
  life_ = Life::Open;
  if (flight_) send_message();
  flush();
  receive_frames({});
}

void LoadConnection::receive_frames(std::string_view bytes) {
  frames_ += bytes;
  while (life_ == Life::Open) {
    switch (reader_->next(frames_)) {
      case WebSocketReader::Event::NeedMore:
        return;
      case WebSocketReader::Event::Pong:
        break;
      case WebSocketReader::Event::Ping:
        append_websocket_frame(output_, WebSocketOpcode::Pong, reader_->payload(), mask_random_);
        flush();
        break;
      case WebSocketReader::Event::Close:
        return peer_said_goodbye();
      case WebSocketReader::Event::Fault:
        return fail(Failure::Protocol, reader_->fault_text());
      case WebSocketReader::Event::Message:
        if (!flight_) break;  // pushed by the server: nobody waits for it
        sample_ = reader_->payload().substr(0, sample_bytes);
        land({.status = 0, .failure = Failure::None, .text = {}, .sample = sample_});
        break;
    }
  }
}

// RFC 6455, 5.5.1: a close is answered by a close with the same code.
void LoadConnection::peer_said_goodbye() {
  const std::string code(reader_->payload().substr(0, 2));
  append_websocket_frame(output_, WebSocketOpcode::Close, code, mask_random_);
  flush();
  std::string text = "the server closed the WebSocket";
  if (code.size() == 2) text += ": code " + std::to_string(static_cast<unsigned char>(code[0]) << 8 | static_cast<unsigned char>(code[1]));
  fail(Failure::Closed, text);
}

void LoadConnection::peer_ended() {
  if (flight_ && !is_websocket() && life_ == Life::Open) {
    parser_->end_of_connection();
    if (parser_->state() == HttpResponseParser::State::Complete) {
      const Answer answer{.status = parser_->status(), .failure = Failure::None, .text = {}, .sample = sample_};
      close();
      return land(answer);
    }
  }
  fail(life_ == Life::Connecting || life_ == Life::Handshaking ? Failure::Connect : Failure::Closed, "the server closed the connection");
}

void LoadConnection::land(const Answer& answer) {
  const auto flight = *flight_;
  flight_.reset();
  owner_.landed(*this, flight, answer);
}

void LoadConnection::fail(Failure failure, std::string_view text) {
  if (life_ == Life::Closed) return;
  const std::string kept(text);  // it may point into what close() drops
  close();
  if (!flight_) return owner_.closed(*this);
  land({.status = 0, .failure = failure, .text = kept, .sample = {}});
}

void LoadConnection::leave() {
  if (is_websocket() && is_open()) {
    append_websocket_frame(output_, WebSocketOpcode::Close, std::string_view("\x03\xe8", 2), mask_random_);  // 1000, normal closure
    flush();
  }
  close();
}

void LoadConnection::close() {
  life_ = Life::Closed;
  socket_ = {};
}

}  // namespace surgetank::windtunnel
