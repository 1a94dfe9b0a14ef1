#include "net/http_head.h"

#include <cstring>

#include "base/text.h"
#include "net/http_chars.h"

namespace surgetank {

LineFinder::Found LineFinder::next(std::string_view head) {
  const auto* from = head.data() + searched_;
  const auto* feed = searched_ < head.size() ? static_cast<const char*>(std::memchr(from, '\n', head.size() - searched_)) : nullptr;
  const auto end = feed != nullptr ? static_cast<std::size_t>(feed - head.data()) + 1 : head.size();
  // The limits count the line end too, and judge a line that is still growing exactly as they will judge it when it is whole.
  if (first_ && end - next_begin_ > limits_.first_line_bytes) return Found::FirstLineTooLong;
  if (end > limits_.all_bytes) return Found::TooLong;
  if (feed == nullptr) {
    searched_ = head.size();
    return Found::NeedMore;
  }
  if (end - next_begin_ < 2 || head[end - 2] != '\r') return Found::BareLineFeed;
  begin_ = next_begin_;
  size_ = end - begin_ - 2;
  next_begin_ = end;
  searched_ = end;
  first_ = false;
  return Found::Line;
}

void LineFinder::restart() {
  begin_ = size_ = next_begin_ = searched_ = 0;
  first_ = true;
}

std::optional<HttpHeader> parse_field_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const HttpHeader field{line.substr(0, colon), trim(line.substr(colon + 1))};
  if (!all_in(field.name, CharClass::Token) || !all_in(field.value, CharClass::FieldValue)) return std::nullopt;
  return field;
}

std::optional<std::uint64_t> parse_content_length(std::string_view value) {
  if (value.empty() || value.size() > 18) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::nullopt;
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return length;
}

bool list_holds(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (equals_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace surgetank
