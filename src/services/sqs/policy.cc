#include "services/sqs/policy.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/policy.h"
#include "kernel/quotas.h"
#include "services/sqs/errors.h"
#include "services/sqs/quotas.h"
#include "wire/json.h"
#include "wire/json_value.h"

namespace surgetank::sqs {
namespace {

constexpr std::size_t largest_policy_bytes = 1'048'576;  // whatever the quota

Error refused(std::string reason) { return {&InvalidAttributeValue, std::move(reason)}; }

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

// AddPermission has another error than SetQueueAttributes beyond the same quota.
Error over_limit(const Quotas* registry, const QuotaRow& row, std::string text) {
  Error error{&OverLimit, replace_all(std::move(text), "{value}", std::to_string(quota_value(registry, row)))};
  error.quota = &row;
  return error;
}

Error invalid_label(std::string_view label, std::string_view reason) {
  return {&InvalidParameterValue, "Value " + std::string(label) + " for parameter Label is invalid. Reason: " + std::string(reason) + "."};
}

}  // namespace

Result<Unit> check_policy(std::string_view text, Quotas* registry) {
  SURGE_CHECK(check_quota(registry, quotas::policy_size, text.size()));
  const auto policy = parse_access_policy(text, {.bytes = largest_policy_bytes});
  if (!policy.ok()) return refused(policy.error().message);
  SURGE_CHECK(check_quota(registry, quotas::policy_statements, policy->statements.size()));
  SURGE_CHECK(check_quota(registry, quotas::policy_principals, policy->principal_count()));
  SURGE_CHECK(check_quota(registry, quotas::policy_conditions, policy->condition_count()));
  return check_quota(registry, quotas::permission_actions, policy->most_actions());
}

Result<String> with_permission(std::string_view text, const Permission& permission, Quotas* registry) {
  auto policy = empty_policy(permission.queue_arn);
  if (!text.empty()) {
    SURGE_TRY(parsed, parse_json(text));
    policy = std::move(parsed);
  }
  auto& statements = statements_of(policy);
  if (std::any_of(statements.begin(), statements.end(), [&](const JsonValue& s) { return has_label(s, permission.label); }))
    return invalid_label(permission.label, "Already exists");
  if (!check_quota(registry, quotas::policy_statements, statements.size() + 1).ok())
    return over_limit(registry, quotas::policy_statements,
                      std::to_string(statements.size() + 1) + " Statements were found, maximum allowed is {value}.");
  statements.push_back(statement_of(permission));
  auto result = to_json(policy);
  if (!check_quota(registry, quotas::policy_size, result.size()).ok())
    return over_limit(registry, quotas::policy_size, "The policy would be longer than {value} bytes.");
  const auto combined = parse_access_policy(result, {.bytes = largest_policy_bytes});
  if (combined.ok() && !check_quota(registry, quotas::policy_principals, combined->principal_count()).ok())
    return over_limit(registry, quotas::policy_principals, "The policy would have more than {value} principals.");
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
