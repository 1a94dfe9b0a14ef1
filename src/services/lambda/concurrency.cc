#include "services/lambda/concurrency.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "kernel/dispatcher.h"
#include "kernel/function_runner.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_cache.h"
#include "services/lambda/function_name.h"
#include "services/lambda/keys.h"
#include "services/lambda/quotas.h"
#include "services/lambda/service.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view principal = "lambda.amazonaws.com";

// Of an alias with weights every version has its share.
std::map<std::string, Integer> shares_of(Call& call, const std::string& name, const ProvisionedRecord& record) {
  if (is_version_number(record.qualifier)) return {{record.qualifier, record.executions}};
  const auto alias = find_alias(call, name, record.qualifier);
  if (!alias) return {};
  std::map<std::string, Integer> shares;
  auto rest = record.executions;
  for (const auto& [version, weight] : alias->weights) {
    const auto share = std::min(rest, static_cast<Integer>(std::ceil(static_cast<double>(record.executions) * weight)));
    shares[version] = share;
    rest -= share;
  }
  shares[alias->function_version] += rest;
  return shares;
}

FunctionConcurrencySettings settings_of_function(Call& call, const std::string& name) {
  FunctionConcurrencySettings settings;
  settings.account = call.account();
  settings.region = call.region();
  settings.function_name = name;
  settings.arn = function_arn(call.account(), call.region(), name);
  const auto function = get_record<FunctionRecord>(call.txn, keys::function(call.caller, name));
  if (!function) return settings;
  settings.reserved = function->reserved_concurrency;
  std::map<std::string, Integer> wanted;
  for (const auto& record : provisioned_records(call, name))
    for (const auto& [version, executions] : shares_of(call, name, record)) wanted[version] += executions;
  for (const auto& [number, executions] : wanted) {
    const auto version = find_published(call, name, number);
    if (!version || executions == 0) continue;
    settings.provisioned.push_back(
        {.version = std::make_shared<const FunctionVersion>(runnable(call, name, *version)), .executions = executions});
  }
  return settings;
}

struct NamedFunction {
  std::string account;
  std::string region;
  std::string name;
};

// Those whose settings are not the default ones.
std::vector<NamedFunction> functions_with_settings(Txn& txn) {
  std::map<std::string, NamedFunction> found;  // by the part of the key that is common
  const auto add = [&found](std::string_view parts) {
    const auto all = parts;
    auto account = read_key_part(parts);
    auto region = read_key_part(parts);
    auto name = read_key_part(parts);
    if (!account || !region || !name) return;
    found.try_emplace(std::string(all.substr(0, all.size() - parts.size())), NamedFunction{*account, *region, *name});
  };
  txn.scan(keys::all_functions, prefix_end(keys::all_functions), [&](std::string_view key, std::string_view value) {
    FunctionRecord function;
    read_record(value, key, *shape_of<FunctionRecord>(), &function);
    if (function.reserved_concurrency) add(key.substr(keys::all_functions.size()));
    return true;
  });
  txn.scan(keys::all_provisioned, prefix_end(keys::all_provisioned), [&](std::string_view key, std::string_view) {
    add(key.substr(keys::all_provisioned.size()));
    return true;
  });
  std::vector<NamedFunction> functions;
  for (auto& [key, function] : found) functions.push_back(std::move(function));
  return functions;
}

}  // namespace

ConcurrencyClaims concurrency_claims(Call& call, std::string_view function_name) {
  std::map<std::string, Integer, std::less<>> claims;
  scan_records<ProvisionedRecord>(call.txn, keys::account_provisioned(call.caller), [&](const ProvisionedRecord& record) {
    claims[record.function_name] += record.executions;
    return true;
  });
  // What is provisioned of a function that reserves is part of the reservation.
  scan_records<FunctionRecord>(call.txn, keys::functions(call.caller), [&](const FunctionRecord& function) {
    if (function.reserved_concurrency) claims[function.name] = *function.reserved_concurrency;
    return true;
  });
  ConcurrencyClaims result;
  constexpr Integer most_executions = 1'000'000'000;  // where nothing is limited
  const auto* registry = call.ports.quotas;
  const auto& limit = quotas::concurrent_executions;
  result.limit = std::min(registry != nullptr ? registry->value(limit) : limit.value, most_executions);
  result.floor = std::min(quota_value(registry, quotas::unreserved_concurrency_floor), result.limit);
  for (const auto& [name, claim] : claims) (name == function_name ? result.own : result.others) += claim;
  return result;
}

List<ProvisionedRecord> provisioned_records(Call& call, const std::string& name) {
  List<ProvisionedRecord> records;
  scan_records<ProvisionedRecord>(call.txn, keys::provisioned_of(call.caller, name), [&](ProvisionedRecord record) {
    records.push_back(std::move(record));
    return true;
  });
  return records;
}

Opt<ProvisionedRecord> find_provisioned(Call& call, const std::string& name, std::string_view qualifier) {
  return get_record<ProvisionedRecord>(call.txn, keys::provisioned(call.caller, name, qualifier));
}

Result<Unit> check_provisioned_alias(Call& call, const std::string& name, std::string_view alias, std::string_view version) {
  if (!find_provisioned(call, name, alias)) return Unit{};
  if (version == latest_version)
    return invalid_parameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  if (find_provisioned(call, name, version))
    return fault(ResourceConflictException,
                 "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
  return Unit{};
}

void tell_runner_after_commit(Call& call, const std::string& name) {
  if (call.ports.runner == nullptr) return;
  call.after_commit([runner = call.ports.runner, &lane = call.lane, settings = settings_of_function(call, name)]() mutable {
    runner->configure(lane, std::move(settings));
  });
}

void tell_runner_of_all(ServiceContext& context) {
  auto& dispatcher = context.dispatcher;
  dispatcher.read(service, service_caller("", "", principal), {}, "", [&dispatcher](Call& call) {
    for (const auto& [account, region, name] : functions_with_settings(call.txn)) {
      dispatcher.read(service, service_caller(account, region, principal), {}, name, [name](Call& on_lane) {
        if (on_lane.ports.runner != nullptr) on_lane.ports.runner->configure(on_lane.lane, settings_of_function(on_lane, name));
      });
    }
  });
}

}  // namespace surgetank::lambda
