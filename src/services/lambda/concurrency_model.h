#pragma once
// Requests, replies and records of reserved and provisioned concurrency; members of API shapes as in the AWS API reference.
#include "shape/shape.h"

namespace surgetank::lambda {

// --- reserved concurrency: kept in FunctionRecord --------------------------------------------------------------------

struct FunctionNameRequest {
  String FunctionName;
};
SURGE_SHAPE(FunctionNameRequest, FunctionName)
SURGE_BINDINGS(FunctionNameRequest, {.member = "FunctionName", .location = Location::Label})
struct PutFunctionConcurrencyRequest {
  String FunctionName;
  Integer ReservedConcurrentExecutions = 0;
};
SURGE_SHAPE(PutFunctionConcurrencyRequest, FunctionName, ReservedConcurrentExecutions)
SURGE_BINDINGS(PutFunctionConcurrencyRequest, {.member = "FunctionName", .location = Location::Label})
struct FunctionConcurrencyReply {
  Opt<Integer> ReservedConcurrentExecutions;
};
SURGE_SHAPE(FunctionConcurrencyReply, ReservedConcurrentExecutions)

// --- provisioned concurrency -----------------------------------------------------------------------------------------

struct PutProvisionedConcurrencyConfigRequest {
  String FunctionName;
  String Qualifier;
  Integer ProvisionedConcurrentExecutions = 0;
};
SURGE_SHAPE(PutProvisionedConcurrencyConfigRequest, FunctionName, Qualifier, ProvisionedConcurrentExecutions)
SURGE_BINDINGS(PutProvisionedConcurrencyConfigRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Qualifier", .location = Location::Query})
// Of GetProvisionedConcurrencyConfig and DeleteProvisionedConcurrencyConfig.
struct ProvisionedConcurrencyConfigRequest {
  String FunctionName;
  String Qualifier;
};
SURGE_SHAPE(ProvisionedConcurrencyConfigRequest, FunctionName, Qualifier)
SURGE_BINDINGS(ProvisionedConcurrencyConfigRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Qualifier", .location = Location::Query})
struct ProvisionedConcurrencyConfig {
  Opt<String> FunctionArn;  // in listings only
  Integer RequestedProvisionedConcurrentExecutions = 0;
  Integer AvailableProvisionedConcurrentExecutions = 0;
  Integer AllocatedProvisionedConcurrentExecutions = 0;
  String Status;
  Opt<String> StatusReason;
  String LastModified;
};
SURGE_SHAPE(ProvisionedConcurrencyConfig, FunctionArn, RequestedProvisionedConcurrentExecutions, AvailableProvisionedConcurrentExecutions,
            AllocatedProvisionedConcurrentExecutions, Status, StatusReason, LastModified)
struct ListProvisionedConcurrencyConfigsRequest {
  String FunctionName;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListProvisionedConcurrencyConfigsRequest, FunctionName, Marker, MaxItems)
SURGE_BINDINGS(ListProvisionedConcurrencyConfigsRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Marker", .location = Location::Query}, {.member = "MaxItems", .location = Location::Query})
struct ListProvisionedConcurrencyConfigsResponse {
  List<ProvisionedConcurrencyConfig> ProvisionedConcurrencyConfigs;
  Opt<String> NextMarker;
};
SURGE_SHAPE(ListProvisionedConcurrencyConfigsResponse, ProvisionedConcurrencyConfigs, NextMarker)

struct ProvisionedRecord {
  String function_name;
  String qualifier;  // a version or an alias
  Integer executions = 0;
  Instant last_modified;
};
SURGE_SHAPE(ProvisionedRecord, function_name, qualifier, executions, last_modified)

}  // namespace surgetank::lambda
