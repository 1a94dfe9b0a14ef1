// The operations on ProvisionedConcurrencyConfigs. A status is not stored: it is what the runner has just now.
#include "base/text.h"
#include "kernel/function_runner.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/lambda/concurrency.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_cache.h"
#include "services/lambda/function_name.h"
#include "services/lambda/keys.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"

namespace surgetank::lambda {
namespace {

constexpr Integer most_executions = 2'147'483'647;

std::string shown_time(Instant time) {
  auto text = iso8601_seconds(time);
  text.pop_back();
  return text + "+0000";
}

// The alias or published version.
Result<Target> find_owner(Call& call, std::string_view action, const ProvisionedConcurrencyConfigRequest& request,
                          std::string_view latest) {
  SURGE_TRY(target, resolve(call, action, NameForm::FunctionName, request.FunctionName, request.Qualifier));
  if (target.qualifier == latest_version) return invalid_parameter(std::string(latest));
  if (is_alias_name(target.qualifier)) {
    if (!find_alias(call, target.name, target.qualifier)) return alias_not_found(call, target);
  } else if (!find_published(call, target.name, target.qualifier)) {
    return function_not_found(call, target);
  }
  return std::move(target);
}

constexpr std::string_view needs_published = "The function resource provided must be an alias or a published version.";

// What the runner has initialised for the versions behind the qualifier.
ProvisionedState state_of(Call& call, const std::string& name, const ProvisionedRecord& record) {
  std::vector<std::string> numbers;
  if (is_version_number(record.qualifier)) {
    numbers.push_back(record.qualifier);
  } else if (const auto alias = find_alias(call, name, record.qualifier)) {
    numbers.push_back(alias->function_version);
    for (const auto& [version, weight] : alias->weights) numbers.push_back(version);
  }
  ProvisionedState all;
  for (const auto& number : numbers) {
    const auto version = find_published(call, name, number);
    if (!version || call.ports.runner == nullptr) continue;
    const auto one = call.ports.runner->provisioned(call.lane, runnable(call, name, *version).key());
    all.available += one.available;
    if (all.failure.empty()) all.failure = one.failure;
  }
  return all;
}

ProvisionedConcurrencyConfig shown(const ProvisionedRecord& record, const ProvisionedState& state) {
  ProvisionedConcurrencyConfig config;
  config.RequestedProvisionedConcurrentExecutions = record.executions;
  const auto available = std::min(state.available, record.executions);
  config.AvailableProvisionedConcurrentExecutions = available;
  config.AllocatedProvisionedConcurrentExecutions = available;
  config.Status = available == record.executions ? "READY" : state.failure.empty() ? "IN_PROGRESS" : "FAILED";
  if (config.Status == "FAILED") config.StatusReason = state.failure;
  config.LastModified = shown_time(record.last_modified);
  return config;
}

// One version is provisioned directly or through aliases, not both.
Result<Unit> check_overlap(Call& call, const Target& owner) {
  if (is_version_number(owner.qualifier)) {
    for (const auto& alias : aliases_of(call, owner.name))
      if (alias.function_version == owner.qualifier && find_provisioned(call, owner.name, alias.name))
        return fault(ResourceConflictException, "Version is pointed by a Provisioned Concurrency alias");
    return Unit{};
  }
  const auto alias = find_alias(call, owner.name, owner.qualifier);
  if (alias->function_version == latest_version)
    return invalid_parameter("Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  if (find_provisioned(call, owner.name, alias->function_version))
    return fault(ResourceConflictException,
                 "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version");
  return Unit{};
}

Result<Unit> check_claim(Call& call, const Target& owner, const FunctionRecord& function, Integer wanted) {
  Integer others = 0;
  for (const auto& record : provisioned_records(call, owner.name))
    if (record.qualifier != owner.qualifier) others += record.executions;
  if (function.reserved_concurrency) {
    if (others + wanted <= *function.reserved_concurrency) return Unit{};
    return invalid_parameter("Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function");
  }
  const auto claims = concurrency_claims(call, owner.name);
  const auto unreserved = claims.limit - claims.others - others;
  if (wanted > unreserved)
    return invalid_parameter("Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [" +
                             std::to_string(unreserved) + "].");
  if (unreserved - wanted < claims.floor && others + wanted > claims.own)
    return invalid_parameter(
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [" +
        std::to_string(claims.floor) + "].");
  return Unit{};
}

}  // namespace

Result<ProvisionedConcurrencyConfig> put_provisioned_concurrency_config(Call& call, const PutProvisionedConcurrencyConfigRequest& request) {
  const auto wanted = request.ProvisionedConcurrentExecutions;
  SURGE_CHECK(Validation().range("provisionedConcurrentExecutions", wanted, 1, most_executions).finish(ValidationException));
  SURGE_TRY(owner, find_owner(call, "lambda:PutProvisionedConcurrencyConfig", {request.FunctionName, request.Qualifier},
                              "Provisioned Concurrency Configs cannot be applied to unpublished function versions."));
  SURGE_TRY(function, find_function(call, owner));
  SURGE_CHECK(check_overlap(call, owner));
  SURGE_CHECK(check_claim(call, owner, function, wanted));
  const ProvisionedRecord record{
      .function_name = owner.name, .qualifier = owner.qualifier, .executions = wanted, .last_modified = call.now};
  put_record(call.txn, keys::provisioned(call.caller, owner.name, owner.qualifier), record);
  tell_runner_after_commit(call, owner.name);
  auto config = shown(record, {});
  config.Status = "IN_PROGRESS";
  return config;
}

Result<ProvisionedConcurrencyConfig> get_provisioned_concurrency_config(Call& call, const ProvisionedConcurrencyConfigRequest& request) {
  SURGE_TRY(owner, find_owner(call, "lambda:GetProvisionedConcurrencyConfig", request, needs_published));
  const auto record = find_provisioned(call, owner.name, owner.qualifier);
  if (!record) return fault(ProvisionedConcurrencyConfigNotFoundException, "No Provisioned Concurrency Config found for this function");
  return shown(*record, state_of(call, owner.name, *record));
}

// Of one that is not there as well.
Result<Empty> delete_provisioned_concurrency_config(Call& call, const ProvisionedConcurrencyConfigRequest& request) {
  SURGE_TRY(owner, find_owner(call, "lambda:DeleteProvisionedConcurrencyConfig", request, needs_published));
  call.txn.erase(keys::provisioned(call.caller, owner.name, owner.qualifier));
  tell_runner_after_commit(call, owner.name);
  return Empty{};
}

// Pages go by qualifier; a marker is the last one of the page before.
Result<ListProvisionedConcurrencyConfigsResponse> list_provisioned_concurrency_configs(
    Call& call, const ListProvisionedConcurrencyConfigsRequest& request) {
  SURGE_CHECK(Validation().range("maxItems", request.MaxItems, 1, limits::list_page).finish(ValidationException));
  SURGE_TRY(target, resolve_unqualified(call, "lambda:ListProvisionedConcurrencyConfigs", NameForm::FunctionName, request.FunctionName));
  if (const auto function = find_function(call, target); !function.ok()) return function.error();
  Opt<String> after;
  if (request.Marker && !request.Marker->empty()) {
    after = from_base64(*request.Marker);
    if (!after || !is_qualifier(*after))
      return invalid_parameter("The Marker " + *request.Marker + " is not one that this operation returned.");
  }
  const auto size = static_cast<std::size_t>(request.MaxItems.value_or(limits::list_page));
  ListProvisionedConcurrencyConfigsResponse response;
  std::string last;
  for (const auto& record : provisioned_records(call, target.name)) {
    if (after && record.qualifier <= *after) continue;
    if (response.ProvisionedConcurrencyConfigs.size() == size) {
      response.NextMarker = to_base64(last);
      break;
    }
    last = record.qualifier;
    auto config = shown(record, state_of(call, target.name, record));
    config.FunctionArn = arn_of(call, {.name = target.name, .qualifier = record.qualifier});
    response.ProvisionedConcurrencyConfigs.push_back(std::move(config));
  }
  return response;
}

}  // namespace surgetank::lambda
