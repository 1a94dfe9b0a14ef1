#include <algorithm>

#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/keys.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/patterns.h"
#include "services/lambda/policy.h"
#include "services/lambda/quotas.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view revision_source = "GetPolicy";

void check_pattern(Validation& validation, std::string_view path, const Opt<String>& value, const Pattern& pattern) {
  if (value) validation.pattern(path, *value, pattern.shown, pattern.matches(*value));
}

Result<Unit> check_members(const AddPermissionRequest& request) {
  Validation validation;
  validation.length("statementId", request.StatementId, 1, 100);
  check_pattern(validation, "statementId", request.StatementId, statement_id_pattern);
  check_pattern(validation, "action", request.Action, action_pattern);
  check_pattern(validation, "principal", request.Principal, principal_pattern);
  check_pattern(validation, "sourceArn", request.SourceArn, source_arn_pattern);
  check_pattern(validation, "sourceAccount", request.SourceAccount, source_account_pattern);
  validation.length("eventSourceToken", request.EventSourceToken, 0, 256);
  check_pattern(validation, "eventSourceToken", request.EventSourceToken, event_source_token_pattern);
  check_pattern(validation, "principalOrgID", request.PrincipalOrgID, organization_id_pattern);
  validation.one_of("functionUrlAuthType", request.FunctionUrlAuthType, {"NONE", "AWS_IAM"});
  SURGE_CHECK(validation.finish(ValidationException));
  if (!is_principal(request.Principal))
    return invalid_parameter("The provided principal was invalid. Please check the principal and try again.");
  return Unit{};
}

// The function, version or alias that has the policy; each has a revision of its own.
struct PolicyOwner {
  Target target;
  FunctionRecord function;
  Opt<VersionRecord> version;
  Opt<AliasRecord> alias;

  String& revision() { return alias ? alias->revision_id : version ? version->revision_id : function.latest.revision_id; }
  void save(Call& call) {
    if (alias) return save_alias(call, target.name, *alias);
    if (version) return save_version(call, target.name, *version);
    save_function(call, function);
  }
};

Result<PolicyOwner> find_owner(Call& call, std::string_view action, NameForm form, const String& function_name,
                               const Opt<String>& qualifier) {
  SURGE_TRY(target, resolve(call, action, form, function_name, qualifier));
  if (target.qualifier == latest_version) target.qualifier.clear();
  PolicyOwner owner{.target = target, .function = {}, .version = std::nullopt, .alias = std::nullopt};
  SURGE_TRY(function, find_function(call, target));
  owner.function = std::move(function);
  if (is_alias_name(target.qualifier)) {
    owner.alias = find_alias(call, target.name, target.qualifier);
    if (!owner.alias) return alias_not_found(call, target);
  } else if (!target.qualifier.empty()) {
    owner.version = find_published(call, target.name, target.qualifier);
    if (!owner.version) return function_not_found(call, target);
  }
  return owner;
}

bool aims_at_latest(const AddPermissionRequest& request) {
  const auto reference = parse_function_reference(request.FunctionName);
  return request.Qualifier == latest_version || (reference && reference->qualifier == latest_version);
}

Opt<PolicyRecord> find_policy(Call& call, const Target& target) {
  return get_record<PolicyRecord>(call.txn, keys::policy(call.caller, target.name, target.qualifier));
}

StatementRecord statement_of(const AddPermissionRequest& request, std::string resource) {
  return {.sid = request.StatementId,
          .action = request.Action,
          .principal = request.Principal,
          .resource = std::move(resource),
          .source_arn = request.SourceArn,
          .source_account = request.SourceAccount,
          .event_source_token = request.EventSourceToken,
          .principal_org_id = request.PrincipalOrgID,
          .function_url_auth_type = request.FunctionUrlAuthType,
          .invoked_via_function_url = request.InvokedViaFunctionUrl};
}

auto with_sid(List<StatementRecord>& statements, const String& sid) {
  return std::find_if(statements.begin(), statements.end(), [&](const StatementRecord& statement) { return statement.sid == sid; });
}

}  // namespace

Result<AddPermissionResponse> add_permission(Call& call, const AddPermissionRequest& request) {
  SURGE_CHECK(check_members(request));
  if (aims_at_latest(request)) return invalid_parameter("We currently do not support adding policies for $LATEST.");
  SURGE_TRY(owner, find_owner(call, "lambda:AddPermission", NameForm::FunctionName, request.FunctionName, request.Qualifier));
  auto policy = find_policy(call, owner.target).value_or(PolicyRecord{});
  if (with_sid(policy.statements, request.StatementId) != policy.statements.end())
    return fault(ResourceConflictException,
                 "The statement id (" + request.StatementId +
                     ") provided already exists. Please provide a new statement id, or remove the existing statement.");
  SURGE_CHECK(check_revision(request.RevisionId, owner.revision(), revision_source));
  policy.statements.push_back(statement_of(request, arn_of(call, owner.target)));
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::resource_policy, policy_json(policy.statements).size()));
  owner.revision() = call.random.uuid();
  owner.save(call);
  save_policy(call, owner.target.name, owner.target.qualifier, policy);
  return AddPermissionResponse{.Statement = statement_json(policy.statements.back())};
}

Result<Empty> remove_permission(Call& call, const RemovePermissionRequest& request) {
  SURGE_CHECK(Validation()
                  .length("statementId", request.StatementId, 1, 100)
                  .pattern("statementId", request.StatementId, namespaced_statement_id_pattern.shown,
                           namespaced_statement_id_pattern.matches(request.StatementId))
                  .finish(ValidationException));
  SURGE_TRY(owner, find_owner(call, "lambda:RemovePermission", NameForm::FunctionName, request.FunctionName, request.Qualifier));
  auto policy = find_policy(call, owner.target);
  if (!policy) return fault(ResourceNotFoundException, "No policy is associated with the given resource.");
  const auto statement = with_sid(policy->statements, request.StatementId);
  if (statement == policy->statements.end())
    return fault(ResourceNotFoundException, "Statement " + request.StatementId + " is not found in resource policy.");
  SURGE_CHECK(check_revision(request.RevisionId, owner.revision(), revision_source));
  policy->statements.erase(statement);
  owner.revision() = call.random.uuid();
  owner.save(call);
  if (policy->statements.empty()) {
    erase_policy(call, owner.target.name, owner.target.qualifier);
  } else {
    save_policy(call, owner.target.name, owner.target.qualifier, *policy);
  }
  return Empty{};
}

Result<GetPolicyResponse> get_policy(Call& call, const QualifiedFunctionRequest& request) {
  SURGE_TRY(owner, find_owner(call, "lambda:GetPolicy", NameForm::NamespacedFunctionName, request.FunctionName, request.Qualifier));
  const auto policy = find_policy(call, owner.target);
  if (!policy) return fault(ResourceNotFoundException, "The resource you requested does not exist.");
  return GetPolicyResponse{.Policy = policy_json(policy->statements), .RevisionId = owner.revision()};
}

}  // namespace surgetank::lambda
