#include "windtunnel/load/async_tracker.h"

#include <algorithm>

namespace surgetank::windtunnel {
namespace {

constexpr std::int64_t step_us = 100;

}  // namespace

AsyncTracker::Entry* AsyncTracker::entry(std::uint64_t n) {
  if (n >= most) return nullptr;
  if (n >= entries_.size()) entries_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(most, n + 1 + entries_.size() / 2)));
  return &entries_[static_cast<std::size_t>(n)];
}

std::uint32_t AsyncTracker::stamp(Instant when) const {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>((when - begin_).us / step_us + 1, 1, UINT32_MAX));
}

// Counts a request as soon as it is known to be asynchronous, and as done once both ends are known.
void AsyncTracker::settle(Entry& entry) {
  if (entry.accepted == 0) return;
  const bool is_asynchronous = entry.is_expected || entry.done != 0;
  if (is_asynchronous && !entry.is_counted) {
    entry.is_counted = true;
    ++accepted_;
    if (entry.done != 0) ++done_;
  }
}

void AsyncTracker::accepted(std::uint64_t n, Instant when, Work work) {
  auto* found = entry(n);
  if (found == nullptr) {
    ++untracked_;
    return;
  }
  found->accepted = stamp(when);
  found->is_expected = work == Work::Expected;
  settle(*found);
}

void AsyncTracker::completed(std::uint64_t n, Instant when, Ending ending) {
  if (ending == Ending::Failed) {
    ++failed_attempts_;
    return;
  }
  auto* found = entry(n);
  if (found == nullptr) return;
  if (found->is_counted && found->done == 0) ++done_;
  found->done = std::max(found->done, stamp(when));
  settle(*found);
}

AsyncResults AsyncTracker::results() const {
  AsyncResults results;
  results.was_followed = true;
  results.accepted = accepted_;
  results.done = done_;
  results.failed_attempts = failed_attempts_;
  results.untracked = untracked_;
  for (const auto& entry : entries_)
    if (entry.is_counted && entry.done != 0)
      results.latency.add(microseconds((static_cast<std::int64_t>(entry.done) - entry.accepted) * step_us));
  return results;
}

}  // namespace surgetank::windtunnel
