#pragma once
// The document tree of a template: YAML or JSON with the place of every value, members in the order written. The same type holds
// evaluated properties, API requests and their answers, so there is one JSON in this layer. Nothing is evaluated while reading:
// short tags become their long form (`!Sub x` is {"Fn::Sub": "x"}).
//
// Reading is safe for hostile text: TemplateLimits hold before memory is spent, aliases count as what they expand to, duplicate
// keys are errors. Values own their parts; plain data, one thread at a time.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/problems.h"

namespace surgetank::stack {

struct TemplateLimits {
  static constexpr std::size_t text_bytes = 4'194'304;    // whatever the quota of CloudFormation is raised to (stack/quotas.h)
  static constexpr std::size_t nodes = 100'000;           // after alias expansion
  static constexpr std::size_t anchored_nodes = 100'000;  // kept for aliases, nested anchors counted again
  static constexpr std::size_t expanded_bytes = 2 * text_bytes;
  static constexpr std::size_t resources = 5'000;
  static constexpr std::size_t depth = 64;
};

// Unknown: known only once a resource exists (its id or attribute is in `text`); appears in plans, never in requests.
enum class NodeKind : std::uint8_t { Null, Boolean, Number, String, List, Map, Unknown };

struct Member;

struct Node {
  NodeKind kind = NodeKind::Null;
  std::string text;             // String; Number as written (a JSON number); Boolean "true" or "false"
  std::vector<Node> items;      // List
  std::vector<Member> members;  // Map; keys are unique
  Position position;

  bool is(NodeKind wanted) const { return kind == wanted; }
  bool is_scalar() const { return kind == NodeKind::Boolean || kind == NodeKind::Number || kind == NodeKind::String; }
  bool is_true() const { return kind == NodeKind::Boolean && text == "true"; }
  // The value of a key of a Map; null if absent or not a Map.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  const Member* find_member(std::string_view key) const;
  // The text of a scalar member, or empty.
  std::string text_of(std::string_view key) const;
  // Adds or replaces.
  Node& set(std::string_view key, Node value);
  void erase(std::string_view key);
};

struct Member {
  std::string key;
  Position key_position;
  Node value;
};

Node make_string(std::string_view text, Position position = {});
Node make_number(std::int64_t number, Position position = {});
Node make_boolean(bool truth, Position position = {});
Node make_list(Position position = {});
Node make_map(Position position = {});
Node make_unknown(std::string_view what, Position position = {});
// {"Ref": name}, {"Fn::GetAtt": [resource, attribute]}, {"Fn::Sub": pattern}
Node make_ref(std::string_view name, Position position = {});
Node make_get_att(std::string_view resource, std::string_view attribute, Position position = {});
Node make_sub(std::string_view pattern, Position position = {});

// What a kind is called in messages: "a list", "text".
std::string_view kind_name(NodeKind kind);
// Same value, whatever the order of members and the positions.
bool same_value(const Node& a, const Node& b);
// True if it is or contains an Unknown.
bool has_unknown(const Node& node);
std::size_t count_nodes(const Node& node);
// The keys of a map, in order; none for null. The views live as long as the node.
std::vector<std::string_view> keys_of(const Node* map);

std::string to_json(const Node& node);
// As to_json with members sorted by key: equal values give equal text.
std::string canonical_json(const Node& node);

enum class TemplateSyntax : std::uint8_t { Yaml, Json };
// By the file's ending; for others (and none) JSON if the text starts with a brace.
TemplateSyntax guess_syntax(std::string_view path, std::string_view text);
// nullopt: see the problems.
std::optional<Node> read_template(std::string_view text, TemplateSyntax syntax, Problems& problems);
std::optional<Node> read_json(std::string_view text, Problems& problems);
std::optional<Node> read_yaml(std::string_view text, Problems& problems);
// JSON of our own making or of an API's answer; nullopt if it is none.
std::optional<Node> read_json_value(std::string_view text);

// True for the text of a JSON number.
bool is_number_text(std::string_view text);

}  // namespace surgetank::stack
