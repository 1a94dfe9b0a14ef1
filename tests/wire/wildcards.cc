#include "wildcards.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <vector>

#include "base/text.h"
#include "base/time.h"

namespace surgetank::wiretest {
namespace {

enum class Kind { Uuid, Number, Hex, Time, Any };

struct Wildcard {
  Kind kind;
  std::string name;    // captures under this; empty: not at all
  std::size_t length;  // of "<uuid:name>" itself
};

std::optional<Wildcard> wildcard_at(std::string_view text) {
  static const std::pair<std::string_view, Kind> kinds[] = {
      {"uuid", Kind::Uuid}, {"number", Kind::Number}, {"hex", Kind::Hex}, {"time", Kind::Time}, {"any", Kind::Any}};
  const auto end = text.find('>');
  if (text.empty() || text.front() != '<' || end == std::string_view::npos) return std::nullopt;
  const auto inside = text.substr(1, end - 1);
  const auto colon = std::min(inside.find(':'), inside.size());
  for (const auto& [word, kind] : kinds)
    if (inside.substr(0, colon) == word)
      return Wildcard{.kind = kind, .name = std::string(inside.substr(std::min(colon + 1, inside.size()))), .length = end + 1};
  return std::nullopt;
}

std::optional<Wildcard> whole_wildcard(std::string_view text) {
  auto found = wildcard_at(text);
  if (found && found->length != text.size()) found.reset();
  return found;
}

bool is_uuid(std::string_view text) {
  constexpr std::size_t length = 36;
  if (text.size() != length) return false;
  for (std::size_t i = 0; i < length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::string_view("0123456789abcdefABCDEF").find(text[i]) == std::string_view::npos) return false;
  }
  return true;
}

bool stands_for(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::Uuid:
      return is_uuid(text);
    case Kind::Number:
      return parse_double(text).has_value();
    case Kind::Hex:
      return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    case Kind::Time:
      return parse_timestamp(text).has_value() || parse_double(text).has_value();
    case Kind::Any:
      return !text.empty();
  }
  return false;
}

// Longest first, so that <number> takes all digits; <any> takes as little as makes the rest match.
bool match(std::string_view expected, std::string_view actual, Captures& captures) {
  while (!expected.empty()) {
    const auto wildcard = wildcard_at(expected);
    if (!wildcard) {
      if (actual.empty() || actual.front() != expected.front()) return false;
      expected.remove_prefix(1);
      actual.remove_prefix(1);
      continue;
    }
    const auto rest = expected.substr(wildcard->length);
    for (std::size_t i = 1; i <= actual.size(); ++i) {
      const auto length = wildcard->kind == Kind::Any ? i : actual.size() + 1 - i;
      if (!stands_for(wildcard->kind, actual.substr(0, length)) || !match(rest, actual.substr(length), captures)) continue;
      if (!wildcard->name.empty()) captures[wildcard->name] = std::string(actual.substr(0, length));
      return true;
    }
    return false;
  }
  return actual.empty();
}

// <A></A> as <A/>.
std::string with_short_empty_elements(const std::string& text) {
  constexpr std::string_view gap = "></";
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find(gap); at != std::string::npos; at = text.find(gap, at + 1)) {
    const auto open = text.rfind('<', at);
    const auto name_begin = at + gap.size();
    const auto close = text.find('>', name_begin);
    if (open == std::string::npos || open < from || close == std::string::npos) continue;
    const auto tag = std::string_view(text).substr(open + 1, at - open - 1);
    if (tag.substr(0, tag.find(' ')) != std::string_view(text).substr(name_begin, close - name_begin)) continue;
    out.append(text, from, at - from).append("/>");
    from = close + 1;
  }
  return out.append(text, from);
}

// Escapes that text needs only inside attributes count as the characters themselves.
std::string normalised_xml(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto next = text.find_first_not_of(" \t\r\n", i);
    const bool after_tag = out.empty() || out.back() == '>';
    if (after_tag && next != i && (next == std::string_view::npos || text[next] == '<')) {
      if (next == std::string_view::npos) break;
      i = next;
    }
    out += text[i];
  }
  return with_short_empty_elements(replace_all(replace_all(std::move(out), "&apos;", "'"), "&quot;", "\""));
}

class JsonMatcher {
 public:
  explicit JsonMatcher(Captures& captures) : captures_(captures) {}

  std::optional<std::string> compare(const JsonValue& expected, const JsonValue& actual, const std::string& path) {
    if (const auto* text = expected.as_string()) return compare_string(*text, actual, path);
    if (expected.kind() != actual.kind()) return differs(path, expected, actual);
    if (expected.is_object()) return compare_objects(expected, actual, path);
    if (expected.is_array()) return compare_arrays(*expected.as_array(), *actual.as_array(), path);
    if (expected.is_number() && expected.as_double() == actual.as_double()) return std::nullopt;
    if (expected == actual) return std::nullopt;
    return differs(path, expected, actual);
  }

 private:
  static std::string differs(const std::string& path, const JsonValue& expected, const JsonValue& actual) {
    return "at " + path + ": expected " + to_json(expected) + ", got " + to_json(actual);
  }

  std::optional<std::string> compare_string(const std::string& expected, const JsonValue& actual, const std::string& path) {
    const auto wildcard = whole_wildcard(expected);
    const bool number = wildcard && (wildcard->kind == Kind::Number || wildcard->kind == Kind::Time) && actual.is_number();
    if (wildcard && (wildcard->kind == Kind::Any || number)) {
      if (!wildcard->name.empty()) captures_[wildcard->name] = actual.is_string() ? *actual.as_string() : to_json(actual);
      return std::nullopt;
    }
    if (actual.is_string() && match(expected, *actual.as_string(), captures_)) return std::nullopt;
    return differs(path, JsonValue::string(expected), actual);
  }

  std::optional<std::string> compare_objects(const JsonValue& expected, const JsonValue& actual, const std::string& path) {
    constexpr std::string_view more = "<more>";
    for (const auto& [name, value] : *expected.as_object()) {
      if (name == more) continue;
      const auto* found = actual.find(name);
      if (found == nullptr) return "at " + path + ": member " + name + " is missing in " + to_json(actual);
      if (auto mismatch = compare(value, *found, path + "." + name)) return mismatch;
    }
    if (expected.find(more) != nullptr) return std::nullopt;
    for (const auto& field : *actual.as_object())
      if (expected.find(field.name) == nullptr) return "at " + path + ": unexpected member " + field.name + ": " + to_json(field.value);
    return std::nullopt;
  }

  std::optional<std::string> compare_arrays(const JsonArray& expected, const JsonArray& actual, const std::string& path) {
    const bool open = !expected.empty() && expected.back().is_string() && *expected.back().as_string() == "<more>";
    const auto listed = expected.size() - (open ? 1 : 0);
    if (actual.size() < listed || (!open && actual.size() > listed))
      return "at " + path + ": expected " + std::to_string(listed) + " elements, got " + to_json(JsonValue::array(actual));
    for (std::size_t i = 0; i < listed; ++i)
      if (auto mismatch = compare(expected[i], actual[i], path + "[" + std::to_string(i) + "]")) return mismatch;
    return std::nullopt;
  }

  Captures& captures_;
};

}  // namespace

std::optional<std::string> mismatch_of_text(std::string_view expected, std::string_view actual, Captures& captures) {
  if (match(expected, actual, captures)) return std::nullopt;
  return "expected " + std::string(expected) + "\n     got " + std::string(actual);
}

std::optional<std::string> mismatch_of_json(const JsonValue& expected, const JsonValue& actual, Captures& captures) {
  return JsonMatcher(captures).compare(expected, actual, "$");
}

std::optional<std::string> mismatch_of_xml(std::string_view expected, std::string_view actual, Captures& captures) {
  return mismatch_of_text(normalised_xml(expected), normalised_xml(actual), captures);
}

std::string with_captures(std::string_view text, const Captures& captures) {
  constexpr std::string_view encoded = "url:";
  std::string out;
  for (;;) {
    const auto open = text.find("{{");
    const auto close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) return out.append(text);
    auto name = text.substr(open + 2, close - open - 2);
    const bool encode = name.substr(0, encoded.size()) == encoded;
    if (encode) name.remove_prefix(encoded.size());
    const auto found = captures.find(std::string(name));
    if (found == captures.end()) throw std::runtime_error("nothing captured {{" + std::string(name) + "}}");
    out.append(text.substr(0, open)).append(encode ? percent_encode(found->second) : found->second);
    text.remove_prefix(close + 2);
  }
}

}  // namespace surgetank::wiretest
