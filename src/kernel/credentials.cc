#include "kernel/credentials.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/text.h"
#include "kernel/model.h"
#include "wire/json.h"

namespace surgetank {
namespace {

constexpr ErrorCode unrecognized_client{"UnrecognizedClientException", 403, "InvalidClientTokenId"};
constexpr ErrorCode expired_token{"ExpiredTokenException", 403, "ExpiredToken"};

constexpr std::string_view session_context = "session-token";
constexpr std::string_view key_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

Error invalid_token() { return {&unrecognized_client, "The security token included in the request is invalid."}; }

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Principal root_of(std::string_view account) {
  return {.account = std::string(account), .arn = "arn:aws:iam::" + std::string(account) + ":root", .user_id = std::string(account)};
}

Secret<std::string> secret_of(const Secret<std::string>& key, std::string_view access_key_id) {
  std::string digest(32, '\0');
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()),
       reinterpret_cast<const unsigned char*>(access_key_id.data()), access_key_id.size(), reinterpret_cast<unsigned char*>(digest.data()),
       &length);
  return Secret<std::string>(to_base64(digest.substr(0, 30)));  // 40 characters, as AWS's
}

}  // namespace

Credentials::Credentials(const Vault& vault, std::string default_account)
    : vault_(vault), signing_key_(vault.derive("credentials")), default_account_(std::move(default_account)) {}

TemporaryCredentials Credentials::issue(const Principal& principal, Instant expiration, Random& random) const {
  TemporaryCredentials out;
  out.access_key_id = "ASIA" + random.from_alphabet(key_alphabet, 16);
  out.secret_access_key = secret_of(signing_key_, out.access_key_id);
  out.expiration = expiration;
  const SessionRecord record{.access_key_id = out.access_key_id,
                             .account = principal.account,
                             .arn = principal.arn,
                             .user_id = principal.user_id,
                             .expiration = expiration,
                             .role_arn = principal.role_arn.empty() ? Opt<String>() : Opt<String>(principal.role_arn)};
  std::string text;
  write_json(*shape_of<SessionRecord>(), &record, text);
  out.session_token = to_base64(vault_.seal(text, session_context));
  return out;
}

Result<Credentials::Found> Credentials::find(std::string_view access_key_id, std::string_view session_token, Instant now) const {
  if (access_key_id == "test") return Found{root_of(default_account_), Secret<std::string>("test")};
  if (is_account(access_key_id)) return Found{root_of(access_key_id), Secret<std::string>("test")};
  if (access_key_id.substr(0, 4) != "ASIA" || session_token.empty()) return invalid_token();
  const auto sealed = from_base64(session_token);
  const auto text = sealed ? vault_.open(*sealed, session_context) : std::nullopt;
  SessionRecord record;
  if (!text || !read_json(*text, *shape_of<SessionRecord>(), &record).ok() || record.access_key_id != access_key_id) return invalid_token();
  if (record.expiration <= now) return Error{&expired_token, "The security token included in the request is expired"};
  return Found{{.account = record.account, .arn = record.arn, .user_id = record.user_id, .role_arn = record.role_arn.value_or("")},
               secret_of(signing_key_, access_key_id)};
}

}  // namespace surgetank
