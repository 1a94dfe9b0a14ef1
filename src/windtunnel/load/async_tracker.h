#pragma once
// Follows asynchronous work: when each request was accepted and when the last work that it began was done, 12 bytes a request. The
// server reports completions by the trace root of the request (GET /_surgetank/completions). A request began asynchronous work if it
// sent a message or an event, was answered 202, or if a completion of it was reported. One thread; bounded by `most`.
#include <cstdint>
#include <vector>

#include "windtunnel/load/load_results.h"

namespace surgetank::windtunnel {

class AsyncTracker {
 public:
  static constexpr std::uint64_t most = 10'000'000;
  explicit AsyncTracker(Instant begin) : begin_(begin) {}

  enum class Work : std::uint8_t { Expected, Possible };
  void accepted(std::uint64_t n, Instant when, Work work);
  enum class Ending : std::uint8_t { Done, Failed };  // Failed: a try, not the last word
  void completed(std::uint64_t n, Instant when, Ending ending);

  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t done() const { return done_; }
  std::uint64_t open() const { return accepted_ - done_; }
  AsyncResults results() const;

 private:
  // In steps of 100 us since the begin, from 1 on; 0: not yet.
  struct Entry {
    std::uint32_t accepted = 0;
    std::uint32_t done = 0;
    bool is_expected = false;
    bool is_counted = false;
  };
  Entry* entry(std::uint64_t n);
  std::uint32_t stamp(Instant when) const;
  void settle(Entry& entry);

  Instant begin_;
  std::vector<Entry> entries_;
  std::uint64_t accepted_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t failed_attempts_ = 0;
  std::uint64_t untracked_ = 0;
};

}  // namespace surgetank::windtunnel
