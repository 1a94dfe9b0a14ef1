#pragma once
// Internal to wire/: the first bytes of a CBOR data item (RFC 8949, section 3). Pure; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace surgetank::wire {

enum class CborMajor : std::uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Tag, Simple };

struct CborHead {
  CborMajor major;
  std::uint8_t information;  // the low five bits
  std::uint64_t argument;
  bool indefinite() const { return information == 31; }
};

inline constexpr std::uint8_t cbor_false = 20;
inline constexpr std::uint8_t cbor_true = 21;
inline constexpr std::uint8_t cbor_null = 22;
inline constexpr std::uint8_t cbor_undefined = 23;
inline constexpr std::uint8_t cbor_half = 25;
inline constexpr std::uint8_t cbor_single = 26;
inline constexpr std::uint8_t cbor_double = 27;
inline constexpr std::uint64_t cbor_epoch_tag = 1;

// Reads the head at `at` and steps over it; nullopt if it is cut off or reserved.
std::optional<CborHead> read_cbor_head(std::string_view bytes, std::size_t& at);
void append_cbor_head(std::string& out, CborMajor major, std::uint64_t argument);
// The number in the argument of a half, single or double; `information` says which.
double cbor_float(std::uint8_t information, std::uint64_t argument);

}  // namespace surgetank::wire
