#pragma once
// Requests and replies of STS; members as in the AWS API reference.
#include "shape/shape.h"

namespace surgetank::sts {

struct GetCallerIdentityResponse {
  String UserId;
  String Account;
  String Arn;
};
SURGE_SHAPE(GetCallerIdentityResponse, UserId, Account, Arn)

struct Tag {
  String Key;
  String Value;
};
SURGE_SHAPE(Tag, Key, Value)
struct PolicyDescriptor {
  Opt<String> arn;
};
SURGE_SHAPE(PolicyDescriptor, arn)
struct AssumeRoleRequest {
  String RoleArn;
  String RoleSessionName;
  List<PolicyDescriptor> PolicyArns;
  Opt<String> Policy;
  Opt<Integer> DurationSeconds;
  List<Tag> Tags;
  List<String> TransitiveTagKeys;
  Opt<String> ExternalId;
  Opt<String> SourceIdentity;
};
SURGE_SHAPE(AssumeRoleRequest, RoleArn, RoleSessionName, PolicyArns, Policy, DurationSeconds, Tags, TransitiveTagKeys, ExternalId,
            SourceIdentity)
struct StsCredentials {
  String AccessKeyId;
  String SecretAccessKey;
  String SessionToken;
  Instant Expiration;
};
SURGE_SHAPE(StsCredentials, AccessKeyId, SecretAccessKey, SessionToken, Expiration)
SURGE_BINDINGS(StsCredentials, {.member = "SecretAccessKey", .sensitivity = Sensitivity::Sensitive},
               {.member = "SessionToken", .sensitivity = Sensitivity::Sensitive})
struct AssumedRoleUser {
  String AssumedRoleId;
  String Arn;
};
SURGE_SHAPE(AssumedRoleUser, AssumedRoleId, Arn)
struct AssumeRoleResponse {
  StsCredentials Credentials;
  AssumedRoleUser AssumedRoleUser_;
  Opt<Integer> PackedPolicySize;
  Opt<String> SourceIdentity;
};
SURGE_SHAPE(AssumeRoleResponse, Credentials, AssumedRoleUser_, PackedPolicySize, SourceIdentity)
SURGE_BINDINGS(AssumeRoleResponse, {.member = "AssumedRoleUser_", .wire_name = "AssumedRoleUser"})

struct GetSessionTokenRequest {
  Opt<Integer> DurationSeconds;
  Opt<String> SerialNumber;
  Opt<String> TokenCode;
};
SURGE_SHAPE(GetSessionTokenRequest, DurationSeconds, SerialNumber, TokenCode)
struct GetSessionTokenResponse {
  StsCredentials Credentials;
};
SURGE_SHAPE(GetSessionTokenResponse, Credentials)

struct GetAccessKeyInfoRequest {
  String AccessKeyId;
};
SURGE_SHAPE(GetAccessKeyInfoRequest, AccessKeyId)
struct GetAccessKeyInfoResponse {
  String Account;
};
SURGE_SHAPE(GetAccessKeyInfoResponse, Account)

}  // namespace surgetank::sts
