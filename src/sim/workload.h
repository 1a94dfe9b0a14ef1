#pragma once
// A workload drives a world with random operations and compares every answer with a small reference model. Faults are the world's
// business: a workload only hears that the machine crashed, and that what it had not been answered may or may not have happened.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world.h"

namespace surgetank::sim {

class Workload {
 public:
  virtual ~Workload() = default;
  virtual std::vector<const Service*> services() const = 0;
  // Starts operations; may look at answers that have come.
  virtual void step(World& world) = 0;
  virtual void crashed() = 0;
  // After settle(): reads everything back.
  virtual void verify(World& world) = 0;
  // What contradicts the model, with enough to understand it; nullopt: nothing so far.
  virtual std::optional<std::string> failure() const = 0;
};

struct RunResult {
  std::optional<std::string> failure;
  std::uint64_t operations = 0;
  std::uint64_t crashes = 0;
  Duration virtual_time{};
  std::uint64_t digest = 0;
};
RunResult run(Workload& workload, std::uint64_t seed, int steps, Faults faults);

// By name; null if there is none of that name.
std::unique_ptr<Workload> make_workload(std::string_view name);
std::vector<std::string> workload_names();

}  // namespace surgetank::sim
