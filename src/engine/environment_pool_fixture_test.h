#pragma once
// For the tests of EnvironmentPool: a pool with its accounts and host, driven by hand, that answers with its actions as text. One test, its
// own thread.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/environment_pool.h"

namespace surgetank {

// Writes actions as text: "start e1", "dispatch i1 e1", so that a test reads as a table.
inline std::string describe(const PoolAction& action) {
  const auto invocation = " i" + std::to_string(action.invocation.value);
  const auto environment = " e" + std::to_string(action.environment.value);
  switch (action.kind) {
    case PoolAction::Kind::StartEnvironment:
      return (action.initialization == Initialization::OnDemand ? "start" : "start-ahead") + environment;
    case PoolAction::Kind::Dispatch:
      return (action.process == ProcessState::Running ? "dispatch" : "restart") + invocation + environment;
    case PoolAction::Kind::Throttle:
      return "throttle" + invocation +
             (action.throttle == ThrottleReason::AccountConcurrency    ? " concurrency"
              : action.throttle == ThrottleReason::ReservedConcurrency ? " reserved"
              : action.throttle == ThrottleReason::ScalingRate         ? " scaling"
                                                                       : " rate");
    case PoolAction::Kind::Shutdown: {
      const char* const names[] = {" idle", " retired", " make-room", " init-failed", " server-stops", " process-lost"};
      return "shutdown" + environment + names[static_cast<int>(action.shutdown)];
    }
    case PoolAction::Kind::CompleteWithInitError:
      return "init-error" + invocation + environment;
    case PoolAction::Kind::CompleteWithExit:
      return "exit-error" + invocation + environment;
    case PoolAction::Kind::GiveUp: {
      const char* const names[] = {" no-process", " too-many", " server-stops"};
      return "give-up" + invocation + names[static_cast<int>(action.give_up)];
    }
  }
  return "?";
}

struct PoolFixture {
  explicit PoolFixture(EnvironmentPool::Options options = {}, std::int64_t concurrency = 1000, std::int64_t processes = 1000,
                       ConcurrencyRules rules = {}, std::optional<std::int64_t> starts = {})
      : account(concurrency, rules), host(processes, starts), pool(options, host) {}

  FunctionConcurrency& function(std::uint64_t version) {
    auto& found = functions[version];
    if (found == nullptr) found = std::make_unique<FunctionConcurrency>(account);
    return *found;
  }
  std::string provision(std::uint64_t version, std::int64_t wanted) {
    auto& found = provisioned[version];
    if (found == nullptr) found = std::make_unique<ProvisionedConcurrency>(function(version));
    pool.provision({version}, *found, wanted, now, actions);
    return taken();
  }

  std::string taken() {
    std::string text;
    for (const PoolAction& action : actions) text += (text.empty() ? "" : ", ") + describe(action);
    actions.clear();
    return text;
  }
  std::string submit(std::uint64_t invocation, std::uint64_t version = 1) {
    pool.submit({{invocation}, {version}, &function(version), seconds(3)}, now, actions);
    return taken();
  }
  std::string ready(std::uint64_t environment) { return pool.environment_ready({environment}, now, actions), taken(); }
  std::string respond(std::uint64_t environment) { return pool.invocation_responded({environment}, now, actions), taken(); }
  std::string idle(std::uint64_t environment) { return pool.environment_idle({environment}, now, actions), taken(); }
  std::string finish(std::uint64_t environment) {
    std::string text = respond(environment);
    return text += idle(environment);
  }
  std::string exited(std::uint64_t environment) { return pool.environment_exited({environment}, now, actions), taken(); }
  std::string failed_init(std::uint64_t environment) { return pool.environment_failed_init({environment}, now, actions), taken(); }
  std::string init_expired(std::uint64_t environment) { return pool.environment_init_expired({environment}, now, actions), taken(); }
  std::string aborted(std::uint64_t environment) { return pool.invocation_aborted({environment}, now, actions), taken(); }
  std::string retire(std::uint64_t version) { return pool.retire({version}, now, actions), taken(); }
  std::string tick() { return pool.tick(now, actions), taken(); }
  void pass(Duration time) { now = now + time; }

  AccountConcurrency account;
  std::map<std::uint64_t, std::unique_ptr<FunctionConcurrency>> functions;  // one a version
  std::map<std::uint64_t, std::unique_ptr<ProvisionedConcurrency>> provisioned;
  HostProcesses host;
  EnvironmentPool pool;
  PoolActions actions;
  Instant now{1'000'000'000};
};

}  // namespace surgetank
