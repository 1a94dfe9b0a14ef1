#include "services/sqs/policy.h"

#include <algorithm>

#include "services/sqs/errors.h"
#include "services/sqs/limits.h"
#include "wire/json.h"
#include "wire/json_value.h"

namespace surgetank::sqs {
namespace {

Error refused(std::string reason) { return {&InvalidAttributeValue, std::move(reason)}; }

bool has_any(const JsonValue& statement, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return statement.find(name) != nullptr; });
}

Result<Unit> check_statement(const JsonValue& statement) {
  if (!statement.is_object()) return refused("A statement of the policy is not a JSON object.");
  const auto* effect = statement.find_string("Effect");
  if (effect == nullptr || (*effect != "Allow" && *effect != "Deny")) return refused("Effect must be Allow or Deny in each statement.");
  if (!has_any(statement, {"Principal", "NotPrincipal"})) return refused("A statement of the policy has no Principal.");
  if (!has_any(statement, {"Action", "NotAction"})) return refused("A statement of the policy has no Action.");
  return Unit{};
}

// One text stands for itself, several for a list, as AWS shows them.
JsonValue one_or_many(const List<String>& texts) {
  if (texts.size() == 1) return JsonValue::string(texts.front());
  JsonArray list;
  for (const auto& text : texts) list.push_back(JsonValue::string(text));
  return JsonValue::array(std::move(list));
}

JsonValue statement_of(const Permission& permission) {
  List<String> principals;
  for (const auto& account : permission.account_ids) principals.push_back("arn:aws:iam::" + account + ":root");
  List<String> actions;
  for (const auto& action : permission.actions) actions.push_back("SQS:" + action);
  auto statement = JsonValue::object();
  statement.set("Sid", JsonValue::string(permission.label));
  statement.set("Effect", JsonValue::string("Allow"));
  auto principal = JsonValue::object();
  principal.set("AWS", one_or_many(principals));
  statement.set("Principal", std::move(principal));
  statement.set("Action", one_or_many(actions));
  statement.set("Resource", JsonValue::string(permission.queue_arn));
  return statement;
}

JsonValue empty_policy(const std::string& queue_arn) {
  auto policy = JsonValue::object();
  policy.set("Version", JsonValue::string("2008-10-17"));
  policy.set("Id", JsonValue::string(queue_arn + "/SQSDefaultPolicy"));
  policy.set("Statement", JsonValue::array());
  return policy;
}

// The statements as a list; a single one that stands without a list becomes one.
JsonArray& statements_of(JsonValue& policy) {
  auto* found = policy.find("Statement");
  if (found == nullptr || !found->is_array()) {
    JsonArray list;
    if (found != nullptr) list.push_back(*found);
    policy.set("Statement", JsonValue::array(std::move(list)));
    found = policy.find("Statement");
  }
  return *found->as_array();
}

bool has_label(const JsonValue& statement, std::string_view label) {
  const auto* sid = statement.find_string("Sid");
  return sid != nullptr && *sid == label;
}

Error invalid_label(std::string_view label, std::string_view reason) {
  return {&InvalidParameterValue, "Value " + std::string(label) + " for parameter Label is invalid. Reason: " + std::string(reason) + "."};
}

}  // namespace

Result<Unit> check_policy(std::string_view text) {
  if (text.size() > limits::policy_bytes) return refused("The policy is longer than " + std::to_string(limits::policy_bytes) + " bytes.");
  auto policy = parse_json(text);
  if (!policy.ok() || !policy->is_object()) return refused("The policy is not a valid JSON object.");
  if (policy->find("Statement") == nullptr) return refused("The policy has no Statement.");
  const auto& statements = statements_of(*policy);
  if (statements.size() > limits::policy_statements)
    return refused("The policy has more than " + std::to_string(limits::policy_statements) + " statements.");
  for (const auto& statement : statements) SURGE_CHECK(check_statement(statement));
  return Unit{};
}

Result<String> with_permission(std::string_view text, const Permission& permission) {
  auto policy = empty_policy(permission.queue_arn);
  if (!text.empty()) {
    SURGE_TRY(parsed, parse_json(text));
    policy = std::move(parsed);
  }
  auto& statements = statements_of(policy);
  if (std::any_of(statements.begin(), statements.end(), [&](const JsonValue& s) { return has_label(s, permission.label); }))
    return invalid_label(permission.label, "Already exists");
  if (statements.size() >= limits::policy_statements)
    return Error{&OverLimit, std::to_string(statements.size() + 1) + " Statements were found, maximum allowed is " +
                                 std::to_string(limits::policy_statements) + "."};
  statements.push_back(statement_of(permission));
  auto result = to_json(policy);
  if (result.size() > limits::policy_bytes)
    return Error{&OverLimit, "The policy would be longer than " + std::to_string(limits::policy_bytes) + " bytes."};
  return result;
}

Result<String> without_permission(std::string_view text, std::string_view label) {
  if (text.empty()) return invalid_label(label, "can't find label");
  SURGE_TRY(policy, parse_json(text));
  auto& statements = statements_of(policy);
  if (std::erase_if(statements, [&](const JsonValue& statement) { return has_label(statement, label); }) == 0)
    return invalid_label(label, "can't find label");
  return statements.empty() ? String() : to_json(policy);
}

}  // namespace surgetank::sqs
