#include "services/lambda/async_queue.h"

#include <algorithm>

namespace surgetank::lambda {
namespace {

constexpr Duration probe_interval = seconds(1);

}  // namespace

std::size_t DispatchPace::allowed(Instant now) {
  if (resume_at_ && now < *resume_at_) return 0;
  if (resume_at_) {
    resume_at_.reset();
    next_growth_ = now + probe_interval;
  }
  while (limit_ < most_ && now >= next_growth_) {
    limit_ = std::min(most_, limit_ + step_);
    step_ *= 2;
    next_growth_ = next_growth_ + probe_interval;
  }
  return limit_;
}

void DispatchPace::refused(Instant now, std::size_t running) {
  limit_ = std::max<std::size_t>(1, std::min(limit_, running));
  step_ = 1;
  next_growth_ = now + probe_interval;
  // With nothing of its own under way, nobody tells the function that there is capacity again: it asks once in a while.
  if (running == 0) resume_at_ = now + probe_interval;
}

std::optional<Instant> DispatchPace::next_rise() const {
  if (resume_at_) return resume_at_;
  if (limit_ < most_) return next_growth_;
  return std::nullopt;
}

void EventQueue::add(EventKey key) {
  if (running_.contains(key)) return;
  if (store_from_ && key >= *store_from_) return;
  window_.insert(key);
  if (window_.size() <= limits_.window) return;
  const auto last = std::prev(window_.end());
  store_from_ = *last;
  window_.erase(last);
}

std::optional<EventKey> EventQueue::wanted() const { return window_.empty() ? store_from_ : std::nullopt; }

void EventQueue::loaded(const std::vector<EventKey>& keys, Rest rest) {
  for (const auto& key : keys)
    if (!running_.contains(key)) window_.insert(key);
  if (rest == Rest::Nothing) {
    store_from_.reset();
  } else if (!keys.empty()) {
    store_from_ = EventKey{.due = keys.back().due, .id = keys.back().id + 1};
  }
}

bool EventQueue::has_room(Instant now) { return running_.size() < pace_.allowed(now) && running_bytes_ < limits_.running_bytes; }

std::optional<EventKey> EventQueue::take(Instant now) {
  if (window_.empty() || window_.begin()->due > now || !has_room(now)) return std::nullopt;
  const auto key = *window_.begin();
  window_.erase(window_.begin());
  running_.emplace(key, 0);
  return key;
}

void EventQueue::set_size(EventKey key, std::size_t payload_bytes) {
  const auto found = running_.find(key);
  if (found == running_.end()) return;
  running_bytes_ += payload_bytes - found->second;
  found->second = payload_bytes;
}

void EventQueue::ended(EventKey key, Ending ending, Instant now) {
  const auto found = running_.find(key);
  if (found == running_.end()) return;
  running_bytes_ -= found->second;
  running_.erase(found);
  if (ending == Ending::Refused) pace_.refused(now, running_.size());
  if (ending == Ending::Ran) pace_.ran();
}

std::optional<Instant> EventQueue::next_wake(Instant now) const {
  if (window_.empty()) return std::nullopt;
  if (window_.begin()->due > now) return window_.begin()->due;
  return pace_.next_rise();
}

}  // namespace surgetank::lambda
