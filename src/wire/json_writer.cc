#include "wire/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "wire/scalar_text.h"
#include "wire/utf8.h"

namespace surgetank {
namespace {

// Whether any of eight bytes needs more than copying: below 0x20, '"', '\\', or above 0x7f.
bool is_plain_block(const char* bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  constexpr std::uint64_t highs = 0x8080808080808080ULL;
  std::uint64_t block = 0;
  std::memcpy(&block, bytes, 8);
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x; };
  const std::uint64_t suspects = block | ((block - ones * 0x20) & ~block) | has_zero(block ^ ones * '"') | has_zero(block ^ ones * '\\');
  return (suspects & highs) == 0;
}

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[c >> 4];
  out += digits[c & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0;
  std::size_t i = 0;
  const auto flush = [&] { out.append(text, copied, i - copied); };
  while (i < text.size()) {
    if (i + 8 <= text.size() && is_plain_block(text.data() + i)) {
      i += 8;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    const bool escaped = c < 0x20 || c == '"' || c == '\\';
    const std::size_t length = escaped ? 0 : wire::character_length(text, i);
    if (length > 0) {
      i += length;
      continue;
    }
    flush();
    if (escaped) {
      append_escape(out, c);
    } else {
      out += wire::replacement_character;
    }
    copied = ++i;
  }
  flush();
  out += '"';
}

void append_json_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += '"';
    out += wire::non_finite_text(value);
    out += '"';
    return;
  }
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  comma_due_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  separate();
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out_.append(digits.data(), end);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  separate();
  append_json_double(out_, value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace surgetank
