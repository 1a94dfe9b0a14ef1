#include "json_text.h"

#include <cstddef>

namespace surgetank::function_runtime {
namespace {

// The length of the well-formed UTF-8 sequence that starts `text` (Unicode standard, table 3-7); 0 if there is none.
std::size_t utf8_sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto follows = [&](std::size_t index, unsigned char low, unsigned char high) {
    return index < text.size() && byte(index) >= low && byte(index) <= high;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

void append_control_character(std::string& out, unsigned char character) {
  constexpr char hexadecimal[] = "0123456789abcdef";
  out += "\\u00";
  out += hexadecimal[character >> 4];
  out += hexadecimal[character & 0x0F];
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    const auto character = static_cast<unsigned char>(text.front());
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (character == '"' || character == '\\') {
      out += '\\';
      out += text.front();
    } else if (character == '\n') {
      out += "\\n";
    } else if (character < 0x20 || character == 0x7F) {
      append_control_character(out, character);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
  return out;
}

std::string error_document(std::string_view error_message, std::string_view error_type) {
  return "{\"errorMessage\":" + json_string(error_message) + ",\"errorType\":" + json_string(error_type) + ",\"stackTrace\":[]}";
}

}  // namespace surgetank::function_runtime
