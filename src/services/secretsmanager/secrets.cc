#include <algorithm>

#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/resource_counts.h"
#include "kernel/validation.h"
#include "services/secretsmanager/errors.h"
#include "services/secretsmanager/keys.h"
#include "services/secretsmanager/limits.h"
#include "services/secretsmanager/operations.h"
#include "services/secretsmanager/quotas.h"
#include "services/secretsmanager/secret.h"
#include "wire/json.h"

namespace surgetank::secretsmanager {
namespace {

constexpr std::string_view name_punctuation = "/_+=.@-";
constexpr std::string_view arn_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

Result<Unit> check_name(const std::string& name) {
  SURGE_CHECK(Validation().length("name", name, 1, 512).finish(ValidationException));
  const bool valid = std::all_of(name.begin(), name.end(), [](char c) {
    const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter_or_digit || name_punctuation.find(c) != std::string_view::npos;
  });
  if (!valid)
    return Error{&ValidationException,
                 "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"};
  return Unit{};
}

Result<Unit> check_tags(Call& call, const List<Tag>& tags) {
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::tags, tags.size()));
  Validation validation;
  for (const auto& tag : tags) validation.length("tags.member.key", tag.Key, 1, 128).length("tags.member.value", tag.Value, 0, 256);
  SURGE_CHECK(validation.finish(ValidationException));
  for (const auto& tag : tags)
    if (tag.Key.substr(0, 4) == "aws:") return Error{&InvalidParameterException, "Tag keys can't begin with aws:."};
  return Unit{};
}

void merge_tags(List<Tag>& into, const List<Tag>& tags) {
  for (const auto& tag : tags) {
    const auto known = std::find_if(into.begin(), into.end(), [&](const Tag& t) { return t.Key == tag.Key; });
    if (known == into.end()) {
      into.push_back(tag);
    } else {
      known->Value = tag.Value;
    }
  }
}

// A second CreateSecret with the same token and value is the first one's retry.
Result<CreateSecretResponse> create_again(Call& call, const SecretRecord& known, const CreateSecretRequest& request,
                                          const Opt<SecretValue>& value) {
  if (known.deleted)
    return Error{&InvalidRequestException,
                 "You can't create this secret because a secret with this name is already scheduled for deletion."};
  if (request.ClientRequestToken && value && known.versions.contains(*request.ClientRequestToken)) {
    SURGE_TRY(stored, open_value(call, known, *request.ClientRequestToken));
    if (stored.bytes == value->bytes && stored.binary == value->binary)
      return CreateSecretResponse{.ARN = known.arn, .Name = known.name, .VersionId = request.ClientRequestToken};
  }
  return Error{&ResourceExistsException, "The operation failed because the secret " + request.Name + " already exists."};
}

// With all of its values.
void erase_secret(Call& call, const std::string& name) {
  count_deleted(call, quotas::secrets, keys::secrets(call.caller));
  call.txn.erase(keys::secret(call.caller, name));
  const auto prefix = keys::values(call.caller, name);
  std::vector<std::string> found;
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    found.emplace_back(key);
    return true;
  });
  for (const auto& key : found) call.txn.erase(key);
}

}  // namespace

Result<CreateSecretResponse> create_secret(Call& call, const CreateSecretRequest& request) {
  SURGE_CHECK(check_name(request.Name));
  SURGE_CHECK(Validation().length("description", request.Description, 0, 2048).finish(ValidationException));
  SURGE_CHECK(check_token(request.ClientRequestToken));
  SURGE_CHECK(check_tags(call, request.Tags));
  SURGE_TRY(value, value_of(call, request.SecretString, request.SecretBinary));
  if (const auto known = get_record<SecretRecord>(call.txn, keys::secret(call.caller, request.Name)))
    return create_again(call, *known, request, value);

  SURGE_CHECK(count_created(call, quotas::secrets, keys::secrets(call.caller)));
  SecretRecord secret;
  secret.name = request.Name;
  secret.arn = "arn:aws:secretsmanager:" + call.region() + ":" + call.account() + ":secret:" + request.Name + "-" +
               call.random.from_alphabet(arn_alphabet, 6);
  secret.description = request.Description;
  secret.kms_key_id = request.KmsKeyId;
  merge_tags(secret.tags, request.Tags);
  secret.created = secret.changed = call.now;
  CreateSecretResponse response{.ARN = secret.arn, .Name = secret.name, .VersionId = std::nullopt};
  if (value) {
    response.VersionId = request.ClientRequestToken.value_or(call.random.uuid());
    SURGE_CHECK(put_value(call, secret, *response.VersionId, *value, {String(current_label)}));
  }
  save_secret(call, secret);
  return response;
}

Result<UpdateSecretResponse> update_secret(Call& call, const UpdateSecretRequest& request) {
  SURGE_CHECK(Validation().length("description", request.Description, 0, 2048).finish(ValidationException));
  SURGE_CHECK(check_token(request.ClientRequestToken));
  SURGE_TRY(value, value_of(call, request.SecretString, request.SecretBinary));
  SURGE_TRY(secret, find_live_secret(call, request.SecretId));
  if (request.Description) secret.description = request.Description;
  if (request.KmsKeyId) secret.kms_key_id = request.KmsKeyId;
  UpdateSecretResponse response{.ARN = secret.arn, .Name = secret.name, .VersionId = std::nullopt};
  if (value) {
    response.VersionId = request.ClientRequestToken.value_or(call.random.uuid());
    SURGE_CHECK(put_value(call, secret, *response.VersionId, *value, {String(current_label)}));
  }
  secret.changed = call.now;
  save_secret(call, secret);
  return response;
}

Result<DescribeSecretResponse> describe_secret(Call& call, const SecretIdRequest& request) {
  SURGE_TRY(secret, find_secret(call, request.SecretId));
  DescribeSecretResponse response{.ARN = secret.arn,
                                  .Name = secret.name,
                                  .Description = secret.description,
                                  .KmsKeyId = secret.kms_key_id,
                                  .LastChangedDate = secret.changed,
                                  .LastAccessedDate = secret.accessed,
                                  .DeletedDate = secret.deleted,
                                  .CreatedDate = secret.created,
                                  .Tags = secret.tags,
                                  .VersionIdsToStages = {}};
  for (const auto& [id, version] : secret.versions)
    if (!version.stages.empty()) response.VersionIdsToStages[id] = version.stages;
  return response;
}

Result<DeleteSecretResponse> delete_secret(Call& call, const DeleteSecretRequest& request) {
  const bool force = request.ForceDeleteWithoutRecovery.value_or(false);
  if (force && request.RecoveryWindowInDays)
    return Error{&InvalidParameterException, "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."};
  const auto window = request.RecoveryWindowInDays.value_or(limits::default_recovery_days);
  if (window < limits::least_recovery_days || window > limits::default_recovery_days)
    return Error{&InvalidParameterException, "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."};
  SURGE_TRY(secret, find_secret(call, request.SecretId));
  if (secret.deleted && !force)
    return Error{&InvalidRequestException, "You can't perform this operation on the secret because it was already scheduled for deletion."};
  DeleteSecretResponse response{.ARN = secret.arn, .Name = secret.name, .DeletionDate = force ? call.now : call.now + days(window)};
  if (force) {
    erase_secret(call, secret.name);
    return response;
  }
  secret.deleted = response.DeletionDate;
  save_secret(call, secret);
  const SecretIdRequest purge{.SecretId = secret.arn};
  std::string input;
  write_json(*shape_of<SecretIdRequest>(), &purge, input);
  call.outbox.at(
      response.DeletionDate,
      {.service = "secretsmanager", .operation = "PurgeSecret", .account = call.account(), .region = call.region(), .input = input});
  return response;
}

Result<SecretNameResponse> restore_secret(Call& call, const SecretIdRequest& request) {
  SURGE_TRY(secret, find_secret(call, request.SecretId));
  secret.deleted.reset();
  save_secret(call, secret);
  return SecretNameResponse{.ARN = secret.arn, .Name = secret.name};
}

// The outbox task of DeleteSecret: takes effect only if the deletion still stands and is due (it may have been restored).
Result<Empty> purge_secret(Call& call, const SecretIdRequest& request) {
  const auto secret = find_secret(call, request.SecretId);
  if (!secret.ok() || !secret->deleted || *secret->deleted > call.now) return Empty{};
  erase_secret(call, secret->name);
  return Empty{};
}

Result<Empty> tag_resource(Call& call, const TagResourceRequest& request) {
  SURGE_CHECK(check_tags(call, request.Tags));
  SURGE_TRY(secret, find_live_secret(call, request.SecretId));
  merge_tags(secret.tags, request.Tags);
  SURGE_CHECK(check_tags(call, secret.tags));
  save_secret(call, secret);
  return Empty{};
}

Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request) {
  SURGE_TRY(secret, find_live_secret(call, request.SecretId));
  std::erase_if(secret.tags, [&](const Tag& tag) {
    return std::find(request.TagKeys.begin(), request.TagKeys.end(), tag.Key) != request.TagKeys.end();
  });
  save_secret(call, secret);
  return Empty{};
}

}  // namespace surgetank::secretsmanager
