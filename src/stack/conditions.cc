// Conditions and Rules: the functions that answer true or false.
#include <algorithm>

#include "base/text.h"
#include "stack/intrinsics.h"

namespace surgetank::stack {

std::optional<bool> Evaluator::condition(std::string_view name, Position at) {
  if (const auto known = known_conditions_.find(name); known != known_conditions_.end()) return known->second;
  const Node* body = context_.conditions == nullptr ? nullptr : context_.conditions->find(name);
  if (body == nullptr) {
    const std::vector<std::string_view> names = keys_of(context_.conditions);
    problems_.add(at, "there is no condition `" + std::string(name) + "`", names.empty() ? "add it under Conditions" : one_of(name, names));
    return std::nullopt;
  }
  if (std::find(open_conditions_.begin(), open_conditions_.end(), name) != open_conditions_.end()) {
    problems_.add(body->position, "condition `" + std::string(name) + "` depends on itself", "break the circle");
    return std::nullopt;
  }
  if (open_conditions_.size() >= static_cast<std::size_t>(condition_depth)) {
    problems_.add(body->position, "conditions refer to each other more than 30 deep", "flatten them");
    return std::nullopt;
  }
  open_conditions_.emplace_back(name);
  const std::optional<bool> result = truth(*body);
  open_conditions_.pop_back();
  known_conditions_.emplace(name, result);
  return result;
}

std::optional<bool> Evaluator::truth(const Node& node) {
  if (!node.is(NodeKind::Map) || node.members.size() != 1) {
    const bool literal = node.is(NodeKind::Boolean) || node.text == "true" || node.text == "false";
    problems_.add(node.position,
                  "a condition must be a condition function, not " + std::string(literal ? "a constant" : kind_name(node.kind)),
                  "write e.g. `!Equals [!Ref Stage, production]`");
    return std::nullopt;
  }
  return condition_function(node.members.front(), node.position);
}

std::optional<bool> Evaluator::condition_function(const Member& member, Position at) {
  const std::string& name = member.key;
  if (name == "Condition") {
    if (member.value.is(NodeKind::String)) return condition(member.value.text, member.value.position);
    problems_.add(at, "Condition needs the name of a condition", "write `!Condition Name`");
    return std::nullopt;
  }
  if (name == "Fn::Equals") {
    const auto parts = arguments(name, member.value, at, 2, 2);
    if (!parts) return std::nullopt;
    ++truth_depth_;
    const Node left = evaluate((*parts)[0]);
    const Node right = evaluate((*parts)[1]);
    --truth_depth_;
    if (has_unknown(left) || has_unknown(right)) return std::nullopt;
    if (left.is_scalar() && right.is_scalar()) return left.text == right.text;
    return same_value(left, right);
  }
  if (name == "Fn::Not" || name == "Fn::And" || name == "Fn::Or") {
    const bool negation = name == "Fn::Not";
    const auto parts = arguments(name, member.value, at, negation ? 1 : 2, negation ? 1 : 10);
    if (!parts) return std::nullopt;
    bool all = true;
    bool any = false;
    for (const Node& part : *parts) {
      const std::optional<bool> one = truth(part);
      if (!one) return std::nullopt;
      all = all && *one;
      any = any || *one;
    }
    return negation ? !any : name == "Fn::And" ? all : any;
  }
  if (name == "Fn::Contains" || name == "Fn::EachMemberEquals" || name == "Fn::EachMemberIn") return member_rule(name, member.value, at);
  static constexpr std::string_view known[] = {"Condition",        "Fn::And",    "Fn::Contains", "Fn::EachMemberEquals",
                                               "Fn::EachMemberIn", "Fn::Equals", "Fn::Not",      "Fn::Or"};
  const bool unsupported = name == "Fn::RefAll" || name == "Fn::ValueOf" || name == "Fn::ValueOfAll";
  problems_.add(at, "`" + name + "` " + (unsupported ? "is not supported" : "is no condition function"), one_of(name, known));
  return std::nullopt;
}

// [list, value] for Contains and EachMemberEquals, [list, list] for EachMemberIn.
std::optional<bool> Evaluator::member_rule(const std::string& name, const Node& argument, Position at) {
  const auto parts = arguments(name, argument, at, 2, 2);
  if (!parts) return std::nullopt;
  ++truth_depth_;
  const Node list = evaluate((*parts)[0]);
  const Node other = evaluate((*parts)[1]);
  --truth_depth_;
  if (has_unknown(list) || has_unknown(other)) return std::nullopt;
  if (!list.is(NodeKind::List) || (name == "Fn::EachMemberIn" && !other.is(NodeKind::List))) {
    problems_.add(at, name + " needs a list", "use a CommaDelimitedList parameter or write `[a, b]`");
    return std::nullopt;
  }
  const auto among = [](const std::vector<Node>& nodes, const std::string& text) {
    return std::any_of(nodes.begin(), nodes.end(), [&text](const Node& node) { return node.text == text; });
  };
  if (name == "Fn::Contains") return among(list.items, other.text);
  return std::all_of(list.items.begin(), list.items.end(), [&](const Node& item) {
    return name == "Fn::EachMemberIn" ? among(other.items, item.text) : item.text == other.text;
  });
}

void Evaluator::check_conditions() {
  if (context_.conditions == nullptr) return;
  if (!context_.conditions->is(NodeKind::Map)) {
    problems_.add(context_.conditions->position, "Conditions must be a map", "write `Name: !Equals [...]` under it");
    return;
  }
  for (const Member& member : context_.conditions->members) condition(member.key, member.key_position);
}

void Evaluator::check_rule(const Member& rule) {
  const Node* when = rule.value.find("RuleCondition");
  if (when != nullptr && truth(*when) != true) return;
  const Node* assertions = rule.value.find("Assertions");
  if (assertions == nullptr || !assertions->is(NodeKind::List)) {
    problems_.add(rule.key_position, "rule `" + rule.key + "` has no list of Assertions",
                  "add `Assertions: [{Assert: ..., AssertDescription: ...}]`");
    return;
  }
  for (const Node& assertion : assertions->items) {
    const Node* claim = assertion.find("Assert");
    if (claim == nullptr) {
      problems_.add(assertion.position, "an assertion of rule `" + rule.key + "` has no Assert");
    } else if (truth(*claim) == false) {
      const std::string description = assertion.text_of("AssertDescription");
      problems_.add(assertion.position, "rule `" + rule.key + "` does not hold",
                    description.empty() ? "give other parameters" : description);
    }
  }
}

void Evaluator::check_rules(const Node* rules) {
  if (rules == nullptr) return;
  if (!rules->is(NodeKind::Map)) return problems_.add(rules->position, "Rules must be a map");
  for (const Member& rule : rules->members) check_rule(rule);
}

}  // namespace surgetank::stack
