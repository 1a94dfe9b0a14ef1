// mask_sql: a small scanner of PostgreSQL's lexical structure (chapter 4.1 of its documentation).
#include <algorithm>

#include "engine/postgres_protocol.h"

namespace surgetank {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_name(char c) { return is_name_start(c) || is_digit(c) || c == '$'; }

class Masker {
 public:
  Masker(std::string_view sql, std::size_t limit) : sql_(sql), limit_(limit) {}

  std::string run() {
    while (at_ < sql_.size() && out_.size() < limit_) step();
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    if (out_.size() > limit_) cut();
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void step() {
    const char c = peek();
    if (is_space(c)) return space(1);
    if (c == '-' && peek(1) == '-') return space(std::min(sql_.find('\n', at_), sql_.size()) - at_);
    if (c == '/' && peek(1) == '*') return space(comment_length());
    if (c == '\'') return literal(quoted_length('\'', false));
    if (c == '"') return copy(quoted_length('"', false));
    if (c == '$') return dollar();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return literal(number_length());
    if (is_name_start(c)) return name();
    copy(1);
  }

  void space(std::size_t length) {
    at_ += length;
    if (!out_.empty() && out_.back() != ' ') out_ += ' ';
  }
  void copy(std::size_t length) {
    out_ += sql_.substr(at_, length);
    at_ += length;
  }
  void literal(std::size_t length) {
    out_ += '?';
    at_ += length;
  }

  // E'..', B'..', X'..', N'..': the letter belongs to the literal.
  void name() {
    std::size_t length = 1;
    while (is_name(peek(length))) ++length;
    if (length == 1 && peek(1) == '\'') {
      const char letter = static_cast<char>(peek() | 0x20);
      if (letter == 'e' || letter == 'b' || letter == 'x' || letter == 'n') {
        at_ += 1;
        return literal(quoted_length('\'', letter == 'e'));
      }
    }
    copy(length);
  }

  std::size_t quoted_length(char quote, bool escapes) const {
    for (std::size_t i = at_ + 1; i < sql_.size(); ++i) {
      if (escapes && sql_[i] == '\\') {
        ++i;
      } else if (sql_[i] == quote) {
        if (i + 1 < sql_.size() && sql_[i + 1] == quote) {
          ++i;
        } else {
          return i + 1 - at_;
        }
      }
    }
    return sql_.size() - at_;
  }

  std::size_t comment_length() const {
    std::size_t depth = 0;
    for (std::size_t i = at_; i + 1 < sql_.size(); ++i) {
      if (sql_[i] == '/' && sql_[i + 1] == '*') {
        ++depth;
        ++i;
      } else if (sql_[i] == '*' && sql_[i + 1] == '/') {
        ++i;
        if (--depth == 0) return i + 1 - at_;
      }
    }
    return sql_.size() - at_;
  }

  std::size_t number_length() const {
    std::size_t length = 0;
    const auto is_sign = [this](std::size_t at) { return (peek(at) == '+' || peek(at) == '-') && at > 0 && (peek(at - 1) | 0x20) == 'e'; };
    while (is_name(peek(length)) || peek(length) == '.' || is_sign(length)) ++length;
    return length;
  }

  // $1 stays; $tag$...$tag$ is a literal.
  void dollar() {
    std::size_t length = 1;
    if (is_digit(peek(1))) {
      while (is_digit(peek(length))) ++length;
      return copy(length);
    }
    while (is_name(peek(length)) && peek(length) != '$') ++length;
    if (peek(length) != '$') return copy(length);
    const auto tag = sql_.substr(at_, length + 1);
    const auto end = sql_.find(tag, at_ + tag.size());
    literal(end == std::string_view::npos ? sql_.size() - at_ : end + tag.size() - at_);
  }

  // Not in the middle of a character.
  void cut() {
    auto length = limit_;
    while (length > 0 && (static_cast<unsigned char>(out_[length]) & 0xc0) == 0x80) --length;
    out_.resize(length);
  }

  std::string_view sql_;
  std::size_t limit_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string mask_sql(std::string_view sql, std::size_t limit) { return Masker(sql, limit).run(); }

}  // namespace surgetank
