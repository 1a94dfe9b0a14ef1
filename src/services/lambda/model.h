#pragma once
// Requests and replies of Lambda; members as in the AWS API reference. Stored records: records.h.
#include "services/lambda/concurrency_model.h"
#include "shape/shape.h"

namespace surgetank::lambda {

// --- parts of a configuration ----------------------------------------------------------------------------------------

struct VpcSettings {
  List<String> SubnetIds;
  List<String> SecurityGroupIds;
  Opt<bool> Ipv6AllowedForDualStack;
};
SURGE_SHAPE(VpcSettings, SubnetIds, SecurityGroupIds, Ipv6AllowedForDualStack)
struct DeadLetterSettings {
  Opt<String> TargetArn;
};
SURGE_SHAPE(DeadLetterSettings, TargetArn)
struct EnvironmentSettings {
  Opt<Map<String>> Variables;
};
SURGE_SHAPE(EnvironmentSettings, Variables)
SURGE_BINDINGS(EnvironmentSettings, {.member = "Variables", .sensitivity = Sensitivity::Sensitive})
struct TracingSettings {
  Opt<String> Mode;
};
SURGE_SHAPE(TracingSettings, Mode)
struct EphemeralStorageSettings {
  Integer Size = 0;
};
SURGE_SHAPE(EphemeralStorageSettings, Size)
struct SnapStartSettings {
  Opt<String> ApplyOn;
  Opt<String> OptimizationStatus;  // replies only
};
SURGE_SHAPE(SnapStartSettings, ApplyOn, OptimizationStatus)
struct LoggingSettings {
  Opt<String> LogFormat;
  Opt<String> ApplicationLogLevel;
  Opt<String> SystemLogLevel;
  Opt<String> LogGroup;
};
SURGE_SHAPE(LoggingSettings, LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup)

// LocalPath and its two companions are ours, for callers inside the platform: a folder that is used where it lies.
struct FunctionCode {
  Opt<Blob> ZipFile;
  Opt<String> S3Bucket;
  Opt<String> S3Key;
  Opt<String> S3ObjectVersion;
  Opt<String> ImageUri;
  Opt<String> LocalPath;
  Opt<String> LocalHash;
  Opt<Integer> LocalSize;
};
SURGE_SHAPE(FunctionCode, ZipFile, S3Bucket, S3Key, S3ObjectVersion, ImageUri, LocalPath, LocalHash, LocalSize)
SURGE_BINDINGS(FunctionCode, {.member = "ZipFile", .sensitivity = Sensitivity::Sensitive})

struct FunctionConfiguration {
  String FunctionName;
  String FunctionArn;
  Opt<String> Runtime;
  String Role;
  Opt<String> Handler;
  Integer CodeSize = 0;
  String Description;
  Integer Timeout = 0;
  Integer MemorySize = 0;
  String LastModified;
  String CodeSha256;
  String Version;
  Opt<DeadLetterSettings> DeadLetterConfig;
  Opt<EnvironmentSettings> Environment;
  Opt<String> KMSKeyArn;
  TracingSettings TracingConfig;
  String RevisionId;
  Opt<String> State;
  Opt<String> LastUpdateStatus;
  String PackageType;
  Opt<List<String>> Architectures;
  EphemeralStorageSettings EphemeralStorage;
  SnapStartSettings SnapStart;
  LoggingSettings LoggingConfig;
};
SURGE_SHAPE(FunctionConfiguration, FunctionName, FunctionArn, Runtime, Role, Handler, CodeSize, Description, Timeout, MemorySize,
            LastModified, CodeSha256, Version, DeadLetterConfig, Environment, KMSKeyArn, TracingConfig, RevisionId, State, LastUpdateStatus,
            PackageType, Architectures, EphemeralStorage, SnapStart, LoggingConfig)

// --- functions -------------------------------------------------------------------------------------------------------

struct CreateFunctionRequest {
  String FunctionName;
  Opt<String> Runtime;
  String Role;
  Opt<String> Handler;
  FunctionCode Code;
  Opt<String> Description;
  Opt<Integer> Timeout;
  Opt<Integer> MemorySize;
  Opt<bool> Publish;
  Opt<VpcSettings> VpcConfig;
  Opt<String> PackageType;
  Opt<DeadLetterSettings> DeadLetterConfig;
  Opt<EnvironmentSettings> Environment;
  Opt<String> KMSKeyArn;
  Opt<TracingSettings> TracingConfig;
  Map<String> Tags;
  List<String> Layers;
  List<Document> FileSystemConfigs;
  Opt<Document> ImageConfig;
  Opt<String> CodeSigningConfigArn;
  List<String> Architectures;
  Opt<EphemeralStorageSettings> EphemeralStorage;
  Opt<SnapStartSettings> SnapStart;
  Opt<LoggingSettings> LoggingConfig;
  Opt<Document> DurableConfig;
  Opt<Document> TenancyConfig;
  Opt<Document> CapacityProviderConfig;
  Opt<String> PublishTo;
};
SURGE_SHAPE(CreateFunctionRequest, FunctionName, Runtime, Role, Handler, Code, Description, Timeout, MemorySize, Publish, VpcConfig,
            PackageType, DeadLetterConfig, Environment, KMSKeyArn, TracingConfig, Tags, Layers, FileSystemConfigs, ImageConfig,
            CodeSigningConfigArn, Architectures, EphemeralStorage, SnapStart, LoggingConfig, DurableConfig, TenancyConfig,
            CapacityProviderConfig, PublishTo)

// Of GetFunction, GetFunctionConfiguration and GetPolicy.
struct QualifiedFunctionRequest {
  String FunctionName;
  Opt<String> Qualifier;
};
SURGE_SHAPE(QualifiedFunctionRequest, FunctionName, Qualifier)
SURGE_BINDINGS(QualifiedFunctionRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Qualifier", .location = Location::Query})
struct FunctionCodeLocation {
  Opt<String> RepositoryType;
  Opt<String> Location;
};
SURGE_SHAPE(FunctionCodeLocation, RepositoryType, Location)
struct GetFunctionResponse {
  FunctionConfiguration Configuration;
  FunctionCodeLocation Code;
  Map<String> Tags;
  Opt<FunctionConcurrencyReply> Concurrency;
};
SURGE_SHAPE(GetFunctionResponse, Configuration, Code, Tags, Concurrency)

struct ListFunctionsRequest {
  Opt<String> MasterRegion;
  Opt<String> FunctionVersion;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListFunctionsRequest, MasterRegion, FunctionVersion, Marker, MaxItems)
SURGE_BINDINGS(ListFunctionsRequest, {.member = "MasterRegion", .location = Location::Query},
               {.member = "FunctionVersion", .location = Location::Query}, {.member = "Marker", .location = Location::Query},
               {.member = "MaxItems", .location = Location::Query})
struct ListFunctionsResponse {
  Opt<String> NextMarker;
  Opt<List<FunctionConfiguration>> Functions;
};
SURGE_SHAPE(ListFunctionsResponse, NextMarker, Functions)

struct UpdateFunctionCodeRequest {
  String FunctionName;
  Opt<Blob> ZipFile;
  Opt<String> S3Bucket;
  Opt<String> S3Key;
  Opt<String> S3ObjectVersion;
  Opt<String> ImageUri;
  Opt<bool> Publish;
  Opt<bool> DryRun;
  Opt<String> RevisionId;
  List<String> Architectures;
  Opt<String> PublishTo;
  Opt<String> LocalPath;
  Opt<String> LocalHash;
  Opt<Integer> LocalSize;
};
SURGE_SHAPE(UpdateFunctionCodeRequest, FunctionName, ZipFile, S3Bucket, S3Key, S3ObjectVersion, ImageUri, Publish, DryRun, RevisionId,
            Architectures, PublishTo, LocalPath, LocalHash, LocalSize)
SURGE_BINDINGS(UpdateFunctionCodeRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "ZipFile", .sensitivity = Sensitivity::Sensitive})

struct UpdateFunctionConfigurationRequest {
  String FunctionName;
  Opt<String> Role;
  Opt<String> Handler;
  Opt<String> Description;
  Opt<Integer> Timeout;
  Opt<Integer> MemorySize;
  Opt<VpcSettings> VpcConfig;
  Opt<EnvironmentSettings> Environment;
  Opt<String> Runtime;
  Opt<DeadLetterSettings> DeadLetterConfig;
  Opt<String> KMSKeyArn;
  Opt<TracingSettings> TracingConfig;
  Opt<String> RevisionId;
  List<String> Layers;
  List<Document> FileSystemConfigs;
  Opt<Document> ImageConfig;
  Opt<EphemeralStorageSettings> EphemeralStorage;
  Opt<SnapStartSettings> SnapStart;
  Opt<LoggingSettings> LoggingConfig;
  Opt<Document> DurableConfig;
  Opt<Document> CapacityProviderConfig;
};
SURGE_SHAPE(UpdateFunctionConfigurationRequest, FunctionName, Role, Handler, Description, Timeout, MemorySize, VpcConfig, Environment,
            Runtime, DeadLetterConfig, KMSKeyArn, TracingConfig, RevisionId, Layers, FileSystemConfigs, ImageConfig, EphemeralStorage,
            SnapStart, LoggingConfig, DurableConfig, CapacityProviderConfig)
SURGE_BINDINGS(UpdateFunctionConfigurationRequest, {.member = "FunctionName", .location = Location::Label})

struct DeleteFunctionRequest {
  String FunctionName;
  Opt<String> Qualifier;
};
SURGE_SHAPE(DeleteFunctionRequest, FunctionName, Qualifier)
SURGE_BINDINGS(DeleteFunctionRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Qualifier", .location = Location::Query})

struct AccountLimits {
  Integer TotalCodeSize = 0;
  Integer CodeSizeUnzipped = 0;
  Integer CodeSizeZipped = 0;
  Integer ConcurrentExecutions = 0;
  Integer UnreservedConcurrentExecutions = 0;
};
SURGE_SHAPE(AccountLimits, TotalCodeSize, CodeSizeUnzipped, CodeSizeZipped, ConcurrentExecutions, UnreservedConcurrentExecutions)
struct AccountUse {
  Integer TotalCodeSize = 0;
  Integer FunctionCount = 0;
};
SURGE_SHAPE(AccountUse, TotalCodeSize, FunctionCount)
struct GetAccountSettingsResponse {
  AccountLimits AccountLimit;
  AccountUse AccountUsage;
};
SURGE_SHAPE(GetAccountSettingsResponse, AccountLimit, AccountUsage)

// --- invocation ------------------------------------------------------------------------------------------------------

struct InvokeRequest {
  String FunctionName;
  Opt<String> InvocationType;
  Opt<String> LogType;
  Opt<String> ClientContext;
  Opt<String> DurableExecutionName;
  Opt<String> TenantId;
  Opt<String> Qualifier;
  Opt<Blob> Payload;
};
SURGE_SHAPE(InvokeRequest, FunctionName, InvocationType, LogType, ClientContext, DurableExecutionName, TenantId, Qualifier, Payload)
SURGE_BINDINGS(InvokeRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "InvocationType", .location = Location::Header, .wire_name = "X-Amz-Invocation-Type"},
               {.member = "LogType", .location = Location::Header, .wire_name = "X-Amz-Log-Type"},
               {.member = "ClientContext", .location = Location::Header, .wire_name = "X-Amz-Client-Context"},
               {.member = "DurableExecutionName", .location = Location::Header, .wire_name = "X-Amz-Durable-Execution-Name"},
               {.member = "TenantId", .location = Location::Header, .wire_name = "X-Amz-Tenant-Id"},
               {.member = "Qualifier", .location = Location::Query},
               {.member = "Payload", .location = Location::Payload, .sensitivity = Sensitivity::Sensitive})
struct InvokeResponse {
  Integer StatusCode = 200;
  Opt<String> FunctionError;
  Opt<String> LogResult;
  Opt<String> ExecutedVersion;
  Opt<String> TraceId;
  Opt<String> ContentType;
  Opt<Blob> Payload;
};
SURGE_SHAPE(InvokeResponse, StatusCode, FunctionError, LogResult, ExecutedVersion, TraceId, ContentType, Payload)
SURGE_BINDINGS(InvokeResponse, {.member = "StatusCode", .location = Location::StatusCode},
               {.member = "FunctionError", .location = Location::Header, .wire_name = "X-Amz-Function-Error"},
               {.member = "LogResult", .location = Location::Header, .wire_name = "X-Amz-Log-Result"},
               {.member = "ExecutedVersion", .location = Location::Header, .wire_name = "X-Amz-Executed-Version"},
               {.member = "TraceId", .location = Location::Header, .wire_name = "X-Amzn-Trace-Id"},
               {.member = "ContentType", .location = Location::Header, .wire_name = "Content-Type"},
               {.member = "Payload", .location = Location::Payload, .sensitivity = Sensitivity::Sensitive})

// --- tags ------------------------------------------------------------------------------------------------------------

struct TagResourceRequest {
  String Resource;
  Opt<Map<String>> Tags;
};
SURGE_SHAPE(TagResourceRequest, Resource, Tags)
SURGE_BINDINGS(TagResourceRequest, {.member = "Resource", .location = Location::Label, .wire_name = "ARN"})
struct UntagResourceRequest {
  String Resource;
  List<String> TagKeys;
};
SURGE_SHAPE(UntagResourceRequest, Resource, TagKeys)
SURGE_BINDINGS(UntagResourceRequest, {.member = "Resource", .location = Location::Label, .wire_name = "ARN"},
               {.member = "TagKeys", .location = Location::Query, .wire_name = "tagKeys"})
struct ListTagsRequest {
  String Resource;
};
SURGE_SHAPE(ListTagsRequest, Resource)
SURGE_BINDINGS(ListTagsRequest, {.member = "Resource", .location = Location::Label, .wire_name = "ARN"})
struct ListTagsResponse {
  Opt<Map<String>> Tags;
};
SURGE_SHAPE(ListTagsResponse, Tags)

// --- resource policy -------------------------------------------------------------------------------------------------

struct AddPermissionRequest {
  String FunctionName;
  String StatementId;
  String Action;
  String Principal;
  Opt<String> SourceArn;
  Opt<String> SourceAccount;
  Opt<String> EventSourceToken;
  Opt<String> Qualifier;
  Opt<String> RevisionId;
  Opt<String> PrincipalOrgID;
  Opt<String> FunctionUrlAuthType;
  Opt<bool> InvokedViaFunctionUrl;
};
SURGE_SHAPE(AddPermissionRequest, FunctionName, StatementId, Action, Principal, SourceArn, SourceAccount, EventSourceToken, Qualifier,
            RevisionId, PrincipalOrgID, FunctionUrlAuthType, InvokedViaFunctionUrl)
SURGE_BINDINGS(AddPermissionRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Qualifier", .location = Location::Query})
struct AddPermissionResponse {
  String Statement;
};
SURGE_SHAPE(AddPermissionResponse, Statement)
struct RemovePermissionRequest {
  String FunctionName;
  String StatementId;
  Opt<String> Qualifier;
  Opt<String> RevisionId;
};
SURGE_SHAPE(RemovePermissionRequest, FunctionName, StatementId, Qualifier, RevisionId)
SURGE_BINDINGS(RemovePermissionRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "StatementId", .location = Location::Label}, {.member = "Qualifier", .location = Location::Query},
               {.member = "RevisionId", .location = Location::Query})
struct GetPolicyResponse {
  String Policy;
  String RevisionId;
};
SURGE_SHAPE(GetPolicyResponse, Policy, RevisionId)

// --- versions --------------------------------------------------------------------------------------------------------

struct PublishVersionRequest {
  String FunctionName;
  Opt<String> CodeSha256;
  Opt<String> Description;
  Opt<String> RevisionId;
  Opt<String> PublishTo;
};
SURGE_SHAPE(PublishVersionRequest, FunctionName, CodeSha256, Description, RevisionId, PublishTo)
SURGE_BINDINGS(PublishVersionRequest, {.member = "FunctionName", .location = Location::Label})
struct ListVersionsByFunctionRequest {
  String FunctionName;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListVersionsByFunctionRequest, FunctionName, Marker, MaxItems)
SURGE_BINDINGS(ListVersionsByFunctionRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Marker", .location = Location::Query}, {.member = "MaxItems", .location = Location::Query})
struct ListVersionsByFunctionResponse {
  Opt<String> NextMarker;
  Opt<List<FunctionConfiguration>> Versions;
};
SURGE_SHAPE(ListVersionsByFunctionResponse, NextMarker, Versions)

// --- aliases ---------------------------------------------------------------------------------------------------------

struct AliasRouting {
  Opt<Map<double>> AdditionalVersionWeights;
};
SURGE_SHAPE(AliasRouting, AdditionalVersionWeights)
struct AliasConfiguration {
  String AliasArn;
  String Name;
  String FunctionVersion;
  String Description;
  Opt<AliasRouting> RoutingConfig;
  String RevisionId;
};
SURGE_SHAPE(AliasConfiguration, AliasArn, Name, FunctionVersion, Description, RoutingConfig, RevisionId)
struct CreateAliasRequest {
  String FunctionName;
  String Name;
  String FunctionVersion;
  Opt<String> Description;
  Opt<AliasRouting> RoutingConfig;
};
SURGE_SHAPE(CreateAliasRequest, FunctionName, Name, FunctionVersion, Description, RoutingConfig)
SURGE_BINDINGS(CreateAliasRequest, {.member = "FunctionName", .location = Location::Label})
// Of GetAlias and DeleteAlias.
struct AliasNameRequest {
  String FunctionName;
  String Name;
};
SURGE_SHAPE(AliasNameRequest, FunctionName, Name)
SURGE_BINDINGS(AliasNameRequest, {.member = "FunctionName", .location = Location::Label}, {.member = "Name", .location = Location::Label})
struct UpdateAliasRequest {
  String FunctionName;
  String Name;
  Opt<String> FunctionVersion;
  Opt<String> Description;
  Opt<AliasRouting> RoutingConfig;
  Opt<String> RevisionId;
};
SURGE_SHAPE(UpdateAliasRequest, FunctionName, Name, FunctionVersion, Description, RoutingConfig, RevisionId)
SURGE_BINDINGS(UpdateAliasRequest, {.member = "FunctionName", .location = Location::Label}, {.member = "Name", .location = Location::Label})
struct ListAliasesRequest {
  String FunctionName;
  Opt<String> FunctionVersion;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListAliasesRequest, FunctionName, FunctionVersion, Marker, MaxItems)
SURGE_BINDINGS(ListAliasesRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "FunctionVersion", .location = Location::Query}, {.member = "Marker", .location = Location::Query},
               {.member = "MaxItems", .location = Location::Query})
struct ListAliasesResponse {
  Opt<String> NextMarker;
  Opt<List<AliasConfiguration>> Aliases;
};
SURGE_SHAPE(ListAliasesResponse, NextMarker, Aliases)

}  // namespace surgetank::lambda
