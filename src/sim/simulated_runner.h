#pragma once
// Functions without processes: the engine's own EnvironmentPool and the model of concurrency decide as they do live, and a seed decides how
// long inits and handlers take and which of them fail. Checks on the way that the pool keeps its word: one invocation at a time in an
// environment, environments of a version to itself, never more processes than the host may run, no throttle below its limit.
// One owner, one thread; a crash of the machine takes everything with it (crashed()).
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/random.h"
#include "engine/environment_pool.h"
#include "kernel/function_runner.h"

namespace surgetank::sim {

struct RunnerModel {
  Duration longest_init = milliseconds(800);
  Duration longest_run = seconds(4);
  int failed_init_percent = 2;
  int hanging_init_percent = 1;
  int exit_percent = 2;     // of invocations: the process dies
  int timeout_percent = 2;  // of invocations
  std::int64_t concurrency = 20;
  std::int64_t processes = 12;
};

class SimulatedRunner final : public FunctionRunner {
 public:
  SimulatedRunner(Random& random, RunnerModel model);
  ~SimulatedRunner() override;

  void run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
           UniqueFunction<void(InvocationOutcome)> done) override;
  void retire(Lane& lane, const std::string& version_key) override;
  void configure(Lane& lane, FunctionConcurrencySettings settings) override;
  ProvisionedState provisioned(Lane& lane, const std::string& version_key) override;

  void crashed();
  // From now on nothing fails.
  void calm();
  std::int64_t executions() const { return account_->in_use(); }
  std::int64_t claimed() const { return account_->claimed(); }
  std::int64_t processes() const { return host_->in_use(); }
  // What the pool did wrong; nullopt: nothing so far.
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  struct LanePool;
  friend struct LanePool;
  LanePool& pool_of(Lane& lane);
  Duration up_to(Duration longest);
  bool chance(int percent);
  std::uint64_t number_of(const std::string& key);
  FunctionConcurrency& function_of(const std::string& arn);
  void fail(const std::string& what);

  Random& random_;
  RunnerModel model_;
  std::unique_ptr<AccountConcurrency> account_;
  std::map<std::string, std::unique_ptr<FunctionConcurrency>> functions_;       // by ARN
  std::map<std::string, std::unique_ptr<ProvisionedConcurrency>> provisioned_;  // by key of the version
  std::map<std::string, std::set<std::string>> provisioned_of_;                 // keys, by ARN of the function
  std::unique_ptr<HostProcesses> host_;
  std::map<const Lane*, std::unique_ptr<LanePool>> pools_;
  std::map<std::string, std::uint64_t> numbers_;  // of versions
  std::uint64_t next_invocation_ = 1;
  std::uint64_t next_range_ = 1;
  std::uint64_t life_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace surgetank::sim
