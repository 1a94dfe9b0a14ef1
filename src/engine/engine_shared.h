#pragma once
// What the lanes of the function engine share. Made once by FunctionEngine; every member is immutable or thread safe.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "engine/account_gate.h"
#include "engine/environment.h"
#include "engine/environment_pool.h"
#include "engine/runtime_command.h"
#include "kernel/telemetry.h"

namespace surgetank {

using CredentialsSource = std::function<FunctionCredentials(const FunctionVersion& version)>;

class EngineShared {
 public:
  EngineShared(Telemetry& telemetry_sink, std::int64_t process_limit, std::int64_t account_concurrency, std::string search_path)
      : telemetry(telemetry_sink), host(process_limit), concurrency(account_concurrency), commands(std::move(search_path)) {}

  // The gate of an account in a region.
  AccountGate& gate(const std::string& account, const std::string& region) {
    const std::lock_guard lock(mutex_);
    auto& gate = gates_[{account, region}];
    if (gate == nullptr) gate = std::make_unique<AccountGate>(concurrency);
    return *gate;
  }
  // True the first time.
  bool is_news(const std::string& warning) {
    const std::lock_guard lock(mutex_);
    return warnings_.insert(warning).second;
  }

  Telemetry& telemetry;
  EnvironmentServices services;
  HostProcesses host;
  const std::int64_t concurrency;
  RuntimeCommands commands;
  CredentialsSource credentials;
  EnvironmentPool::Options pool;
  std::uint64_t seed = 1;

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<AccountGate>> gates_;
  std::set<std::string> warnings_;
};

}  // namespace surgetank
