#pragma once
// The parsed forms of a filter pattern (filter_pattern.h): one kind of node a grammar. Internal to the service.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/logs/filter_pattern.h"

namespace surgetank::logs {

struct FilterPattern::Node {
  virtual ~Node() = default;
  virtual bool matches(std::string_view message) const = 0;
  virtual void extract(std::string_view message, std::map<std::string, std::string>& out) const;
};
using FilterNode = std::shared_ptr<const FilterPattern::Node>;

Error invalid_pattern(std::string_view why);

// One comparison of a field with a constant; text constants may hold '*' (any text) and be regular expressions.
struct Comparison {
  enum class Operator : unsigned char { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
  Operator op = Operator::Equal;
  std::string text;
  std::optional<double> number;              // the constant as a number, if it is one
  std::shared_ptr<const class Regex> regex;  // %...%
  bool holds(std::string_view value) const;
};
std::optional<Comparison::Operator> read_operator(std::string_view& text);
Result<Comparison> make_comparison(Comparison::Operator op, std::string_view constant, bool quoted);

// RE2 behind a plain face. Throws nothing; null if the expression is not valid.
class Regex {
 public:
  static std::shared_ptr<const Regex> compile(std::string_view expression);
  bool found_in(std::string_view text) const;
  struct Impl;

 private:
  std::shared_ptr<const Impl> impl_;
};

// "*" stands for any text.
bool matches_wildcard(std::string_view pattern, std::string_view text);

Result<FilterNode> parse_terms(std::string_view text);
Result<FilterNode> parse_fields(std::string_view text);       // [ ... ]
Result<FilterNode> parse_json_filter(std::string_view text);  // { ... }

}  // namespace surgetank::logs
