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

constexpr std::string_view id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const String& policy_name(const Policy& policy) { return policy.PolicyName; }

Result<PolicyRecord> find_policy(Call& call, const String& arn) {
  auto record = get_record<PolicyRecord>(call.txn, keys::policy(call.caller, arn.substr(arn.rfind('/') + 1)));
  if (!record || record->policy.Arn != arn) return Error{&NoSuchEntity, "Policy " + arn + " was not found."};
  return std::move(*record);
}

std::int64_t attachments(Call& call, const String& arn) {
  std::int64_t count = 0;
  scan_records<RoleRecord>(call.txn, keys::roles(call.caller), [&](const RoleRecord& role) {
    for (const auto& attached : role.attached) count += attached.PolicyArn == arn ? 1 : 0;
    return true;
  });
  return count;
}

}  // namespace

Result<PolicyResponse> create_policy(Call& call, const CreatePolicyRequest& request) {
  SURGE_CHECK(check_name("policyName", request.PolicyName, 128));
  SURGE_TRY(path, check_path(request.Path));
  SURGE_CHECK(check_policy_document(request.PolicyDocument));
  if (call.txn.get(keys::policy(call.caller, request.PolicyName)))
    return Error{&EntityAlreadyExists, "A policy called " + request.PolicyName + " already exists. Duplicate names are not allowed."};
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::managed_policy, policy_length(request.PolicyDocument)));
  SURGE_CHECK(check_count(call, quotas::policies, keys::policies(call.caller)));
  PolicyRecord record;
  record.document = request.PolicyDocument;
  record.policy = {.PolicyName = request.PolicyName,
                   .PolicyId = "ANPA" + call.random.from_alphabet(id_alphabet, 17),
                   .Arn = "arn:aws:iam::" + call.account() + ":policy" + path + request.PolicyName,
                   .Path = path,
                   .DefaultVersionId = "v1",
                   .Description = request.Description,
                   .CreateDate = call.now,
                   .UpdateDate = call.now};
  put_record(call.txn, keys::policy(call.caller, request.PolicyName), record);
  return PolicyResponse{record.policy};
}

Result<PolicyResponse> get_policy(Call& call, const PolicyArnRequest& request) {
  SURGE_TRY(record, find_policy(call, request.PolicyArn));
  record.policy.AttachmentCount = attachments(call, request.PolicyArn);
  return PolicyResponse{record.policy};
}

Result<GetPolicyVersionResponse> get_policy_version(Call& call, const GetPolicyVersionRequest& request) {
  SURGE_TRY(record, find_policy(call, request.PolicyArn));
  if (request.VersionId != record.policy.DefaultVersionId)
    return Error{&NoSuchEntity, "Policy " + request.PolicyArn + " version " + request.VersionId + " does not exist or is not attachable."};
  return GetPolicyVersionResponse{
      {.Document = percent_encode(record.document), .VersionId = request.VersionId, .CreateDate = record.policy.CreateDate}};
}

Result<ListPoliciesResponse> list_policies(Call& call, const ListPoliciesRequest& request) {
  SURGE_CHECK(Validation()
                  .range("maxItems", request.MaxItems, 1, limits::largest_page)
                  .one_of("scope", request.Scope, {"All", "AWS", "Local"})
                  .finish(ValidationError));
  ListPoliciesResponse response;
  auto& policies = response.Policies.emplace();
  scan_records<PolicyRecord>(call.txn, keys::policies(call.caller), [&](PolicyRecord record) {
    const auto prefix = request.PathPrefix.value_or("/");
    if (request.Scope != "AWS" && record.policy.Path.substr(0, prefix.size()) == prefix) policies.push_back(std::move(record.policy));
    return true;
  });
  cut_page(response, policies, request.Marker, request.MaxItems.value_or(limits::page), &policy_name);
  for (auto& policy : policies) policy.AttachmentCount = attachments(call, policy.Arn);
  return response;
}

Result<Empty> delete_policy(Call& call, const PolicyArnRequest& request) {
  SURGE_TRY(record, find_policy(call, request.PolicyArn));
  if (attachments(call, request.PolicyArn) > 0) return Error{&DeleteConflict, "Cannot delete a policy attached to entities."};
  call.txn.erase(keys::policy(call.caller, record.policy.PolicyName));
  return Empty{};
}

}  // namespace surgetank::iam
