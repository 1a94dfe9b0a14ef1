#include "stack/language_extensions.h"

#include <set>

namespace surgetank::stack {
namespace {

constexpr std::string_view prefix = "Fn::ForEach";
constexpr std::size_t deepest_loop = 5;

struct Binding {
  std::string name;
  std::string value;
};

// The members of a map under construction; what a loop makes twice is an error.
class Members {
 public:
  void add(Member member, Problems& problems) {
    if (!keys_.insert(member.key).second) {
      problems.add(member.key_position, "Fn::ForEach makes the key `" + member.key + "` twice", "use the loop's identifier in the key");
      return;
    }
    members_.push_back(std::move(member));
  }
  std::vector<Member> take() { return std::move(members_); }

 private:
  std::vector<Member> members_;
  std::set<std::string, std::less<>> keys_;
};

class LoopExpander {
 public:
  LoopExpander(const EvaluationContext& context, Problems& problems) : evaluator_(context, problems), problems_(problems) {}

  void expand(Node& node, std::size_t loops) {
    for (Node& item : node.items) expand(item, loops);
    if (node.members.empty() || full_) return;
    Members members;
    for (Member& member : node.members) {
      if (member.key.starts_with(prefix)) {
        expand_loop(member, loops + 1, members);
      } else {
        expand(member.value, loops);
        members.add(std::move(member), problems_);
      }
    }
    node.members = members.take();
  }

 private:
  std::optional<std::vector<std::string>> collection(const Node& node) {
    const Node list = evaluator_.evaluate(node);
    if (list.is(NodeKind::Unknown)) return std::nullopt;
    std::vector<std::string> values;
    for (const Node& item : list.items) {
      if (!item.is_scalar()) {
        problems_.add(item.position, "a collection of Fn::ForEach holds text only", "use parameters or written text");
        return std::nullopt;
      }
      values.push_back(item.text);
    }
    if (!list.is(NodeKind::List)) {
      problems_.add(node.position, "the collection of Fn::ForEach must be a list, not " + std::string(kind_name(list.kind)),
                    "write `[a, b]`");
      return std::nullopt;
    }
    return values;
  }

  void expand_loop(const Member& loop, std::size_t loops, Members& out) {
    const Node& body = loop.value;
    if (!loop.key.starts_with("Fn::ForEach::") || loop.key.size() <= prefix.size() + 2) {
      return problems_.add(loop.key_position, "a loop is named: `Fn::ForEach::Name`", "give it a name that is unique in the template");
    }
    if (loops > deepest_loop) return problems_.add(loop.key_position, "loops nest more than 5 deep", "flatten them");
    if (!body.is(NodeKind::List) || body.items.size() != 3 || !body.items[0].is(NodeKind::String) || !body.items[2].is(NodeKind::Map)) {
      return problems_.add(loop.key_position, "`" + loop.key + "` takes an identifier, a list and a map",
                           "write `[Name, [a, b], {\"Key${Name}\": ...}]`");
    }
    const auto values = collection(body.items[1]);
    if (!values) return;
    for (const std::string& value : *values) {
      const Binding binding{body.items[0].text, value};
      Node round = bound(body.items[2], binding);
      if (full_) return;
      expand(round, loops);
      for (Member& member : round.members) out.add(std::move(member), problems_);
    }
  }

  void charge(std::size_t nodes, std::size_t bytes, Position at) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ <= TemplateLimits::nodes && bytes_ <= TemplateLimits::expanded_bytes) return;
    if (!full_) problems_.add(at, "Fn::ForEach makes more than 100,000 values or 4 MB of text", "loop over less");
    full_ = true;
  }

  // `${Name}` becomes the value, `&{Name}` the value without what is no letter or digit (for logical ids).
  std::string bind_text(const std::string& text, const Binding& binding, Position at) {
    std::string bare;
    for (const char c : binding.value) {
      if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) bare += c;
    }
    std::string result;
    std::string_view rest = text;
    while (!rest.empty() && !full_) {
      const std::size_t start = rest.find("{" + binding.name + "}");
      const char before = start == std::string_view::npos || start == 0 ? '\0' : rest[start - 1];
      if (before != '$' && before != '&') {
        const std::size_t taken = start == std::string_view::npos ? rest.size() : start + 1;
        result += rest.substr(0, taken);
        rest.remove_prefix(taken);
        continue;
      }
      const std::string& value = before == '$' ? binding.value : bare;
      charge(0, value.size(), at);
      result += rest.substr(0, start - 1);
      result += value;
      rest.remove_prefix(start + binding.name.size() + 2);
    }
    charge(0, text.size(), at);
    return result;
  }

  // A copy with the identifier replaced: {"Ref": identifier}, and ${identifier} in all text and keys.
  Node bound(const Node& node, const Binding& binding) {
    charge(1, 0, node.position);
    if (full_) return Node{};
    if (const Member* call = function_call(node); call != nullptr && call->key == "Ref" && call->value.text == binding.name) {
      return make_string(binding.value, node.position);
    }
    Node copy;
    copy.kind = node.kind;
    copy.position = node.position;
    copy.text = node.is(NodeKind::String) ? bind_text(node.text, binding, node.position) : node.text;
    for (const Node& item : node.items) copy.items.push_back(bound(item, binding));
    for (const Member& member : node.members) {
      copy.members.push_back({bind_text(member.key, binding, member.key_position), member.key_position, bound(member.value, binding)});
    }
    return copy;
  }

  Evaluator evaluator_;
  Problems& problems_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace

void expand_loops(Node& root, const EvaluationContext& context, Problems& problems) {
  LoopExpander expander(context, problems);
  for (const char* section : {"Conditions", "Resources", "Outputs"}) {
    if (Node* node = root.find(section); node != nullptr) expander.expand(*node, 0);
  }
}

}  // namespace surgetank::stack
