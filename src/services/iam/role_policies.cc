#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/iam/errors.h"
#include "services/iam/keys.h"
#include "services/iam/limits.h"
#include "services/iam/operations.h"
#include "services/iam/quotas.h"

namespace surgetank::iam {
namespace {

const String& attached_name(const AttachedPolicy& policy) { return policy.PolicyName; }
const String& itself(const String& name) { return name; }

// AWS managed policies (arn:aws:iam::aws:policy/...) are accepted by name, since nothing evaluates them yet; a customer managed
// one must exist.
Result<String> policy_name(Call& call, const String& arn) {
  const auto parts = split(arn, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "iam" || parts[5].substr(0, 7) != "policy/")
    return Error{&ValidationError, "ARN " + arn + " is not valid."};
  const String name(parts[5].substr(parts[5].rfind('/') + 1));
  if (parts[4] != "aws" && (parts[4] != call.account() || !call.txn.get(keys::policy(call.caller, name))))
    return Error{&NoSuchEntity, "Policy " + arn + " does not exist or is not attachable."};
  return name;
}

}  // namespace

Result<Empty> attach_role_policy(Call& call, const RolePolicyRequest& request) {
  SURGE_TRY(name, policy_name(call, request.PolicyArn));
  SURGE_TRY(record, find_role(call, request.RoleName));
  std::erase_if(record.attached, [&](const AttachedPolicy& known) { return known.PolicyArn == request.PolicyArn; });
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::policies_per_role, record.attached.size() + 1));
  record.attached.push_back({.PolicyName = name, .PolicyArn = request.PolicyArn});
  std::sort(record.attached.begin(), record.attached.end(), [](const auto& a, const auto& b) { return a.PolicyName < b.PolicyName; });
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<Empty> detach_role_policy(Call& call, const RolePolicyRequest& request) {
  SURGE_TRY(record, find_role(call, request.RoleName));
  if (std::erase_if(record.attached, [&](const AttachedPolicy& known) { return known.PolicyArn == request.PolicyArn; }) == 0)
    return Error{&NoSuchEntity, "Policy " + request.PolicyArn + " was not found."};
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<ListAttachedRolePoliciesResponse> list_attached_role_policies(Call& call, const ListRoleEntriesRequest& request) {
  SURGE_CHECK(Validation().range("maxItems", request.MaxItems, 1, limits::largest_page).finish(ValidationError));
  SURGE_TRY(record, find_role(call, request.RoleName));
  ListAttachedRolePoliciesResponse response;
  auto& attached = response.AttachedPolicies.emplace(record.attached);
  cut_page(response, attached, request.Marker, request.MaxItems.value_or(limits::page), &attached_name);
  return response;
}

Result<Empty> put_role_policy(Call& call, const PutRolePolicyRequest& request) {
  SURGE_CHECK(check_name("policyName", request.PolicyName, 128));
  SURGE_CHECK(check_policy_document(request.PolicyDocument));
  SURGE_TRY(record, find_role(call, request.RoleName));
  record.inline_policies[request.PolicyName] = request.PolicyDocument;
  std::size_t length = 0;
  for (const auto& [name, document] : record.inline_policies) length += policy_length(document);
  if (auto checked = check_quota(call.ports.quotas, quotas::inline_policies, length); !checked.ok()) {
    checked.error().message += request.RoleName;
    return std::move(checked.error());
  }
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<GetRolePolicyResponse> get_role_policy(Call& call, const RolePolicyNameRequest& request) {
  SURGE_TRY(record, find_role(call, request.RoleName));
  const auto found = record.inline_policies.find(request.PolicyName);
  if (found == record.inline_policies.end())
    return Error{&NoSuchEntity, "The role policy with name " + request.PolicyName + " cannot be found."};
  return GetRolePolicyResponse{
      .RoleName = request.RoleName, .PolicyName = request.PolicyName, .PolicyDocument = percent_encode(found->second)};
}

Result<Empty> delete_role_policy(Call& call, const RolePolicyNameRequest& request) {
  SURGE_TRY(record, find_role(call, request.RoleName));
  if (record.inline_policies.erase(request.PolicyName) == 0)
    return Error{&NoSuchEntity, "The role policy with name " + request.PolicyName + " cannot be found."};
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<ListRolePoliciesResponse> list_role_policies(Call& call, const ListRoleEntriesRequest& request) {
  SURGE_CHECK(Validation().range("maxItems", request.MaxItems, 1, limits::largest_page).finish(ValidationError));
  SURGE_TRY(record, find_role(call, request.RoleName));
  ListRolePoliciesResponse response;
  auto& names = response.PolicyNames.emplace();
  for (const auto& [name, document] : record.inline_policies) names.push_back(name);
  cut_page(response, names, request.Marker, request.MaxItems.value_or(limits::page), &itself);
  return response;
}

}  // namespace surgetank::iam
