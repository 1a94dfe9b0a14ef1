#pragma once
// What a loop sleeps on: the readiness of descriptors (epoll, edge-triggered) and a wake-up from other threads (an eventfd).
// Internal to net/; a descriptor's owner uses it through SocketWatch.
//
// A descriptor is registered once. Waiting to read it again costs no system call if its owner has said that nothing was left to read
// (note_drained()): the kernel then tells of the next bytes by itself. Otherwise the registration is renewed, which makes the kernel
// look whether something is there already.
// The loop's thread only, but for wake().
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "base/time.h"

namespace surgetank {

class SocketEvents;

class Poller {
 public:
  struct Watched {
    Poller* poller = nullptr;  // null: closed, or the loop is gone
    int descriptor = -1;
    bool drained = true;  // since the last event: the kernel will tell of the next bytes by itself
    bool ended = false;   // its end or a fault was announced: reading never comes to "nothing yet" again
    std::shared_ptr<SocketEvents> reader;
    std::shared_ptr<SocketEvents> writer;
    std::list<Watched*>::iterator place;
  };

  Poller();
  ~Poller();  // releases who waits; descriptors still registered stay their owners'
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // std::system_error when the kernel refuses the descriptor (a plain file); it stays the caller's then.
  std::unique_ptr<Watched> add(int descriptor);
  static void wait_readable(Watched& watched, std::shared_ptr<SocketEvents> events);
  static void wait_writable(Watched& watched, std::shared_ptr<SocketEvents> events);
  static void note_drained(Watched& watched);
  // Closes the descriptor. Who waited is released when the loop's current turn is over.
  static void close(std::unique_ptr<Watched> watched);

  // From here until poll() returns wake() interrupts the sleep. Whoever has work for the loop makes it visible first and wakes then.
  void about_to_sleep() { asleep_.store(true); }
  // Waits at most `sleep` (below 0: for ever) and calls those whose descriptors are ready.
  void poll(Duration sleep);
  // From any thread. No system call while the loop is awake.
  void wake();

 private:
  static void renew(Watched& watched);
  static void dispatch(Watched& watched, std::uint32_t events);

  int epoll_;
  int wake_up_;
  std::atomic<bool> asleep_{false};
  std::list<Watched*> watched_;
  std::vector<std::unique_ptr<Watched>> closed_;  // this turn: an event of theirs may still be in the kernel's list
};

}  // namespace surgetank
