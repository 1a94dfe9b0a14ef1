#pragma once
// The operations of IAM by noun. Policies are checked for being JSON objects with a Statement, kept as given, and not evaluated.
#include "kernel/call.h"
#include "services/iam/model.h"

namespace surgetank::iam {

Result<Unit> check_policy_document(std::string_view document);
// What counts against the quotas: characters but white space.
std::size_t policy_length(std::string_view document);
// The error of the row, if one more than the records below `prefix` is beyond it.
Result<Unit> check_count(Call& call, const QuotaRow& row, const std::string& prefix);
Result<Unit> check_name(std::string_view path, std::string_view name, std::size_t longest);
Result<String> check_path(const Opt<String>& path);
Result<RoleRecord> find_role(Call& call, const String& name);

// A page of a list in key order: Marker is the name of the first item of the page.
template <class Response, class Item>
void cut_page(Response& response, List<Item>& items, const Opt<String>& marker, std::int64_t page, const String& (*name)(const Item&)) {
  std::size_t first = 0;
  while (marker && first < items.size() && name(items[first]) < *marker) ++first;
  items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(first));
  response.IsTruncated = items.size() > static_cast<std::size_t>(page);
  if (!response.IsTruncated) return;
  response.Marker = name(items[static_cast<std::size_t>(page)]);
  items.resize(static_cast<std::size_t>(page));
}

// roles.cc
Result<RoleResponse> create_role(Call& call, const CreateRoleRequest& request);
Result<RoleResponse> get_role(Call& call, const RoleNameRequest& request);
Result<ListRolesResponse> list_roles(Call& call, const ListRolesRequest& request);
Result<Empty> update_role(Call& call, const UpdateRoleRequest& request);
Result<Empty> update_assume_role_policy(Call& call, const UpdateAssumeRolePolicyRequest& request);
Result<Empty> delete_role(Call& call, const RoleNameRequest& request);
Result<Empty> tag_role(Call& call, const TagRoleRequest& request);
Result<Empty> untag_role(Call& call, const UntagRoleRequest& request);
Result<ListRoleTagsResponse> list_role_tags(Call& call, const ListRoleEntriesRequest& request);

// role_policies.cc
Result<Empty> attach_role_policy(Call& call, const RolePolicyRequest& request);
Result<Empty> detach_role_policy(Call& call, const RolePolicyRequest& request);
Result<ListAttachedRolePoliciesResponse> list_attached_role_policies(Call& call, const ListRoleEntriesRequest& request);
Result<Empty> put_role_policy(Call& call, const PutRolePolicyRequest& request);
Result<GetRolePolicyResponse> get_role_policy(Call& call, const RolePolicyNameRequest& request);
Result<Empty> delete_role_policy(Call& call, const RolePolicyNameRequest& request);
Result<ListRolePoliciesResponse> list_role_policies(Call& call, const ListRoleEntriesRequest& request);

// policies.cc
Result<PolicyResponse> create_policy(Call& call, const CreatePolicyRequest& request);
Result<PolicyResponse> get_policy(Call& call, const PolicyArnRequest& request);
Result<GetPolicyVersionResponse> get_policy_version(Call& call, const GetPolicyVersionRequest& request);
Result<ListPoliciesResponse> list_policies(Call& call, const ListPoliciesRequest& request);
Result<Empty> delete_policy(Call& call, const PolicyArnRequest& request);

}  // namespace surgetank::iam
