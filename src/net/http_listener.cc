#include "net/http_listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "net/http_connection.h"

namespace surgetank {
namespace {

constexpr int accepts_per_turn = 64;
constexpr Duration retry_delay = milliseconds(100);  // when the system has no descriptor or memory left
constexpr std::string_view too_many =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 21\r\nConnection: close\r\n\r\ntoo many connections\n";

}  // namespace

HttpListener::HttpListener(std::shared_ptr<HttpServer::Shared> shared, HttpLoopState& home, Descriptor socket, ListenAddress address)
    : shared_(std::move(shared)), home_(home), watch_(home.loop, socket.release()), retry_(home.loop), address_(std::move(address)) {}

void HttpListener::close() {
  if (closed_) return;
  closed_ = true;
  retry_.cancel();
  watch_.close();
  if (address_.kind == ListenAddress::Kind::Unix) ::unlink(address_.path.c_str());
}

void HttpListener::on_readable() {
  for (int i = 0; i < accepts_per_turn && !closed_; ++i) {
    auto accepted = accept_from(watch_.descriptor());
    if (accepted.socket) {
      deal(std::move(accepted));
      continue;
    }
    if (accepted.error == EAGAIN || accepted.error == EWOULDBLOCK) {
      watch_.note_drained();
      break;
    }
    if (accepted.error == EMFILE || accepted.error == ENFILE || accepted.error == ENOBUFS || accepted.error == ENOMEM)
      return pause(accepted.error);
    // Anything else is an error of the one connection that was about to be accepted (accept(2)).
  }
  if (!closed_) start();
}

void HttpListener::pause(int error) {
  log_line(LogLevel::Warning, "http", std::string("cannot accept connections: ") + std::strerror(error));
  retry_.after(retry_delay, [self = shared_from_this()] { self->on_readable(); });
}

void HttpListener::deal(Accepted accepted) {
  shared_->accepted.fetch_add(1, std::memory_order_relaxed);
  if (!shared_->admit()) {
    shared_->turned_away.fetch_add(1, std::memory_order_relaxed);
    [[maybe_unused]] const auto sent = ::send(accepted.socket.get(), too_many.data(), too_many.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  auto* target = &home_;
  if (!shared_->options.loop && address_.kind != ListenAddress::Kind::Unix)
    target = shared_->states[next_loop_++ % shared_->states.size()].get();
  const auto adopt = [shared = shared_, target](Accepted taken) {
    if (target->closed) return shared->leave();
    auto connection = std::make_shared<HttpConnection>(shared, *target, std::move(taken));
    const auto place = target->connections.insert(target->connections.end(), connection);
    connection->start(place);
    if (target->draining) connection->begin_drain();
  };
  if (target == &home_) return adopt(std::move(accepted));
  target->loop.post([adopt, kept = std::move(accepted)]() mutable { adopt(std::move(kept)); });
}

}  // namespace surgetank
