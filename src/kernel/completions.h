#pragma once
// Asynchronous work that has ended, in a bounded ring with a cursor: who follows a load reads on from where it stopped, and is told how
// many it has missed. Fed with every span; spans of kind "message" (of a queue) and "event" (an asynchronous invocation) are kept.
// Thread safe; every call is short.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/telemetry.h"

namespace surgetank {

struct Completion {
  std::string trace_root;
  std::string kind;
  Instant end;
  bool has_failed = false;  // a try: what it was for may come again
};

class Completions {
 public:
  explicit Completions(std::size_t capacity = 200'000) : capacity_(capacity) {}
  void add(const Span& span);
  struct Page {
    std::vector<Completion> completions;  // oldest first
    std::uint64_t next = 0;               // cursor of what comes after them
    std::uint64_t missed = 0;             // forgotten since `after`
  };
  // At most `most` of those at and after the cursor.
  Page after(std::uint64_t cursor, std::size_t most) const;
  std::uint64_t end() const;  // the cursor of what is to come

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<Completion> ring_;
  std::uint64_t first_ = 0;  // cursor of ring_.front()
};

}  // namespace surgetank
