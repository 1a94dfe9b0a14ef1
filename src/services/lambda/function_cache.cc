#include "services/lambda/function_cache.h"

#include "kernel/ports.h"
#include "kernel/record.h"
#include "services/lambda/code_package.h"
#include "services/lambda/configuration.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/keys.h"
#include "services/lambda/limits.h"

namespace surgetank::lambda {
namespace {

void assign_key(std::string& key, const Caller& caller, std::string_view name) {
  key.assign(caller.account).append("\n").append(caller.region).append("\n").append(name);
}

// The qualifier at the end of a policy's key.
std::string qualifier_of(std::string_view key, std::size_t prefix) {
  key.remove_prefix(prefix);
  return read_key_part(key).value_or("");
}

CachedFunction load(Call& call, const std::string& name, const FunctionRecord& function) {
  CachedFunction cached;
  cached.reserved_concurrency = function.reserved_concurrency;
  cached.versions.emplace(latest_version, std::make_shared<const FunctionVersion>(runnable(call, name, function.latest)));
  for (auto& alias : aliases_of(call, name)) {
    auto alias_name = alias.name;
    cached.aliases.emplace(std::move(alias_name), std::move(alias));
  }
  const auto prefix = keys::policies(call.caller, name);
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    PolicyRecord policy;
    read_record(value, key, *shape_of<PolicyRecord>(), &policy);
    cached.policies.emplace(qualifier_of(key, prefix.size()), std::move(policy.statements));
    return true;
  });
  return cached;
}

}  // namespace

CachedFunction* FunctionCache::find(Call& call, std::string_view name) {
  assign_key(key_, call.caller, name);
  if (const auto known = functions_.find(key_); known != functions_.end()) return &known->second;
  const std::string function_name(name);
  const auto function = get_record<FunctionRecord>(call.txn, keys::function(call.caller, function_name));
  if (!function) return nullptr;
  if (functions_.size() >= limits::cached_functions) functions_.clear();
  return &functions_.emplace(key_, load(call, function_name, *function)).first->second;
}

std::shared_ptr<const FunctionVersion> FunctionCache::version_of(Call& call, const std::string& name, CachedFunction& function,
                                                                 std::string_view version) {
  if (const auto known = function.versions.find(version); known != function.versions.end()) return known->second;
  const auto record = find_published(call, name, version);
  if (!record) return nullptr;
  return function.versions.emplace(version, std::make_shared<const FunctionVersion>(runnable(call, name, *record))).first->second;
}

void FunctionCache::forget(const Caller& caller, std::string_view name) {
  assign_key(key_, caller, name);
  functions_.erase(key_);
}

std::unique_ptr<LaneState> make_function_cache() { return std::make_unique<FunctionCache>(); }

FunctionVersion runnable(const Call& call, const std::string& name, const VersionRecord& version) {
  FunctionVersion running;
  running.account = call.account();
  running.region = call.region();
  running.function_name = name;
  running.version = version.version;
  running.arn = function_arn(call.account(), call.region(), name);
  running.revision_id = version.environment_id;
  running.runtime = version.runtime;
  running.handler = version.handler;
  running.code_directory = code_directory_of(call.ports, version.code);
  running.role_arn = version.role;
  running.memory_mb = version.memory_mb;
  running.timeout_seconds = version.timeout_seconds;
  running.ephemeral_storage_mb = version.ephemeral_storage_mb;
  if (version.environment) running.environment.assign(version.environment->begin(), version.environment->end());
  running.log_group = log_group_of(name, version);
  running.log_format = version.log_format;
  running.log_level = version.application_log_level.value_or("");
  return running;
}

}  // namespace surgetank::lambda
