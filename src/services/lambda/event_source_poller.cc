#include "services/lambda/event_source_poller.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/assert.h"
#include "services/lambda/event_source_record.h"
#include "services/lambda/limits.h"

namespace surgetank::lambda {
namespace {

constexpr std::int64_t messages_per_receive = 10;
constexpr Duration long_poll = seconds(20);
constexpr std::size_t most_receives = 16;                // ours
constexpr std::size_t most_buffered_bytes = 64U << 20;   // ours
constexpr Duration first_retry = milliseconds(500);      // ours: AWS only says that the delay grows
constexpr Duration longest_retry = seconds(20);          // ours
constexpr Duration first_receive_retry = seconds(1);     // ours
constexpr Duration longest_receive_retry = seconds(60);  // ours
constexpr double longest_prefetched_run_seconds = 1;     // ours: of longer ones nothing is received ahead
constexpr double smoothing = 0.1;

void smooth(double& average, double value) { average = average == 0 ? value : average + smoothing * (value - average); }

Duration doubled(Duration first, int times, Duration longest) {
  constexpr int most_doublings = 16;
  return std::min(first * (std::int64_t{1} << std::min(times, most_doublings)), longest);
}

void take_earlier(std::optional<Instant>& earliest, std::optional<Instant> other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

}  // namespace

EventSourcePoller::EventSourcePoller(PollerSettings settings) : settings_(std::move(settings)), limit_(settings_.scaling) {}

void EventSourcePoller::configure(PollerSettings settings) {
  if (!settings_.scaling.provisioned) budget_ = {};
  settings_ = std::move(settings);
  limit_.set_rule(settings_.scaling);
}

const std::vector<QueuedMessage>& EventSourcePoller::messages(BatchId id) const {
  const auto found = batches_.find(id);
  SURGE_ASSERT(found != batches_.end(), "a batch that has finished is asked for");
  return found->second.messages;
}

PollerOrders EventSourcePoller::orders(Instant now) {
  PollerOrders orders;
  forget_expired(now);
  if (is_paused_) {
    release_all(orders);
    limit_.advance(now, ConcurrencyLimit::Demand::Met);
    return orders;
  }
  limit_.advance(now, demand());
  retry_throttled(now, orders);
  start_batches(now, orders);
  ask_for_more(now, orders);
  limit_.advance(now, demand());
  orders.wake = next_wake(now);
  return orders;
}

void EventSourcePoller::forget_expired(Instant now) {
  std::erase_if(buffer_, [&](const Buffered& buffered) {
    const bool is_expired = buffered.visible_again <= now;
    if (is_expired) buffered_bytes_ -= buffered.message.record.size();
    return is_expired;
  });
}

void EventSourcePoller::release_all(PollerOrders& orders) {
  for (auto& buffered : buffer_) orders.released.push_back(std::move(buffered.message.receipt_handle));
  buffer_.clear();
  buffered_bytes_ = 0;
  for (auto at = batches_.begin(); at != batches_.end();) {
    if (!at->second.retry_at) {
      ++at;
      continue;
    }
    for (auto& message : at->second.messages) {
      busy_groups_.extract(message.group);
      orders.released.push_back(std::move(message.receipt_handle));
    }
    at = batches_.erase(at);
  }
}

void EventSourcePoller::retry_throttled(Instant now, PollerOrders& orders) {
  auto running = std::count_if(batches_.begin(), batches_.end(), [](const auto& entry) { return !entry.second.retry_at; });
  for (auto at = batches_.begin(); at != batches_.end();) {
    auto& batch = at->second;
    if (batch.retry_at && batch.visible_again <= now) {
      for (const auto& message : batch.messages) busy_groups_.extract(message.group);
      at = batches_.erase(at);
      continue;
    }
    if (batch.retry_at && *batch.retry_at <= now) {
      if (running < limit_.batches()) {
        ++running;
        batch.retry_at.reset();
        batch.started = now;
        orders.invocations.push_back(at->first);
      } else {
        batch.retry_at = now + first_retry;
      }
    }
    ++at;
  }
}

void EventSourcePoller::start_batches(Instant now, PollerOrders& orders) {
  while (static_cast<std::int64_t>(batches_.size()) < limit_.batches() && is_batch_ready(now)) {
    const auto places = next_batch();
    if (places.empty()) return;
    start_batch(now, places, orders);
  }
}

bool EventSourcePoller::is_batch_ready(Instant now) const {
  if (buffer_.empty()) return false;
  return buffer_.size() >= settings_.batch_size || buffered_bytes_ >= limits::sync_payload_bytes ||
         now >= buffer_.front().received_at + settings_.window;
}

// The places in the buffer of what goes into the next batch.
std::vector<std::size_t> EventSourcePoller::next_batch() const {
  std::vector<std::size_t> places;
  std::size_t bytes = event_opening.size() + event_closing.size();
  for (std::size_t place = 0; place < buffer_.size() && places.size() < settings_.batch_size; ++place) {
    const auto& message = buffer_[place].message;
    if (!message.group.empty() && settings_.scaling.kind == QueueKind::Fifo && busy_groups_.contains(message.group)) continue;
    bytes += message.record.size() + 1;
    if (bytes > limits::sync_payload_bytes && !places.empty()) break;
    places.push_back(place);
  }
  return places;
}

void EventSourcePoller::start_batch(Instant now, const std::vector<std::size_t>& places, PollerOrders& orders) {
  Batch batch;
  batch.started = now;
  batch.visible_again = buffer_[places.front()].visible_again;
  for (const auto place : places) {
    auto& buffered = buffer_[place];
    buffered_bytes_ -= buffered.message.record.size();
    batch.visible_again = std::min(batch.visible_again, buffered.visible_again);
    if (settings_.scaling.kind == QueueKind::Fifo) busy_groups_.insert(buffered.message.group);
    batch.messages.push_back(std::move(buffered.message));
  }
  for (auto place = places.rbegin(); place != places.rend(); ++place) buffer_.erase(buffer_.begin() + static_cast<std::ptrdiff_t>(*place));
  batches_.emplace(++last_batch_, std::move(batch));
  orders.invocations.push_back(last_batch_);
}

// Batches that may wait here for a place, so that none stays empty while the next receive is under way.
std::int64_t EventSourcePoller::prefetched_batches() const {
  if (settings_.scaling.kind == QueueKind::Fifo || settings_.window > Duration{}) return 0;
  if (run_seconds_ == 0 || run_seconds_ > longest_prefetched_run_seconds) return 0;
  const auto running = static_cast<double>(batches_.size());
  return static_cast<std::int64_t>(std::min(running, std::ceil(running * 2 * receive_seconds_ / run_seconds_)));
}

// How many more messages may be asked for.
std::int64_t EventSourcePoller::room() const {
  if (buffered_bytes_ >= most_buffered_bytes) return 0;
  const auto free = std::max<std::int64_t>(0, limit_.batches() - static_cast<std::int64_t>(batches_.size()));
  const auto wanted = (free + prefetched_batches()) * static_cast<std::int64_t>(settings_.batch_size);
  return wanted - static_cast<std::int64_t>(buffer_.size()) - asked_;
}

void EventSourcePoller::ask_for_more(Instant now, PollerOrders& orders) {
  if (receive_again_ && *receive_again_ > now) return;
  receive_again_.reset();
  auto most = messages_per_receive;
  if (settings_.scaling.kind == QueueKind::Fifo) most = std::min(most, static_cast<std::int64_t>(settings_.batch_size));
  const std::size_t allowed = is_backlogged_ ? most_receives : 1;
  const bool is_provisioned = settings_.scaling.provisioned.has_value();
  if (is_provisioned) budget_.advance(now, limit_.pollers());
  for (auto left = room(); receives_ < allowed && left > 0;) {
    if (is_provisioned && !budget_.take_receive()) {
      receive_again_ = budget_.next_receive();
      return;
    }
    const PollerOrders::Receive receive{
        .count = std::min(most, left), .wait = is_backlogged_ || receives_ > 0 ? Duration{} : long_poll, .asked_at = now};
    ++receives_;
    asked_ += receive.count;
    left -= receive.count;
    orders.receives.push_back(receive);
  }
}

void EventSourcePoller::pause() {
  is_paused_ = true;
  is_backlogged_ = false;
  receives_ = 0;
  asked_ = 0;
  budget_.forget_receives();
}

void EventSourcePoller::received(Instant now, const PollerOrders::Receive& receive, Polled polled, std::vector<QueuedMessage> messages) {
  --receives_;
  if (settings_.scaling.provisioned) budget_.receive_ended(polled.bytes);
  asked_ -= receive.count;
  receive_failures_ = 0;
  is_backlogged_ = static_cast<std::int64_t>(polled.count) >= receive.count;
  if (receive.wait == Duration{}) smooth(receive_seconds_, (now - receive.asked_at).seconds());
  if (polled.count == 0 && receive.wait > Duration{} && now - receive.asked_at >= receive.wait)
    limit_.queue_is_quiet(static_cast<std::int64_t>(batches_.size()));
  for (auto& message : messages) {
    buffered_bytes_ += message.record.size();
    buffer_.push_back({.message = std::move(message), .received_at = now, .visible_again = now + settings_.visibility});
  }
}

void EventSourcePoller::receive_failed(Instant now, const PollerOrders::Receive& receive) {
  --receives_;
  if (settings_.scaling.provisioned) budget_.receive_ended(0);
  asked_ -= receive.count;
  is_backlogged_ = false;
  receive_again_ = now + doubled(first_receive_retry, receive_failures_++, longest_receive_retry);
}

void EventSourcePoller::finished(Instant now, BatchId id, BatchEnd end) {
  const auto found = batches_.find(id);
  SURGE_ASSERT(found != batches_.end(), "a batch finishes once");
  auto& batch = found->second;
  if (end == BatchEnd::Throttled) {
    limit_.throttled();
    batch.retry_at = now + doubled(first_retry, batch.throttles++, longest_retry);
    return;
  }
  smooth(run_seconds_, (now - batch.started).seconds());
  if (end == BatchEnd::Failed) {
    limit_.backed_off();
  } else {
    limit_.succeeded();
  }
  for (const auto& message : batch.messages) busy_groups_.extract(message.group);
  batches_.erase(found);
}

// Whether more than the limit could run.
ConcurrencyLimit::Demand EventSourcePoller::demand() const {
  const bool is_full = static_cast<std::int64_t>(batches_.size()) >= limit_.batches();
  return is_full && (is_backlogged_ || !buffer_.empty()) ? ConcurrencyLimit::Demand::Unmet : ConcurrencyLimit::Demand::Met;
}

std::optional<Instant> EventSourcePoller::next_wake(Instant now) const {
  std::optional<Instant> wake = limit_.next_growth();
  for (const auto& [id, batch] : batches_)
    if (batch.retry_at) take_earlier(wake, std::min(*batch.retry_at, batch.visible_again));
  const bool has_place = static_cast<std::int64_t>(batches_.size()) < limit_.batches();
  if (has_place && !buffer_.empty() && !is_batch_ready(now)) take_earlier(wake, buffer_.front().received_at + settings_.window);
  take_earlier(wake, receive_again_);
  return wake;
}

}  // namespace surgetank::lambda
