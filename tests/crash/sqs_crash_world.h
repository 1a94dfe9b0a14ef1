#pragma once
// A kernel with SQS on a RocksDB store and virtual lanes, for the tests that kill it: one thread runs the operations, and what they
// answer is reported from the thread that made it durable. Bodies are numbers. One owner, one thread.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "kernel/vault.h"
#include "kernel/virtual_lanes.h"
#include "storage/rocks_store.h"

namespace surgetank {

class SqsCrashWorld {
 public:
  // Virtual time begins `life` times three hours after an epoch: what an earlier life had in flight is visible again soon.
  SqsCrashWorld(RocksStoreOptions options, std::string queue_name, int life);

  // Creates the queue if it is not there; waits until it is durable.
  void create_queue();
  // `acknowledged` runs on the store's thread; not at all when the store has failed. An error is an empty list or false.
  void send(const std::vector<std::uint64_t>& numbers, std::function<void(bool)> acknowledged);
  struct Received {
    std::uint64_t number = 0;
    std::string handle;
  };
  void receive(int visibility_seconds, std::function<void(std::vector<Received>)> received);
  void remove(const std::string& handle, std::function<void(bool)> acknowledged);
  // Visible again at once.
  void release(const std::string& handle, std::function<void(bool)> acknowledged);
  // All that can be received, each number as often as it is delivered; waits for every answer.
  std::vector<std::uint64_t> drain();
  void pass(Duration span) { lanes_.advance(span); }
  Store& store() { return *store_; }

 private:
  void call(std::string_view operation, const std::string& members, std::function<void(Result<std::string>)> done);

  std::unique_ptr<Store> store_;
  VirtualLanes lanes_;
  Vault vault_;
  Ports ports_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::string queue_name_;
};

}  // namespace surgetank
