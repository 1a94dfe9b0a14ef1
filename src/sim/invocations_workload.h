#pragma once
// Invocations of two functions in bursts, while their code and their reserved and provisioned concurrency change and the machine
// crashes, on the engine's own pool of environments (simulated_runner.h): each is answered once, with its own payload, an error of the
// function, or a throttle that its limit explains; when the load ends so do the executions, when no settings are left so do the claims,
// and idle environments are reclaimed.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "sim/simulated_runner.h"
#include "sim/workload.h"

namespace surgetank::sim {

class InvocationsWorkload final : public Workload {
 public:
  std::vector<const Service*> services() const override;
  void step(World& world) override;
  void crashed() override;
  void verify(World& world) override;
  std::optional<std::string> failure() const override;

 private:
  void prepare(World& world);
  void invoke(World& world, const std::string& function);
  void change_concurrency(World& world, const std::string& function);
  void give_all_back(World& world);
  void answered(const std::string& payload, const Result<std::string>& result);
  void fail(const std::string& what);

  std::unique_ptr<SimulatedRunner> runner_;
  std::set<std::string> under_way_;  // payloads
  std::uint64_t next_payload_ = 1;
  std::uint64_t life_ = 0;
  std::uint64_t successes_ = 0;
  bool calm_ = false;
  std::optional<std::string> failure_;
};

}  // namespace surgetank::sim
