#pragma once
// Encryption at rest: AES-256-GCM with a fresh nonce per value, under a key that lives in a 0600 file of the data directory.
// `context` is authenticated with the value (a secret's ARN and version): a sealed value moved elsewhere does not open.
// Thread safe. Losing the key file loses the values: the file is part of a backup.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"

namespace surgetank {

class Vault {
 public:
  explicit Vault(Secret<std::string> key);  // 32 bytes
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  std::string seal(std::string_view plaintext, std::string_view context) const;
  // nullopt: not sealed by this key for this context, or damaged.
  std::optional<std::string> open(std::string_view sealed, std::string_view context) const;
  // A key derived for another purpose ("credentials"); 32 bytes.
  Secret<std::string> derive(std::string_view purpose) const;

 private:
  class Ciphers;
  Secret<std::string> key_;
  std::unique_ptr<Ciphers> ciphers_;
};

// Cryptographically strong bytes from the operating system (tests and simulation give a seeded one).
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::string bytes(std::size_t count) = 0;
};

}  // namespace surgetank
