#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/secretsmanager/errors.h"
#include "services/secretsmanager/keys.h"
#include "services/secretsmanager/limits.h"
#include "services/secretsmanager/operations.h"
#include "services/secretsmanager/quotas.h"
#include "services/secretsmanager/secret.h"

namespace surgetank::secretsmanager {
namespace {

Result<std::string> chosen_version(const SecretRecord& secret, const Opt<String>& version_id, const Opt<String>& label) {
  if (version_id) {
    const auto version = secret.versions.find(*version_id);
    if (version == secret.versions.end())
      return Error{&ResourceNotFoundException, "Secrets Manager can't find the specified secret value for VersionId: " + *version_id};
    const auto& stages = version->second.stages;
    if (label && std::find(stages.begin(), stages.end(), *label) == stages.end())
      return Error{&InvalidRequestException, "You provided a VersionStage that is not associated to the provided VersionId."};
    return *version_id;
  }
  const auto wanted = label.value_or(String(current_label));
  if (auto found = version_with_label(secret, wanted)) return std::move(*found);
  return Error{&ResourceNotFoundException, "Secrets Manager can't find the specified secret value for staging label: " + wanted};
}

GetSecretValueResponse reply_of(const SecretRecord& secret, const std::string& version_id, SecretValue value) {
  const auto& version = secret.versions.at(version_id);
  GetSecretValueResponse response{.ARN = secret.arn,
                                  .CreatedDate = version.created,
                                  .Name = secret.name,
                                  .SecretBinary = std::nullopt,
                                  .SecretString = std::nullopt,
                                  .VersionId = version_id,
                                  .VersionStages = version.stages};
  if (value.binary) {
    response.SecretBinary = Blob{std::move(value.bytes)};
  } else {
    response.SecretString = std::move(value.bytes);
  }
  return response;
}

Result<Unit> check_labels(Call& call, const List<String>& labels) {
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::staging_labels, labels.size()));
  Validation validation;
  for (const auto& label : labels) validation.length("versionStages.member", label, 1, 256);
  return validation.finish(ValidationException);
}

}  // namespace

Result<GetSecretValueResponse> get_secret_value(Call& call, const GetSecretValueRequest& request) {
  SURGE_TRY(secret, find_live_secret(call, request.SecretId));
  SURGE_TRY(version_id, chosen_version(secret, request.VersionId, request.VersionStage));
  SURGE_TRY(value, open_value(call, secret, version_id));
  // AWS keeps the last access to the day, so one read a day is a write.
  const Instant today{call.now.us - call.now.us % days(1).us};
  if (secret.accessed != today) {
    secret.accessed = today;
    save_secret(call, secret);
  }
  return reply_of(secret, version_id, std::move(value));
}

// Runs on the account-wide lane and changes nothing: reads of several aggregates see one snapshot.
Result<BatchGetSecretValueResponse> batch_get_secret_value(Call& call, const BatchGetSecretValueRequest& request) {
  if (request.SecretIdList.empty() == request.Filters.empty())
    return Error{&InvalidParameterException, "Either 'SecretIdList' or 'Filters' must be provided, but not both."};
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::batch_secrets, request.SecretIdList.size()));
  SURGE_CHECK(Validation().range("maxResults", request.MaxResults, 1, limits::batch_get).finish(ValidationException));
  if (request.NextToken && request.Filters.empty()) return Error{&InvalidNextTokenException, "The NextToken value is invalid."};

  BatchGetSecretValueResponse response;
  auto& errors = response.Errors.emplace();
  auto& values = response.SecretValues.emplace();
  const auto add = [&](const std::string& id) {
    auto value = [&]() -> Result<GetSecretValueResponse> {
      SURGE_TRY(secret, find_live_secret(call, id));
      SURGE_TRY(version_id, chosen_version(secret, std::nullopt, std::nullopt));
      SURGE_TRY(opened, open_value(call, secret, version_id));
      return reply_of(secret, version_id, std::move(opened));
    }();
    if (value.ok()) {
      values.push_back(std::move(*value));
    } else {
      errors.push_back({.SecretId = id, .ErrorCode = std::string(value.error().code->name), .Message = value.error().message});
    }
  };
  for (const auto& id : request.SecretIdList) add(id);
  if (request.Filters.empty()) return response;
  const auto page = static_cast<std::size_t>(request.MaxResults.value_or(static_cast<std::int64_t>(limits::batch_get)));
  std::vector<std::string> names;
  scan_records<SecretRecord>(call.txn, keys::secrets(call.caller), [&](const SecretRecord& secret) {
    const bool after = !request.NextToken || secret.name >= from_base64(*request.NextToken).value_or("");
    if (after && !secret.deleted && matches_filters(secret, request.Filters)) names.push_back(secret.name);
    return names.size() <= page;
  });
  if (names.size() > page) {
    response.NextToken = to_base64(names.back());
    names.pop_back();
  }
  for (const auto& name : names) add(name);
  return response;
}

Result<PutSecretValueResponse> put_secret_value(Call& call, const PutSecretValueRequest& request) {
  SURGE_CHECK(check_token(request.ClientRequestToken));
  SURGE_CHECK(check_labels(call, request.VersionStages));
  SURGE_TRY(value, value_of(call, request.SecretString, request.SecretBinary));
  if (!value) return Error{&InvalidRequestException, "You must provide either SecretString or SecretBinary."};
  SURGE_TRY(secret, find_live_secret(call, request.SecretId));
  const auto version_id = request.ClientRequestToken.value_or(call.random.uuid());
  const List<String> labels = request.VersionStages.empty() ? List<String>{String(current_label)} : request.VersionStages;
  SURGE_CHECK(put_value(call, secret, version_id, *value, labels));
  save_secret(call, secret);
  return PutSecretValueResponse{
      .ARN = secret.arn, .Name = secret.name, .VersionId = version_id, .VersionStages = secret.versions[version_id].stages};
}

Result<ListSecretVersionIdsResponse> list_secret_version_ids(Call& call, const ListSecretVersionIdsRequest& request) {
  SURGE_CHECK(Validation().range("maxResults", request.MaxResults, 1, limits::list_page).finish(ValidationException));
  SURGE_TRY(secret, find_secret(call, request.SecretId));
  std::vector<std::pair<std::int64_t, SecretVersionsListEntry>> found;
  for (const auto& [id, version] : secret.versions) {
    if (version.stages.empty() && !request.IncludeDeprecated.value_or(false)) continue;
    found.emplace_back(-version.sequence,
                       SecretVersionsListEntry{.VersionId = id, .VersionStages = version.stages, .CreatedDate = version.created});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto first = request.NextToken ? parse_integer(*request.NextToken).value_or(-1) : 0;
  if (first < 0 || first > static_cast<std::int64_t>(found.size()))
    return Error{&InvalidNextTokenException, "The NextToken value is invalid."};
  ListSecretVersionIdsResponse response{
      .Versions = List<SecretVersionsListEntry>{}, .NextToken = std::nullopt, .ARN = secret.arn, .Name = secret.name};
  const auto end = std::min(found.size(), static_cast<std::size_t>(first + request.MaxResults.value_or(limits::list_page)));
  for (auto i = static_cast<std::size_t>(first); i < end; ++i) response.Versions->push_back(found[i].second);
  if (end < found.size()) response.NextToken = std::to_string(end);
  return response;
}

Result<SecretNameResponse> update_secret_version_stage(Call& call, const UpdateSecretVersionStageRequest& request) {
  SURGE_CHECK(check_labels(call, {request.VersionStage}));
  SURGE_TRY(secret, find_live_secret(call, request.SecretId));
  for (const auto& id : {request.RemoveFromVersionId, request.MoveToVersionId})
    if (id && !secret.versions.contains(*id))
      return Error{&ResourceNotFoundException, "Secrets Manager can't find the specified secret value for VersionId: " + *id};
  const auto holder = version_with_label(secret, request.VersionStage);
  if (request.RemoveFromVersionId && holder != request.RemoveFromVersionId)
    return Error{&InvalidParameterException, "The parameter RemoveFromVersionId can't be used because version " +
                                                 *request.RemoveFromVersionId + " doesn't have the staging label " + request.VersionStage +
                                                 "."};
  if (holder && request.MoveToVersionId && !request.RemoveFromVersionId && holder != request.MoveToVersionId)
    return Error{&InvalidParameterException, "The parameter RemoveFromVersionId can't be empty. Staging label " + request.VersionStage +
                                                 " is currently attached to version " + *holder +
                                                 ", so you must explicitly reference that version in RemoveFromVersionId."};
  if (request.VersionStage == current_label && !request.MoveToVersionId)
    return Error{&InvalidParameterException, "You can't remove the staging label AWSCURRENT without moving it to another version."};
  move_label(secret, request.VersionStage, request.MoveToVersionId);
  secret.changed = call.now;
  save_secret(call, secret);
  return SecretNameResponse{.ARN = secret.arn, .Name = secret.name};
}

}  // namespace surgetank::secretsmanager
