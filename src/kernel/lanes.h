#pragma once
// Lanes: the single writers. Every aggregate is owned by one lane; what runs on a lane runs alone for that aggregate.
// net/ implements them with one event loop per core, sim/ with one virtual thread.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "base/unique_function.h"

namespace surgetank {

using Task = UniqueFunction<void()>;
using TimerId = std::uint64_t;

class Lane {
 public:
  virtual ~Lane() = default;
  // Runs `task` on the lane, in the order posted. From any thread; never runs it inside the call.
  virtual void post(Task task) = 0;
  // True on the lane's own thread.
  virtual bool here() const = 0;
  virtual Instant now() const = 0;
  // Runs `task` on the lane at or soon after `due`. From the lane itself only. cancel() of one that ran is a no-op.
  virtual TimerId at(Instant due, Task task) = 0;
  virtual void cancel(TimerId timer) = 0;
};

class Lanes {
 public:
  virtual ~Lanes() = default;
  virtual std::size_t size() const = 0;
  virtual Lane& lane(std::size_t index) = 0;
};

// Which lane owns an aggregate: a stable hash of account, region, service and key.
std::size_t lane_of(std::size_t lanes, std::string_view account, std::string_view region, std::string_view service, std::string_view key);

}  // namespace surgetank
