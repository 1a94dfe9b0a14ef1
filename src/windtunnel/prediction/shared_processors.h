#pragma once
// Processors that jobs share, as an operating system lets them: n jobs on c processors each get the speed min(1, c/n). Knows only time and
// demand; who a job is for comes back when it is done. The owner asks next_done() after every change and comes back then.
// One owner, one thread; nothing fails. O(log n) a job: all jobs advance at the same speed, so their order of completion never changes.
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace surgetank::prediction {

struct ProcessorJob {
  std::uint8_t kind = 0;  // kind, subject and generation: the owner's own
  std::uint32_t subject = 0;
  std::uint32_t generation = 0;
  Duration then_wait = {};  // what the owner does after the work
};

class SharedProcessors {
 public:
  explicit SharedProcessors(double processors) : processors_(processors) {}

  void add(Instant now, Duration demand, const ProcessorJob& job);
  // A job that will never be done (its process was killed). False: there is none.
  bool remove(Instant now, std::uint8_t kind, std::uint32_t subject, std::uint32_t generation);
  // When the next job is done if nothing changes; nullopt: there is none.
  std::optional<Instant> next_done(Instant now);
  // The job that is done by now; nullopt: none is.
  std::optional<ProcessorJob> take_done(Instant now);

  std::size_t jobs() const { return heap_.size(); }
  double processors() const { return processors_; }
  // Processor time that was used, up to now.
  Duration busy(Instant now);
  // How much longer jobs have been here than they would have been alone, summed, up to now.
  Duration waited(Instant now);

 private:
  struct Item {
    double done_at = {};  // attained service
    std::uint64_t order;
    ProcessorJob job = {};
  };
  static bool later(const Item& a, const Item& b) { return a.done_at != b.done_at ? a.done_at > b.done_at : a.order > b.order; }
  double speed() const;
  void advance(Instant now);

  double processors_;
  double attained_us_ = 0;  // service that a job gets which has been there from the start
  double busy_us_ = 0;
  double waited_us_ = 0;
  Instant advanced_to_;
  std::uint64_t order_ = 0;
  std::vector<Item> heap_;
};

}  // namespace surgetank::prediction
