// AddressBlock of event_leaf.h.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "services/lambda/event_leaf.h"

namespace surgetank::lambda {
namespace {

std::optional<int> small_number(std::string_view text, int most) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number > most) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<std::string> parse_version_4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::string bytes;
  for (const auto part : parts) {
    const auto number = small_number(part, 255);
    if (!number) return std::nullopt;
    bytes += static_cast<char>(*number);
  }
  return bytes;
}

// Groups of up to four hex digits; at the end a version 4 address may stand for two of them.
std::optional<std::string> parse_groups(std::string_view text) {
  std::string bytes;
  if (text.empty()) return bytes;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i + 1 == parts.size() && contains(parts[i], ".")) {
      const auto tail = parse_version_4(parts[i]);
      if (!tail) return std::nullopt;
      return bytes + *tail;
    }
    if (parts[i].empty() || parts[i].size() > 4) return std::nullopt;
    const auto group = from_hex(std::string(4 - parts[i].size(), '0') + std::string(parts[i]));
    if (!group) return std::nullopt;
    bytes += *group;
  }
  return bytes;
}

std::optional<std::string> parse_version_6(std::string_view text) {
  constexpr std::size_t length = 16;
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) {
    auto bytes = parse_groups(text);
    return bytes && bytes->size() == length ? bytes : std::nullopt;
  }
  const auto head = parse_groups(text.substr(0, gap));
  const auto tail = parse_groups(text.substr(gap + 2));
  if (!head || !tail || head->size() + tail->size() + 2 > length) return std::nullopt;
  return *head + std::string(length - head->size() - tail->size(), '\0') + *tail;
}

std::optional<std::string> parse_address(std::string_view text) {
  return contains(text, ":") ? parse_version_6(text) : parse_version_4(text);
}

}  // namespace

std::optional<AddressBlock> AddressBlock::compile(std::string_view text) {
  const auto slash = text.find('/');
  auto bytes = parse_address(text.substr(0, slash));
  if (!bytes) return std::nullopt;
  AddressBlock block;
  block.bits_ = static_cast<int>(bytes->size() * 8);
  if (slash != std::string_view::npos) {
    const auto bits = small_number(text.substr(slash + 1), block.bits_);
    if (!bits) return std::nullopt;
    block.bits_ = *bits;
  }
  block.bytes_ = std::move(*bytes);
  return block;
}

bool AddressBlock::contains(std::string_view address) const {
  const auto bytes = parse_address(address);
  if (!bytes || bytes->size() != bytes_.size()) return false;
  for (int bit = 0; bit < bits_; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
    if ((static_cast<unsigned char>((*bytes)[at]) & mask) != (static_cast<unsigned char>(bytes_[at]) & mask)) return false;
  }
  return true;
}

}  // namespace surgetank::lambda
