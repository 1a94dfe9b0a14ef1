#pragma once
// Work that takes too long for a lane (unpacking a package): it runs on a thread of its own, one piece after the other.
// run() from any thread; the piece may post to lanes and dispatch operations. An exception ends its piece, is logged and goes no
// further: whoever waits for an answer must see to it that destroying the piece answers. Where Ports::background is null (tests,
// simulation) callers run the piece at once.
#include "kernel/lanes.h"

namespace surgetank {

class BackgroundWork {
 public:
  virtual ~BackgroundWork() = default;
  virtual void run(Task piece) = 0;
};

}  // namespace surgetank
