#include "stack/intrinsics.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace surgetank::stack {

struct FunctionTable {
  struct Row {
    std::string_view name;
    Node (Evaluator::*run)(const Node& argument, Position at);
  };
  static constexpr auto conditions_only = &Evaluator::only_in_conditions;
  static constexpr std::array rows{
      Row{"Ref", &Evaluator::ref},
      Row{"Fn::GetAtt", &Evaluator::get_att},
      Row{"Fn::If", &Evaluator::choose},
      Row{"Fn::FindInMap", &Evaluator::find_in_map},
      Row{"Fn::ImportValue", &Evaluator::import_value},
      Row{"Fn::Join", &Evaluator::join},
      Row{"Fn::Select", &Evaluator::select},
      Row{"Fn::Split", &Evaluator::split},
      Row{"Fn::Sub", &Evaluator::sub},
      Row{"Fn::Base64", &Evaluator::base64},
      Row{"Fn::Cidr", &Evaluator::cidr},
      Row{"Fn::GetAZs", &Evaluator::get_azs},
      Row{"Fn::Length", &Evaluator::length},
      Row{"Fn::ToJsonString", &Evaluator::to_json_string},
      Row{"Fn::Transform", &Evaluator::transform},
      Row{"Fn::And", conditions_only},
      Row{"Fn::Or", conditions_only},
      Row{"Fn::Not", conditions_only},
      Row{"Fn::Equals", conditions_only},
      Row{"Fn::Contains", conditions_only},
      Row{"Fn::EachMemberEquals", conditions_only},
      Row{"Fn::EachMemberIn", conditions_only},
      Row{"Fn::RefAll", conditions_only},
      Row{"Fn::ValueOf", conditions_only},
      Row{"Fn::ValueOfAll", conditions_only},
  };
};

namespace {
constexpr std::string_view no_value_name = "AWS::NoValue";
constexpr std::string_view pseudo_names[] = {"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition",
                                             "AWS::Region",    "AWS::StackId", "AWS::StackName",        "AWS::URLSuffix"};
std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const FunctionTable::Row& row : FunctionTable::rows) names.push_back(row.name);
  return names;
}
}  // namespace

bool is_no_value(const Node& node) { return node.is(NodeKind::Null) && node.text == no_value_name; }

const Member* function_call(const Node& node) {
  if (!node.is(NodeKind::Map) || node.members.size() != 1) return nullptr;
  const Member& only = node.members.front();
  return only.key == "Ref" || only.key.starts_with("Fn::") ? &only : nullptr;
}

Node Evaluator::fail(Position at, std::string what, std::string advice) {
  problems_.add(at, std::move(what), std::move(advice));
  return make_unknown("", at);
}

bool Evaluator::charge(std::size_t bytes, Position at) {
  const bool within = produced_ <= output_bytes;
  produced_ += bytes;
  if (produced_ <= output_bytes) return true;
  if (within) problems_.add(at, "this evaluates to more than 8 MB", "repeat less");
  return false;
}

Node Evaluator::evaluate(const Node& node) {
  if (!charge(sizeof(Node) + node.text.size(), node.position)) return make_unknown("", node.position);
  switch (node.kind) {
    case NodeKind::Null:
      if (is_no_value(node)) return node;
      return fail(node.position, "null is not allowed in a template", "remove the key, or write `!Ref AWS::NoValue`");
    case NodeKind::Boolean:
    case NodeKind::Number:
    case NodeKind::String:
    case NodeKind::Unknown:
      return node;
    case NodeKind::List: {
      Node result = make_list(node.position);
      for (const Node& item : node.items) {
        Node value = evaluate(item);
        if (!is_no_value(value)) result.items.push_back(std::move(value));
      }
      return result;
    }
    case NodeKind::Map:
      break;
  }
  if (const Member* call = function_call(node); call != nullptr) return run_function(*call, node.position);
  Node result = make_map(node.position);
  for (const Member& member : node.members) {
    if (member.key.starts_with("Fn::ForEach")) return run_function(member, member.key_position);
    if (member.key == "Fn::Transform") return transform(member.value, member.key_position);
    if (member.key.starts_with("Fn::")) {
      fail(member.key_position, "`" + member.key + "` must be alone in its map", "move the other keys elsewhere");
      continue;
    }
    Node value = evaluate(member.value);
    if (!is_no_value(value)) result.members.push_back({member.key, member.key_position, std::move(value)});
  }
  return result;
}

Node Evaluator::run_function(const Member& member, Position at) {
  for (const FunctionTable::Row& row : FunctionTable::rows) {
    if (row.name != member.key) continue;
    Node value = (this->*row.run)(member.value, at);
    // What a function makes may be far larger than what was written: parameters and mappings repeat.
    if (!charge(value.text.size() + sizeof(Node) * count_nodes(value), at)) return make_unknown("", at);
    return value;
  }
  if (member.key.starts_with("Fn::ForEach")) {
    const bool on = context_.extensions == LanguageExtensions::On;
    return fail(member.key_position, on ? "Fn::ForEach has no place here" : "Fn::ForEach needs the AWS::LanguageExtensions transform",
                on ? "it works in Resources, Conditions, Outputs and properties, as `Fn::ForEach::Name`" : "add it to Transform");
  }
  const std::vector<std::string_view> names = function_names();
  return fail(member.key_position, "unknown function `" + member.key + "`", one_of(member.key, names));
}

Node Evaluator::only_in_conditions(const Node&, Position at) {
  return fail(at, "a condition function is not a value", "put it under Conditions and choose with `!If [Name, a, b]`");
}

Node Evaluator::transform(const Node&, Position at) {
  return fail(at, "Fn::Transform is not supported: there are no macros here", "write out what the macro makes");
}

std::optional<Node> Evaluator::pseudo(std::string_view name, Position at) const {
  const PseudoParameters& pseudo = context_.pseudo;
  if (name == "AWS::AccountId") return make_string(pseudo.account, at);
  if (name == "AWS::Region") return make_string(pseudo.region, at);
  if (name == "AWS::StackName") return make_string(pseudo.stack_name, at);
  if (name == "AWS::StackId") return make_string(pseudo.stack_id, at);
  if (name == "AWS::NotificationARNs") return make_list(at);
  const bool china = pseudo.region.starts_with("cn-");
  if (name == "AWS::URLSuffix") return make_string(china ? "amazonaws.com.cn" : "amazonaws.com", at);
  if (name == "AWS::Partition") {
    return make_string(china ? "aws-cn" : pseudo.region.starts_with("us-gov-") ? "aws-us-gov" : "aws", at);
  }
  if (name == no_value_name) {
    Node node;
    node.text = no_value_name;
    node.position = at;
    return node;
  }
  return std::nullopt;
}

std::vector<std::string_view> Evaluator::referable_names() const {
  std::vector<std::string_view> names(std::begin(pseudo_names), std::end(pseudo_names));
  for (const auto& [name, value] : context_.parameters) names.push_back(name);
  if (context_.resources != nullptr) {
    for (std::string_view name : context_.resources->names()) names.push_back(name);
  }
  return names;
}

Node Evaluator::resource_value(const ResourceValues::Answer& answer, const std::string& name, const std::string& attribute, Position at) {
  using Kind = ResourceValues::Answer::Kind;
  switch (answer.kind) {
    case Kind::Value: {
      Node value = answer.value;
      value.position = at;
      return value;
    }
    case Kind::NotCreated:
      return fail(at, "`" + name + "` is referred to but not created: its Condition is false",
                  "choose with `!If` under the same condition");
    case Kind::NoSuchAttribute:
      return fail(at, "`" + name + "` has no attribute `" + attribute + "`", one_of(attribute, answer.known));
    case Kind::NoSuchResource:
      break;
  }
  const std::vector<std::string_view> names = referable_names();
  return fail(at, "`" + name + "` is no parameter and no resource of this template", did_you_mean(name, names));
}

std::optional<Node> Evaluator::named_value(const std::string& name, Position at) {
  if (std::optional<Node> value = pseudo(name, at)) return value;
  if (const auto found = context_.parameters.find(name); found != context_.parameters.end()) {
    Node value = found->second.value;
    value.position = at;
    return value;
  }
  return std::nullopt;
}

Node Evaluator::fail_in_condition(const std::string& name, Position at) {
  const std::vector<std::string_view> names = referable_names();
  const std::string near = did_you_mean(name, names);
  return fail(at, "`" + name + "` is no parameter of this template",
              near.empty() ? "conditions use parameters, mappings and pseudo parameters" : near);
}

Node Evaluator::ref(const Node& argument, Position at) {
  if (!argument.is(NodeKind::String) || argument.text.empty())
    return fail(at, "Ref needs the name of a parameter or resource", "write `!Ref Name`");
  if (std::optional<Node> value = named_value(argument.text, at)) return std::move(*value);
  if (truth_depth_ > 0) return fail_in_condition(argument.text, at);
  if (context_.resources == nullptr) return make_unknown(argument.text, at);
  return resource_value(context_.resources->ref(argument.text), argument.text, "", at);
}

Node Evaluator::get_att(const Node& argument, Position at) {
  std::string resource;
  Node attribute;
  if (argument.is(NodeKind::String)) {
    const std::size_t dot = argument.text.find('.');
    resource = argument.text.substr(0, dot);
    if (dot != std::string::npos) attribute = make_string(argument.text.substr(dot + 1), at);
  } else if (argument.is(NodeKind::List) && argument.items.size() == 2 && argument.items[0].is(NodeKind::String)) {
    resource = argument.items[0].text;
    attribute = evaluate(argument.items[1]);
    if (attribute.is(NodeKind::Unknown)) return attribute;
  }
  if (resource.empty() || !attribute.is_scalar())
    return fail(at, "Fn::GetAtt needs a resource and an attribute", "write `!GetAtt Resource.Attribute`");
  if (truth_depth_ > 0) return fail_in_condition(resource, at);
  if (context_.resources == nullptr) return make_unknown(resource + "." + attribute.text, at);
  return resource_value(context_.resources->attribute(resource, attribute.text), resource, attribute.text, at);
}

std::optional<std::vector<Node>> Evaluator::arguments(std::string_view function, const Node& argument, Position at, std::size_t least,
                                                      std::size_t most) {
  if (argument.is(NodeKind::List) && argument.items.size() >= least && argument.items.size() <= most) return argument.items;
  const std::string wanted = least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
  const std::string got =
      argument.is(NodeKind::List) ? "a list of " + std::to_string(argument.items.size()) : std::string(kind_name(argument.kind));
  problems_.add(at, std::string(function) + " takes a list of " + wanted + ", not " + got, "write `[...]`");
  return std::nullopt;
}

std::optional<std::string> Evaluator::text(std::string_view function, const Node& value, bool* unknown) {
  if (value.is_scalar()) return value.text;
  *unknown = true;
  if (!value.is(NodeKind::Unknown)) {
    problems_.add(
        value.position,
        std::string(function) + " needs text here, not " + (is_no_value(value) ? "AWS::NoValue" : std::string(kind_name(value.kind))),
        value.is(NodeKind::List) ? "use `!Join` or `!Select` on the list" : "");
  }
  return std::nullopt;
}

Node Evaluator::choose(const Node& argument, Position at) {
  const auto parts = arguments("Fn::If", argument, at, 3, 3);
  if (!parts) return make_unknown("", at);
  if (!(*parts)[0].is(NodeKind::String))
    return fail((*parts)[0].position, "the first argument of Fn::If is the name of a condition", "write `!If [Name, a, b]`");
  const std::optional<bool> chosen = condition((*parts)[0].text, (*parts)[0].position);
  if (!chosen) return make_unknown("", at);
  return evaluate((*parts)[*chosen ? 1 : 2]);
}

Node Evaluator::find_in_map(const Node& argument, Position at) {
  const auto parts = arguments("Fn::FindInMap", argument, at, 3, 4);
  if (!parts) return make_unknown("", at);
  const Node* fallback = nullptr;
  if (parts->size() == 4) {
    fallback = (*parts)[3].find("DefaultValue");
    if (fallback == nullptr || context_.extensions == LanguageExtensions::Off) {
      return fail((*parts)[3].position,
                  "the fourth argument of Fn::FindInMap must be {DefaultValue: ...} and needs the AWS::LanguageExtensions transform",
                  "add `AWS::LanguageExtensions` to Transform");
    }
  }
  const Node* level = context_.mappings;
  std::string path;
  for (std::size_t i = 0; i < 3; ++i) {
    const Node key = evaluate((*parts)[i]);
    bool unknown = false;
    const std::optional<std::string> name = text("Fn::FindInMap", key, &unknown);
    if (unknown) return make_unknown("", at);
    const Node* next = level == nullptr ? nullptr : level->find(*name);
    if (next == nullptr) {
      if (fallback != nullptr) return evaluate(*fallback);
      if (level == nullptr) return fail(at, "there is no mapping `" + *name + "`: the template has no Mappings", "add one");
      return fail(key.position, "Fn::FindInMap: no `" + *name + "` in " + (path.empty() ? "Mappings" : "`" + path + "`"),
                  one_of(*name, keys_of(level)));
    }
    path += (path.empty() ? "" : ".") + *name;
    level = next;
  }
  if (level->is(NodeKind::Map))
    return fail(at, "`" + path + "` of Mappings is a map", "a mapping has two levels of keys and text or a list under them");
  const auto plain = [](const Node& node) { return node.is_scalar(); };
  if (!plain(*level) && !(level->is(NodeKind::List) && std::all_of(level->items.begin(), level->items.end(), plain))) {
    return fail(level->position, "a mapping holds text or lists of text, not functions or null",
                "move functions to where the mapping is used");
  }
  Node value = *level;
  value.position = at;
  return value;
}

Node Evaluator::import_value(const Node& argument, Position at) {
  const Node name = evaluate(argument);
  bool unknown = false;
  const std::optional<std::string> exported = text("Fn::ImportValue", name, &unknown);
  if (unknown) return make_unknown("", at);
  if (const auto found = context_.exports.find(*exported); found != context_.exports.end()) return make_string(found->second, at);
  std::vector<std::string_view> names;
  for (const auto& [key, value] : context_.exports) names.push_back(key);
  return fail(at, "no stack exports `" + *exported + "`",
              names.empty() ? "deploy the stack that exports it first" : one_of(*exported, names));
}

namespace {

void collect(const Node& node, std::vector<Reference>& found);

void collect_sub(const Node& argument, std::vector<Reference>& found) {
  const Node& pattern = argument.is(NodeKind::List) && !argument.items.empty() ? argument.items[0] : argument;
  const Node* locals = argument.is(NodeKind::List) && argument.items.size() > 1 ? &argument.items[1] : nullptr;
  if (locals != nullptr) collect(*locals, found);
  const auto parts = parse_sub(pattern.text);
  if (!parts) return;
  for (const SubPart& part : *parts) {
    if (part.kind == SubPart::Kind::Literal || (locals != nullptr && locals->find(part.text) != nullptr)) continue;
    const std::size_t dot = part.text.find('.');
    const std::string attribute = dot == std::string::npos ? "" : part.text.substr(dot + 1);
    found.push_back({part.text.substr(0, dot), attribute, pattern.position});
  }
}

void collect(const Node& node, std::vector<Reference>& found) {
  if (const Member* call = function_call(node); call != nullptr) {
    const Node& argument = call->value;
    if (call->key == "Ref") {
      if (argument.is_scalar()) found.push_back({argument.text, "", node.position});
      return;
    }
    if (call->key == "Fn::Sub") return collect_sub(argument, found);
    if (call->key == "Fn::GetAtt") {
      const bool list = argument.is(NodeKind::List) && !argument.items.empty();
      const std::string text = list ? argument.items[0].text : argument.text;
      const std::size_t dot = list ? std::string::npos : text.find('.');
      std::string attribute = dot == std::string::npos ? "" : text.substr(dot + 1);
      if (list && argument.items.size() > 1) attribute = argument.items[1].text;
      found.push_back({text.substr(0, dot), attribute, node.position});
      if (list && argument.items.size() > 1) collect(argument.items[1], found);
      return;
    }
  }
  for (const Node& item : node.items) collect(item, found);
  for (const Member& member : node.members) collect(member.value, found);
}

}  // namespace

std::vector<Reference> references_in(const Node& node) {
  std::vector<Reference> found;
  collect(node, found);
  return found;
}

}  // namespace surgetank::stack
