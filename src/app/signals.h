#pragma once
// SIGINT and SIGTERM as something to wait for. Construct before any thread starts (the signals are blocked for all of them).
#include "base/time.h"

namespace surgetank {

class StopSignals {
 public:
  StopSignals();
  // True if one has arrived; waits at most `patience`.
  bool wait(Duration patience);

 private:
  int descriptor_ = -1;
};

}  // namespace surgetank
