// AWS::IAM::Role, Policy and ManagedPolicy.
#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view gone = "NoSuchEntity";

std::string document_text(const Node& properties, std::string_view name) {
  const Node* document = properties.find(name);
  return document == nullptr ? "{}" : to_json(*document);
}

ApiCall put_inline(const std::string& role, const Node& policy) {
  return {
      "iam", "PutRolePolicy",
      text_map(
          {{"RoleName", role}, {"PolicyName", policy.text_of("PolicyName")}, {"PolicyDocument", document_text(policy, "PolicyDocument")}})};
}

ApiCall delete_inline(const std::string& role, const std::string& name) {
  return {"iam", "DeleteRolePolicy", text_map({{"RoleName", role}, {"PolicyName", name}}), {gone}};
}

ApiCall attach(const std::string& role, const std::string& arn) {
  return {"iam", "AttachRolePolicy", text_map({{"RoleName", role}, {"PolicyArn", arn}})};
}

ApiCall detach(const std::string& role, const std::string& arn) {
  return {"iam", "DetachRolePolicy", text_map({{"RoleName", role}, {"PolicyArn", arn}}), {gone}};
}

const std::vector<Node>& items(const Node& properties, std::string_view name) {
  static const std::vector<Node> none;
  const Node* list = properties.find(name);
  return list == nullptr ? none : list->items;
}

Step create_role(const Work& work) {
  Node input = with_members(
      text_map({{"RoleName", work.physical_id}, {"AssumeRolePolicyDocument", document_text(work.properties, "AssumeRolePolicyDocument")}}),
      work.properties, {"Path", "Description", "MaxSessionDuration", "Tags"});
  std::vector<ApiCall> calls{{"iam", "CreateRole", std::move(input)}};
  for (const Node& arn : items(work.properties, "ManagedPolicyArns")) calls.push_back(attach(work.physical_id, arn.text));
  for (const Node& policy : items(work.properties, "Policies")) calls.push_back(put_inline(work.physical_id, policy));
  const Node* role = work.answers.empty() ? nullptr : work.answer(0).find("Role");
  Step last = role == nullptr ? failed("CreateRole answered no Role")
                              : done(work.physical_id, text_map({{"Arn", role->text_of("Arn")}, {"RoleId", role->text_of("RoleId")}}));
  return in_order(work, std::move(calls), std::move(last));
}

std::vector<ApiCall> inline_changes(const Work& work) {
  std::vector<ApiCall> calls;
  const auto named = [](const std::vector<Node>& policies, const std::string& name) -> const Node* {
    for (const Node& policy : policies) {
      if (policy.text_of("PolicyName") == name) return &policy;
    }
    return nullptr;
  };
  const std::vector<Node>& before = items(work.previous, "Policies");
  const std::vector<Node>& after = items(work.properties, "Policies");
  for (const Node& policy : before) {
    if (named(after, policy.text_of("PolicyName")) == nullptr)
      calls.push_back(delete_inline(work.physical_id, policy.text_of("PolicyName")));
  }
  for (const Node& policy : after) {
    const Node* old = named(before, policy.text_of("PolicyName"));
    if (old == nullptr || !same_value(*old, policy)) calls.push_back(put_inline(work.physical_id, policy));
  }
  return calls;
}

Step update_role(const Work& work) {
  const std::string& role = work.physical_id;
  std::vector<ApiCall> calls;
  if (work.did_change("AssumeRolePolicyDocument")) {
    calls.push_back({"iam", "UpdateAssumeRolePolicy",
                     text_map({{"RoleName", role}, {"PolicyDocument", document_text(work.properties, "AssumeRolePolicyDocument")}})});
  }
  if (work.did_change("Description") || work.did_change("MaxSessionDuration")) {
    Node input = text_map({{"RoleName", role}, {"Description", work.text("Description")}});
    input.set("MaxSessionDuration", work.has("MaxSessionDuration") ? *work.properties.find("MaxSessionDuration") : make_number(3600));
    calls.push_back({"iam", "UpdateRole", std::move(input)});
  }
  const Node* before = work.previous.find("ManagedPolicyArns");
  const Node* after = work.properties.find("ManagedPolicyArns");
  for (const std::string& arn : missing_from(after, before)) calls.push_back(detach(role, arn));
  for (const std::string& arn : missing_from(before, after)) calls.push_back(attach(role, arn));
  for (ApiCall& call : inline_changes(work)) calls.push_back(std::move(call));
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node input = text_map({{"RoleName", role}});
    input.set("TagKeys", std::move(tags.removed));
    calls.push_back({"iam", "UntagRole", std::move(input)});
  }
  if (!tags.set.members.empty()) {
    Node input = text_map({{"RoleName", role}});
    input.set("Tags", tag_list(tags.set));
    calls.push_back({"iam", "TagRole", std::move(input)});
  }
  calls.push_back({"iam", "GetRole", text_map({{"RoleName", role}})});
  const Node* shown = work.answers.size() == calls.size() ? work.answers.back().value.find("Role") : nullptr;
  Node attributes = shown == nullptr ? make_map() : text_map({{"Arn", shown->text_of("Arn")}, {"RoleId", shown->text_of("RoleId")}});
  return in_order(work, std::move(calls), done(role, std::move(attributes)));
}

Step remove_role(const Work& work) {
  std::vector<ApiCall> calls;
  for (const Node& arn : items(work.properties, "ManagedPolicyArns")) calls.push_back(detach(work.physical_id, arn.text));
  for (const Node& policy : items(work.properties, "Policies"))
    calls.push_back(delete_inline(work.physical_id, policy.text_of("PolicyName")));
  calls.push_back({"iam", "DeleteRole", text_map({{"RoleName", work.physical_id}}), {gone}});
  return in_order(work, std::move(calls), done(work.physical_id));
}

Step create_policy(const Work& work) {
  std::vector<ApiCall> calls;
  for (const Node& role : items(work.properties, "Roles")) calls.push_back(put_inline(role.text, work.properties));
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"Id", work.physical_id}})));
}

Step update_policy(const Work& work) {
  std::vector<ApiCall> calls;
  const std::string old_name = work.previous.text_of("PolicyName");
  const bool renamed = old_name != work.text("PolicyName");
  for (const Node& role : items(work.properties, "Roles")) calls.push_back(put_inline(role.text, work.properties));
  const Node* after = work.properties.find("Roles");
  for (const Node& role : items(work.previous, "Roles")) {
    const bool left = !missing_from(after, work.previous.find("Roles")).empty();
    bool kept = false;
    for (const Node& one : items(work.properties, "Roles")) kept = kept || one.text == role.text;
    if (renamed || (left && !kept)) calls.push_back(delete_inline(role.text, old_name));
  }
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"Id", work.physical_id}})));
}

Step remove_policy(const Work& work) {
  std::vector<ApiCall> calls;
  for (const Node& role : items(work.properties, "Roles")) calls.push_back(delete_inline(role.text, work.text("PolicyName")));
  return in_order(work, std::move(calls), done(work.physical_id));
}

Step create_managed(const Work& work) {
  if (work.answers.empty()) {
    Node input =
        with_members(text_map({{"PolicyName", work.physical_id}, {"PolicyDocument", document_text(work.properties, "PolicyDocument")}}),
                     work.properties, {"Path", "Description"});
    return make_call({"iam", "CreatePolicy", std::move(input)});
  }
  const Node* policy = work.answer(0).find("Policy");
  const std::string arn = policy == nullptr ? "" : policy->text_of("Arn");
  if (arn.empty()) return failed("CreatePolicy answered no Arn");
  const std::vector<Node>& roles = items(work.properties, "Roles");
  const std::size_t next = work.answers.size() - 1;
  if (next < roles.size()) return make_call(attach(roles[next].text, arn), arn);
  return done(arn, text_map({{"PolicyArn", arn}}));
}

Step update_managed(const Work& work) {
  const Node* before = work.previous.find("Roles");
  const Node* after = work.properties.find("Roles");
  std::vector<ApiCall> calls;
  for (const std::string& role : missing_from(after, before)) calls.push_back(detach(role, work.physical_id));
  for (const std::string& role : missing_from(before, after)) calls.push_back(attach(role, work.physical_id));
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"PolicyArn", work.physical_id}})));
}

Step remove_managed(const Work& work) {
  std::vector<ApiCall> calls;
  for (const Node& role : items(work.properties, "Roles")) calls.push_back(detach(role.text, work.physical_id));
  calls.push_back({"iam", "DeletePolicy", text_map({{"PolicyArn", work.physical_id}}), {gone}});
  return in_order(work, std::move(calls), done(work.physical_id));
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::IAM::ManagedPolicy", 128, Letters::Any, create_managed, update_managed, remove_managed},
    {"AWS::IAM::Policy", 128, Letters::Any, create_policy, update_policy, remove_policy},
    {"AWS::IAM::Role", 64, Letters::Any, create_role, update_role, remove_role},
};

}  // namespace

std::span<const ResourceHandler> iam_handlers() { return handlers; }

}  // namespace surgetank::stack
