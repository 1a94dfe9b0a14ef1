#pragma once
// Two queues, one of them FIFO, drained by functions that fail, are throttled and report failed items at random, while the machine
// crashes: every acknowledged message reaches its function until it succeeds, what succeeded comes again only if a crash or a throttle
// came in between, groups keep their order, and in the end the queues are empty.
#include <map>
#include <memory>
#include <string>

#include "kernel/function_runner.h"
#include "sim/workload.h"

namespace surgetank::sim {

class EventSourcesWorkload final : public Workload {
 public:
  EventSourcesWorkload();
  ~EventSourcesWorkload() override;
  std::vector<const Service*> services() const override;
  void step(World& world) override;
  void crashed() override;
  void verify(World& world) override;
  std::optional<std::string> failure() const override { return failure_; }

 private:
  class Runner;
  struct Message {
    std::uint64_t group = 0;  // 0: of the standard queue
    bool is_acknowledged = false;
    std::uint64_t successes = 0;
    std::uint64_t excuses = 0;  // crashes and throttles
  };
  void prepare(World& world);
  void send(World& world);
  InvocationOutcome run(const std::string& event);
  void succeed(std::uint64_t number);
  void fail(std::uint64_t number, const std::string& what);

  std::unique_ptr<Runner> runner_;
  std::map<std::uint64_t, Message> messages_;  // by number; the body is the number
  std::map<std::uint64_t, std::uint64_t> last_of_group_;
  std::uint64_t next_number_ = 1;
  std::uint64_t life_ = 0;
  bool is_prepared_ = false;
  bool is_calm_ = false;  // verifying: everything succeeds from now on
  std::optional<std::string> failure_;
};

}  // namespace surgetank::sim
