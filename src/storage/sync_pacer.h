#pragma once
// Decides how many commits the flusher lets gather before it syncs the log again.
// Callers that wait for their acknowledgement before they commit again come in two halves if the flusher starts at once: one
// half waits while the other is synced, and each sync does half the work it could. So after a sync of n commits the next one
// waits for about n more, but never longer than half of what a sync takes; and when not even half of them come (callers that do
// not wait for answers), it asks ever more rarely.
// Pure: no clock, no threads. Owned by the flusher.
#include <cstdint>

#include "base/time.h"

namespace surgetank {

class SyncPacer {
 public:
  struct Gathering {
    std::uint64_t commits = 0;  // besides those pending when the last sync ended; 0: start as soon as there is one
    Duration at_most = {};
  };
  // A sync that covered `commits` took `time`.
  void synced(std::uint64_t commits, Duration time);
  Gathering next();
  // How many of the `wanted` (more than 0) came in time.
  void gathered(std::uint64_t wanted, std::uint64_t came);

 private:
  std::uint64_t last_commits_ = 0;
  Duration usual_time_ = {};
  int disappointments_ = 0;  // in a row
  int skip_ = 0;
};

}  // namespace surgetank
