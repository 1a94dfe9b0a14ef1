#pragma once
// The operations of Secrets Manager by noun, and what they share. All run on the lane of the secret's aggregate key.
#include "kernel/call.h"
#include "services/secretsmanager/model.h"

namespace surgetank::secretsmanager {

// Finds the secret that a client names. Errors: ResourceNotFoundException.
Result<SecretRecord> find_secret(Call& call, std::string_view client_name);
// The same, but refuses one that is marked for deletion (InvalidRequestException).
Result<SecretRecord> find_live_secret(Call& call, std::string_view client_name);
void save_secret(Call& call, const SecretRecord& secret);

// What a client sent as the value: exactly one of text and bytes, within the size limit.
struct SecretValue {
  std::string bytes;
  bool binary = false;
};
Result<Opt<SecretValue>> value_of(Call& call, const Opt<String>& text, const Opt<Blob>& binary);
Result<Unit> check_token(const Opt<String>& client_request_token);
// Stores a new version under `version_id`; a repeated id with the same value is fine, with another one ResourceExistsException.
Result<Unit> put_value(Call& call, SecretRecord& secret, const std::string& version_id, const SecretValue& value,
                       const List<String>& labels);
Result<SecretValue> open_value(Call& call, const SecretRecord& secret, const std::string& version_id);

// secrets.cc
Result<CreateSecretResponse> create_secret(Call& call, const CreateSecretRequest& request);
Result<UpdateSecretResponse> update_secret(Call& call, const UpdateSecretRequest& request);
Result<DescribeSecretResponse> describe_secret(Call& call, const SecretIdRequest& request);
Result<DeleteSecretResponse> delete_secret(Call& call, const DeleteSecretRequest& request);
Result<SecretNameResponse> restore_secret(Call& call, const SecretIdRequest& request);
Result<Empty> purge_secret(Call& call, const SecretIdRequest& request);
Result<Empty> tag_resource(Call& call, const TagResourceRequest& request);
Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request);

// listing.cc
Result<ListSecretsResponse> list_secrets(Call& call, const ListSecretsRequest& request);
bool matches_filters(const SecretRecord& secret, const List<Filter>& filters);

// values.cc
Result<GetSecretValueResponse> get_secret_value(Call& call, const GetSecretValueRequest& request);
Result<BatchGetSecretValueResponse> batch_get_secret_value(Call& call, const BatchGetSecretValueRequest& request);
Result<PutSecretValueResponse> put_secret_value(Call& call, const PutSecretValueRequest& request);
Result<ListSecretVersionIdsResponse> list_secret_version_ids(Call& call, const ListSecretVersionIdsRequest& request);
Result<SecretNameResponse> update_secret_version_stage(Call& call, const UpdateSecretVersionStageRequest& request);

// passwords.cc
Result<GetRandomPasswordResponse> get_random_password(Call& call, const GetRandomPasswordRequest& request);

}  // namespace surgetank::secretsmanager
