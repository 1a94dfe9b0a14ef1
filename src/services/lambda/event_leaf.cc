#include "services/lambda/event_leaf.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "services/lambda/errors.h"

namespace surgetank::lambda {
namespace {

constexpr double largest_number = 5e9;  // of "numeric", as EventBridge bounds it

Error wrong(std::string reason) { return invalid_parameter("Invalid filter pattern definition. Reason: " + std::move(reason)); }

bool is_comparable(const JsonValue& value) { return value.is_string() || value.is_number(); }

// The elements of a list, or the value as the only one.
JsonArray listed(const JsonValue& argument) {
  const auto* elements = argument.as_array();
  return elements != nullptr ? *elements : JsonArray{argument};
}

}  // namespace

bool LeafCondition::Range::contains(double value) const {
  if (value < least.value || value > most.value) return false;
  return (value != least.value || least.is_included) && (value != most.value || most.is_included);
}

Result<LeafCondition> LeafCondition::compile(const JsonValue& element) {
  LeafCondition test;
  if (element.is_array()) return wrong("a list inside a list");
  const auto* fields = element.as_object();
  if (fields == nullptr) {
    test.values_.push_back(element);
    return test;
  }
  if (fields->size() != 1) return wrong("an operator is an object with exactly one member");
  SURGE_CHECK(test.compile_operator(fields->front().name, fields->front().value));
  return test;
}

Result<Unit> LeafCondition::compile_operator(std::string_view name, const JsonValue& argument) {
  if (name == "exists") {
    existence_ = argument.as_boolean();
    if (!existence_) return wrong("exists takes true or false");
    return Unit{};
  }
  if (name == "prefix") return compile_affix(Kind::Prefix, Kind::PrefixIgnoringCase, name, argument);
  if (name == "suffix") return compile_affix(Kind::Suffix, Kind::SuffixIgnoringCase, name, argument);
  if (name == "equals-ignore-case" || name == "wildcard" || name == "cidr") {
    if (!argument.is_string()) return wrong(std::string(name) + " takes a string");
    return compile_text(name == "wildcard" ? Kind::Wildcard : name == "cidr" ? Kind::Address : Kind::EqualIgnoringCase, name, argument);
  }
  if (name == "anything-but") return compile_anything_but(argument);
  if (name == "numeric") return compile_numeric(argument);
  return wrong("unrecognized match type " + std::string(name));
}

// {"prefix": "a"} or {"prefix": {"equals-ignore-case": "a"}}
Result<Unit> LeafCondition::compile_affix(Kind plain, Kind ignoring_case, std::string_view name, const JsonValue& argument) {
  const auto* fields = argument.as_object();
  if (fields == nullptr) return compile_text(plain, name, argument);
  if (fields->size() != 1 || fields->front().name != "equals-ignore-case") return wrong(std::string(name) + " takes a string");
  return compile_text(ignoring_case, name, fields->front().value);
}

// One string or, below anything-but, several.
Result<Unit> LeafCondition::compile_text(Kind kind, std::string_view name, const JsonValue& argument) {
  kind_ = kind;
  const bool ignores_case = kind == Kind::EqualIgnoringCase || kind == Kind::PrefixIgnoringCase || kind == Kind::SuffixIgnoringCase;
  if (argument.is_array() && (!is_negated_ || argument.as_array()->empty())) return wrong(std::string(name) + " takes a string");
  for (const auto& element : listed(argument)) {
    const auto* text = element.as_string();
    if (text == nullptr) return wrong(std::string(name) + " takes a string");
    if (kind == Kind::Wildcard) {
      auto wildcard = WildcardText::compile(*text);
      if (!wildcard) return wrong("wildcard with consecutive stars or an unfinished escape");
      wildcards_.push_back(std::move(*wildcard));
    } else if (kind == Kind::Address) {
      const auto block = AddressBlock::compile(*text);
      if (!block) return wrong("malformed CIDR " + *text);
      blocks_.push_back(*block);
    } else {
      texts_.push_back(ignores_case ? to_lower(*text) : *text);
    }
  }
  return Unit{};
}

Result<Unit> LeafCondition::compile_anything_but(const JsonValue& argument) {
  is_negated_ = true;
  if (const auto* fields = argument.as_object()) {
    if (fields->size() != 1) return wrong("anything-but takes one operator");
    const auto& [name, value] = fields->front();
    if (name == "prefix") return compile_affix(Kind::Prefix, Kind::PrefixIgnoringCase, name, value);
    if (name == "suffix") return compile_affix(Kind::Suffix, Kind::SuffixIgnoringCase, name, value);
    if (name == "equals-ignore-case") return compile_text(Kind::EqualIgnoringCase, name, value);
    if (name == "wildcard") return compile_text(Kind::Wildcard, name, value);
    return wrong("unsupported anything-but pattern " + name);
  }
  values_ = listed(argument);
  if (values_.empty()) return wrong("anything-but with an empty list");
  if (!std::all_of(values_.begin(), values_.end(), is_comparable)) return wrong("anything-but takes strings or numbers");
  return Unit{};
}

// ["=", 5] or [">", 0, "<=", 5]
Result<Unit> LeafCondition::compile_numeric(const JsonValue& argument) {
  kind_ = Kind::Numeric;
  const auto* elements = argument.as_array();
  if (elements == nullptr || (elements->size() != 2 && elements->size() != 4)) return wrong("numeric takes one or two comparisons");
  bool has_least = false;
  bool has_most = false;
  for (std::size_t i = 0; i < elements->size(); i += 2) {
    const auto* comparison = (*elements)[i].as_string();
    const auto number = (*elements)[i + 1].as_double();
    if (comparison == nullptr || !number) return wrong("numeric takes comparisons, each followed by a number");
    if (std::abs(*number) > largest_number) return wrong("numeric values are between -5.0e9 and 5.0e9");
    const Bound bound{.value = *number, .is_included = comparison->ends_with('=')};
    if (*comparison == "=") {
      if (elements->size() != 2) return wrong("numeric = stands alone");
      range_ = {.least = bound, .most = bound};
      return Unit{};
    }
    if ((*comparison == ">" || *comparison == ">=") && !has_least && !has_most) {
      range_.least = bound;
      has_least = true;
    } else if ((*comparison == "<" || *comparison == "<=") && !has_most) {
      range_.most = bound;
      has_most = true;
    } else {
      return wrong("unrecognized numeric range operator " + *comparison);
    }
  }
  if (has_least && has_most && range_.least.value >= range_.most.value) return wrong("the bottom of a range must be less than its top");
  return Unit{};
}

bool LeafCondition::accepts(const JsonValue& scalar) const {
  if (existence_) return *existence_;
  return accepts_any(scalar) != is_negated_;
}

bool LeafCondition::accepts_any(const JsonValue& scalar) const {
  if (kind_ == Kind::Equal) return std::find(values_.begin(), values_.end(), scalar) != values_.end();
  if (kind_ == Kind::Numeric) {
    const auto number = scalar.is_number() ? scalar.as_double() : std::nullopt;
    return number && range_.contains(*number);
  }
  const auto* text = scalar.as_string();
  return text != nullptr && accepts_text(*text);
}

bool LeafCondition::accepts_text(std::string_view text) const {
  if (kind_ == Kind::Wildcard)
    return std::any_of(wildcards_.begin(), wildcards_.end(), [&](const WildcardText& wildcard) { return wildcard.matches(text); });
  if (kind_ == Kind::Address)
    return std::any_of(blocks_.begin(), blocks_.end(), [&](const AddressBlock& block) { return block.contains(text); });
  const bool ignores_case = kind_ == Kind::EqualIgnoringCase || kind_ == Kind::PrefixIgnoringCase || kind_ == Kind::SuffixIgnoringCase;
  const std::string lowered = ignores_case ? to_lower(text) : std::string();
  const std::string_view subject = ignores_case ? std::string_view(lowered) : text;
  return std::any_of(texts_.begin(), texts_.end(), [&](const std::string& wanted) {
    if (kind_ == Kind::EqualIgnoringCase) return subject == wanted;
    if (kind_ == Kind::Prefix || kind_ == Kind::PrefixIgnoringCase) return subject.starts_with(wanted);
    return subject.ends_with(wanted);
  });
}

std::optional<WildcardText> WildcardText::compile(std::string_view text) {
  WildcardText wildcard;
  std::string piece;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i == text.size() || (text[i] != '*' && text[i] != '\\')) return std::nullopt;
      piece += text[i];
    } else if (text[i] == '*') {
      if (i > 0 && text[i - 1] == '*' && piece.empty()) return std::nullopt;
      wildcard.pieces_.push_back(std::move(piece));
      piece.clear();
    } else {
      piece += text[i];
    }
  }
  wildcard.pieces_.push_back(std::move(piece));
  return wildcard;
}

bool WildcardText::matches(std::string_view text) const {
  if (pieces_.size() == 1) return text == pieces_.front();
  const auto& first = pieces_.front();
  const auto& last = pieces_.back();
  if (text.size() < first.size() + last.size() || !text.starts_with(first) || !text.ends_with(last)) return false;
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  for (std::size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const auto at = text.find(pieces_[i]);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + pieces_[i].size());
  }
  return true;
}

}  // namespace surgetank::lambda
