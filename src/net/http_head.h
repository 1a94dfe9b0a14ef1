#pragma once
// What the heads of requests and responses have in common: finding lines in bytes that arrive in pieces, and field lines.
// Works on offsets into the head, which the owner keeps and may move. One owner, one thread; nothing throws.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/http.h"

namespace surgetank {

// What an answer is for: one to HEAD has the framing headers of a body, but none.
enum class AnswerTo : std::uint8_t { Head, OtherMethod };

// Finds the lines of a head one after the other. The first line has a limit of its own.
class LineFinder {
 public:
  struct Limits {
    std::size_t first_line_bytes = 0;
    std::size_t all_bytes = 0;
  };
  enum class Found : std::uint8_t { Line, NeedMore, FirstLineTooLong, TooLong, BareLineFeed };

  explicit LineFinder(Limits limits) : limits_(limits) {}
  // `head`: everything since the beginning, as far as it has arrived (it may hold what follows the head). On Line, `begin` and
  // `size` delimit the line without its CRLF.
  Found next(std::string_view head);
  std::size_t begin() const { return begin_; }
  std::size_t size() const { return size_; }
  std::size_t end() const { return next_begin_; }  // just after the last line found
  void skip_line_for_limits() { first_ = true; }   // the line just found was not the first one after all
  void restart();

 private:
  Limits limits_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
  std::size_t next_begin_ = 0;
  std::size_t searched_ = 0;
  bool first_ = true;
};

// "Name: value" -> views into the line, the value trimmed. nullopt for what is not exactly a field line of RFC 9112 section 5
// (no colon, empty name, space before the colon, folded line, control characters).
std::optional<HttpHeader> parse_field_line(std::string_view line);

// Decimal digits only, at most 18 of them.
std::optional<std::uint64_t> parse_content_length(std::string_view value);

// True if the comma-separated list holds `token` (any case).
bool list_holds(std::string_view list, std::string_view token);

}  // namespace surgetank
