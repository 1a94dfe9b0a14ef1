#include "base/random.h"

#include <cstdio>

namespace surgetank {

std::string Random::uuid() {
  const std::uint64_t high = (next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (next() & ~(3ULL << 62)) | (2ULL << 62);
  char text[40];
  std::snprintf(text, sizeof text, "%08llx-%04llx-%04llx-%04llx-%012llx", static_cast<unsigned long long>(high >> 32),
                static_cast<unsigned long long>(high >> 16 & 0xffff), static_cast<unsigned long long>(high & 0xffff),
                static_cast<unsigned long long>(low >> 48), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

std::string Random::hex(std::size_t digits) { return from_alphabet("0123456789abcdef", digits); }

std::string Random::from_alphabet(std::string_view alphabet, std::size_t length) {
  std::string out(length, ' ');
  for (auto& c : out) c = alphabet[below(alphabet.size())];
  return out;
}

}  // namespace surgetank
