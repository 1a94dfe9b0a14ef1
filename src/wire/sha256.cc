// The EVP interface allocates a context for every digest; the older one works in place and halves the price of a signature.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "wire/sha256.h"

#include <openssl/sha.h>

#include <cstring>

namespace surgetank {
namespace {

static_assert(sizeof(SHA256_CTX) == 112 && alignof(SHA256_CTX) <= 8);
constexpr std::size_t block_size = 64;

SHA256_CTX load(const std::array<std::uint8_t, 112>& state) {
  SHA256_CTX context;
  std::memcpy(&context, state.data(), sizeof context);
  return context;
}
void store(std::array<std::uint8_t, 112>& state, const SHA256_CTX& context) { std::memcpy(state.data(), &context, sizeof context); }

std::string padded_key(std::string_view key, char pad) {
  std::string block(key.size() > block_size ? as_bytes(sha256(key)) : key);
  block.resize(block_size, '\0');
  for (auto& c : block) c = static_cast<char>(c ^ pad);
  return block;
}

}  // namespace

Sha256::Sha256() {
  SHA256_CTX context;
  SHA256_Init(&context);
  store(state_, context);
}

void Sha256::update(std::string_view bytes) {
  auto context = load(state_);
  SHA256_Update(&context, bytes.data(), bytes.size());
  store(state_, context);
}

Sha256Digest Sha256::finish() {
  auto context = load(state_);
  Sha256Digest digest;
  SHA256_Final(digest.data(), &context);
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

void append_hex(std::string& out, const Sha256Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 64> text;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = digits[digest[i] >> 4];
    text[2 * i + 1] = digits[digest[i] & 15];
  }
  out.append(text.data(), text.size());
}

std::string to_hex(const Sha256Digest& digest) {
  std::string out;
  append_hex(out, digest);
  return out;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

std::string_view as_bytes(const Sha256Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

HmacSha256Key::HmacSha256Key(std::string_view key) {
  inner_.update(padded_key(key, 0x36));
  outer_.update(padded_key(key, 0x5c));
}

Sha256Digest HmacSha256Key::sign(std::string_view message) const {
  Sha256 inner = inner_;
  inner.update(message);
  Sha256 outer = outer_;
  outer.update(as_bytes(inner.finish()));
  return outer.finish();
}

Sha256Digest hmac_sha256(std::string_view key, std::string_view message) { return HmacSha256Key(key).sign(message); }

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  // Without this the compiler may leave the loop at the first difference.
  volatile unsigned result = difference;
  return result == 0;
}

}  // namespace surgetank
