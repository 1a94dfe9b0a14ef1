#include "windtunnel/prediction/shared_processors.h"

#include <algorithm>
#include <cmath>

namespace surgetank::prediction {
namespace {
constexpr double rounding_us = 1e-3;
}

double SharedProcessors::speed() const {
  const auto jobs = static_cast<double>(heap_.size());
  return jobs <= processors_ ? 1 : processors_ / jobs;
}

void SharedProcessors::advance(Instant now) {
  if (now <= advanced_to_) return;
  const auto elapsed = static_cast<double>((now - advanced_to_).us);
  advanced_to_ = now;
  if (heap_.empty()) {
    attained_us_ = 0;  // keeps the numbers small, and exact
    return;
  }
  attained_us_ += elapsed * speed();
  busy_us_ += elapsed * std::min(static_cast<double>(heap_.size()), processors_);
  waited_us_ += elapsed * std::max(0.0, static_cast<double>(heap_.size()) - processors_);
}

void SharedProcessors::add(Instant now, Duration demand, const ProcessorJob& job) {
  advance(now);
  heap_.push_back({attained_us_ + static_cast<double>(std::max<std::int64_t>(demand.us, 0)), ++order_, job});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool SharedProcessors::remove(Instant now, std::uint8_t kind, std::uint32_t subject, std::uint32_t generation) {
  advance(now);
  const auto found = std::find_if(heap_.begin(), heap_.end(), [&](const Item& item) {
    return item.job.subject == subject && item.job.generation == generation && item.job.kind == kind;
  });
  if (found == heap_.end()) return false;
  heap_.erase(found);
  std::make_heap(heap_.begin(), heap_.end(), later);
  return true;
}

std::optional<Instant> SharedProcessors::next_done(Instant now) {
  advance(now);
  if (heap_.empty()) return std::nullopt;
  const double missing = std::max(0.0, heap_.front().done_at - attained_us_);
  return advanced_to_ + microseconds(static_cast<std::int64_t>(std::ceil(missing / speed() - rounding_us)));
}

std::optional<ProcessorJob> SharedProcessors::take_done(Instant now) {
  advance(now);
  // Time is whole microseconds: a job that is done within the one that begins is done.
  if (heap_.empty() || heap_.front().done_at > attained_us_ + rounding_us) return std::nullopt;
  const auto job = heap_.front().job;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  heap_.pop_back();
  return job;
}

Duration SharedProcessors::waited(Instant now) {
  advance(now);
  return microseconds(static_cast<std::int64_t>(waited_us_));
}

Duration SharedProcessors::busy(Instant now) {
  advance(now);
  return microseconds(static_cast<std::int64_t>(busy_us_));
}

}  // namespace surgetank::prediction
