#pragma once
// The byte classes of RFC 9110 and RFC 9112 as tables. Pure.
#include <array>
#include <cstdint>
#include <string_view>

namespace surgetank {

enum class CharClass : std::uint8_t {
  Token = 1,       // method and field names
  FieldValue = 2,  // visible ASCII, space, tab and obs-text
  Target = 4,      // visible ASCII but '#'
  Host = 8,        // reg-name, IP literals and the port's colon, without ',' ';' and the like that hint at an attack
};

namespace http_chars_detail {
constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&table](unsigned c, CharClass cls) { table[c] = static_cast<std::uint8_t>(table[c] | static_cast<unsigned>(cls)); };
  for (unsigned c = 0x21; c <= 0x7e; ++c) {
    mark(c, CharClass::FieldValue);
    if (c != '#') mark(c, CharClass::Target);
  }
  for (unsigned c = 0x80; c <= 0xff; ++c) mark(c, CharClass::FieldValue);
  mark(' ', CharClass::FieldValue);
  mark('\t', CharClass::FieldValue);
  for (unsigned c = '0'; c <= '9'; ++c) mark(c, CharClass::Token), mark(c, CharClass::Host);
  for (unsigned c = 'a'; c <= 'z'; ++c) mark(c, CharClass::Token), mark(c, CharClass::Host);
  for (unsigned c = 'A'; c <= 'Z'; ++c) mark(c, CharClass::Token), mark(c, CharClass::Host);
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) mark(static_cast<unsigned char>(c), CharClass::Token);
  for (const char c : std::string_view("-._~%:[]")) mark(static_cast<unsigned char>(c), CharClass::Host);
  return table;
}
inline constexpr auto table = make_table();
}  // namespace http_chars_detail

constexpr bool is_in(char c, CharClass cls) {
  return (http_chars_detail::table[static_cast<unsigned char>(c)] & static_cast<unsigned>(cls)) != 0;
}
// True for the empty text.
constexpr bool all_in(std::string_view text, CharClass cls) {
  unsigned common = 0xff;
  for (const char c : text) common &= http_chars_detail::table[static_cast<unsigned char>(c)];
  return (common & static_cast<unsigned>(cls)) != 0;
}

}  // namespace surgetank
