#pragma once
// The port to what polls queues for functions; the lambda service makes it in its start() and everything about it is its own.
#include <string>

#include "base/unique_function.h"

namespace surgetank {

class EventSources {
 public:
  virtual ~EventSources() = default;
  // The mapping was made, changed or removed, durably. From any thread.
  virtual void refresh(const std::string& account, const std::string& region, const std::string& uuid) = 0;
  // Nothing more is received, and what has not reached a function goes back to its queue. `done` is called, once and on an unnamed
  // thread, when the batches that run have ended and what succeeded is deleted; asking again replaces it. From any thread.
  virtual void stop(UniqueFunction<void()> done) = 0;
};

}  // namespace surgetank
