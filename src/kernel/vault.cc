#include "kernel/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <memory>

#include "base/assert.h"

namespace surgetank {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr char format = 1;  // first byte of every sealed value

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

}  // namespace

Vault::Vault(Secret<std::string> key) : key_(std::move(key)) {
  SURGE_ASSERT(key_.reveal().size() == key_size, "the vault's key has 32 bytes");
}

Vault::~Vault() {
  auto& key = const_cast<std::string&>(key_.reveal());
  OPENSSL_cleanse(key.data(), key.size());
}

std::string Vault::seal(std::string_view plaintext, std::string_view context) const {
  std::string out(1 + nonce_size + plaintext.size() + tag_size, '\0');
  out[0] = format;
  auto* nonce = bytes(out) + 1;
  auto* body = nonce + nonce_size;
  int length = 0;
  bool ok = RAND_bytes(nonce, nonce_size) == 1;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  ok = ok && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), nonce) == 1;
  ok = ok && EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes(context), static_cast<int>(context.size())) == 1;
  ok = ok && EVP_EncryptUpdate(cipher.get(), body, &length, bytes(plaintext), static_cast<int>(plaintext.size())) == 1;
  ok = ok && EVP_EncryptFinal_ex(cipher.get(), body + plaintext.size(), &length) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, body + plaintext.size()) == 1;
  SURGE_ASSERT(ok, "AES-GCM encryption failed");
  return out;
}

std::optional<std::string> Vault::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < 1 + nonce_size + tag_size || sealed[0] != format) return std::nullopt;
  const auto nonce = sealed.substr(1, nonce_size);
  const auto body = sealed.substr(1 + nonce_size, sealed.size() - 1 - nonce_size - tag_size);
  std::string tag(sealed.substr(sealed.size() - tag_size));
  std::string out(body.size(), '\0');
  int length = 0;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  bool ok = EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), bytes(nonce)) == 1;
  ok = ok && EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes(context), static_cast<int>(context.size())) == 1;
  ok = ok && EVP_DecryptUpdate(cipher.get(), bytes(out), &length, bytes(body), static_cast<int>(body.size())) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1;
  ok = ok && EVP_DecryptFinal_ex(cipher.get(), bytes(out) + out.size(), &length) == 1;
  if (!ok) return std::nullopt;
  return out;
}

Secret<std::string> Vault::derive(std::string_view purpose) const {
  std::string out(key_size, '\0');
  unsigned int length = 0;
  const auto* done =
      HMAC(EVP_sha256(), key_.reveal().data(), static_cast<int>(key_size), bytes(purpose), purpose.size(), bytes(out), &length);
  SURGE_ASSERT(done != nullptr && length == key_size, "HMAC failed");
  return Secret<std::string>(std::move(out));
}

}  // namespace surgetank
