#pragma once
// The quotas of Secrets Manager as rows of the registry (AWS: "AWS Secrets Manager quotas"; GetSecretValue and DescribeSecret as of
// March 2025, when they were split).
#include "kernel/quota.h"
#include "services/secretsmanager/errors.h"
#include "services/secretsmanager/limits.h"

namespace surgetank::secretsmanager::quotas {

namespace detail {
constexpr QuotaRow rate(std::string_view id, std::string_view name, std::int64_t value, std::string_view operations) {
  return {.id = id,
          .name = name,
          .algorithm = QuotaAlgorithm::TokenBucket,
          .value = value,
          .unit = "per second",
          .error = &ThrottlingException,
          .message = "Rate exceeded",
          .operations = operations};
}
constexpr QuotaRow cap(std::string_view id, std::string_view name, QuotaScope scope, std::size_t value, std::string_view unit,
                       const ErrorCode& error, std::string_view message) {
  return {
      .id = id, .name = name, .scope = scope, .value = static_cast<std::int64_t>(value), .unit = unit, .error = &error, .message = message};
}
}  // namespace detail

inline constexpr QuotaRow rows[] = {
    detail::rate("secretsmanager.get-secret-value", "Rate of GetSecretValue API requests", 10'000, "GetSecretValue"),
    detail::rate("secretsmanager.describe-secret", "Rate of DescribeSecret API requests", 40'000, "DescribeSecret"),
    detail::rate("secretsmanager.batch-get-secret-value", "Rate of BatchGetSecretValue API requests", 100, "BatchGetSecretValue"),
    detail::rate("secretsmanager.list-secrets", "Rate of ListSecrets API requests", 100, "ListSecrets"),
    detail::rate("secretsmanager.create-secret", "Rate of CreateSecret API requests", 50, "CreateSecret"),
    detail::rate("secretsmanager.delete-secret", "Rate of DeleteSecret API requests", 50, "DeleteSecret"),
    detail::rate("secretsmanager.restore-secret", "Rate of RestoreSecret API requests", 50, "RestoreSecret"),
    detail::rate("secretsmanager.put-secret-value",
                 "Combined rate of PutSecretValue, UpdateSecret and UpdateSecretVersionStage API requests", 50,
                 "PutSecretValue UpdateSecret UpdateSecretVersionStage"),
    detail::rate("secretsmanager.list-secret-version-ids", "Rate of ListSecretVersionIds API requests", 50, "ListSecretVersionIds"),
    detail::rate("secretsmanager.get-random-password", "Rate of GetRandomPassword API requests", 50, "GetRandomPassword"),
    detail::rate("secretsmanager.tag-resource", "Combined rate of TagResource and UntagResource API requests", 50,
                 "TagResource UntagResource"),
    detail::cap("secretsmanager.secrets", "Secrets", QuotaScope::Account, 500'000, "secrets", LimitExceededException,
                "The request failed because it would exceed one of the Secrets Manager quotas."),
    detail::cap("secretsmanager.secret-value", "Secret value size", QuotaScope::Request, limits::value_bytes, "bytes", ValidationException,
                "Member must have length less than or equal to {value}"),
    detail::cap("secretsmanager.versions", "Versions per secret", QuotaScope::Resource, limits::versions_per_secret, "versions",
                LimitExceededException, "You exceeded the maximum of {value} labeled versions of secret "),
    detail::cap("secretsmanager.staging-labels", "Staging labels attached across all versions of a secret", QuotaScope::Resource,
                limits::labels_per_secret, "labels", LimitExceededException,
                "You can't attach more than {value} staging labels to a version."),
    detail::cap("secretsmanager.tags", "Tags per secret", QuotaScope::Resource, limits::tags_per_secret, "tags", InvalidParameterException,
                "You can't attach more than {value} tags to a secret."),
    detail::cap("secretsmanager.batch-secrets", "Secrets in one BatchGetSecretValue request", QuotaScope::Request, limits::batch_get,
                "secrets", InvalidParameterException, "You can't get more than {value} secrets in one call."),
};

inline constexpr const QuotaRow& secrets = quota_row(rows, "secretsmanager.secrets");
inline constexpr const QuotaRow& secret_value = quota_row(rows, "secretsmanager.secret-value");
inline constexpr const QuotaRow& versions = quota_row(rows, "secretsmanager.versions");
inline constexpr const QuotaRow& staging_labels = quota_row(rows, "secretsmanager.staging-labels");
inline constexpr const QuotaRow& tags = quota_row(rows, "secretsmanager.tags");
inline constexpr const QuotaRow& batch_secrets = quota_row(rows, "secretsmanager.batch-secrets");

}  // namespace surgetank::secretsmanager::quotas
