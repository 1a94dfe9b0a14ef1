#include "kernel/validation.h"

#include <algorithm>

namespace surgetank {
namespace {

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

void Validation::violation(std::string_view path, std::string_view value, const std::string& constraint) {
  violations_.push_back("Value '" + std::string(value) + "' at '" + std::string(path) + "' failed to satisfy constraint: Member must " +
                        constraint);
}

Validation& Validation::length(std::string_view path, std::optional<std::string_view> value, std::size_t least, std::size_t most) {
  if (!value) return *this;
  const auto count = characters(*value);
  if (count < least) violation(path, *value, "have length greater than or equal to " + std::to_string(least));
  if (count > most) violation(path, *value, "have length less than or equal to " + std::to_string(most));
  return *this;
}

Validation& Validation::range(std::string_view path, std::optional<std::int64_t> value, std::int64_t least, std::int64_t most) {
  if (!value) return *this;
  if (*value < least) violation(path, std::to_string(*value), "have value greater than or equal to " + std::to_string(least));
  if (*value > most) violation(path, std::to_string(*value), "have value less than or equal to " + std::to_string(most));
  return *this;
}

Validation& Validation::one_of(std::string_view path, std::optional<std::string_view> value,
                               std::initializer_list<std::string_view> allowed) {
  if (!value || std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return *this;
  std::string set;
  for (const auto name : allowed) set += (set.empty() ? "" : ", ") + std::string(name);
  violation(path, *value, "satisfy enum value set: [" + set + "]");
  return *this;
}

Validation& Validation::pattern(std::string_view path, std::string_view value, std::string_view pattern, bool matches) {
  if (!matches) violation(path, value, "satisfy regular expression pattern: " + std::string(pattern));
  return *this;
}

Result<Unit> Validation::finish(const ErrorCode& code) const {
  if (violations_.empty()) return Unit{};
  const auto count = violations_.size();
  std::string text = std::to_string(count) + " validation error" + (count == 1 ? "" : "s") + " detected: ";
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : "; ") + violations_[i];
  return Error{&code, text};
}

}  // namespace surgetank
