// JSON patterns: { ($.level = "ERROR" || $.ms > 100) && $.user.name = a* && $.x NOT EXISTS }.
#include "base/text.h"
#include "services/logs/filter_nodes.h"
#include "wire/json_value.h"

namespace surgetank::logs {
namespace {

constexpr int deepest = 16;

struct Selector {
  struct Step {
    std::string name;                  // member
    std::optional<std::size_t> index;  // or array element
  };
  std::string text;  // as written: "$.a.b[0]"
  std::vector<Step> steps;

  const JsonValue* find(const JsonValue& root) const {
    const JsonValue* at = &root;
    for (const auto& step : steps) {
      if (step.index) {
        const auto* array = at->as_array();
        at = array != nullptr && *step.index < array->size() ? &(*array)[*step.index] : nullptr;
      } else {
        at = at->find(step.name);
      }
      if (at == nullptr) return nullptr;
    }
    return at;
  }
};

std::string text_of(const JsonValue& value) {
  if (const auto* text = value.as_string()) return *text;
  if (const auto* number = value.as_number_text()) return *number;
  if (const auto boolean = value.as_boolean()) return *boolean ? "true" : "false";
  return to_json(value);
}

struct Expression {
  virtual ~Expression() = default;
  virtual bool holds(const JsonValue& root) const = 0;
  virtual void selectors(std::vector<const Selector*>& out) const = 0;
};
using ExpressionPointer = std::unique_ptr<const Expression>;

struct Condition final : Expression {
  enum class Test : unsigned char { Compare, IsTrue, IsFalse, IsNull, NotExists, Exists } test = Test::Compare;
  Selector selector;
  Comparison comparison;

  bool holds(const JsonValue& root) const override {
    const auto* value = selector.find(root);
    if (test == Test::NotExists) return value == nullptr;
    if (value == nullptr) return false;
    switch (test) {
      case Test::Exists:
        return true;
      case Test::IsTrue:
        return value->as_boolean() == true;
      case Test::IsFalse:
        return value->as_boolean() == false;
      case Test::IsNull:
        return value->is_null();
      default:
        return !value->is_object() && !value->is_array() && !value->is_null() && comparison.holds(text_of(*value));
    }
  }
  void selectors(std::vector<const Selector*>& out) const override { out.push_back(&selector); }
};

struct Junction final : Expression {
  enum class Kind : unsigned char { And, Or } kind = Kind::And;
  std::vector<ExpressionPointer> parts;
  bool holds(const JsonValue& root) const override {
    const bool wanted = kind == Kind::Or;
    for (const auto& part : parts)
      if (part->holds(root) == wanted) return wanted;
    return !wanted;
  }
  void selectors(std::vector<const Selector*>& out) const override {
    for (const auto& part : parts) part->selectors(out);
  }
};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<ExpressionPointer> parse() {
    auto expression = parse_or(0);
    skip();
    if (expression.ok() && !rest_.empty()) return invalid_pattern("unexpected '" + std::string(rest_.substr(0, 12)) + "'");
    return expression;
  }

 private:
  void skip() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip();
    if (rest_.substr(0, token.size()) != token) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  bool take_word(std::string_view word) {
    skip();
    if (!equals_ignoring_case(rest_.substr(0, word.size()), word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  Result<ExpressionPointer> parse_or(int depth) { return parse_junction(Junction::Kind::Or, "||", depth); }
  Result<ExpressionPointer> parse_and(int depth) { return parse_junction(Junction::Kind::And, "&&", depth); }

  Result<ExpressionPointer> parse_junction(Junction::Kind kind, std::string_view sign, int depth) {
    auto junction = std::make_unique<Junction>();
    junction->kind = kind;
    do {
      auto part = kind == Junction::Kind::Or ? parse_and(depth) : parse_primary(depth);
      if (!part.ok()) return part;
      junction->parts.push_back(std::move(*part));
    } while (take(sign));
    if (junction->parts.size() == 1) return std::move(junction->parts.front());
    return ExpressionPointer(std::move(junction));
  }

  Result<ExpressionPointer> parse_primary(int depth) {
    if (depth > deepest) return invalid_pattern("nested too deeply");
    if (take("(")) {
      auto inner = parse_or(depth + 1);
      if (inner.ok() && !take(")")) return invalid_pattern(") is expected");
      return inner;
    }
    auto condition = std::make_unique<Condition>();
    SURGE_TRY(selector, parse_selector());
    condition->selector = std::move(selector);
    using Test = Condition::Test;
    if (take_word("IS")) {
      condition->test = take_word("TRUE")    ? Test::IsTrue
                        : take_word("FALSE") ? Test::IsFalse
                        : take_word("NULL")  ? Test::IsNull
                                             : Test::Compare;
      if (condition->test == Test::Compare) return invalid_pattern("IS takes TRUE, FALSE or NULL");
    } else if (take_word("NOT")) {
      if (!take_word("EXISTS")) return invalid_pattern("NOT takes EXISTS");
      condition->test = Test::NotExists;
    } else if (take_word("EXISTS")) {
      condition->test = Test::Exists;
    } else {
      SURGE_CHECK(parse_comparison(*condition));
    }
    return ExpressionPointer(std::move(condition));
  }

  Result<Unit> parse_comparison(Condition& condition) {
    skip();
    const auto op = read_operator(rest_);
    if (!op) return invalid_pattern("an operator is expected after " + condition.selector.text);
    skip();
    const bool quoted = !rest_.empty() && rest_.front() == '"';
    std::string constant;
    if (quoted) {
      std::size_t i = 1;
      for (; i < rest_.size() && rest_[i] != '"'; ++i) {
        if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
        constant += rest_[i];
      }
      if (i >= rest_.size()) return invalid_pattern("a quoted value ends with \"");
      rest_.remove_prefix(i + 1);
    } else {
      const auto end = std::min(rest_.front() == '%' ? rest_.find('%', 1) + 1 : rest_.find_first_of(" )&|\t\n"), rest_.size());
      constant = rest_.substr(0, end);
      rest_.remove_prefix(end);
    }
    if (constant.empty() && !quoted) return invalid_pattern("a value is expected after " + condition.selector.text);
    SURGE_TRY(comparison, make_comparison(*op, constant, quoted));
    condition.comparison = std::move(comparison);
    return Unit{};
  }

  Result<Selector> parse_selector() {
    skip();
    Selector selector;
    const auto start = rest_;
    if (!take("$")) return invalid_pattern("a selector starts with $.");
    while (!rest_.empty() && (rest_.front() == '.' || rest_.front() == '[')) {
      const bool bracket = rest_.front() == '[';
      rest_.remove_prefix(1);
      const auto end = bracket ? rest_.find(']') : std::min(rest_.find_first_of(" .[)=!<>&|\t\n"), rest_.size());
      if (end == std::string_view::npos || end == 0) return invalid_pattern("the selector is not complete");
      auto name = rest_.substr(0, end);
      rest_.remove_prefix(end + (bracket ? 1 : 0));
      if (bracket && name.size() >= 2 && (name.front() == '\'' || name.front() == '"')) {
        selector.steps.push_back({std::string(name.substr(1, name.size() - 2)), std::nullopt});
        continue;
      }
      if (!bracket) {
        selector.steps.push_back({std::string(name), std::nullopt});
        continue;
      }
      const auto index = parse_integer(name).value_or(-1);
      if (index < 0) return invalid_pattern("an index or a quoted name is expected in []");
      selector.steps.push_back({std::string(name), static_cast<std::size_t>(index)});
    }
    if (selector.steps.empty()) return invalid_pattern("a selector starts with $.");
    selector.text = start.substr(0, start.size() - rest_.size());
    return selector;
  }

  std::string_view rest_;
};

struct JsonFilter final : FilterPattern::Node {
  ExpressionPointer expression;

  bool matches(std::string_view message) const override {
    const auto document = parse_json(message);
    return document.ok() && expression->holds(*document);
  }
  void extract(std::string_view message, std::map<std::string, std::string>& out) const override {
    const auto document = parse_json(message);
    if (!document.ok()) return;
    std::vector<const Selector*> selectors;
    expression->selectors(selectors);
    for (const auto* selector : selectors)
      if (const auto* value = selector->find(*document)) out[selector->text] = text_of(*value);
  }
};

}  // namespace

Result<FilterNode> parse_json_filter(std::string_view text) {
  if (text.back() != '}') return invalid_pattern("} is expected at the end");
  auto expression = Parser(text.substr(1, text.size() - 2)).parse();
  if (!expression.ok()) return std::move(expression.error());
  auto node = std::make_shared<JsonFilter>();
  node->expression = std::move(*expression);
  return FilterNode(node);
}

}  // namespace surgetank::logs
