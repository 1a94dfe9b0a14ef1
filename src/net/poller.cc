#include "net/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "net/socket_watch.h"

namespace surgetank {
namespace {

constexpr std::size_t events_per_turn = 256;
constexpr std::uint32_t over = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

template <class Call>
void run_guarded(Call&& call) {
  try {
    call();
  } catch (const std::exception& failure) {
    log_line(LogLevel::Error, "loop", std::string("a handler failed: ") + failure.what());
  }
}

// In microseconds where the kernel can (Linux 5.11), else in milliseconds, rounded up.
int wait_for_events(int epoll, std::span<epoll_event> events, Duration sleep) {
  static std::atomic<bool> has_fine_steps{true};
  const auto room = static_cast<int>(events.size());
  if (has_fine_steps.load(std::memory_order_relaxed)) {
    timespec timeout{};
    timeout.tv_sec = sleep.us / 1'000'000;
    timeout.tv_nsec = sleep.us % 1'000'000 * 1000;
    const int ready = ::epoll_pwait2(epoll, events.data(), room, sleep < Duration{} ? nullptr : &timeout, nullptr);
    if (ready >= 0 || errno != ENOSYS) return ready;
    has_fine_steps.store(false, std::memory_order_relaxed);
  }
  return ::epoll_wait(epoll, events.data(), room, sleep < Duration{} ? -1 : static_cast<int>((sleep.us + 999) / 1000));
}

}  // namespace

// Makes the kernel look again; what is ready already comes with the next poll().
void Poller::renew(Watched& watched) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  if (watched.writer != nullptr) event.events |= EPOLLOUT;
  event.data.ptr = &watched;
  if (::epoll_ctl(watched.poller->epoll_, EPOLL_CTL_MOD, watched.descriptor, &event) != 0) fail("epoll_ctl");
}

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_up_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (epoll_ < 0 || wake_up_ < 0) fail("a loop cannot be made");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;  // each write is an event of its own: the counter is never read
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_up_, &event) != 0) fail("epoll_ctl");
}

Poller::~Poller() {
  // What lives only because it waits goes with its wait, and may close others while it does.
  while (!watched_.empty()) {
    auto& watched = *watched_.front();
    watched_.pop_front();
    watched.poller = nullptr;
    const auto reader = std::move(watched.reader);
    const auto writer = std::move(watched.writer);
  }
  while (!closed_.empty()) {
    const auto released = std::move(closed_);
    closed_.clear();
  }
  ::close(wake_up_);
  ::close(epoll_);
}

std::unique_ptr<Poller::Watched> Poller::add(int descriptor) {
  auto watched = std::make_unique<Watched>();
  watched->poller = this;
  watched->descriptor = descriptor;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  event.data.ptr = watched.get();
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("a descriptor cannot be watched");
  watched->place = watched_.insert(watched_.end(), watched.get());
  return watched;
}

void Poller::wait_readable(Watched& watched, std::shared_ptr<SocketEvents> events) {
  watched.reader = std::move(events);
  if (!watched.drained) renew(watched);
}

void Poller::wait_writable(Watched& watched, std::shared_ptr<SocketEvents> events) {
  watched.writer = std::move(events);
  renew(watched);
}

void Poller::note_drained(Watched& watched) { watched.drained = !watched.ended; }

void Poller::close(std::unique_ptr<Watched> watched) {
  auto* const poller = std::exchange(watched->poller, nullptr);
  // Closing alone would leave it registered for as long as another process holds the same socket.
  if (poller != nullptr) ::epoll_ctl(poller->epoll_, EPOLL_CTL_DEL, watched->descriptor, nullptr);
  ::close(watched->descriptor);
  if (poller == nullptr) return;
  poller->watched_.erase(watched->place);
  poller->closed_.push_back(std::move(watched));
}

void Poller::poll(Duration sleep) {
  {
    const auto released = std::move(closed_);
    closed_.clear();
  }
  std::array<epoll_event, events_per_turn> events;
  const int ready = wait_for_events(epoll_, events, sleep);
  asleep_.store(false, std::memory_order_relaxed);
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr != nullptr) dispatch(*static_cast<Watched*>(event.data.ptr), event.events);
  }
}

void Poller::dispatch(Watched& watched, std::uint32_t events) {
  if (watched.poller == nullptr) return;  // closed by one that came before it in this turn
  if ((events & (EPOLLIN | over)) != 0) {
    watched.drained = false;
    if ((events & over) != 0) watched.ended = true;
    if (const auto reader = std::move(watched.reader)) run_guarded([&] { reader->on_readable(); });
  }
  if (watched.poller == nullptr || (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) == 0) return;
  if (const auto writer = std::move(watched.writer)) run_guarded([&] { writer->on_writable(); });
}

void Poller::wake() {
  if (!asleep_.load() || !asleep_.exchange(false)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_up_, &one, sizeof one);  // EAGAIN: it was woken 2^64 - 2 times
}

}  // namespace surgetank
