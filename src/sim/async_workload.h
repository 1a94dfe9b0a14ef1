#pragma once
// Asynchronous invocations whose function fails, is throttled and breaks at random: every accepted event ends in a success or in a
// report about its failure, whatever crashed in between, and runs no more often than its settings allow, besides what a crash makes
// the server repeat. Reports go to a second function, which only listens.
#include <map>
#include <memory>
#include <set>
#include <string>

#include "kernel/function_runner.h"
#include "sim/workload.h"

namespace surgetank::sim {

class AsyncWorkload final : public Workload {
 public:
  AsyncWorkload();
  ~AsyncWorkload() override;
  std::vector<const Service*> services() const override;
  void step(World& world) override;
  void crashed() override;
  void verify(World& world) override;
  std::optional<std::string> failure() const override { return failure_; }

 private:
  class Runner;
  struct Event {
    bool accepted = false;
    bool succeeded = false;
    bool reported = false;
    std::uint64_t runs = 0;     // that the function ended by itself
    std::uint64_t crashes = 0;  // while it was on its way
  };
  void prepare(World& world);
  void send(World& world);
  InvocationOutcome run_worker(const std::string& payload);
  InvocationOutcome hear_report(const std::string& report);
  void fail(const std::string& event, const std::string& what);

  std::unique_ptr<Runner> runner_;
  std::map<std::string, Event> events_;  // by payload
  std::uint64_t next_event_ = 1;
  std::uint64_t life_ = 0;
  bool prepared_ = false;
  bool calm_ = false;  // verifying: everything succeeds from now on
  std::optional<std::string> failure_;
};

}  // namespace surgetank::sim
