#pragma once
// Internal to wire/: UTF-8 at the place where text is escaped. Pure; any thread.
#include <cstdint>
#include <string>
#include <string_view>

namespace surgetank::wire {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";  // U+FFFD

// The length of the well-formed character that begins at text[at]; 0 if there is none.
std::size_t character_length(std::string_view text, std::size_t at);
void append_code_point(std::string& out, std::uint32_t code);
bool has_only_ascii(std::string_view text);

}  // namespace surgetank::wire
