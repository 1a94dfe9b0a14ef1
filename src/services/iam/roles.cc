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
#include "wire/json_value.h"

namespace surgetank::iam {
namespace {

constexpr std::string_view id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Role shown(const RoleRecord& record) {
  Role role = record.role;
  role.AssumeRolePolicyDocument = percent_encode(record.role.AssumeRolePolicyDocument.value_or(""));
  return role;
}

Result<Unit> check_session_duration(const Opt<Integer>& duration) {
  return Validation()
      .range("maxSessionDuration", duration, limits::least_session_seconds, limits::longest_session_seconds)
      .finish(ValidationError);
}

const String& role_name(const Role& role) { return role.RoleName; }
const String& tag_key(const Tag& tag) { return tag.Key; }

Result<Unit> merge_tags(Call& call, List<Tag>& into, const List<Tag>& tags) {
  for (const auto& tag : tags) {
    SURGE_CHECK(
        Validation().length("tags.member.key", tag.Key, 1, 128).length("tags.member.value", tag.Value, 0, 256).finish(ValidationError));
    std::erase_if(into, [&](const Tag& known) { return known.Key == tag.Key; });
    into.push_back(tag);
  }
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::tags, into.size()));
  std::sort(into.begin(), into.end(), [](const Tag& a, const Tag& b) { return a.Key < b.Key; });
  return Unit{};
}

}  // namespace

Result<Unit> check_policy_document(std::string_view document) {
  const auto parsed = parse_json(document);
  if (!parsed.ok() || !parsed->is_object() || parsed->find("Statement") == nullptr)
    return Error{&MalformedPolicyDocument, "This policy contains invalid Json"};
  return Unit{};
}

std::size_t policy_length(std::string_view document) {
  return static_cast<std::size_t>(
      std::count_if(document.begin(), document.end(), [](char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; }));
}

Result<Unit> check_count(Call& call, const QuotaRow& row, const std::string& prefix) {
  std::int64_t count = 0;
  const auto most = quota_value(call.ports.quotas, row);
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view, std::string_view) { return ++count < most; });
  return check_quota(call.ports.quotas, row, count + 1);
}

Result<Unit> check_name(std::string_view path, std::string_view name, std::size_t longest) {
  const bool valid = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  });
  return Validation().length(path, name, 1, longest).pattern(path, name, "[\\w+=,.@-]+", valid).finish(ValidationError);
}

Result<String> check_path(const Opt<String>& path) {
  const auto text = path.value_or("/");
  SURGE_CHECK(Validation().length("path", text, 1, 512).finish(ValidationError));
  if (text.front() != '/' || text.back() != '/')
    return Error{&ValidationError,
                 "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / "
                 "characters."};
  return text;
}

Result<RoleRecord> find_role(Call& call, const String& name) {
  auto record = get_record<RoleRecord>(call.txn, keys::role(call.caller, name));
  if (!record) return Error{&NoSuchEntity, "The role with name " + name + " cannot be found."};
  return std::move(*record);
}

Result<RoleResponse> create_role(Call& call, const CreateRoleRequest& request) {
  SURGE_CHECK(check_name("roleName", request.RoleName, 64));
  SURGE_TRY(path, check_path(request.Path));
  SURGE_CHECK(check_session_duration(request.MaxSessionDuration));
  SURGE_CHECK(Validation()
                  .length("description", request.Description, 0, 1000)
                  .length("assumeRolePolicyDocument", request.AssumeRolePolicyDocument, 1, limits::trust_policy_characters)
                  .finish(ValidationError));
  SURGE_CHECK(check_policy_document(request.AssumeRolePolicyDocument));
  if (call.txn.get(keys::role(call.caller, request.RoleName)))
    return Error{&EntityAlreadyExists, "Role with name " + request.RoleName + " already exists."};
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::trust_policy, policy_length(request.AssumeRolePolicyDocument)));
  SURGE_CHECK(check_count(call, quotas::roles, keys::roles(call.caller)));
  RoleRecord record;
  record.role = {.Path = path,
                 .RoleName = request.RoleName,
                 .RoleId = "AROA" + call.random.from_alphabet(id_alphabet, 17),
                 .Arn = "arn:aws:iam::" + call.account() + ":role" + path + request.RoleName,
                 .CreateDate = call.now,
                 .AssumeRolePolicyDocument = request.AssumeRolePolicyDocument,
                 .Description = request.Description,
                 .MaxSessionDuration = request.MaxSessionDuration.value_or(limits::least_session_seconds),
                 .Tags = {}};
  SURGE_CHECK(merge_tags(call, record.role.Tags, request.Tags));
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return RoleResponse{shown(record)};
}

Result<RoleResponse> get_role(Call& call, const RoleNameRequest& request) {
  SURGE_TRY(record, find_role(call, request.RoleName));
  return RoleResponse{shown(record)};
}

Result<ListRolesResponse> list_roles(Call& call, const ListRolesRequest& request) {
  SURGE_CHECK(Validation().range("maxItems", request.MaxItems, 1, limits::largest_page).finish(ValidationError));
  ListRolesResponse response;
  auto& roles = response.Roles.emplace();
  scan_records<RoleRecord>(call.txn, keys::roles(call.caller), [&](const RoleRecord& record) {
    const auto prefix = request.PathPrefix.value_or("/");
    if (record.role.Path.substr(0, prefix.size()) == prefix) roles.push_back(shown(record));
    return true;
  });
  cut_page(response, roles, request.Marker, request.MaxItems.value_or(limits::page), &role_name);
  return response;
}

Result<Empty> update_role(Call& call, const UpdateRoleRequest& request) {
  SURGE_CHECK(check_session_duration(request.MaxSessionDuration));
  SURGE_TRY(record, find_role(call, request.RoleName));
  if (request.Description) record.role.Description = request.Description;
  if (request.MaxSessionDuration) record.role.MaxSessionDuration = *request.MaxSessionDuration;
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<Empty> update_assume_role_policy(Call& call, const UpdateAssumeRolePolicyRequest& request) {
  SURGE_CHECK(check_policy_document(request.PolicyDocument));
  SURGE_TRY(record, find_role(call, request.RoleName));
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::trust_policy, policy_length(request.PolicyDocument)));
  record.role.AssumeRolePolicyDocument = request.PolicyDocument;
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<Empty> delete_role(Call& call, const RoleNameRequest& request) {
  SURGE_TRY(record, find_role(call, request.RoleName));
  if (!record.attached.empty()) return Error{&DeleteConflict, "Cannot delete entity, must detach all policies first."};
  if (!record.inline_policies.empty()) return Error{&DeleteConflict, "Cannot delete entity, must delete policies first."};
  call.txn.erase(keys::role(call.caller, request.RoleName));
  return Empty{};
}

Result<Empty> tag_role(Call& call, const TagRoleRequest& request) {
  SURGE_TRY(record, find_role(call, request.RoleName));
  SURGE_CHECK(merge_tags(call, record.role.Tags, request.Tags));
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<Empty> untag_role(Call& call, const UntagRoleRequest& request) {
  SURGE_TRY(record, find_role(call, request.RoleName));
  std::erase_if(record.role.Tags, [&](const Tag& tag) {
    return std::find(request.TagKeys.begin(), request.TagKeys.end(), tag.Key) != request.TagKeys.end();
  });
  put_record(call.txn, keys::role(call.caller, request.RoleName), record);
  return Empty{};
}

Result<ListRoleTagsResponse> list_role_tags(Call& call, const ListRoleEntriesRequest& request) {
  SURGE_CHECK(Validation().range("maxItems", request.MaxItems, 1, limits::largest_page).finish(ValidationError));
  SURGE_TRY(record, find_role(call, request.RoleName));
  ListRoleTagsResponse response;
  auto& tags = response.Tags.emplace(record.role.Tags);
  cut_page(response, tags, request.Marker, request.MaxItems.value_or(limits::page), &tag_key);
  return response;
}

}  // namespace surgetank::iam
