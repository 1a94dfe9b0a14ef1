#pragma once
// A non-blocking descriptor of which a loop watches the readiness. The owner reads and writes it with plain system calls; one that
// idles needs no buffer this way. Used on the loop's thread only (constructing and closing also while the loop does not run).
#include <memory>

#include "net/event_loop.h"
#include "net/poller.h"

namespace surgetank {

class SocketEvents {
 public:
  virtual ~SocketEvents() = default;
  virtual void on_readable() = 0;  // readable, ended or broken: reading tells
  virtual void on_writable() = 0;
};

class SocketWatch {
 public:
  SocketWatch(EventLoop& loop, int descriptor);  // owns the descriptor; std::system_error for a plain file
  ~SocketWatch();                                // closes it
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  int descriptor() const { return descriptor_; }  // -1 once closed
  // One call of on_readable() / on_writable(), later, for each wait. One wait of each kind at a time; a call that was already
  // under way may still come after close(). No wait after close(); what is closed may be destroyed on any thread, at any time.
  void wait_readable(std::shared_ptr<SocketEvents> events);
  void wait_writable(std::shared_ptr<SocketEvents> events);
  // Said right after a read that found nothing, or less than it had room for: the next wait_readable() then costs no system call.
  // Not after a read that was cut short for another reason (MSG_PEEK, a message of a datagram socket).
  void note_drained();
  void close();

 private:
  std::unique_ptr<Poller::Watched> watched_;  // null once closed
  int descriptor_;
};

}  // namespace surgetank
