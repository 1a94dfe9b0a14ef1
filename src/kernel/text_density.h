#pragma once
// How much a large body would shrink if it were packed, from a sample of its bytes: the Shannon entropy in bits a byte. JSON has 4 to 5,
// base64 and what is packed already 6 to 8. Pure; microseconds, and only for bodies of density_body_bytes and more.
#include <optional>
#include <string>
#include <string_view>

namespace surgetank {

inline constexpr std::size_t density_body_bytes = 64UL * 1024;

// "4.71"; nullopt for smaller bodies.
std::optional<std::string> bits_per_byte(std::string_view body);

}  // namespace surgetank
