#pragma once
// Small pure helpers on text and bytes. No locale, no allocation beyond the result, no failure other than nullopt.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace surgetank {

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
// Standard alphabet; padding required; nullopt on anything else.
std::optional<std::string> from_base64(std::string_view text);

std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool contains(std::string_view text, std::string_view part);
std::string_view trim(std::string_view text);                        // spaces and tabs
std::vector<std::string_view> split(std::string_view text, char separator);  // "a,,b" -> a, "", b; "" -> ""
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

// RFC 3986: everything but A-Za-z0-9-_.~ becomes %XX (upper-case hex). `keep` lists further bytes to leave as they are.
std::string percent_encode(std::string_view text, std::string_view keep = {});
// nullopt on a broken escape. PlusMeaning::Space is for forms and query strings.
enum class PlusMeaning : std::uint8_t { Plus, Space };
std::optional<std::string> percent_decode(std::string_view text, PlusMeaning plus);

// Whole text as a decimal integer / number; nullopt on anything else (no spaces, no '+', no overflow).
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_double(std::string_view text);

bool is_valid_utf8(std::string_view bytes);

}  // namespace surgetank
