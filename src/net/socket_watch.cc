#include "net/socket_watch.h"

#include <utility>

#include "net/poller.h"

namespace surgetank {

SocketWatch::SocketWatch(EventLoop& loop, int descriptor) : watched_(loop.poller().add(descriptor)), descriptor_(descriptor) {}

SocketWatch::~SocketWatch() { close(); }

void SocketWatch::wait_readable(std::shared_ptr<SocketEvents> events) { Poller::wait_readable(*watched_, std::move(events)); }
void SocketWatch::wait_writable(std::shared_ptr<SocketEvents> events) { Poller::wait_writable(*watched_, std::move(events)); }
void SocketWatch::note_drained() { Poller::note_drained(*watched_); }

void SocketWatch::close() {
  if (watched_ == nullptr) return;
  descriptor_ = -1;
  Poller::close(std::move(watched_));
}

}  // namespace surgetank
