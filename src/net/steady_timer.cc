#include "net/steady_timer.h"

#include <time.h>

#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "net/asio_access.h"

namespace surgetank {

struct SteadyTimer::Asio {
  explicit Asio(boost::asio::io_context& io) : timer(io) {}
  boost::asio::steady_timer timer;
  Task task;
  std::uint64_t setting = 0;  // a completion that was already queued when the timer was set anew must not run the new task
};

Duration coarse_steady_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return {std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000};
}

SteadyTimer::SteadyTimer(EventLoop& loop) : asio_(std::make_shared<Asio>(io_context_of(loop))) {}

SteadyTimer::~SteadyTimer() { cancel(); }

void SteadyTimer::after(Duration delay, Task task) {
  asio_->task = std::move(task);
  const auto setting = ++asio_->setting;
  asio_->timer.expires_after(std::chrono::microseconds(delay.us));
  asio_->timer.async_wait([weak = std::weak_ptr(asio_), setting](const boost::system::error_code& error) {
    const auto asio = weak.lock();
    if (error || !asio || asio->setting != setting) return;
    Task due = std::move(asio->task);
    asio->task = {};
    due();
  });
}

void SteadyTimer::cancel() {
  ++asio_->setting;
  asio_->timer.cancel();
  asio_->task = {};
}

}  // namespace surgetank
