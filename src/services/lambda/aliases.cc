#include "kernel/validation.h"
#include "services/lambda/concurrency.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/patterns.h"
#include "wire/json_writer.h"

namespace surgetank::lambda {
namespace {

Result<Unit> check_members(const String& name, const Opt<String>& version, const Opt<String>& description) {
  Validation validation;
  validation.length("name", name, 1, 128).pattern("name", name, alias_pattern.shown, alias_pattern.matches(name));
  if (version)
    validation.length("functionVersion", *version, 1, 1024)
        .pattern("functionVersion", *version, version_pattern.shown, version_pattern.matches(*version));
  return validation.length("description", description, 0, limits::description_characters).finish(ValidationException);
}

std::string shown_weight(const std::string& version, double weight) {
  std::string number;
  append_json_double(number, weight);
  return "Value '{" + version + "=" + number + "}' at 'routingConfig.additionalVersionWeights'";
}

// At most one further version, which exists and is not the main one; the main one is published as well.
Result<Map<double>> checked_weights(Call& call, const std::string& name, const String& main_version, const Opt<AliasRouting>& routing) {
  if (!routing || !routing->AdditionalVersionWeights) return Map<double>{};
  const auto& weights = *routing->AdditionalVersionWeights;
  if (weights.size() > 1) return invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
  for (const auto& [version, weight] : weights) {
    if (!(weight >= 0.0 && weight <= 1.0))
      return violation(
          shown_weight(version, weight),
          "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than "
          "or equal to 0.0, Member must not be null]");
    if (!is_version_number(version))
      return violation(
          shown_weight(version, weight),
          "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater "
          "than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]");
    if (version == main_version)
      return invalid_parameter("Invalid function version " + version + ". Function version " + version +
                               " is already included in routing configuration.");
    if (main_version == latest_version) return invalid_parameter("$LATEST is not supported for an alias pointing to more than 1 version");
    if (!find_published(call, name, version)) return function_not_found(call, {.name = name, .qualifier = version});
  }
  return weights;
}

// The function, and its alias if there is one; then the caller knows whether it wants one.
Result<Target> find_owner(Call& call, std::string_view action, const String& function_name) {
  SURGE_TRY(target, resolve_unqualified(call, action, NameForm::FunctionName, function_name));
  if (auto function = find_function(call, target); !function.ok()) return std::move(function.error());
  return std::move(target);
}

Result<Unit> check_version(Call& call, const std::string& name, const String& version) {
  if (version == latest_version || find_published(call, name, version)) return Unit{};
  return function_not_found(call, {.name = name, .qualifier = version});
}

}  // namespace

AliasConfiguration shown_alias(const Caller& caller, const std::string& function_name, const AliasRecord& alias) {
  AliasConfiguration shown{.AliasArn = function_arn(caller.account, caller.region, function_name, alias.name),
                           .Name = alias.name,
                           .FunctionVersion = alias.function_version,
                           .Description = alias.description,
                           .RoutingConfig = std::nullopt,
                           .RevisionId = alias.revision_id};
  if (!alias.weights.empty()) shown.RoutingConfig = AliasRouting{.AdditionalVersionWeights = alias.weights};
  return shown;
}

Result<AliasConfiguration> create_alias(Call& call, const CreateAliasRequest& request) {
  SURGE_CHECK(check_members(request.Name, request.FunctionVersion, request.Description));
  SURGE_TRY(target, find_owner(call, "lambda:CreateAlias", request.FunctionName));
  SURGE_CHECK(check_version(call, target.name, request.FunctionVersion));
  target.qualifier = request.Name;
  if (find_alias(call, target.name, request.Name)) return fault(ResourceConflictException, "Alias already exists: " + arn_of(call, target));
  SURGE_TRY(weights, checked_weights(call, target.name, request.FunctionVersion, request.RoutingConfig));
  const AliasRecord alias{.name = request.Name,
                          .function_version = request.FunctionVersion,
                          .description = request.Description.value_or(""),
                          .weights = std::move(weights),
                          .revision_id = call.random.uuid()};
  save_alias(call, target.name, alias);
  return shown_alias(call.caller, target.name, alias);
}

Result<AliasConfiguration> get_alias(Call& call, const AliasNameRequest& request) {
  SURGE_CHECK(check_members(request.Name, std::nullopt, std::nullopt));
  SURGE_TRY(target, find_owner(call, "lambda:GetAlias", request.FunctionName));
  const auto alias = find_alias(call, target.name, request.Name);
  if (!alias) return alias_not_found(call, {.name = target.name, .qualifier = request.Name});
  return shown_alias(call.caller, target.name, *alias);
}

Result<AliasConfiguration> update_alias(Call& call, const UpdateAliasRequest& request) {
  SURGE_CHECK(check_members(request.Name, request.FunctionVersion, request.Description));
  SURGE_TRY(target, find_owner(call, "lambda:UpdateAlias", request.FunctionName));
  auto alias = find_alias(call, target.name, request.Name);
  if (!alias) return alias_not_found(call, {.name = target.name, .qualifier = request.Name});
  SURGE_CHECK(check_revision(request.RevisionId, alias->revision_id, "GetFunction/GetAlias"));
  if (request.FunctionVersion) {
    SURGE_CHECK(check_version(call, target.name, *request.FunctionVersion));
    SURGE_CHECK(check_provisioned_alias(call, target.name, request.Name, *request.FunctionVersion));
    alias->function_version = *request.FunctionVersion;
  }
  if (request.Description) alias->description = *request.Description;
  const AliasRouting kept{.AdditionalVersionWeights = alias->weights};
  SURGE_TRY(weights, checked_weights(call, target.name, alias->function_version,
                                     request.RoutingConfig ? request.RoutingConfig : Opt<AliasRouting>(kept)));
  alias->weights = std::move(weights);
  alias->revision_id = call.random.uuid();
  save_alias(call, target.name, *alias);
  if (find_provisioned(call, target.name, request.Name)) tell_runner_after_commit(call, target.name);
  return shown_alias(call.caller, target.name, *alias);
}

Result<Empty> delete_alias(Call& call, const AliasNameRequest& request) {
  SURGE_CHECK(check_members(request.Name, std::nullopt, std::nullopt));
  SURGE_TRY(target, find_owner(call, "lambda:DeleteAlias", request.FunctionName));
  const bool had_provisioned = find_provisioned(call, target.name, request.Name).has_value();
  erase_alias(call, target.name, request.Name);
  if (had_provisioned) tell_runner_after_commit(call, target.name);
  return Empty{};
}

}  // namespace surgetank::lambda
