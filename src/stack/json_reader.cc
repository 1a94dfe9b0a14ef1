// JSON templates and JSON values: RFC 8259, strict, with the place of every value.
#include <map>

#include "base/text.h"
#include "stack/template_node.h"

namespace surgetank::stack {
namespace {

class JsonReader {
 public:
  JsonReader(std::string_view text, std::size_t deepest, Problems& problems) : text_(text), deepest_(deepest), problems_(problems) {}

  std::optional<Node> read() {
    Node root;
    skip_space();
    if (!value(root, 1)) return std::nullopt;
    skip_space();
    if (at_ < text_.size()) return fail("text after the end of the JSON value"), std::nullopt;
    return root;
  }

 private:
  bool fail(std::string what, std::string advice = {}) {
    problems_.add(here(), std::move(what), std::move(advice));
    return false;
  }
  Position here() const { return {line_, static_cast<std::uint32_t>(at_ - line_start_ + 1)}; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
      ++at_;
      if (c == '\n') {
        ++line_;
        line_start_ = at_;
      }
    }
  }

  bool value(Node& node, std::size_t depth) {
    if (depth > deepest_) return fail("nested deeper than " + std::to_string(deepest_) + " levels", "flatten it");
    if (++nodes_ > TemplateLimits::nodes) return fail("more than 100,000 values", "split the template into several stacks");
    node.position = here();
    switch (peek()) {
      case '{':
        return map(node, depth);
      case '[':
        return list(node, depth);
      case '"':
        node.kind = NodeKind::String;
        return string(node.text);
      case 't':
        return word("true", NodeKind::Boolean, node);
      case 'f':
        return word("false", NodeKind::Boolean, node);
      case 'n':
        return word("null", NodeKind::Null, node);
      default:
        return number(node);
    }
  }

  bool word(std::string_view expected, NodeKind kind, Node& node) {
    if (text_.substr(at_, expected.size()) != expected) return fail("not a JSON value", "quote text");
    at_ += expected.size();
    node.kind = kind;
    if (kind == NodeKind::Boolean) node.text = expected;
    return true;
  }

  bool number(Node& node) {
    std::size_t end = at_;
    while (end < text_.size() && contains("+-.eE0123456789", text_.substr(end, 1))) ++end;
    const std::string_view digits = text_.substr(at_, end - at_);
    if (digits.empty()) {
      return fail(at_ >= text_.size() ? "the JSON text ends too early" : "not a JSON value", "check braces, commas and quotes above");
    }
    if (!is_number_text(digits)) return fail("`" + std::string(digits) + "` is not a JSON number");
    at_ = end;
    node.kind = NodeKind::Number;
    node.text = digits;
    return true;
  }

  bool map(Node& node, std::size_t depth) {
    node.kind = NodeKind::Map;
    ++at_;
    skip_space();
    if (peek() == '}') return ++at_, true;
    std::map<std::string, Position, std::less<>> seen;
    for (;;) {
      Member member;
      member.key_position = here();
      if (peek() != '"') return fail("expected a quoted key", "a comma too many, or a quote is missing");
      if (!string(member.key)) return false;
      const auto [first, fresh] = seen.emplace(member.key, member.key_position);
      if (!fresh) {
        problems_.add(member.key_position,
                      "key `" + member.key + "` is here twice, first in line " + std::to_string(first->second.line) + ", column " +
                          std::to_string(first->second.column),
                      "remove one of them");
        return false;
      }
      skip_space();
      if (peek() != ':') return fail("expected `:` after the key `" + member.key + "`");
      ++at_;
      skip_space();
      if (!value(member.value, depth + 1)) return false;
      node.members.push_back(std::move(member));
      skip_space();
      const char c = peek();
      if (c != ',' && c != '}') return fail("expected `,` or `}`");
      ++at_;
      if (c == '}') return true;
      skip_space();
    }
  }

  bool list(Node& node, std::size_t depth) {
    node.kind = NodeKind::List;
    ++at_;
    skip_space();
    if (peek() == ']') return ++at_, true;
    for (;;) {
      if (!value(node.items.emplace_back(), depth + 1)) return false;
      skip_space();
      const char c = peek();
      if (c != ',' && c != ']') return fail("expected `,` or `]`");
      ++at_;
      if (c == ']') return true;
      skip_space();
    }
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (static_cast<unsigned char>(c) < 0x20) return fail("a line break or control character inside quotes", "write \\n");
      ++at_;
      if (c != '\\') {
        out += c;
      } else if (!escape(out)) {
        return false;
      }
    }
    return fail("the text ends inside quotes");
  }

  bool escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out += c;
        return true;
      case 'b':
        out += '\b';
        return true;
      case 'f':
        out += '\f';
        return true;
      case 'n':
        out += '\n';
        return true;
      case 'r':
        out += '\r';
        return true;
      case 't':
        out += '\t';
        return true;
      case 'u':
        return unicode(out);
      default:
        --at_;
        return fail("an unknown escape", "JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
  }

  std::optional<std::uint32_t> four_digits() {
    if (at_ + 4 > text_.size()) return std::nullopt;
    const std::optional<std::string> bytes = from_hex(text_.substr(at_, 4));
    if (!bytes) return std::nullopt;
    at_ += 4;
    return (static_cast<std::uint32_t>(static_cast<unsigned char>((*bytes)[0])) << 8) | static_cast<unsigned char>((*bytes)[1]);
  }

  bool unicode(std::string& out) {
    std::optional<std::uint32_t> code = four_digits();
    if (!code) return fail("\\u needs four hex digits");
    if (*code >= 0xDC00 && *code <= 0xDFFF) return fail("half of a surrogate pair");
    if (*code >= 0xD800 && *code <= 0xDBFF) {
      if (text_.substr(at_, 2) != "\\u") return fail("half of a surrogate pair");
      at_ += 2;
      const std::optional<std::uint32_t> low = four_digits();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return fail("half of a surrogate pair");
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    }
    append_utf8(*code, out);
    return true;
  }

  static void append_utf8(std::uint32_t code, std::string& out) {
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) return byte(0xC0 | (code >> 6)), byte(0x80 | (code & 63));
    if (code < 0x10000) return byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 63)), byte(0x80 | (code & 63));
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 63));
    byte(0x80 | ((code >> 6) & 63));
    byte(0x80 | (code & 63));
  }

  std::string_view text_;
  std::size_t deepest_;
  Problems& problems_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::size_t nodes_ = 0;
};

}  // namespace

bool is_number_text(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - from;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const bool zero = at < text.size() && text[at] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

std::optional<Node> read_json(std::string_view text, Problems& problems) {
  return JsonReader(text, TemplateLimits::depth, problems).read();
}

std::optional<Node> read_json_value(std::string_view text) {
  Problems unwanted("json");
  return JsonReader(text, 2 * TemplateLimits::depth, unwanted).read();
}

}  // namespace surgetank::stack
