#include "services/logs/filter_pattern.h"

#include <re2/re2.h>

#include "base/text.h"
#include "services/logs/errors.h"
#include "services/logs/filter_nodes.h"
#include "services/logs/limits.h"

namespace surgetank::logs {
namespace {

struct MatchAll final : FilterPattern::Node {
  bool matches(std::string_view) const override { return true; }
};

// Terms: every required one, none of the excluded, and one of the optional ones if there are any.
struct Terms final : FilterPattern::Node {
  struct Term {
    std::string text;
    std::shared_ptr<const Regex> regex;
    bool found_in(std::string_view message) const { return regex ? regex->found_in(message) : contains(message, text); }
  };
  std::vector<Term> required;
  std::vector<Term> excluded;
  std::vector<Term> any_of;

  bool matches(std::string_view message) const override {
    for (const auto& term : required)
      if (!term.found_in(message)) return false;
    for (const auto& term : excluded)
      if (term.found_in(message)) return false;
    if (any_of.empty()) return true;
    for (const auto& term : any_of)
      if (term.found_in(message)) return true;
    return false;
  }
};

// Reads one term: "phrase" with \" escapes, %regex%, or a word.
Result<Terms::Term> read_term(std::string_view& text) {
  Terms::Term term;
  if (text.front() == '%') {
    const auto end = text.find('%', 1);
    if (end == std::string_view::npos) return invalid_pattern("a regular expression ends with %");
    term.regex = Regex::compile(text.substr(1, end - 1));
    if (!term.regex) return invalid_pattern("the regular expression is not valid");
    text.remove_prefix(end + 1);
    return term;
  }
  if (text.front() != '"') {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    term.text = text.substr(0, end);
    text.remove_prefix(end);
    return term;
  }
  std::size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    term.text += text[i];
  }
  if (i == text.size()) return invalid_pattern("a quoted term ends with \"");
  text.remove_prefix(i + 1);
  return term;
}

}  // namespace

struct Regex::Impl {
  explicit Impl(std::string_view expression) : re(expression, options()) {}
  static re2::RE2::Options options() {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(1 << 20);
    return options;
  }
  re2::RE2 re;
};

std::shared_ptr<const Regex> Regex::compile(std::string_view expression) {
  auto impl = std::make_shared<const Impl>(expression);
  if (!impl->re.ok()) return nullptr;
  auto regex = std::make_shared<Regex>();
  regex->impl_ = impl;
  return regex;
}

bool Regex::found_in(std::string_view text) const { return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), impl_->re); }

Error invalid_pattern(std::string_view why) { return {&InvalidParameterException, "Invalid filter pattern: " + std::string(why)}; }

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool Comparison::holds(std::string_view value) const {
  if (op == Operator::Equal || op == Operator::NotEqual) {
    bool equal = false;
    if (regex) {
      equal = regex->found_in(value);
    } else if (const auto n = number ? parse_double(value) : std::nullopt) {
      equal = *n == *number;
    } else {
      equal = matches_wildcard(text, value);
    }
    return equal == (op == Operator::Equal);
  }
  const auto n = parse_double(value);
  if (!n || !number) return false;
  switch (op) {
    case Operator::Less:
      return *n < *number;
    case Operator::LessOrEqual:
      return *n <= *number;
    case Operator::Greater:
      return *n > *number;
    default:
      return *n >= *number;
  }
}

std::optional<Comparison::Operator> read_operator(std::string_view& text) {
  using Operator = Comparison::Operator;
  constexpr std::pair<std::string_view, Operator> operators[] = {
      {"!=", Operator::NotEqual}, {"<=", Operator::LessOrEqual}, {">=", Operator::GreaterOrEqual},
      {"=", Operator::Equal},     {"<", Operator::Less},         {">", Operator::Greater}};
  for (const auto& [sign, op] : operators) {
    if (text.substr(0, sign.size()) != sign) continue;
    text.remove_prefix(sign.size());
    return op;
  }
  return std::nullopt;
}

Result<Comparison> make_comparison(Comparison::Operator op, std::string_view constant, bool quoted) {
  Comparison comparison;
  comparison.op = op;
  comparison.text = constant;
  if (!quoted && constant.size() >= 2 && constant.front() == '%' && constant.back() == '%') {
    comparison.regex = Regex::compile(constant.substr(1, constant.size() - 2));
    if (!comparison.regex) return invalid_pattern("the regular expression is not valid");
    return comparison;
  }
  if (!quoted) comparison.number = parse_double(constant);
  const bool ordering = op != Comparison::Operator::Equal && op != Comparison::Operator::NotEqual;
  if (ordering && !comparison.number) return invalid_pattern("a number is expected after <, <=, > and >=");
  return comparison;
}

void FilterPattern::Node::extract(std::string_view, std::map<std::string, std::string>&) const {}

Result<FilterNode> parse_terms(std::string_view text) {
  auto terms = std::make_shared<Terms>();
  for (text = trim(text); !text.empty(); text = trim(text)) {
    auto* list = &terms->required;
    if (text.size() > 1 && (text.front() == '-' || text.front() == '?')) {
      list = text.front() == '-' ? &terms->excluded : &terms->any_of;
      text.remove_prefix(1);
    }
    SURGE_TRY(term, read_term(text));
    list->push_back(std::move(term));
  }
  // AWS: with required terms the optional ones have no say.
  if (!terms->required.empty()) terms->any_of.clear();
  return FilterNode(terms);
}

Result<FilterPattern> FilterPattern::parse(std::string_view text) {
  if (text.size() > limits::filter_pattern_characters) return invalid_pattern("at most 1024 characters");
  text = trim(text);
  FilterPattern pattern;
  if (text.empty()) {
    pattern.root_ = std::make_shared<MatchAll>();
    return pattern;
  }
  auto node = text.front() == '{' ? parse_json_filter(text) : text.front() == '[' ? parse_fields(text) : parse_terms(text);
  if (!node.ok()) return std::move(node.error());
  pattern.root_ = std::move(*node);
  return pattern;
}

bool FilterPattern::matches(std::string_view message) const { return root_->matches(message); }

std::map<std::string, std::string> FilterPattern::extract(std::string_view message) const {
  std::map<std::string, std::string> out;
  root_->extract(message, out);
  return out;
}

}  // namespace surgetank::logs
