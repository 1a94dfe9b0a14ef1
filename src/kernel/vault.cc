#include "kernel/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

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

// Random nonces, drawn many at once: a draw costs more than the encryption of a message.
class Nonces {
 public:
  // The next nonce; null if there is no randomness.
  const unsigned char* next() {
    if (at_ == drawn_.size()) {
      if (RAND_bytes(drawn_.data(), static_cast<int>(drawn_.size())) != 1) return nullptr;
      at_ = 0;
    }
    const auto* nonce = drawn_.data() + at_;
    at_ += nonce_size;
    return nonce;
  }

 private:
  std::array<unsigned char, 256 * nonce_size> drawn_;
  std::size_t at_ = drawn_.size();
};

// What one value is sealed or opened with: contexts that know the key, which costs more than a message as well.
struct CipherPair {
  explicit CipherPair(std::string_view key) : sealing(EVP_CIPHER_CTX_new()), opening(EVP_CIPHER_CTX_new()) {
    bool ok = EVP_EncryptInit_ex(sealing.get(), EVP_aes_256_gcm(), nullptr, bytes(key), nullptr) == 1;
    ok = ok && EVP_DecryptInit_ex(opening.get(), EVP_aes_256_gcm(), nullptr, bytes(key), nullptr) == 1;
    SURGE_ASSERT(ok, "AES-GCM cannot be set up");
  }
  Cipher sealing;
  Cipher opening;
  Nonces nonces;
};

}  // namespace

// As many pairs as were ever in use at once.
class Vault::Ciphers {
 public:
  explicit Ciphers(std::string_view key) : key_(key) {}
  // Of one thread until it is given back.
  std::unique_ptr<CipherPair> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto pair = std::move(free_.back());
        free_.pop_back();
        return pair;
      }
    }
    return std::make_unique<CipherPair>(key_);
  }
  void give_back(std::unique_ptr<CipherPair> pair) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(pair));
  }

 private:
  const std::string_view key_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<CipherPair>> free_;
};

Vault::Vault(Secret<std::string> key) : key_(std::move(key)), ciphers_(std::make_unique<Ciphers>(key_.reveal())) {
  SURGE_ASSERT(key_.reveal().size() == key_size, "the vault's key has 32 bytes");
}

Vault::~Vault() {
  auto& key = const_cast<std::string&>(key_.reveal());
  OPENSSL_cleanse(key.data(), key.size());
}

std::string Vault::seal(std::string_view plaintext, std::string_view context) const {
  std::string out(1 + nonce_size + plaintext.size() + tag_size, '\0');
  out[0] = format;
  auto* body = bytes(out) + 1 + nonce_size;
  int length = 0;
  auto pair = ciphers_->take();
  auto* cipher = pair->sealing.get();
  const auto* nonce = pair->nonces.next();
  bool ok = nonce != nullptr && EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, nonce) == 1;
  if (ok) out.replace(1, nonce_size, reinterpret_cast<const char*>(nonce), nonce_size);
  ok = ok && EVP_EncryptUpdate(cipher, nullptr, &length, bytes(context), static_cast<int>(context.size())) == 1;
  ok = ok && EVP_EncryptUpdate(cipher, body, &length, bytes(plaintext), static_cast<int>(plaintext.size())) == 1;
  ok = ok && EVP_EncryptFinal_ex(cipher, body + plaintext.size(), &length) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, tag_size, body + plaintext.size()) == 1;
  SURGE_ASSERT(ok, "AES-GCM encryption failed");
  ciphers_->give_back(std::move(pair));
  return out;
}

std::optional<std::string> Vault::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < 1 + nonce_size + tag_size || sealed[0] != format) return std::nullopt;
  const auto nonce = sealed.substr(1, nonce_size);
  const auto body = sealed.substr(1 + nonce_size, sealed.size() - 1 - nonce_size - tag_size);
  std::string tag(sealed.substr(sealed.size() - tag_size));
  std::string out(body.size(), '\0');
  int length = 0;
  auto pair = ciphers_->take();
  auto* cipher = pair->opening.get();
  bool ok = EVP_DecryptInit_ex(cipher, nullptr, nullptr, nullptr, bytes(nonce)) == 1;
  ok = ok && EVP_DecryptUpdate(cipher, nullptr, &length, bytes(context), static_cast<int>(context.size())) == 1;
  ok = ok && EVP_DecryptUpdate(cipher, bytes(out), &length, bytes(body), static_cast<int>(body.size())) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1;
  ok = ok && EVP_DecryptFinal_ex(cipher, bytes(out) + out.size(), &length) == 1;
  ciphers_->give_back(std::move(pair));
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
