#pragma once
// Requests, replies and stored records of IAM; members as in the AWS API reference. Policy documents travel URL-encoded in replies.
#include "shape/shape.h"

namespace surgetank::iam {

struct Tag {
  String Key;
  String Value;
};
SURGE_SHAPE(Tag, Key, Value)

struct Role {
  String Path;
  String RoleName;
  String RoleId;
  String Arn;
  Instant CreateDate;
  Opt<String> AssumeRolePolicyDocument;
  Opt<String> Description;
  Integer MaxSessionDuration = 3600;
  List<Tag> Tags;
};
SURGE_SHAPE(Role, Path, RoleName, RoleId, Arn, CreateDate, AssumeRolePolicyDocument, Description, MaxSessionDuration, Tags)

struct CreateRoleRequest {
  Opt<String> Path;
  String RoleName;
  String AssumeRolePolicyDocument;
  Opt<String> Description;
  Opt<Integer> MaxSessionDuration;
  List<Tag> Tags;
};
SURGE_SHAPE(CreateRoleRequest, Path, RoleName, AssumeRolePolicyDocument, Description, MaxSessionDuration, Tags)
struct RoleResponse {
  iam::Role Role;
};
SURGE_SHAPE(RoleResponse, Role)
struct RoleNameRequest {
  String RoleName;
};
SURGE_SHAPE(RoleNameRequest, RoleName)
struct UpdateRoleRequest {
  String RoleName;
  Opt<String> Description;
  Opt<Integer> MaxSessionDuration;
};
SURGE_SHAPE(UpdateRoleRequest, RoleName, Description, MaxSessionDuration)
struct UpdateAssumeRolePolicyRequest {
  String RoleName;
  String PolicyDocument;
};
SURGE_SHAPE(UpdateAssumeRolePolicyRequest, RoleName, PolicyDocument)
struct ListRolesRequest {
  Opt<String> PathPrefix;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListRolesRequest, PathPrefix, Marker, MaxItems)
struct ListRolesResponse {
  Opt<List<Role>> Roles;
  bool IsTruncated = false;
  Opt<String> Marker;
};
SURGE_SHAPE(ListRolesResponse, Roles, IsTruncated, Marker)

struct RolePolicyRequest {
  String RoleName;
  String PolicyArn;
};
SURGE_SHAPE(RolePolicyRequest, RoleName, PolicyArn)
struct PutRolePolicyRequest {
  String RoleName;
  String PolicyName;
  String PolicyDocument;
};
SURGE_SHAPE(PutRolePolicyRequest, RoleName, PolicyName, PolicyDocument)
struct RolePolicyNameRequest {
  String RoleName;
  String PolicyName;
};
SURGE_SHAPE(RolePolicyNameRequest, RoleName, PolicyName)
struct GetRolePolicyResponse {
  String RoleName;
  String PolicyName;
  String PolicyDocument;
};
SURGE_SHAPE(GetRolePolicyResponse, RoleName, PolicyName, PolicyDocument)
struct ListRoleEntriesRequest {
  String RoleName;
  Opt<String> PathPrefix;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListRoleEntriesRequest, RoleName, PathPrefix, Marker, MaxItems)
struct AttachedPolicy {
  String PolicyName;
  String PolicyArn;
};
SURGE_SHAPE(AttachedPolicy, PolicyName, PolicyArn)
struct ListAttachedRolePoliciesResponse {
  Opt<List<AttachedPolicy>> AttachedPolicies;
  bool IsTruncated = false;
  Opt<String> Marker;
};
SURGE_SHAPE(ListAttachedRolePoliciesResponse, AttachedPolicies, IsTruncated, Marker)
struct ListRolePoliciesResponse {
  Opt<List<String>> PolicyNames;
  bool IsTruncated = false;
  Opt<String> Marker;
};
SURGE_SHAPE(ListRolePoliciesResponse, PolicyNames, IsTruncated, Marker)
struct TagRoleRequest {
  String RoleName;
  List<Tag> Tags;
};
SURGE_SHAPE(TagRoleRequest, RoleName, Tags)
struct UntagRoleRequest {
  String RoleName;
  List<String> TagKeys;
};
SURGE_SHAPE(UntagRoleRequest, RoleName, TagKeys)
struct ListRoleTagsResponse {
  Opt<List<Tag>> Tags;
  bool IsTruncated = false;
  Opt<String> Marker;
};
SURGE_SHAPE(ListRoleTagsResponse, Tags, IsTruncated, Marker)

struct Policy {
  String PolicyName;
  String PolicyId;
  String Arn;
  String Path;
  String DefaultVersionId;
  Integer AttachmentCount = 0;
  bool IsAttachable = true;
  Opt<String> Description;
  Instant CreateDate;
  Instant UpdateDate;
};
SURGE_SHAPE(Policy, PolicyName, PolicyId, Arn, Path, DefaultVersionId, AttachmentCount, IsAttachable, Description, CreateDate, UpdateDate)
struct CreatePolicyRequest {
  String PolicyName;
  Opt<String> Path;
  String PolicyDocument;
  Opt<String> Description;
};
SURGE_SHAPE(CreatePolicyRequest, PolicyName, Path, PolicyDocument, Description)
struct PolicyResponse {
  iam::Policy Policy;
};
SURGE_SHAPE(PolicyResponse, Policy)
struct PolicyArnRequest {
  String PolicyArn;
};
SURGE_SHAPE(PolicyArnRequest, PolicyArn)
struct GetPolicyVersionRequest {
  String PolicyArn;
  String VersionId;
};
SURGE_SHAPE(GetPolicyVersionRequest, PolicyArn, VersionId)
struct PolicyVersion {
  String Document;
  String VersionId;
  bool IsDefaultVersion = true;
  Instant CreateDate;
};
SURGE_SHAPE(PolicyVersion, Document, VersionId, IsDefaultVersion, CreateDate)
struct GetPolicyVersionResponse {
  iam::PolicyVersion PolicyVersion;
};
SURGE_SHAPE(GetPolicyVersionResponse, PolicyVersion)
struct ListPoliciesRequest {
  Opt<String> Scope;
  Opt<String> PathPrefix;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListPoliciesRequest, Scope, PathPrefix, Marker, MaxItems)
struct ListPoliciesResponse {
  Opt<List<Policy>> Policies;
  bool IsTruncated = false;
  Opt<String> Marker;
};
SURGE_SHAPE(ListPoliciesResponse, Policies, IsTruncated, Marker)

// --- stored ----------------------------------------------------------------------------------------------------------

struct RoleRecord {
  Role role;                    // AssumeRolePolicyDocument is kept as given
  Map<String> inline_policies;  // name -> document
  List<AttachedPolicy> attached;
};
SURGE_SHAPE(RoleRecord, role, inline_policies, attached)
struct PolicyRecord {
  Policy policy;
  String document;
};
SURGE_SHAPE(PolicyRecord, policy, document)

}  // namespace surgetank::iam
