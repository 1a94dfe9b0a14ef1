// YAML templates through yaml-cpp's events: the tree is built here, within TemplateLimits, so that no walk over yaml-cpp's own
// nodes (whose aliases are shared and may expand without end) ever happens.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "base/text.h"
#include "stack/template_node.h"

namespace surgetank::stack {
namespace {

// Leaves yaml-cpp's parser from inside an event; caught in read_yaml.
struct Stop {
  Position position;
  std::string what;
  std::string advice;
};

Position position_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

constexpr std::string_view short_names[] = {
    "And",    "Base64", "Cidr",  "Condition",   "Contains",     "EachMemberEquals", "EachMemberIn", "Equals",    "FindInMap",
    "GetAZs", "GetAtt", "If",    "ImportValue", "Join",         "Length",           "Not",          "Or",        "Ref",
    "RefAll", "Select", "Split", "Sub",         "ToJsonString", "Transform",        "ValueOf",      "ValueOfAll"};

// The long name of `!Name`.
std::string long_name(const std::string& tag, Position position) {
  const std::string name = tag.substr(1);
  if (std::find(std::begin(short_names), std::end(short_names), name) == std::end(short_names)) {
    throw Stop{position, "unknown tag `" + tag + "`", one_of(name, short_names)};
  }
  return name == "Ref" || name == "Condition" ? name : "Fn::" + name;
}

constexpr std::string_view core_prefix = "tag:yaml.org,2002:";

struct Sized {
  Node node;
  std::size_t nodes = 1;
  std::size_t bytes = 0;
  std::size_t height = 1;
};

// YAML 1.1 as the AWS command lines read it, but numbers only in their JSON form: 0123 and 0x1F stay the text that was written.
Node plain_scalar(const std::string& text, Position position) {
  static constexpr std::array truths{"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"};
  static constexpr std::array lies{"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"};
  if (std::find(truths.begin(), truths.end(), text) != truths.end()) return make_boolean(true, position);
  if (std::find(lies.begin(), lies.end(), text) != lies.end()) return make_boolean(false, position);
  Node node = make_string(text, position);
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    node.kind = NodeKind::Null;
    node.text.clear();
  } else if (is_number_text(text)) {
    node.kind = NodeKind::Number;
  }
  return node;
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  std::optional<Node> root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root) throw Stop{position_of(mark), "a second YAML document", "a template is one document: remove the `---`"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Sized null;
    null.node.position = position_of(mark);
    key_text_.clear();
    merge_key_ = false;
    finish(std::move(null), "", anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Stop{position_of(mark), "an alias inside the value it refers to", "write the value out"};
    const Sized& target = found->second;
    spend(target.nodes, target.bytes, position_of(mark));
    check_depth(target.height, position_of(mark));
    attach(target, mark, KeyStyle::Other);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    const Position at = position_of(mark);
    Sized scalar;
    scalar.bytes = value.size();
    if (tag == "?" || tag.empty()) {
      scalar.node = plain_scalar(value, at);
    } else if (tag == std::string(core_prefix) + "bool" || tag == std::string(core_prefix) + "int" ||
               tag == std::string(core_prefix) + "float" || tag == std::string(core_prefix) + "null") {
      scalar.node = plain_scalar(value, at);
    } else {
      scalar.node = make_string(value, at);
    }
    merge_key_ = tag == "?" && value == "<<";
    key_text_ = value;
    finish(std::move(scalar), tag, anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(make_list(position_of(mark)), tag, anchor, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open(make_map(position_of(mark)), tag, anchor, mark);
  }
  void OnMapEnd() override { close(); }

 private:
  enum class KeyStyle : std::uint8_t { Scalar, Other };
  struct Frame {
    Sized value;
    std::string tag;
    YAML::anchor_t anchor = 0;
    YAML::Mark mark;
    std::optional<Member> pending;         // a key that waits for its value
    bool pending_merge = false;            // that key is a plain `<<`
    std::map<std::string, Position> seen;  // keys written here
    std::map<std::string, Member> merged;  // from `<<`: weaker than what is written
  };

  void spend(std::size_t nodes, std::size_t bytes, Position at) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > TemplateLimits::nodes) throw Stop{at, "more than 100,000 values after expanding aliases", "split the template"};
    if (bytes_ > TemplateLimits::expanded_bytes) throw Stop{at, "more than 4 MB of text after expanding aliases", "use fewer aliases"};
  }

  static std::size_t levels(const std::string& tag) { return tag.size() > 1 && tag.front() == '!' ? 2 : 1; }

  void check_depth(std::size_t height, Position at) const {
    if (depth_ + height > TemplateLimits::depth) throw Stop{at, "nested deeper than 64 levels", "flatten it"};
  }

  void open(Node node, const std::string& tag, YAML::anchor_t anchor, const YAML::Mark& mark) {
    check_depth(levels(tag), node.position);
    depth_ += levels(tag);
    spend(1, 0, node.position);
    Frame frame;
    frame.value.node = std::move(node);
    frame.tag = tag;
    frame.anchor = anchor;
    frame.mark = mark;
    frames_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    for (auto& [key, member] : frame.merged) {
      if (!frame.seen.contains(key)) frame.value.node.members.push_back(std::move(member));
    }
    depth_ -= levels(frame.tag);
    nodes_ -= 1;  // finish() spends it again, with its wrapper
    finish(std::move(frame.value), frame.tag, frame.anchor, frame.mark);
  }

  // A value is complete: give its tag a meaning, remember its anchor, put it into its parent.
  void finish(Sized value, const std::string& tag, YAML::anchor_t anchor, const YAML::Mark& mark) {
    const Position at = position_of(mark);
    spend(1, value.node.is_scalar() ? value.bytes : 0, at);
    const bool is_short = tag.size() > 1 && tag.front() == '!';
    const bool is_core = tag.starts_with(core_prefix);
    if (is_core) {
      static constexpr std::string_view known[] = {"str", "int", "bool", "float", "null", "map", "seq"};
      const std::string name = tag.substr(core_prefix.size());
      if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
        throw Stop{at, "unsupported YAML type `!!" + name + "`", "CloudFormation knows text, numbers, booleans, lists and maps"};
      }
    } else if (!is_short && !tag.empty() && tag != "?" && tag != "!") {
      throw Stop{at, "unknown tag `" + tag + "`", "CloudFormation tags look like `!Ref`"};
    }
    if (is_short) wrap(value, long_name(tag, at), at);
    check_depth(value.height, at);
    if (anchor != 0) {
      anchored_nodes_ += value.nodes;
      if (anchored_nodes_ > TemplateLimits::anchored_nodes) throw Stop{at, "more than 100,000 values under anchors", "use fewer anchors"};
      anchors_.emplace(anchor, value);
    }
    attach(value, mark, value.node.is_scalar() || value.node.is(NodeKind::Null) ? KeyStyle::Scalar : KeyStyle::Other);
  }

  void wrap(Sized& value, const std::string& name, Position at) {
    if (value.node.is(NodeKind::Null)) value.node = make_string("", at);
    if (value.node.is_scalar()) value.node.kind = NodeKind::String;
    Node inner = std::move(value.node);
    if (name == "Fn::GetAtt" && inner.is(NodeKind::String)) {
      const std::size_t dot = inner.text.find('.');
      if (dot == std::string::npos)
        throw Stop{at, "!GetAtt needs `Resource.Attribute`, not `" + inner.text + "`", "write e.g. `!GetAtt Function.Arn`"};
      Node parts = make_list(at);
      parts.items.push_back(make_string(inner.text.substr(0, dot), at));
      parts.items.push_back(make_string(inner.text.substr(dot + 1), at));
      inner = std::move(parts);
      value.nodes += 2;
      value.height += 1;
      spend(2, 0, at);
    }
    value.node = make_map(at);
    value.node.set(name, std::move(inner));
    value.nodes += 1;
    value.height += 1;
    spend(1, 0, at);
  }

  void attach(const Sized& value, const YAML::Mark& mark, KeyStyle style) {
    if (frames_.empty()) {
      root = value.node;
      return;
    }
    Frame& frame = frames_.back();
    if (frame.value.node.is(NodeKind::List)) {
      grow(frame.value, value);
      frame.value.node.items.push_back(value.node);
      return;
    }
    if (!frame.pending) return attach_key(frame, value.node, position_of(mark), style);
    grow(frame.value, value);
    Member member = std::move(*frame.pending);
    frame.pending.reset();
    if (frame.pending_merge) return merge(frame, value.node);
    member.value = value.node;
    frame.value.node.members.push_back(std::move(member));
  }

  static void grow(Sized& parent, const Sized& child) {
    parent.nodes += child.nodes;
    parent.bytes += child.bytes;
    parent.height = std::max(parent.height, child.height + 1);
  }

  void attach_key(Frame& frame, const Node& key, Position at, KeyStyle style) {
    if (style != KeyStyle::Scalar) throw Stop{at, "a key must be plain text, not " + std::string(kind_name(key.kind)), "quote the key"};
    Member member;
    member.key = key_text_;
    member.key_position = at;
    key_text_.clear();
    frame.value.nodes += 1;
    frame.value.bytes += member.key.size();
    if (key.is(NodeKind::Null) && (member.key.empty() || member.key == "~")) throw Stop{at, "an empty key", "remove the stray `:` or `?`"};
    frame.pending_merge = merge_key_;
    merge_key_ = false;
    if (!frame.pending_merge) {
      const auto [first, fresh] = frame.seen.emplace(member.key, at);
      if (!fresh) {
        throw Stop{at,
                   "key `" + member.key + "` is here twice, first in line " + std::to_string(first->second.line) + ", column " +
                       std::to_string(first->second.column),
                   "remove one of them"};
      }
    }
    frame.pending = std::move(member);
  }

  static void merge(Frame& frame, const Node& value) {
    frame.pending_merge = false;
    const auto add = [&frame](const Node& map) {
      if (!map.is(NodeKind::Map))
        throw Stop{map.position, "`<<` merges a map or a list of maps, not " + std::string(kind_name(map.kind)), ""};
      for (const Member& member : map.members) frame.merged.emplace(member.key, member);
    };
    if (!value.is(NodeKind::List)) return add(value);
    for (const Node& item : value.items) add(item);
  }

  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Sized> anchors_;
  std::size_t depth_ = 0;  // levels that the open frames will have, wrappers included
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  std::size_t anchored_nodes_ = 0;
  std::string key_text_;    // the text of the last scalar, as written: what a key is
  bool merge_key_ = false;  // the last scalar was a plain `<<`
};

// yaml-cpp's words for the mistakes people make in templates, with what to do.
std::string advice_for(const std::string& message) {
  if (contains(message, "multiple tags")) return "of two functions in one value write the outer one long: `Fn::Base64: !Sub ...`";
  if (contains(message, "illegal map value") || contains(message, "bad conversion"))
    return "quote text that contains `: `, and check the indentation";
  if (contains(message, "end of map not found") || contains(message, "end of sequence not found"))
    return "check the indentation, and quotes and brackets above";
  if (contains(message, "unknown token") || contains(message, "alias")) return "quote text that starts with one of `@ ` % & * ! |";
  return "check indentation, quotes and brackets here and in the line above";
}

bool indented_with_tab(std::string_view text, std::uint32_t line) {
  for (std::uint32_t i = 1; i < line && !text.empty(); ++i) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const std::string_view indentation = text.substr(0, text.find_first_not_of(" \t"));
  return contains(indentation, "\t");
}

}  // namespace

std::optional<Node> read_yaml(std::string_view text, Problems& problems) {
  TreeBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop& stop) {
    problems.add(stop.position, stop.what, stop.advice);
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    const Position at = position_of(error.mark);
    const bool tab = indented_with_tab(text, at.line);
    problems.add(at, "YAML: " + error.msg, tab ? "indent with spaces: YAML allows no tabs there" : advice_for(error.msg));
    return std::nullopt;
  }
  if (!builder.root) {
    problems.add({1, 1}, "the template is empty", "add a `Resources` section");
    return std::nullopt;
  }
  return std::move(builder.root);
}

}  // namespace surgetank::stack
