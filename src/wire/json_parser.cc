// parse_json and check_json: one strict recursive-descent parser (RFC 8259) that builds a JsonValue or nothing at all.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "wire/errors.h"
#include "wire/json_value.h"
#include "wire/utf8.h"

namespace surgetank {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A repeated name keeps its first place and its last value.
void remove_repeated_names(JsonObject& fields) {
  std::vector<std::size_t> order(fields.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return fields[a].name < fields[b].name; });
  std::vector<bool> repeated(fields.size());
  bool any = false;
  for (std::size_t first = 0, next = 1; next < order.size(); ++next) {
    if (fields[order[first]].name != fields[order[next]].name) {
      first = next;
      continue;
    }
    fields[order[first]].value = std::move(fields[order[next]].value);
    repeated[order[next]] = any = true;
  }
  if (!any) return;
  std::size_t index = 0;
  std::erase_if(fields, [&](const JsonField&) { return repeated[index++]; });
}

// Null targets mean: check only.
class JsonParser {
 public:
  JsonParser(std::string_view text, JsonLimits limits) : text_(text), limits_(limits) {}

  bool parse_document(JsonValue* out) {
    if (!has_only_valid_text()) return fail("the text is not UTF-8");
    skip_space();
    if (!parse_value(out, limits_.max_depth)) return false;
    skip_space();
    return at_ == text_.size() || fail("unexpected text after the value");
  }
  Error error() && { return std::move(error_); }

 private:
  bool has_only_valid_text() const { return wire::has_only_ascii(text_) || is_valid_utf8(text_); }

  bool fail(std::string_view what, const ErrorCode& code = wire::serialization_error) {
    error_ = {&code, "Unexpected token in JSON at position " + std::to_string(at_) + ": " + std::string(what)};
    return false;
  }
  bool fail_limit(std::string_view what) { return fail(what, wire::too_complex); }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }

  bool parse_value(JsonValue* out, int depth_left) {
    if (++nodes_ > limits_.max_nodes) return fail_limit("the document has too many values");
    switch (peek()) {
      case '{':
        return parse_object(out, depth_left);
      case '[':
        return parse_array(out, depth_left);
      case '"': {
        std::string text;
        if (!parse_string(out == nullptr ? nullptr : &text)) return false;
        if (out != nullptr) *out = JsonValue::string(std::move(text));
        return true;
      }
      case 't':
        return parse_word("true", out, JsonValue::boolean(true));
      case 'f':
        return parse_word("false", out, JsonValue::boolean(false));
      case 'n':
        return parse_word("null", out, JsonValue());
      default:
        return parse_number(out);
    }
  }

  bool parse_word(std::string_view word, JsonValue* out, JsonValue value) {
    if (text_.substr(at_, word.size()) != word) return fail("not a JSON value");
    at_ += word.size();
    if (out != nullptr) *out = std::move(value);
    return true;
  }

  bool take_digits() {
    if (!is_digit(peek())) return fail("not a JSON value");
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool parse_number(JsonValue* out) {
    const auto start = at_;
    take('-');
    if (peek() == '0') {
      ++at_;
    } else if (!take_digits()) {
      return false;
    }
    if (take('.') && !take_digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!take_digits()) return false;
    }
    if (out != nullptr) *out = JsonValue::number_text(std::string(text_.substr(start, at_ - start)));
    return true;
  }

  bool parse_array(JsonValue* out, int depth_left) {
    if (depth_left <= 0) return fail_limit("the document is nested too deeply");
    ++at_;
    JsonArray elements;
    skip_space();
    if (!take(']')) {
      do {
        skip_space();
        JsonValue element;
        if (!parse_value(out == nullptr ? nullptr : &element, depth_left - 1)) return false;
        if (out != nullptr) elements.push_back(std::move(element));
        skip_space();
      } while (take(','));
      if (!take(']')) return fail("expected ',' or ']'");
    }
    if (out != nullptr) *out = JsonValue::array(std::move(elements));
    return true;
  }

  bool parse_object(JsonValue* out, int depth_left) {
    if (depth_left <= 0) return fail_limit("the document is nested too deeply");
    ++at_;
    JsonObject fields;
    skip_space();
    if (!take('}')) {
      do {
        skip_space();
        if (peek() != '"') return fail("expected a member's name");
        JsonField field;
        if (!parse_string(out == nullptr ? nullptr : &field.name)) return false;
        skip_space();
        if (!take(':')) return fail("expected ':'");
        skip_space();
        if (!parse_value(out == nullptr ? nullptr : &field.value, depth_left - 1)) return false;
        if (out != nullptr) fields.push_back(std::move(field));
        skip_space();
      } while (take(','));
      if (!take('}')) return fail("expected ',' or '}'");
    }
    if (out == nullptr) return true;
    remove_repeated_names(fields);
    *out = JsonValue::object(std::move(fields));
    return true;
  }

  bool parse_string(std::string* out) {
    ++at_;
    auto copied = at_;
    const auto flush = [&] {
      if (out != nullptr) out->append(text_, copied, at_ - copied);
    };
    for (; at_ < text_.size(); ++at_) {
      while (at_ + 8 < text_.size() && wire::is_plain_block(text_.data() + at_)) at_ += 8;
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return fail("control character in a string");
      if (c == '"') {
        flush();
        ++at_;
        return true;
      }
      if (c != '\\') continue;
      flush();
      if (!parse_escape(out)) return false;
      copied = at_--;  // the loop steps on
    }
    return fail("the string has no end");
  }

  // At the backslash; leaves the position behind the escape.
  bool parse_escape(std::string* out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    ++at_;
    const char letter = peek();
    if (letter == 'u') return parse_unicode_escape(out);
    const auto index = letters.find(letter);
    if (at_ >= text_.size() || index == std::string_view::npos) return fail("unknown escape in a string");
    if (out != nullptr) *out += meanings[index];
    ++at_;
    return true;
  }

  // At the 'u' of \uXXXX. An unpaired surrogate is no character; JavaScript writes them, so they become U+FFFD.
  bool parse_unicode_escape(std::string* out) {
    std::uint32_t code = 0;
    if (!read_unit(code)) return fail("broken \\u escape");
    const bool high = code >= 0xd800 && code <= 0xdbff;
    if (high && text_.substr(at_, 2) == "\\u") {
      const auto resume = at_;
      ++at_;
      std::uint32_t low = 0;
      if (!read_unit(low)) return fail("broken \\u escape");
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = resume;
      }
    }
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    if (out != nullptr) wire::append_code_point(*out, code);
    return true;
  }

  bool read_unit(std::uint32_t& code) {
    const auto bytes = from_hex(text_.substr(std::min(at_ + 1, text_.size()), 4));
    if (!bytes || bytes->size() != 2) return false;
    at_ += 5;
    code = static_cast<std::uint32_t>(static_cast<unsigned char>((*bytes)[0])) << 8 | static_cast<unsigned char>((*bytes)[1]);
    return true;
  }

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
  Error error_;
};

}  // namespace

Result<JsonValue> parse_json(std::string_view text, JsonLimits limits) {
  JsonValue value;
  JsonParser parser(text, limits);
  if (!parser.parse_document(&value)) return std::move(parser).error();
  return value;
}

Result<Unit> check_json(std::string_view text, JsonLimits limits) {
  JsonParser parser(text, limits);
  if (!parser.parse_document(nullptr)) return std::move(parser).error();
  return Unit{};
}

}  // namespace surgetank
