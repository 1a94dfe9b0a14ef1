// The functions that make text and lists.
#include <algorithm>

#include "base/text.h"
#include "stack/intrinsics.h"

namespace surgetank::stack {

std::optional<std::vector<SubPart>> parse_sub(std::string_view pattern) {
  std::vector<SubPart> parts;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) parts.push_back({SubPart::Kind::Literal, std::move(literal)});
    literal.clear();
  };
  while (!pattern.empty()) {
    const std::size_t start = pattern.find("${");
    literal += pattern.substr(0, start);
    if (start == std::string_view::npos) break;
    const std::size_t end = pattern.find('}', start);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view name = pattern.substr(start + 2, end - start - 2);
    if (name.starts_with("!")) {
      literal += "${" + std::string(name.substr(1)) + "}";
    } else {
      flush();
      parts.push_back({SubPart::Kind::Variable, std::string(trim(name))});
    }
    pattern.remove_prefix(end + 1);
  }
  flush();
  return parts;
}

Node Evaluator::sub(const Node& argument, Position at) {
  const Node* pattern = &argument;
  Node locals = make_map(at);
  bool unknown = false;
  if (argument.is(NodeKind::List)) {
    if (argument.items.size() != 2 || !argument.items[1].is(NodeKind::Map)) {
      return fail(at, "Fn::Sub takes text, or a list of text and a map of its variables", "write `!Sub \"...${Name}...\"`");
    }
    pattern = argument.items.data();
    for (const Member& member : argument.items[1].members) locals.set(member.key, evaluate(member.value));
  }
  if (!pattern->is(NodeKind::String))
    return fail(pattern->position, "the pattern of Fn::Sub must be written text", "use `!Join` to build it");
  const auto parts = parse_sub(pattern->text);
  if (!parts) return fail(pattern->position, "Fn::Sub: a `${` is not closed", "close it with `}`, or write `$` and `{` in two parts");
  std::string result;
  for (const SubPart& part : *parts) {
    if (part.kind == SubPart::Kind::Literal) {
      result += part.text;
      continue;
    }
    Node value;
    const std::size_t dot = part.text.find('.');
    if (const Node* local = locals.find(part.text); local != nullptr) {
      value = *local;
    } else if (part.text.empty()) {
      value = fail(pattern->position, "Fn::Sub: an empty `${}`", "write `${Name}`, or `${!text}` for a literal `${text}`");
    } else if (std::optional<Node> named = named_value(part.text, pattern->position)) {
      value = std::move(*named);
    } else if (dot != std::string::npos) {
      value = get_att(make_string(part.text, pattern->position), pattern->position);
    } else {
      value = ref(make_string(part.text, pattern->position), pattern->position);
    }
    if (const std::optional<std::string> piece = text("Fn::Sub of `${" + part.text + "}`", value, &unknown)) {
      if (!charge(piece->size(), at)) return make_unknown("", at);
      result += *piece;
    }
  }
  return unknown ? make_unknown(pattern->text, at) : make_string(result, at);
}

Node Evaluator::join(const Node& argument, Position at) {
  const auto parts = arguments("Fn::Join", argument, at, 2, 2);
  if (!parts) return make_unknown("", at);
  const Node separator = evaluate((*parts)[0]);
  const Node list = evaluate((*parts)[1]);
  bool unknown = false;
  const std::optional<std::string> between = text("Fn::Join", separator, &unknown);
  if (list.is(NodeKind::Unknown)) return make_unknown(list.text, at);
  if (!list.is(NodeKind::List))
    return fail(list.position, "the second argument of Fn::Join must be a list, not " + std::string(kind_name(list.kind)),
                "write `!Join [\",\", [a, b]]`");
  std::string result;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::optional<std::string> piece = text("Fn::Join", list.items[i], &unknown);
    if (i > 0 && between) {
      if (!charge(between->size(), at)) return make_unknown("", at);
      result += *between;
    }
    if (piece) result += *piece;
  }
  return unknown ? make_unknown("", at) : make_string(result, at);
}

Node Evaluator::select(const Node& argument, Position at) {
  const auto parts = arguments("Fn::Select", argument, at, 2, 2);
  if (!parts) return make_unknown("", at);
  const Node index = evaluate((*parts)[0]);
  const Node list = evaluate((*parts)[1]);
  bool unknown = false;
  const std::optional<std::string> digits = text("Fn::Select", index, &unknown);
  if (unknown || list.is(NodeKind::Unknown)) return make_unknown("", at);
  if (!list.is(NodeKind::List))
    return fail(list.position, "the second argument of Fn::Select must be a list, not " + std::string(kind_name(list.kind)),
                "write `!Select [0, [a, b]]`");
  const std::optional<std::int64_t> wanted = parse_integer(*digits);
  if (!wanted || *wanted < 0)
    return fail(index.position, "the first argument of Fn::Select must be a number from 0, not `" + *digits + "`");
  if (static_cast<std::uint64_t>(*wanted) >= list.items.size()) {
    return fail(index.position, "Fn::Select asks for item " + *digits + " of a list of " + std::to_string(list.items.size()),
                "items count from 0");
  }
  return list.items[static_cast<std::size_t>(*wanted)];
}

Node Evaluator::split(const Node& argument, Position at) {
  const auto parts = arguments("Fn::Split", argument, at, 2, 2);
  if (!parts) return make_unknown("", at);
  if (!(*parts)[0].is_scalar() || (*parts)[0].text.empty())
    return fail((*parts)[0].position, "the separator of Fn::Split must be written text, not empty", "write `!Split [\",\", text]`");
  const std::string& separator = (*parts)[0].text;
  const Node whole = evaluate((*parts)[1]);
  bool unknown = false;
  const std::optional<std::string> rest = text("Fn::Split", whole, &unknown);
  if (unknown) return make_unknown("", at);
  Node result = make_list(at);
  std::string_view left = *rest;
  for (;;) {
    const std::size_t end = left.find(separator);
    if (!charge(sizeof(Node), at)) return make_unknown("", at);
    result.items.push_back(make_string(left.substr(0, end), at));
    if (end == std::string_view::npos) return result;
    left.remove_prefix(end + separator.size());
  }
}

Node Evaluator::base64(const Node& argument, Position at) {
  const Node value = evaluate(argument);
  bool unknown = false;
  const std::optional<std::string> bytes = text("Fn::Base64", value, &unknown);
  return unknown ? make_unknown("", at) : make_string(to_base64(*bytes), at);
}

Node Evaluator::get_azs(const Node& argument, Position at) {
  const Node value = evaluate(argument);
  bool unknown = false;
  const std::optional<std::string> named = text("Fn::GetAZs", value, &unknown);
  if (unknown) return make_unknown("", at);
  const std::string region = named->empty() ? context_.pseudo.region : *named;
  Node zones = make_list(at);
  for (const char* zone : {"a", "b", "c"}) zones.items.push_back(make_string(region + zone, at));
  return zones;
}

Node Evaluator::length(const Node& argument, Position at) {
  if (context_.extensions == LanguageExtensions::Off)
    return fail(at, "Fn::Length needs the AWS::LanguageExtensions transform", "add it to Transform");
  const Node list = evaluate(argument);
  if (list.is(NodeKind::Unknown)) return list;
  if (!list.is(NodeKind::List)) return fail(at, "Fn::Length needs a list, not " + std::string(kind_name(list.kind)));
  return make_number(static_cast<std::int64_t>(list.items.size()), at);
}

Node Evaluator::to_json_string(const Node& argument, Position at) {
  if (context_.extensions == LanguageExtensions::Off)
    return fail(at, "Fn::ToJsonString needs the AWS::LanguageExtensions transform", "add it to Transform");
  if (!argument.is(NodeKind::Map) && !argument.is(NodeKind::List))
    return fail(at, "Fn::ToJsonString needs a map or a list, not " + std::string(kind_name(argument.kind)));
  const Node value = evaluate(argument);
  return has_unknown(value) ? make_unknown("", at) : make_string(to_json(value), at);
}

}  // namespace surgetank::stack
