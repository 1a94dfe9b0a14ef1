#include "storage/store.h"

namespace surgetank {
namespace {

// A 0x00 byte inside a part becomes 0x00 0xff; a part ends with 0x00 0x01. 0x01 sorts below every byte that can follow
// an escaped or a plain byte there, so "a" < "a\0" < "a\1" holds for the encoded forms as well.
constexpr char escape = '\x00';
constexpr char escaped_zero = '\xff';
constexpr char end_of_part = '\x01';

}  // namespace

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

void append_key_part(std::string& key, std::string_view part) {
  for (const char c : part) {
    key += c;
    if (c == escape) key += escaped_zero;
  }
  key += escape;
  key += end_of_part;
}

void append_key_number(std::string& key, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>((number >> shift) & 0xff);
}

std::optional<std::string> read_key_part(std::string_view& key) {
  std::string part;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] != escape) {
      part += key[i];
      continue;
    }
    if (++i == key.size()) return std::nullopt;
    if (key[i] == end_of_part) {
      key.remove_prefix(i + 1);
      return part;
    }
    if (key[i] != escaped_zero) return std::nullopt;
    part += escape;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> read_key_number(std::string_view& key) {
  if (key.size() < 8) return std::nullopt;
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(key[static_cast<std::size_t>(i)]);
  key.remove_prefix(8);
  return number;
}

}  // namespace surgetank
