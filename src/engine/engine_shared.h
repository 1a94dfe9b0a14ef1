#pragma once
// What the lanes of the function engine share. Made once by FunctionEngine; every member is immutable or thread safe.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "engine/environment.h"
#include "engine/environment_pool.h"
#include "engine/host_processes.h"
#include "engine/runtime_command.h"
#include "kernel/cloud_latency.h"
#include "kernel/concurrency.h"
#include "kernel/telemetry.h"

namespace surgetank {

using CredentialsSource = std::function<FunctionCredentials(const FunctionVersion& version)>;

class EngineShared {
 public:
  EngineShared(Telemetry& telemetry_sink, std::int64_t process_limit, std::int64_t account_concurrency, ConcurrencyQuota* live_quota,
               std::string search_path)
      : telemetry(telemetry_sink),
        host(process_limit, start_limit_for(std::max(1U, std::thread::hardware_concurrency()))),
        concurrency(account_concurrency),
        quota(live_quota),
        commands(std::move(search_path)) {}

  // The concurrency of an account in a region.
  AccountConcurrency& account(const std::string& account, const std::string& region) {
    const std::lock_guard lock(mutex_);
    auto& found = accounts_[{account, region}];
    if (found == nullptr) {
      found = quota == nullptr ? std::make_unique<AccountConcurrency>(concurrency) : std::make_unique<AccountConcurrency>(*quota);
    }
    return *found;
  }
  // True the first time.
  bool is_news(const std::string& warning) {
    const std::lock_guard lock(mutex_);
    return warnings_.insert(warning).second;
  }

  Telemetry& telemetry;
  EnvironmentServices services;
  HostProcesses host;
  const std::int64_t concurrency;  // without a quota
  ConcurrencyQuota* const quota;
  RuntimeCommands commands;
  CredentialsSource credentials;
  EnvironmentPool::Options pool;
  CloudLatency* latency = nullptr;  // null: environments are ready when they are
  std::uint64_t seed = 1;

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<AccountConcurrency>> accounts_;
  std::set<std::string> warnings_;
};

}  // namespace surgetank
