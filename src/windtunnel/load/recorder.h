#pragma once
// Adds up the results of a run while it goes on. One owner, the engine's thread; bounded: kinds of failures are counted apart up to a
// limit, the rest together.
#include <string_view>
#include <vector>

#include "windtunnel/load/load_plan.h"
#include "windtunnel/load/load_results.h"

namespace surgetank::windtunnel {

struct Finished {
  std::size_t request = 0;
  std::size_t phase = 0;
  Duration latency;  // from the scheduled instant
  int status = 0;    // 0: no answer
  Failure failure = Failure::None;
  std::string_view text = {};    // of what failed besides the status
  std::string_view sample = {};  // the beginning of the answer
};

struct Standing {
  std::size_t in_flight = 0;
  std::size_t waiting = 0;
  std::size_t connections = 0;
};

class Recorder {
 public:
  Recorder(const LoadPlan& plan, Instant begin);
  void arrived(std::size_t request, std::size_t phase, Duration late);
  void finished(const Finished& finished);
  void second_ended(Duration since_begin, const Standing& standing);
  const LoadResults& results() const { return results_; }
  LoadResults& results() { return results_; }
  // Sorts what is to be sorted.
  LoadResults take(Duration elapsed, Duration sending);

 private:
  static constexpr std::size_t most_kinds = 64;
  void count_failure(const Finished& finished);

  const Traffic traffic_;
  LoadResults results_;
  SecondResults second_;
  Histogram second_latency_;
};

// Whether an answer says that a limit was reached.
bool is_throttle(int status, std::string_view body);

}  // namespace surgetank::windtunnel
