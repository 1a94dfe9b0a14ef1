#pragma once
// One element of a leaf in an event pattern: a value to be equal to, or an operator. Compiled from JSON, applied to the scalar values
// of a document. Immutable, any thread; applying never fails. Grammar and sources: event_pattern.h.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json_value.h"

namespace surgetank::lambda {

// Text with '*' for any characters; "\*" and "\\" stand for themselves. nullopt: two stars side by side or a wrong escape.
class WildcardText {
 public:
  static std::optional<WildcardText> compile(std::string_view text);
  bool matches(std::string_view text) const;

 private:
  std::vector<std::string> pieces_;  // between the stars
};

// A block of addresses, "10.0.0.0/24" or "2001:db8::/32"; an address without length is a block of one.
class AddressBlock {
 public:
  static std::optional<AddressBlock> compile(std::string_view text);
  bool contains(std::string_view address) const;

 private:
  std::string bytes_;
  int bits_ = 0;
};

class LeafCondition {
 public:
  // Error: what is wrong, as a message of InvalidParameterValueException.
  static Result<LeafCondition> compile(const JsonValue& element);

  // {"exists": ..} looks at whether there is a value at all; the others at values.
  std::optional<bool> wanted_existence() const { return existence_; }
  bool accepts(const JsonValue& scalar) const;

 private:
  enum class Kind : std::uint8_t {
    Equal,
    EqualIgnoringCase,
    Prefix,
    PrefixIgnoringCase,
    Suffix,
    SuffixIgnoringCase,
    Wildcard,
    Address,
    Numeric
  };
  struct Bound {
    double value = 0;
    bool is_included = true;
  };
  struct Range {
    Bound least{-std::numeric_limits<double>::infinity(), true};
    Bound most{std::numeric_limits<double>::infinity(), true};
    bool contains(double value) const;
  };

  Result<Unit> compile_operator(std::string_view name, const JsonValue& argument);
  Result<Unit> compile_affix(Kind plain, Kind ignoring_case, std::string_view name, const JsonValue& argument);
  Result<Unit> compile_text(Kind kind, std::string_view name, const JsonValue& argument);
  Result<Unit> compile_anything_but(const JsonValue& argument);
  Result<Unit> compile_numeric(const JsonValue& argument);
  bool accepts_any(const JsonValue& scalar) const;
  bool accepts_text(std::string_view text) const;

  Kind kind_ = Kind::Equal;
  bool is_negated_ = false;  // anything-but
  std::optional<bool> existence_;
  std::vector<JsonValue> values_;   // Equal
  std::vector<std::string> texts_;  // of the kinds that compare text; lower case where case is ignored
  std::vector<WildcardText> wildcards_;
  std::vector<AddressBlock> blocks_;
  Range range_;
};

}  // namespace surgetank::lambda
