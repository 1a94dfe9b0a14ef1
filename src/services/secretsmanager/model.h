#pragma once
// Requests, replies and stored records of Secrets Manager; members as in the AWS API reference.
#include "shape/shape.h"

namespace surgetank::secretsmanager {

struct Tag {
  String Key;
  Opt<String> Value;
};
SURGE_SHAPE(Tag, Key, Value)

struct CreateSecretRequest {
  String Name;
  Opt<String> ClientRequestToken;
  Opt<String> Description;
  Opt<String> KmsKeyId;
  Opt<Blob> SecretBinary;
  Opt<String> SecretString;
  List<Tag> Tags;
};
SURGE_SHAPE(CreateSecretRequest, Name, ClientRequestToken, Description, KmsKeyId, SecretBinary, SecretString, Tags)
SURGE_BINDINGS(CreateSecretRequest, {.member = "SecretBinary", .sensitivity = Sensitivity::Sensitive},
               {.member = "SecretString", .sensitivity = Sensitivity::Sensitive})
struct CreateSecretResponse {
  String ARN;
  String Name;
  Opt<String> VersionId;
};
SURGE_SHAPE(CreateSecretResponse, ARN, Name, VersionId)

struct GetSecretValueRequest {
  String SecretId;
  Opt<String> VersionId;
  Opt<String> VersionStage;
};
SURGE_SHAPE(GetSecretValueRequest, SecretId, VersionId, VersionStage)
struct GetSecretValueResponse {
  String ARN;
  Instant CreatedDate;
  String Name;
  Opt<Blob> SecretBinary;
  Opt<String> SecretString;
  String VersionId;
  List<String> VersionStages;
};
SURGE_SHAPE(GetSecretValueResponse, ARN, CreatedDate, Name, SecretBinary, SecretString, VersionId, VersionStages)
SURGE_BINDINGS(GetSecretValueResponse, {.member = "SecretBinary", .sensitivity = Sensitivity::Sensitive},
               {.member = "SecretString", .sensitivity = Sensitivity::Sensitive})

struct Filter {
  String Key;
  List<String> Values;
};
SURGE_SHAPE(Filter, Key, Values)

struct BatchGetSecretValueRequest {
  List<String> SecretIdList;
  List<Filter> Filters;
  Opt<Integer> MaxResults;
  Opt<String> NextToken;
};
SURGE_SHAPE(BatchGetSecretValueRequest, SecretIdList, Filters, MaxResults, NextToken)
struct BatchError {
  String SecretId;
  String ErrorCode;
  String Message;
};
SURGE_SHAPE(BatchError, SecretId, ErrorCode, Message)
struct BatchGetSecretValueResponse {
  Opt<List<BatchError>> Errors;
  Opt<List<GetSecretValueResponse>> SecretValues;
  Opt<String> NextToken;
};
SURGE_SHAPE(BatchGetSecretValueResponse, Errors, SecretValues, NextToken)

struct PutSecretValueRequest {
  String SecretId;
  Opt<String> ClientRequestToken;
  Opt<Blob> SecretBinary;
  Opt<String> SecretString;
  List<String> VersionStages;
};
SURGE_SHAPE(PutSecretValueRequest, SecretId, ClientRequestToken, SecretBinary, SecretString, VersionStages)
SURGE_BINDINGS(PutSecretValueRequest, {.member = "SecretBinary", .sensitivity = Sensitivity::Sensitive},
               {.member = "SecretString", .sensitivity = Sensitivity::Sensitive})
struct PutSecretValueResponse {
  String ARN;
  String Name;
  String VersionId;
  List<String> VersionStages;
};
SURGE_SHAPE(PutSecretValueResponse, ARN, Name, VersionId, VersionStages)

struct UpdateSecretRequest {
  String SecretId;
  Opt<String> ClientRequestToken;
  Opt<String> Description;
  Opt<String> KmsKeyId;
  Opt<Blob> SecretBinary;
  Opt<String> SecretString;
};
SURGE_SHAPE(UpdateSecretRequest, SecretId, ClientRequestToken, Description, KmsKeyId, SecretBinary, SecretString)
SURGE_BINDINGS(UpdateSecretRequest, {.member = "SecretBinary", .sensitivity = Sensitivity::Sensitive},
               {.member = "SecretString", .sensitivity = Sensitivity::Sensitive})
struct UpdateSecretResponse {
  String ARN;
  String Name;
  Opt<String> VersionId;
};
SURGE_SHAPE(UpdateSecretResponse, ARN, Name, VersionId)

struct SecretIdRequest {
  String SecretId;
};
SURGE_SHAPE(SecretIdRequest, SecretId)
struct DescribeSecretResponse {
  String ARN;
  String Name;
  Opt<String> Description;
  Opt<String> KmsKeyId;
  Opt<Instant> LastChangedDate;
  Opt<Instant> LastAccessedDate;
  Opt<Instant> DeletedDate;
  Opt<Instant> CreatedDate;
  Opt<List<Tag>> Tags;
  Map<List<String>> VersionIdsToStages;
};
SURGE_SHAPE(DescribeSecretResponse, ARN, Name, Description, KmsKeyId, LastChangedDate, LastAccessedDate, DeletedDate, CreatedDate, Tags,
            VersionIdsToStages)

struct ListSecretsRequest {
  Opt<bool> IncludePlannedDeletion;
  Opt<Integer> MaxResults;
  Opt<String> NextToken;
  List<Filter> Filters;
  Opt<String> SortOrder;
};
SURGE_SHAPE(ListSecretsRequest, IncludePlannedDeletion, MaxResults, NextToken, Filters, SortOrder)
struct SecretListEntry {
  String ARN;
  String Name;
  Opt<String> Description;
  Opt<String> KmsKeyId;
  Opt<Instant> LastChangedDate;
  Opt<Instant> LastAccessedDate;
  Opt<Instant> DeletedDate;
  Opt<Instant> CreatedDate;
  Opt<List<Tag>> Tags;
  Map<List<String>> SecretVersionsToStages;
};
SURGE_SHAPE(SecretListEntry, ARN, Name, Description, KmsKeyId, LastChangedDate, LastAccessedDate, DeletedDate, CreatedDate, Tags,
            SecretVersionsToStages)
struct ListSecretsResponse {
  Opt<List<SecretListEntry>> SecretList;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListSecretsResponse, SecretList, NextToken)

struct DeleteSecretRequest {
  String SecretId;
  Opt<Integer> RecoveryWindowInDays;
  Opt<bool> ForceDeleteWithoutRecovery;
};
SURGE_SHAPE(DeleteSecretRequest, SecretId, RecoveryWindowInDays, ForceDeleteWithoutRecovery)
struct DeleteSecretResponse {
  String ARN;
  String Name;
  Instant DeletionDate;
};
SURGE_SHAPE(DeleteSecretResponse, ARN, Name, DeletionDate)
struct SecretNameResponse {
  String ARN;
  String Name;
};
SURGE_SHAPE(SecretNameResponse, ARN, Name)

struct ListSecretVersionIdsRequest {
  String SecretId;
  Opt<Integer> MaxResults;
  Opt<String> NextToken;
  Opt<bool> IncludeDeprecated;
};
SURGE_SHAPE(ListSecretVersionIdsRequest, SecretId, MaxResults, NextToken, IncludeDeprecated)
struct SecretVersionsListEntry {
  String VersionId;
  List<String> VersionStages;
  Instant CreatedDate;
};
SURGE_SHAPE(SecretVersionsListEntry, VersionId, VersionStages, CreatedDate)
struct ListSecretVersionIdsResponse {
  Opt<List<SecretVersionsListEntry>> Versions;
  Opt<String> NextToken;
  String ARN;
  String Name;
};
SURGE_SHAPE(ListSecretVersionIdsResponse, Versions, NextToken, ARN, Name)

struct UpdateSecretVersionStageRequest {
  String SecretId;
  String VersionStage;
  Opt<String> RemoveFromVersionId;
  Opt<String> MoveToVersionId;
};
SURGE_SHAPE(UpdateSecretVersionStageRequest, SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId)

struct TagResourceRequest {
  String SecretId;
  List<Tag> Tags;
};
SURGE_SHAPE(TagResourceRequest, SecretId, Tags)
struct UntagResourceRequest {
  String SecretId;
  List<String> TagKeys;
};
SURGE_SHAPE(UntagResourceRequest, SecretId, TagKeys)

struct GetRandomPasswordRequest {
  Opt<Integer> PasswordLength;
  Opt<String> ExcludeCharacters;
  Opt<bool> ExcludeNumbers;
  Opt<bool> ExcludePunctuation;
  Opt<bool> ExcludeUppercase;
  Opt<bool> ExcludeLowercase;
  Opt<bool> IncludeSpace;
  Opt<bool> RequireEachIncludedType;
};
SURGE_SHAPE(GetRandomPasswordRequest, PasswordLength, ExcludeCharacters, ExcludeNumbers, ExcludePunctuation, ExcludeUppercase,
            ExcludeLowercase, IncludeSpace, RequireEachIncludedType)
struct GetRandomPasswordResponse {
  String RandomPassword;
};
SURGE_SHAPE(GetRandomPasswordResponse, RandomPassword)
SURGE_BINDINGS(GetRandomPasswordResponse, {.member = "RandomPassword", .sensitivity = Sensitivity::Sensitive})

// --- stored ----------------------------------------------------------------------------------------------------------

struct VersionRecord {
  Instant created;
  List<String> stages;
  bool binary = false;
  Integer sequence = 0;  // order of creation within the secret
};
SURGE_SHAPE(VersionRecord, created, stages, binary, sequence)
struct SecretRecord {
  String name;
  String arn;
  Opt<String> description;
  Opt<String> kms_key_id;
  List<Tag> tags;
  Instant created;
  Instant changed;
  Opt<Instant> accessed;  // to the day, as AWS shows it
  Opt<Instant> deleted;   // when it will be removed
  Map<VersionRecord> versions;
  Integer next_sequence = 1;
};
SURGE_SHAPE(SecretRecord, name, arn, description, kms_key_id, tags, created, changed, accessed, deleted, versions, next_sequence)

}  // namespace surgetank::secretsmanager
