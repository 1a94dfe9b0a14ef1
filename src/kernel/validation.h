#pragma once
// Constraint checks worded as AWS's generated validators word them; all violations of a request are reported at once:
//   2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or
//   equal to 1; Value '99' at 'maxResults' failed to satisfy constraint: ...
// Pure; `path` is the member's wire name as the service spells it in errors (usually lower camel case).
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace surgetank {

class Validation {
 public:
  // An absent value violates nothing. Lengths are in characters of UTF-8.
  Validation& length(std::string_view path, std::optional<std::string_view> value, std::size_t least, std::size_t most);
  Validation& range(std::string_view path, std::optional<std::int64_t> value, std::int64_t least, std::int64_t most);
  Validation& one_of(std::string_view path, std::optional<std::string_view> value, std::initializer_list<std::string_view> allowed);
  // `pattern` is only shown; `matches` says whether the value satisfies it.
  Validation& pattern(std::string_view path, std::string_view value, std::string_view pattern, bool matches);
  // Error of code `code`, or fine.
  Result<Unit> finish(const ErrorCode& code) const;

 private:
  void violation(std::string_view path, std::string_view value, const std::string& constraint);
  std::vector<std::string> violations_;
};

}  // namespace surgetank
