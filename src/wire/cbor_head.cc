#include "wire/cbor_head.h"

#include <bit>
#include <cmath>
#include <limits>

namespace surgetank::wire {

std::optional<CborHead> read_cbor_head(std::string_view bytes, std::size_t& at) {
  if (at >= bytes.size()) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes[at]);
  CborHead head{static_cast<CborMajor>(first >> 5), static_cast<std::uint8_t>(first & 31), 0};
  ++at;
  if (head.information < 24) {
    head.argument = head.information;
    return head;
  }
  if (head.information == 31) {
    const bool may_be_indefinite = head.major >= CborMajor::Bytes && head.major != CborMajor::Tag;
    return may_be_indefinite ? std::optional(head) : std::nullopt;
  }
  if (head.information > 27) return std::nullopt;
  const std::size_t width = std::size_t{1} << (head.information - 24);
  if (bytes.size() - at < width) return std::nullopt;
  for (std::size_t i = 0; i < width; ++i) head.argument = head.argument << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  at += width;
  return head;
}

void append_cbor_head(std::string& out, CborMajor major, std::uint64_t argument) {
  const auto kind = static_cast<unsigned>(major) << 5;
  int width = 0;
  unsigned information = 0;
  if (argument < 24) {
    information = static_cast<unsigned>(argument);
  } else if (argument <= 0xff) {
    information = 24, width = 1;
  } else if (argument <= 0xffff) {
    information = 25, width = 2;
  } else if (argument <= 0xffffffff) {
    information = 26, width = 4;
  } else {
    information = 27, width = 8;
  }
  out += static_cast<char>(kind | information);
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(argument >> (8 * i) & 0xff);
}

double cbor_float(std::uint8_t information, std::uint64_t argument) {
  if (information == cbor_double) return std::bit_cast<double>(argument);
  if (information == cbor_single) return std::bit_cast<float>(static_cast<std::uint32_t>(argument));
  const bool negative = (argument & 0x8000) != 0;
  const auto exponent = static_cast<int>(argument >> 10 & 31);
  const auto fraction = static_cast<double>(argument & 0x3ff);
  double value = 0;
  if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else if (exponent != 31) {
    value = std::ldexp(fraction + 1024, exponent - 25);
  } else {
    value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  return negative ? -value : value;
}

}  // namespace surgetank::wire
