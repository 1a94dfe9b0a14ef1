#include "kernel/completions.h"

#include <algorithm>

namespace surgetank {

void Completions::add(const Span& span) {
  if (span.kind != "message" && span.kind != "event") return;
  Completion completion{
      .trace_root = span.trace_root, .kind = span.kind, .end = span.start + span.length, .has_failed = !span.fault.empty()};
  const std::lock_guard lock(mutex_);
  if (ring_.size() >= capacity_) {
    ring_.pop_front();
    ++first_;
  }
  ring_.push_back(std::move(completion));
}

Completions::Page Completions::after(std::uint64_t cursor, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  Page page;
  const auto end = first_ + ring_.size();
  const auto begin = std::clamp(cursor, first_, end);
  page.missed = begin > cursor ? begin - cursor : 0;
  page.next = std::min(end, begin + most);
  for (auto at = begin; at < page.next; ++at) page.completions.push_back(ring_[static_cast<std::size_t>(at - first_)]);
  return page;
}

std::uint64_t Completions::end() const {
  const std::lock_guard lock(mutex_);
  return first_ + ring_.size();
}

}  // namespace surgetank
