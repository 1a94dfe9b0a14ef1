#include "services/lambda/function_store.h"

#include "base/text.h"
#include "kernel/function_runner.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_cache.h"
#include "services/lambda/function_name.h"
#include "services/lambda/keys.h"
#include "services/lambda/patterns.h"

namespace surgetank::lambda {
namespace {

Result<Unit> check_form(NameForm form, const String& function_name, const Opt<FunctionReference>& reference, const Opt<String>& qualifier) {
  const bool namespaced = form == NameForm::NamespacedFunctionName;
  const auto pattern = namespaced ? namespaced_function_name_pattern : function_name_pattern;
  Validation validation;
  if (qualifier) {
    validation.length("qualifier", *qualifier, 1, 128)
        .pattern("qualifier", *qualifier, qualifier_pattern.shown, qualifier->empty() || qualifier_pattern.matches(*qualifier));
  }
  validation.length("functionName", function_name, 1, namespaced ? 170 : 140)
      .pattern("functionName", function_name, pattern, reference.has_value());
  return validation.finish(ValidationException);
}

Result<Unit> check_place(const Call& call, std::string_view action, const FunctionReference& reference) {
  if (!reference.region.empty() && reference.region != call.region())
    return fault(ResourceNotFoundException,
                 "Functions from '" + std::string(reference.region) + "' are not reachable in this region ('" + call.region() + "')");
  if (reference.account.empty() || reference.account == call.account()) return Unit{};
  const auto arn = function_arn(reference.account, call.region(), reference.name, reference.qualifier);
  return fault(AccessDeniedException, "User: " + call.caller.principal_arn + " is not authorized to perform: " + std::string(action) +
                                          " on resource: " + arn + " because no resource-based policy allows the " + std::string(action) +
                                          " action");
}

void forget(Call& call, std::string_view name) { call.state_as<FunctionCache>().forget(call.caller, name); }

void erase_range(Call& call, const std::string& prefix) {
  std::vector<std::string> found;
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    found.emplace_back(key);
    return true;
  });
  for (const auto& key : found) call.txn.erase(key);
}

// 0: no version has that number.
std::uint64_t number_of(std::string_view version) {
  const auto number = is_version_number(version) ? parse_integer(version) : std::nullopt;
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

}  // namespace

Result<Target> resolve(const Call& call, std::string_view action, NameForm form, const String& function_name,
                       const Opt<String>& qualifier) {
  const auto reference = parse_function_reference(function_name);
  SURGE_CHECK(check_form(form, function_name, reference, qualifier));
  SURGE_CHECK(check_place(call, action, *reference));
  if (qualifier && !reference->qualifier.empty() && reference->qualifier != *qualifier)
    return invalid_parameter("The derived qualifier from the function name does not match the specified qualifier.");
  return Target{.name = std::string(reference->name), .qualifier = qualifier ? *qualifier : std::string(reference->qualifier)};
}

Result<Target> resolve_unqualified(const Call& call, std::string_view action, NameForm form, const String& function_name) {
  SURGE_TRY(target, resolve(call, action, form, function_name, std::nullopt));
  if (!target.qualifier.empty() && target.qualifier != latest_version)
    return invalid_parameter("This operation works on the function as a whole: the function name must not have the qualifier " +
                             target.qualifier + ".");
  target.qualifier.clear();
  return std::move(target);
}

std::string arn_of(const Call& call, const Target& target) {
  return function_arn(call.account(), call.region(), target.name, target.qualifier);
}

Error function_not_found(const Call& call, const Target& target) {
  return fault(ResourceNotFoundException, "Function not found: " + arn_of(call, target));
}

Error alias_not_found(const Call& call, const Target& target) {
  return fault(ResourceNotFoundException, "Cannot find alias arn: " + arn_of(call, target));
}

Result<FunctionRecord> find_function(Call& call, const Target& target) {
  auto function = get_record<FunctionRecord>(call.txn, keys::function(call.caller, target.name));
  if (!function) return function_not_found(call, target);
  return std::move(*function);
}

Opt<VersionRecord> find_published(Call& call, const std::string& name, std::string_view number) {
  const auto value = number_of(number);
  if (value == 0) return std::nullopt;
  return get_record<VersionRecord>(call.txn, keys::version(call.caller, name, value));
}

Opt<AliasRecord> find_alias(Call& call, const std::string& name, std::string_view alias) {
  return get_record<AliasRecord>(call.txn, keys::alias(call.caller, name, alias));
}

Result<VersionRecord> find_version(Call& call, const Target& target) {
  SURGE_TRY(function, find_function(call, target));
  if (target.qualifier.empty() || target.qualifier == latest_version) return std::move(function.latest);
  auto number = target.qualifier;
  if (is_alias_name(number)) {
    const auto alias = find_alias(call, target.name, number);
    if (!alias) return function_not_found(call, target);
    number = alias->function_version;
    if (number == latest_version) return std::move(function.latest);
  }
  auto version = find_published(call, target.name, number);
  if (!version) return function_not_found(call, target);
  return std::move(*version);
}

void save_function(Call& call, const FunctionRecord& function) {
  put_record(call.txn, keys::function(call.caller, function.name), function);
  forget(call, function.name);
}

void save_version(Call& call, const std::string& name, const VersionRecord& version) {
  put_record(call.txn, keys::version(call.caller, name, number_of(version.version)), version);
  forget(call, name);
}

void save_alias(Call& call, const std::string& name, const AliasRecord& alias) {
  put_record(call.txn, keys::alias(call.caller, name, alias.name), alias);
  forget(call, name);
}

void save_policy(Call& call, const std::string& name, std::string_view qualifier, const PolicyRecord& policy) {
  put_record(call.txn, keys::policy(call.caller, name, qualifier), policy);
  forget(call, name);
}

void erase_version(Call& call, const std::string& name, std::string_view number) {
  call.txn.erase(keys::version(call.caller, name, number_of(number)));
  call.txn.erase(keys::event_invoke(call.caller, name, number));
  call.txn.erase(keys::provisioned(call.caller, name, number));
  erase_policy(call, name, number);
}

void erase_alias(Call& call, const std::string& name, const std::string& alias) {
  call.txn.erase(keys::alias(call.caller, name, alias));
  call.txn.erase(keys::event_invoke(call.caller, name, alias));
  call.txn.erase(keys::provisioned(call.caller, name, alias));
  erase_policy(call, name, alias);
}

void erase_policy(Call& call, const std::string& name, std::string_view qualifier) {
  call.txn.erase(keys::policy(call.caller, name, qualifier));
  forget(call, name);
}

void erase_function(Call& call, const std::string& name) {
  call.txn.erase(keys::function(call.caller, name));
  erase_range(call, keys::versions(call.caller, name));
  erase_range(call, keys::aliases(call.caller, name));
  erase_range(call, keys::policies(call.caller, name));
  erase_range(call, keys::event_invokes(call.caller, name));
  erase_range(call, keys::provisioned_of(call.caller, name));
  forget(call, name);
}

List<VersionRecord> published_versions(Call& call, const std::string& name) {
  List<VersionRecord> versions;
  scan_records<VersionRecord>(call.txn, keys::versions(call.caller, name), [&](VersionRecord version) {
    versions.push_back(std::move(version));
    return true;
  });
  return versions;
}

List<AliasRecord> aliases_of(Call& call, const std::string& name) {
  List<AliasRecord> aliases;
  scan_records<AliasRecord>(call.txn, keys::aliases(call.caller, name), [&](AliasRecord alias) {
    aliases.push_back(std::move(alias));
    return true;
  });
  return aliases;
}

void mark_changed(Call& call, VersionRecord& version) {
  version.revision_id = call.random.uuid();
  version.environment_id = call.random.uuid();
  version.last_modified = call.now;
}

void retire_after_commit(Call& call, const std::string& name, const VersionRecord& version) {
  FunctionVersion running;
  running.arn = function_arn(call.account(), call.region(), name);
  running.version = version.version;
  running.revision_id = version.environment_id;
  call.after_commit([runner = call.ports.runner, &lane = call.lane, key = running.key()] {
    if (runner != nullptr) runner->retire(lane, key);
  });
}

Result<Unit> check_revision(const Opt<String>& given, const String& current, std::string_view source) {
  if (!given || *given == current) return Unit{};
  return fault(PreconditionFailedException, "The Revision Id provided does not match the latest Revision Id. Call the " +
                                                std::string(source) + " API to retrieve the latest Revision Id");
}

}  // namespace surgetank::lambda
