#include "stack/parameters.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "stack/quotas.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view declaration_members[] = {
    "AllowedPattern", "AllowedValues", "ConstraintDescription", "Default", "Description", "MaxLength", "MaxValue", "MinLength", "MinValue",
    "NoEcho",         "Type"};
constexpr std::string_view own_types[] = {"String", "Number", "List<Number>", "CommaDelimitedList"};
// Types that name things of other services; a list of them is List<...>.
constexpr std::array<std::string_view, 10> text_types{"AWS::EC2::AvailabilityZone::Name",
                                                      "AWS::EC2::Image::Id",
                                                      "AWS::EC2::Instance::Id",
                                                      "AWS::EC2::KeyPair::KeyName",
                                                      "AWS::EC2::SecurityGroup::GroupName",
                                                      "AWS::EC2::SecurityGroup::Id",
                                                      "AWS::EC2::Subnet::Id",
                                                      "AWS::EC2::Volume::Id",
                                                      "AWS::EC2::VPC::Id",
                                                      "AWS::Route53::HostedZone::Id"};

enum class Kind : std::uint8_t { Text, Number, TextList, NumberList };

struct Declaration {
  std::string name;
  Position position;
  Kind kind = Kind::Text;
  const Node* node = nullptr;
  Echo echo = Echo::Shown;
};

std::optional<Kind> kind_of(std::string_view type) {
  if (type == "String") return Kind::Text;
  if (type == "Number") return Kind::Number;
  if (type == "List<Number>") return Kind::NumberList;
  if (type == "CommaDelimitedList") return Kind::TextList;
  Kind kind = Kind::Text;
  if (type.starts_with("List<") && type.ends_with(">")) {
    kind = Kind::TextList;
    type = type.substr(5, type.size() - 6);
  }
  if (std::find(text_types.begin(), text_types.end(), type) != text_types.end()) return kind;
  return std::nullopt;
}

class Checker {
 public:
  Checker(const Declaration& declaration, Position position, Problems& problems)
      : declaration_(declaration), position_(position), problems_(problems) {}

  // One text, or each element of a list.
  void check(std::string_view value) {
    const bool number = declaration_.kind == Kind::Number || declaration_.kind == Kind::NumberList;
    const std::optional<double> amount = number ? parse_double(value) : std::nullopt;
    if (number && !amount) return fail(value, "it is not a number");
    check_allowed(value);
    check_pattern(value);
    if (number) {
      check_bound("MinValue", *amount, value);
      check_bound("MaxValue", *amount, value);
    } else {
      check_bound("MinLength", static_cast<double>(value.size()), value);
      check_bound("MaxLength", static_cast<double>(value.size()), value);
    }
  }

 private:
  void fail(std::string_view value, const std::string& why) {
    std::string what = "parameter `" + declaration_.name + "`";
    if (declaration_.echo == Echo::Shown) what += " is `" + std::string(value.substr(0, 200)) + "`";
    what += declaration_.echo == Echo::Shown ? ": " + why : " has a value that is refused: " + why;
    const std::string described = declaration_.node->text_of("ConstraintDescription");
    problems_.add(position_, what, described.empty() ? "give another value" : described);
  }

  void check_allowed(std::string_view value) {
    const Node* allowed = declaration_.node->find("AllowedValues");
    if (allowed == nullptr) return;
    if (!allowed->is(NodeKind::List)) return problems_.add(allowed->position, "AllowedValues must be a list", "write `[a, b]`");
    std::vector<std::string> texts;
    for (const Node& item : allowed->items) texts.push_back(item.text);
    if (std::find(texts.begin(), texts.end(), value) == texts.end()) fail(value, "it must be one of " + join(texts, ", "));
  }

  void check_pattern(std::string_view value) {
    const Node* pattern = declaration_.node->find("AllowedPattern");
    if (pattern == nullptr) return;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    const RE2 expression(pattern->text, options);
    if (!expression.ok()) {
      return problems_.add(pattern->position, "AllowedPattern is not usable: " + expression.error(),
                           "look-around and back references do not exist here");
    }
    if (!RE2::FullMatch(re2::StringPiece(value.data(), value.size()), expression)) fail(value, "it must match `" + pattern->text + "`");
  }

  void check_bound(std::string_view name, double amount, std::string_view value) {
    const Node* node = declaration_.node->find(name);
    if (node == nullptr) return;
    const std::optional<double> bound = parse_double(node->text);
    if (!bound) return problems_.add(node->position, std::string(name) + " must be a number");
    const bool least = name.starts_with("Min");
    if (least ? amount >= *bound : amount <= *bound) return;
    const std::string measure = name.ends_with("Length") ? "its length must be " : "it must be ";
    fail(value, measure + (least ? "at least " : "at most ") + node->text);
  }

  const Declaration& declaration_;
  Position position_;
  Problems& problems_;
};

std::optional<Declaration> read_declaration(const Member& member, Problems& problems) {
  Declaration declaration{member.key, member.key_position, Kind::Text, &member.value, Echo::Shown};
  if (!member.value.is(NodeKind::Map)) {
    problems.add(member.key_position, "parameter `" + member.key + "` must be a map with a Type", "write `Type: String` under it");
    return std::nullopt;
  }
  for (const Member& part : member.value.members) {
    if (std::find(std::begin(declaration_members), std::end(declaration_members), part.key) == std::end(declaration_members)) {
      problems.add(part.key_position, "parameter `" + member.key + "` has the unknown member `" + part.key + "`",
                   one_of(part.key, declaration_members));
    }
  }
  const Node* type = member.value.find("Type");
  if (type == nullptr) {
    problems.add(member.key_position, "parameter `" + member.key + "` has no Type", "write `Type: String` under it");
    return std::nullopt;
  }
  const std::optional<Kind> kind = kind_of(type->text);
  if (!kind) {
    const bool ssm = contains(type->text, "AWS::SSM::");
    problems.add(type->position, "parameter type `" + type->text + "` is not supported",
                 ssm ? "there is no SSM Parameter Store here: declare a String and pass its value" : one_of(type->text, own_types));
    return std::nullopt;
  }
  declaration.kind = *kind;
  if (to_lower(member.value.text_of("NoEcho")) == "true") declaration.echo = Echo::Hidden;
  return declaration;
}

ParameterValue make_value(const Declaration& declaration, const std::string& text, Position position, Problems& problems) {
  ParameterValue result{text, make_string(text, position), declaration.echo};
  Checker checker(declaration, position, problems);
  if (declaration.kind == Kind::Text || declaration.kind == Kind::Number) {
    checker.check(text);
    return result;
  }
  result.value = make_list(position);
  if (trim(text).empty()) return result;
  for (std::string_view part : split(text, ',')) {
    checker.check(trim(part));
    result.value.items.push_back(make_string(trim(part), position));
  }
  return result;
}

// What a value may not be larger than; the value itself is never shown.
bool fits(Quotas* registry, const Declaration& declaration, std::string_view which, const std::string& text, Position at,
          Problems& problems) {
  return within_quota(registry, quotas::parameter_value, text.size(), at, "give a shorter one", problems,
                      "Template format error: Parameter '" + declaration.name + "' " + std::string(which) + " '[****]' ");
}

}  // namespace

ParameterValues resolve_parameters(const Node& root, const ParameterTexts& given, const ParameterTexts& previous, Problems& problems,
                                   Quotas* registry) {
  ParameterValues values;
  std::vector<std::string_view> names;
  const Node* section = root.find("Parameters");
  if (section != nullptr && !section->is(NodeKind::Map)) {
    problems.add(section->position, "Parameters must be a map", "write `Name: {Type: String}` under it");
    return values;
  }
  if (section != nullptr)
    within_quota(registry, quotas::parameters, section->members.size(), section->position, "put several values into one list", problems);
  for (const Member& member : section == nullptr ? std::vector<Member>() : section->members) {
    values.emplace(member.key, ParameterValue{"", make_unknown("", member.key_position), Echo::Shown});
    const std::optional<Declaration> declaration = read_declaration(member, problems);
    if (!declaration) continue;
    const Node* fallback = member.value.find("Default");
    if (fallback != nullptr && !fallback->is_scalar()) {
      problems.add(fallback->position, "the Default of parameter `" + member.key + "` must be text or a number",
                   "lists are written \"a,b\"");
      continue;
    }
    if (fallback != nullptr && !fits(registry, *declaration, "default value", fallback->text, fallback->position, problems)) continue;
    if (const auto found = given.find(member.key); found != given.end()) {
      if (fits(registry, *declaration, "value", found->second, declaration->position, problems))
        values[member.key] = make_value(*declaration, found->second, declaration->position, problems);
    } else if (const auto old = previous.find(member.key); old != previous.end()) {
      values[member.key] = make_value(*declaration, old->second, declaration->position, problems);
    } else if (fallback != nullptr) {
      values[member.key] = make_value(*declaration, fallback->text, fallback->position, problems);
    } else {
      problems.add(declaration->position, "parameter `" + member.key + "` has no value", "pass one, or give it a Default");
    }
  }
  if (section != nullptr) {
    for (const Member& member : section->members) names.push_back(member.key);
  }
  for (const auto& [name, text] : given) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      problems.add(section == nullptr ? Position{1, 1} : section->position,
                   "a value was given for `" + name + "`, which is no parameter of this template", did_you_mean(name, names));
    }
  }
  return values;
}

}  // namespace surgetank::stack
