#pragma once
// The virtual world: the real kernel and services on virtual lanes, virtual time and a store that can crash. One seed decides
// everything: the order in which lanes take turns, when the disk syncs, when the machine crashes and what part of the unsynced log
// happened to reach the disk. No threads, no sockets, no files. One owner, one thread.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/credentials.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/telemetry_hub.h"
#include "kernel/vault.h"
#include "kernel/virtual_lanes.h"
#include "storage/memory_store.h"

namespace surgetank::sim {

struct Faults {
  int crash_percent = 2;                 // of steps
  int sync_percent = 60;                 // of steps: the disk catches up
  Duration longest_pause = seconds(30);  // virtual time between two steps
};

class World {
 public:
  World(std::uint64_t seed, std::vector<const Service*> services, Faults faults);
  ~World();

  Random& random() { return random_; }
  Instant now() const { return lanes_.now(); }
  MemoryStore& store() { return *store_; }
  // For a workload that brings a port of its own, such as a function runner: set it before the first call.
  Ports& ports() { return ports_; }

  // An operation of account 000000000000 in us-east-1, JSON in and out. `done` is called when the output gate opens; never if a
  // crash comes first.
  void call(std::string_view service, std::string_view operation, std::string_view input, UniqueFunction<void(Result<std::string>)> done);
  // One step of everything else: lanes run, time passes, the disk syncs or does not. True if the machine crashed and is up again.
  bool step();
  // No more faults: everything that waits is answered.
  void settle();
  // The same while time goes by: whatever is due within `span` is done.
  void pass(Duration span);

  std::uint64_t crashes() const { return crashes_; }
  std::uint64_t operations() const { return operations_; }
  // A fingerprint of the whole store: two runs of one seed agree.
  std::uint64_t digest();

 private:
  class SimulatedEntropy;
  void start();
  void crash();

  Random random_;
  const Faults faults_;
  std::vector<const Service*> services_;
  VirtualLanes lanes_;
  std::unique_ptr<MemoryStore> store_;
  Vault vault_;
  Credentials credentials_;
  TelemetryHub telemetry_;
  std::unique_ptr<SimulatedEntropy> entropy_;
  Quotas quotas_;  // of the services, as AWS sets them
  Ports ports_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::uint64_t crashes_ = 0;
  std::uint64_t operations_ = 0;
};

}  // namespace surgetank::sim
