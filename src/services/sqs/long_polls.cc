#include "services/sqs/long_polls.h"

#include <algorithm>

namespace surgetank::sqs {

void LongPolls::park(Call& call, std::string topic, Instant deadline, std::optional<Instant> next_visible) {
  auto until = deadline;
  if (is_watch(call)) watch_.reset();
  if (next_visible && (!watch_ || watch_->until <= call.now || *next_visible < watch_->until)) {
    until = std::min(deadline, *next_visible);
    watch_ = Watch{until, call.arrived(), call.request_id};
  }
  ++waiting_;
  call.park(std::move(topic), until);
}

void LongPolls::wake(Call& call, std::string topic, std::size_t count) {
  const auto woken = std::min<std::uint64_t>(count, waiting_);
  if (woken == 0) return;
  waiting_ -= woken;
  call.signal(std::move(topic), woken);
}

void LongPolls::leave(Call& call, std::string topic, bool can_receive, std::optional<Instant> next_visible) {
  const bool was_watch = is_watch(call);
  if (was_watch) watch_.reset();
  if (waiting_ == 0) return;
  const bool is_unwatched = next_visible && (!watch_ || *next_visible < watch_->until);
  if (was_watch || can_receive || is_unwatched) wake(call, std::move(topic), 1);
}

}  // namespace surgetank::sqs
