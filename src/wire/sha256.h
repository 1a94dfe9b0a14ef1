#pragma once
// SHA-256 and HMAC-SHA-256 without a heap allocation: what signatures cost. Pure values; one thread at a time each.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace surgetank {

using Sha256Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  Sha256Digest finish();  // once

 private:
  alignas(8) std::array<std::uint8_t, 112> state_;
};

Sha256Digest sha256(std::string_view bytes);
std::string to_hex(const Sha256Digest& digest);  // lower case
void append_hex(std::string& out, const Sha256Digest& digest);
std::string sha256_hex(std::string_view bytes);
std::string_view as_bytes(const Sha256Digest& digest);

// A key with its two padded blocks hashed in advance: signing with it again costs half.
class HmacSha256Key {
 public:
  explicit HmacSha256Key(std::string_view key);
  Sha256Digest sign(std::string_view message) const;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

Sha256Digest hmac_sha256(std::string_view key, std::string_view message);

// Takes the same time wherever the difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace surgetank
