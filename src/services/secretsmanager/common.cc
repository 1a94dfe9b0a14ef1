#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/vault.h"
#include "services/secretsmanager/errors.h"
#include "services/secretsmanager/keys.h"
#include "services/secretsmanager/limits.h"
#include "services/secretsmanager/operations.h"
#include "services/secretsmanager/quotas.h"
#include "services/secretsmanager/secret.h"

namespace surgetank::secretsmanager {
namespace {

std::string vault_context(const SecretRecord& secret, const std::string& version_id) { return secret.arn + "\n" + version_id; }

}  // namespace

Result<SecretRecord> find_secret(Call& call, std::string_view client_name) {
  for (const auto& name : candidate_names(client_name)) {
    auto secret = get_record<SecretRecord>(call.txn, keys::secret(call.caller, name));
    if (!secret) continue;
    // A full or partial ARN must be this secret's; a plain name always is.
    if (!is_arn(client_name) || secret->arn == client_name || secret->arn.substr(0, secret->arn.size() - 7) == client_name)
      return std::move(*secret);
  }
  return Error{&ResourceNotFoundException, "Secrets Manager can't find the specified secret."};
}

Result<SecretRecord> find_live_secret(Call& call, std::string_view client_name) {
  auto secret = find_secret(call, client_name);
  if (secret.ok() && secret->deleted)
    return Error{&InvalidRequestException, "You can't perform this operation on the secret because it was marked for deletion."};
  return secret;
}

void save_secret(Call& call, const SecretRecord& secret) { put_record(call.txn, keys::secret(call.caller, secret.name), secret); }

Result<Opt<SecretValue>> value_of(Call& call, const Opt<String>& text, const Opt<Blob>& binary) {
  if (text && binary) return Error{&InvalidParameterException, "You can't specify both SecretString and SecretBinary in the same request."};
  if (!text && !binary) return Opt<SecretValue>{};
  SecretValue value{.bytes = text ? *text : binary->bytes, .binary = binary.has_value()};
  if (value.bytes.empty()) return Error{&InvalidParameterException, "You must provide either SecretString or SecretBinary."};
  if (auto checked = check_quota(call.ports.quotas, quotas::secret_value, value.bytes.size()); !checked.ok()) {
    auto error = std::move(checked.error());
    error.message = std::string("1 validation error detected: Value at '") + (value.binary ? "secretBinary" : "secretString") +
                    "' failed to satisfy constraint: " + error.message;
    return error;
  }
  return Opt<SecretValue>{std::move(value)};
}

Result<Unit> check_token(const Opt<String>& client_request_token) {
  if (client_request_token && (client_request_token->size() < 32 || client_request_token->size() > 64))
    return Error{&InvalidParameterException, "ClientRequestToken must be 32-64 characters long."};
  return Unit{};
}

Result<Unit> put_value(Call& call, SecretRecord& secret, const std::string& version_id, const SecretValue& value,
                       const List<String>& labels) {
  if (const auto known = secret.versions.find(version_id); known != secret.versions.end()) {
    SURGE_TRY(stored, open_value(call, secret, version_id));
    if (stored.bytes == value.bytes && known->second.binary == value.binary) return Unit{};
    return Error{&ResourceExistsException, "You can't use ClientRequestToken " + version_id +
                                               " because that value is already in use for a version of secret " + secret.arn + "."};
  }
  add_version(secret, version_id, labels, value.binary, call.now);
  call.txn.put(keys::value(call.caller, secret.name, version_id), call.ports.vault->seal(value.bytes, vault_context(secret, version_id)));
  const auto most = static_cast<std::size_t>(quota_value(call.ports.quotas, quotas::versions));
  for (const auto& pruned : prune_versions(secret, most)) call.txn.erase(keys::value(call.caller, secret.name, pruned));
  auto checked = check_quota(call.ports.quotas, quotas::versions, secret.versions.size());
  if (!checked.ok()) checked.error().message += secret.arn + ".";
  return checked;
}

Result<SecretValue> open_value(Call& call, const SecretRecord& secret, const std::string& version_id) {
  const auto sealed = call.txn.get(keys::value(call.caller, secret.name, version_id));
  auto bytes = sealed ? call.ports.vault->open(*sealed, vault_context(secret, version_id)) : std::nullopt;
  if (!bytes) return Error{&DecryptionFailure, "Secrets Manager can't decrypt the protected secret text using the provided KMS key."};
  return SecretValue{.bytes = std::move(*bytes), .binary = secret.versions.at(version_id).binary};
}

}  // namespace surgetank::secretsmanager
