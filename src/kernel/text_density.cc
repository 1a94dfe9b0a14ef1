#include "kernel/text_density.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace surgetank {
namespace {

constexpr std::size_t sample_bytes = 4096;

}  // namespace

std::optional<std::string> bits_per_byte(std::string_view body) {
  if (body.size() < density_body_bytes) return std::nullopt;
  const auto sample = body.substr(body.size() / 2 - sample_bytes / 2, sample_bytes);
  std::array<std::uint32_t, 256> counts{};
  for (const char c : sample) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const auto count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(sample.size());
    bits -= share * std::log2(share);
  }
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", bits);
  return text;
}

}  // namespace surgetank
