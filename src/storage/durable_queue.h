#pragma once
// The completions that wait for a sequence to become durable, in sequence order, equal ones in the order they were added.
// Not thread safe: the store that owns it guards it. Destroying it destroys what still waits, uncalled.
#include <deque>
#include <vector>

#include "base/unique_function.h"
#include "storage/store.h"

namespace surgetank {

class DurableQueue {
 public:
  using Done = UniqueFunction<void()>;

  void add(Sequence sequence, Done done);
  // Removes and returns all that wait for `up_to` or less.
  std::vector<Done> take(Sequence up_to);
  bool empty() const { return waiting_.empty(); }
  void clear() { waiting_.clear(); }

 private:
  struct Waiting {
    Sequence sequence;
    Done done;
  };
  std::deque<Waiting> waiting_;
};

}  // namespace surgetank
