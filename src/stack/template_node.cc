#include "stack/template_node.h"

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace surgetank::stack {

const Member* Node::find_member(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

const Node* Node::find(std::string_view key) const {
  const Member* member = find_member(key);
  return member == nullptr ? nullptr : &member->value;
}

Node* Node::find(std::string_view key) {
  for (Member& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

std::string Node::text_of(std::string_view key) const {
  const Node* value = find(key);
  return value != nullptr && value->is_scalar() ? value->text : std::string();
}

Node& Node::set(std::string_view key, Node value) {
  kind = NodeKind::Map;
  if (Node* present = find(key); present != nullptr) {
    *present = std::move(value);
    return *present;
  }
  const Position at = value.position;
  members.push_back({std::string(key), at, std::move(value)});
  return members.back().value;
}

void Node::erase(std::string_view key) {
  std::erase_if(members, [key](const Member& member) { return member.key == key; });
}

namespace {
Node scalar(NodeKind kind, std::string_view text, Position position) {
  Node node;
  node.kind = kind;
  node.text = text;
  node.position = position;
  return node;
}
}  // namespace

Node make_string(std::string_view text, Position position) { return scalar(NodeKind::String, text, position); }
Node make_number(std::int64_t number, Position position) { return scalar(NodeKind::Number, std::to_string(number), position); }
Node make_boolean(bool truth, Position position) { return scalar(NodeKind::Boolean, truth ? "true" : "false", position); }
Node make_list(Position position) { return scalar(NodeKind::List, {}, position); }
Node make_map(Position position) { return scalar(NodeKind::Map, {}, position); }
Node make_unknown(std::string_view what, Position position) { return scalar(NodeKind::Unknown, what, position); }

Node make_ref(std::string_view name, Position position) {
  Node node = make_map(position);
  node.set("Ref", make_string(name, position));
  return node;
}

Node make_get_att(std::string_view resource, std::string_view attribute, Position position) {
  Node node = make_map(position);
  Node& parts = node.set("Fn::GetAtt", make_list(position));
  parts.items.push_back(make_string(resource, position));
  parts.items.push_back(make_string(attribute, position));
  return node;
}

Node make_sub(std::string_view pattern, Position position) {
  Node node = make_map(position);
  node.set("Fn::Sub", make_string(pattern, position));
  return node;
}

std::string_view kind_name(NodeKind kind) {
  switch (kind) {
    case NodeKind::Null:
      return "null";
    case NodeKind::Boolean:
      return "a boolean";
    case NodeKind::Number:
      return "a number";
    case NodeKind::String:
      return "text";
    case NodeKind::List:
      return "a list";
    case NodeKind::Map:
      return "a map";
    case NodeKind::Unknown:
      return "a value known after deployment";
  }
  return "nothing";
}

bool same_value(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() || a.members.size() != b.members.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same_value(a.items[i], b.items[i])) return false;
  }
  for (const Member& member : a.members) {
    const Node* other = b.find(member.key);
    if (other == nullptr || !same_value(member.value, *other)) return false;
  }
  return true;
}

bool has_unknown(const Node& node) {
  if (node.is(NodeKind::Unknown)) return true;
  for (const Node& item : node.items) {
    if (has_unknown(item)) return true;
  }
  for (const Member& member : node.members) {
    if (has_unknown(member.value)) return true;
  }
  return false;
}

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Member& member : node.members) count += count_nodes(member.value);
  return count;
}

std::vector<std::string_view> keys_of(const Node* map) {
  std::vector<std::string_view> keys;
  if (map == nullptr) return keys;
  for (const Member& member : map->members) keys.push_back(member.key);
  return keys;
}

namespace {

void write_text(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte >= 0x20) {
          out += c;
        } else {
          out += "\\u00";
          out += digits[byte >> 4];
          out += digits[byte & 15];
        }
    }
  }
  out += '"';
}

enum class Order : std::uint8_t { Written, Sorted };

void write(const Node& node, Order order, std::string& out) {
  switch (node.kind) {
    case NodeKind::Null:
      out += "null";
      return;
    case NodeKind::Boolean:
    case NodeKind::Number:
      out += node.text;
      return;
    case NodeKind::String:
      write_text(node.text, out);
      return;
    case NodeKind::Unknown:
      SURGE_ASSERT(false, "a value that is not known yet has no JSON: " + node.text);
      return;
    case NodeKind::List:
      out += '[';
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) out += ',';
        write(node.items[i], order, out);
      }
      out += ']';
      return;
    case NodeKind::Map:
      break;
  }
  std::vector<const Member*> members;
  for (const Member& member : node.members) members.push_back(&member);
  if (order == Order::Sorted) {
    std::sort(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
  }
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    write_text(members[i]->key, out);
    out += ':';
    write(members[i]->value, order, out);
  }
  out += '}';
}

}  // namespace

std::string to_json(const Node& node) {
  std::string out;
  write(node, Order::Written, out);
  return out;
}

std::string canonical_json(const Node& node) {
  std::string out;
  write(node, Order::Sorted, out);
  return out;
}

TemplateSyntax guess_syntax(std::string_view path, std::string_view text) {
  const std::string name = to_lower(path);
  if (name.ends_with(".json")) return TemplateSyntax::Json;
  if (name.ends_with(".yaml") || name.ends_with(".yml")) return TemplateSyntax::Yaml;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' ? TemplateSyntax::Json : TemplateSyntax::Yaml;
}

namespace {
// Bytes that no template has: found before any parser sees them.
bool check_text(std::string_view text, Problems& problems) {
  if (text.size() > TemplateLimits::text_bytes) {
    problems.add({1, 1}, "the template has " + std::to_string(text.size()) + " bytes, more than 4,194,304",
                 "split it into several stacks, or move inline code into files");
    return false;
  }
  if (!is_valid_utf8(text)) {
    problems.add({1, 1}, "the template is not UTF-8", "save it as UTF-8");
    return false;
  }
  Position at{1, 1};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0x7f || (byte < 0x20 && c != '\n' && c != '\r' && c != '\t')) {
      problems.add(at, "control character " + std::to_string(byte) + " in the template", "remove it");
      return false;
    }
    at = c == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
  }
  return true;
}
}  // namespace

std::optional<Node> read_template(std::string_view text, TemplateSyntax syntax, Problems& problems) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!check_text(text, problems)) return std::nullopt;
  std::optional<Node> root = syntax == TemplateSyntax::Json ? read_json(text, problems) : read_yaml(text, problems);
  if (root && !root->is(NodeKind::Map)) {
    problems.add(root->position.line == 0 ? Position{1, 1} : root->position,
                 "a template is a map with `Resources`, this is " + std::string(kind_name(root->kind)),
                 "see the CloudFormation template anatomy");
    return std::nullopt;
  }
  return root;
}

}  // namespace surgetank::stack
