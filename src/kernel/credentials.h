#pragma once
// Access keys. Three kinds, all answerable without storage:
//   - the built-in pair test/test: account 000000000000 (configurable);
//   - any 12-digit access key id with secret "test": selects that account;
//   - temporary keys (ASIA...) issued to function roles and by AssumeRole: the secret is an HMAC of the key id under the vault's
//     "credentials" key and the session token is a sealed record of account, principal and expiry, so they survive restarts.
// Thread safe and immutable.
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "kernel/vault.h"

namespace surgetank {

struct Principal {
  std::string account;
  std::string arn;            // arn:aws:iam::000000000000:root | arn:aws:sts::...:assumed-role/Role/Session
  std::string user_id;        // as GetCallerIdentity shows it
  std::string role_arn = {};  // of an assumed role, with its path
};

struct TemporaryCredentials {
  std::string access_key_id;
  Secret<std::string> secret_access_key;
  std::string session_token;
  Instant expiration;
};

class Credentials {
 public:
  Credentials(const Vault& vault, std::string default_account);
  TemporaryCredentials issue(const Principal& principal, Instant expiration, Random& random) const;

  struct Found {
    Principal principal;
    Secret<std::string> secret_access_key;
  };
  // Errors: UnrecognizedClientException (unknown key), InvalidClientTokenId, ExpiredTokenException, as AWS words them.
  Result<Found> find(std::string_view access_key_id, std::string_view session_token, Instant now) const;

 private:
  const Vault& vault_;
  Secret<std::string> signing_key_;
  std::string default_account_;
};

}  // namespace surgetank
