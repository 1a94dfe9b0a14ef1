#pragma once
// Internal to wire/: UTF-8 at the place where text is escaped. Pure; any thread.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace surgetank::wire {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";  // U+FFFD

// The length of the well-formed character that begins at text[at]; 0 if there is none.
std::size_t character_length(std::string_view text, std::size_t at);
void append_code_point(std::string& out, std::uint32_t code);
bool has_only_ascii(std::string_view text);

// Whether eight bytes are ASCII that stands for itself in a JSON string: no control character, '"' or '\\'.
inline bool is_plain_block(const char* bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  constexpr std::uint64_t highs = 0x8080808080808080ULL;
  std::uint64_t block = 0;
  std::memcpy(&block, bytes, 8);
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x; };
  const std::uint64_t suspects = block | ((block - ones * 0x20) & ~block) | has_zero(block ^ ones * '"') | has_zero(block ^ ones * '\\');
  return (suspects & highs) == 0;
}

}  // namespace surgetank::wire
