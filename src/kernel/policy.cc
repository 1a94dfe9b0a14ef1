#include "kernel/policy.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

constexpr ErrorCode malformed_policy{"MalformedPolicyDocument", 400};

using Sense = PolicyStatement::Sense;

Error refused(std::string reason) { return {&malformed_policy, std::move(reason)}; }

struct OperatorName {
  std::string_view name;
  PolicyOperator compare;
  PolicyCondition::Sense sense = PolicyCondition::Sense::Positive;
};
constexpr auto negated = PolicyCondition::Sense::Negated;
constexpr std::array operator_names{
    OperatorName{"StringEquals", PolicyOperator::StringEquals},
    OperatorName{"StringNotEquals", PolicyOperator::StringEquals, negated},
    OperatorName{"StringEqualsIgnoreCase", PolicyOperator::StringEqualsIgnoreCase},
    OperatorName{"StringNotEqualsIgnoreCase", PolicyOperator::StringEqualsIgnoreCase, negated},
    OperatorName{"StringLike", PolicyOperator::StringLike},
    OperatorName{"StringNotLike", PolicyOperator::StringLike, negated},
    OperatorName{"NumericEquals", PolicyOperator::NumericEquals},
    OperatorName{"NumericNotEquals", PolicyOperator::NumericEquals, negated},
    OperatorName{"NumericLessThan", PolicyOperator::NumericLessThan},
    OperatorName{"NumericLessThanEquals", PolicyOperator::NumericLessThanEquals},
    OperatorName{"NumericGreaterThan", PolicyOperator::NumericGreaterThan},
    OperatorName{"NumericGreaterThanEquals", PolicyOperator::NumericGreaterThanEquals},
    OperatorName{"DateEquals", PolicyOperator::DateEquals},
    OperatorName{"DateNotEquals", PolicyOperator::DateEquals, negated},
    OperatorName{"DateLessThan", PolicyOperator::DateLessThan},
    OperatorName{"DateLessThanEquals", PolicyOperator::DateLessThanEquals},
    OperatorName{"DateGreaterThan", PolicyOperator::DateGreaterThan},
    OperatorName{"DateGreaterThanEquals", PolicyOperator::DateGreaterThanEquals},
    OperatorName{"Bool", PolicyOperator::Bool},
    OperatorName{"BinaryEquals", PolicyOperator::BinaryEquals},
    OperatorName{"IpAddress", PolicyOperator::IpAddress},
    OperatorName{"NotIpAddress", PolicyOperator::IpAddress, negated},
    OperatorName{"ArnEquals", PolicyOperator::ArnLike},
    OperatorName{"ArnNotEquals", PolicyOperator::ArnLike, negated},
    OperatorName{"ArnLike", PolicyOperator::ArnLike},
    OperatorName{"ArnNotLike", PolicyOperator::ArnLike, negated},
    OperatorName{"Null", PolicyOperator::Null},
};

// "ForAnyValue:StringLikeIfExists" without its key and values.
Result<PolicyCondition> operator_of(std::string_view written) {
  PolicyCondition condition;
  auto name = written;
  if (name.starts_with("ForAnyValue:")) condition.quantifier = PolicyCondition::Quantifier::AnyValue;
  if (name.starts_with("ForAllValues:")) condition.quantifier = PolicyCondition::Quantifier::AllValues;
  if (condition.quantifier != PolicyCondition::Quantifier::None) name.remove_prefix(name.find(':') + 1);
  constexpr std::string_view if_exists = "IfExists";
  if (name.ends_with(if_exists)) {
    condition.missing = PolicyCondition::Missing::Passes;
    name.remove_suffix(if_exists.size());
  }
  const auto found =
      std::find_if(operator_names.begin(), operator_names.end(), [&](const OperatorName& candidate) { return candidate.name == name; });
  // Null asks whether the key is there at all.
  const bool is_odd_null = found != operator_names.end() && found->compare == PolicyOperator::Null &&
                           (condition.missing == PolicyCondition::Missing::Passes || written != name);
  if (found == operator_names.end() || is_odd_null) return refused("The condition operator " + std::string(written) + " is not known.");
  condition.compare = found->compare;
  condition.sense = found->sense;
  return condition;
}

// A text, a number or a boolean as text.
std::optional<std::string> scalar_text(const JsonValue& value) {
  if (const auto* text = value.as_string()) return *text;
  if (const auto* number = value.as_number_text()) return *number;
  if (const auto truth = value.as_boolean()) return *truth ? "true" : "false";
  return std::nullopt;
}

// One text or a list of them, not empty. Control characters are nobody's name, and pattern matching has its own use for them.
Result<std::vector<std::string>> texts_of(const JsonValue& value, const std::string& where) {
  std::vector<std::string> texts;
  const auto add = [&](const JsonValue& one) {
    auto text = scalar_text(one);
    const bool is_fine = text && std::all_of(text->begin(), text->end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
    if (is_fine) texts.push_back(std::move(*text));
    return is_fine;
  };
  const auto* list = value.as_array();
  const bool fine = list != nullptr ? std::all_of(list->begin(), list->end(), add) : add(value);
  if (!fine || texts.empty()) return refused(where + " is a text or a list of texts.");
  return texts;
}

bool is_account(std::string_view text) { return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos; }

// An account, an ARN of a principal, or the id that AWS puts in place of a principal that is gone.
bool is_aws_principal(std::string_view name) {
  if (name == "*" || is_account(name)) return true;
  if (name.find_first_of("*? ") != std::string_view::npos) return false;
  if (name.starts_with("AROA") || name.starts_with("AIDA") || name.starts_with("AGPA")) return true;
  const auto parts = split(name, ':');
  constexpr std::size_t arn_parts = 6;
  return parts.size() >= arn_parts && parts[0] == "arn" && (parts[2] == "iam" || parts[2] == "sts") && parts[3].empty() &&
         is_account(parts[4]) && !parts[5].empty();
}

Result<Unit> read_principals(const JsonValue& value, const std::string& where, std::vector<PolicyStatement::Principal>& into) {
  using Kind = PolicyStatement::Principal::Kind;
  if (const auto* text = value.as_string(); text != nullptr && *text == "*") {
    into.push_back({.kind = Kind::Everybody, .name = "*"});
    return Unit{};
  }
  const auto* kinds = value.as_object();
  if (kinds == nullptr || kinds->empty()) return refused(where + R"( is "*" or an object such as {"AWS": "111122223333"}.)");
  for (const auto& [kind, names] : *kinds) {
    if (kind != "AWS" && kind != "Service" && kind != "Federated" && kind != "CanonicalUser")
      return refused("The kind of principal " + kind + " is not known.");
    SURGE_TRY(texts, texts_of(names, where + "." + kind));
    for (auto& name : texts) {
      if (kind == "AWS" && !is_aws_principal(name)) return refused("The principal " + name + " is neither an account nor the ARN of one.");
      const auto of_kind = kind == "AWS" ? Kind::Aws : kind == "Service" ? Kind::Service : Kind::Other;
      into.push_back({.kind = name == "*" && of_kind == Kind::Aws ? Kind::Everybody : of_kind, .name = std::move(name)});
    }
  }
  return Unit{};
}

Result<Unit> read_conditions(const JsonValue& value, const std::string& where, std::vector<PolicyCondition>& into) {
  const auto* operators = value.as_object();
  if (operators == nullptr) return refused(where + ".Condition is an object.");
  for (const auto& [name, keys] : *operators) {
    SURGE_TRY(with_operator, operator_of(name));
    const auto* fields = keys.as_object();
    if (fields == nullptr || fields->empty()) return refused(where + ".Condition." + name + " is an object of condition keys.");
    for (const auto& [key, values] : *fields) {
      auto condition = with_operator;
      condition.key = to_lower(key);
      if (key.empty()) return refused("A condition key of " + where + " is empty.");
      SURGE_TRY(texts, texts_of(values, where + ".Condition." + name + "." + key));
      condition.values = std::move(texts);
      into.push_back(std::move(condition));
    }
  }
  return Unit{};
}

// The element of one of the two names, of which at most one may be there.
struct Element {
  const JsonValue* value = nullptr;
  Sense sense = Sense::These;
};
Result<Element> element(const JsonValue& statement, const std::string& where, const std::string& name) {
  const auto* these = statement.find(name);
  const auto* all_but = statement.find("Not" + name);
  if (these != nullptr && all_but != nullptr) return refused(where + " has both " + name + " and Not" + name + ".");
  return these != nullptr ? Element{these, Sense::These} : Element{all_but, Sense::AllBut};
}

Result<PolicyStatement> read_statement(const JsonValue& value, std::size_t number) {
  constexpr std::string_view elements[] = {"Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
                                           "NotAction", "Resource", "NotResource", "Condition"};
  PolicyStatement statement;
  auto where = "Statement " + std::to_string(number + 1);
  const auto* fields = value.as_object();
  if (fields == nullptr) return refused(where + " of the policy is not a JSON object.");
  for (const auto& field : *fields)
    if (std::find(std::begin(elements), std::end(elements), field.name) == std::end(elements))
      return refused(where + " has an element that is not known: " + field.name + ".");
  if (const auto* sid = value.find_string("Sid")) statement.sid = *sid;
  const auto* effect = value.find_string("Effect");
  if (effect == nullptr || (*effect != "Allow" && *effect != "Deny")) return refused("Effect must be Allow or Deny in each statement.");
  statement.effect = *effect == "Allow" ? PolicyStatement::Effect::Allow : PolicyStatement::Effect::Deny;

  SURGE_TRY(principal, element(value, where, "Principal"));
  if (principal.value == nullptr) return refused("A statement of the policy has no Principal.");
  statement.principal_sense = principal.sense;
  SURGE_CHECK(read_principals(*principal.value, where + ".Principal", statement.principals));

  SURGE_TRY(action, element(value, where, "Action"));
  if (action.value == nullptr) return refused("A statement of the policy has no Action.");
  statement.action_sense = action.sense;
  SURGE_TRY(actions, texts_of(*action.value, where + ".Action"));
  for (const auto& one : actions) statement.actions.push_back(to_lower(one));

  SURGE_TRY(resource, element(value, where, "Resource"));
  statement.resource_sense = resource.sense;
  if (resource.value != nullptr) {
    SURGE_TRY(resources, texts_of(*resource.value, where + ".Resource"));
    statement.resources = std::move(resources);
  }
  if (const auto* condition = value.find("Condition")) SURGE_CHECK(read_conditions(*condition, where, statement.conditions));
  return statement;
}

}  // namespace

std::size_t AccessPolicy::principal_count() const {
  std::size_t count = 0;
  for (const auto& statement : statements) count += statement.principals.size();
  return count;
}

std::size_t AccessPolicy::condition_count() const {
  std::size_t count = 0;
  for (const auto& statement : statements) count += statement.conditions.size();
  return count;
}

std::size_t AccessPolicy::most_actions() const {
  std::size_t most = 0;
  for (const auto& statement : statements) most = std::max(most, statement.actions.size());
  return most;
}

Result<AccessPolicy> parse_access_policy(std::string_view text, const PolicyLimits& limits) {
  if (text.size() > limits.bytes) return refused("The policy is longer than " + std::to_string(limits.bytes) + " bytes.");
  const auto document = parse_json(text, {.max_depth = limits.depth, .max_nodes = limits.nodes});
  if (!document.ok() || !document->is_object()) return refused("The policy is not a valid JSON object.");
  AccessPolicy policy;
  for (const auto& field : *document->as_object())
    if (field.name != "Version" && field.name != "Id" && field.name != "Statement")
      return refused("The policy has an element that is not known: " + field.name + ".");
  if (const auto* version = document->find("Version")) {
    const auto* name = version->as_string();
    if (name == nullptr || (*name != "2008-10-17" && *name != "2012-10-17"))
      return refused("The policy's Version is neither 2012-10-17 nor 2008-10-17.");
    if (*name == "2012-10-17") policy.version = AccessPolicy::Version::Of2012;
  }
  const auto* statements = document->find("Statement");
  if (statements == nullptr) return refused("The policy has no Statement.");
  if (const auto* list = statements->as_array()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      SURGE_TRY(statement, read_statement((*list)[i], i));
      policy.statements.push_back(std::move(statement));
    }
  } else {
    SURGE_TRY(statement, read_statement(*statements, 0));
    policy.statements.push_back(std::move(statement));
  }
  return policy;
}

}  // namespace surgetank
