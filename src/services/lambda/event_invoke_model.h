#pragma once
// Requests, replies and records of asynchronous invocation: the EventInvokeConfig operations, InvokeAsync, the events that wait in the
// store, and the internal operations that move them on. Members of API shapes as in the AWS API reference.
#include "shape/shape.h"

namespace surgetank::lambda {

// --- EventInvokeConfig -----------------------------------------------------------------------------------------------

struct DestinationSettings {
  Opt<String> Destination;
};
SURGE_SHAPE(DestinationSettings, Destination)
struct DestinationConfiguration {
  Opt<DestinationSettings> OnSuccess;
  Opt<DestinationSettings> OnFailure;
};
SURGE_SHAPE(DestinationConfiguration, OnSuccess, OnFailure)
// Of PutFunctionEventInvokeConfig and UpdateFunctionEventInvokeConfig.
struct FunctionEventInvokeConfigRequest {
  String FunctionName;
  Opt<String> Qualifier;
  Opt<Integer> MaximumRetryAttempts;
  Opt<Integer> MaximumEventAgeInSeconds;
  Opt<DestinationConfiguration> DestinationConfig;
};
SURGE_SHAPE(FunctionEventInvokeConfigRequest, FunctionName, Qualifier, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig)
SURGE_BINDINGS(FunctionEventInvokeConfigRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Qualifier", .location = Location::Query})
struct FunctionEventInvokeConfig {
  Instant LastModified;
  String FunctionArn;
  Opt<Integer> MaximumRetryAttempts;
  Opt<Integer> MaximumEventAgeInSeconds;
  DestinationConfiguration DestinationConfig;
};
SURGE_SHAPE(FunctionEventInvokeConfig, LastModified, FunctionArn, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig)
struct ListFunctionEventInvokeConfigsRequest {
  String FunctionName;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListFunctionEventInvokeConfigsRequest, FunctionName, Marker, MaxItems)
SURGE_BINDINGS(ListFunctionEventInvokeConfigsRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "Marker", .location = Location::Query}, {.member = "MaxItems", .location = Location::Query})
struct ListFunctionEventInvokeConfigsResponse {
  Opt<List<FunctionEventInvokeConfig>> FunctionEventInvokeConfigs;
  Opt<String> NextMarker;
};
SURGE_SHAPE(ListFunctionEventInvokeConfigsResponse, FunctionEventInvokeConfigs, NextMarker)

struct EventInvokeRecord {
  String qualifier;  // $LATEST, a version or an alias
  Opt<Integer> maximum_retry_attempts;
  Opt<Integer> maximum_event_age_seconds;
  Opt<String> on_success;
  Opt<String> on_failure;
  Instant last_modified;
};
SURGE_SHAPE(EventInvokeRecord, qualifier, maximum_retry_attempts, maximum_event_age_seconds, on_success, on_failure, last_modified)

// --- the old API -----------------------------------------------------------------------------------------------------

struct InvokeAsyncRequest {
  String FunctionName;
  Opt<Blob> InvokeArgs;
};
SURGE_SHAPE(InvokeAsyncRequest, FunctionName, InvokeArgs)
SURGE_BINDINGS(InvokeAsyncRequest, {.member = "FunctionName", .location = Location::Label},
               {.member = "InvokeArgs", .location = Location::Payload, .sensitivity = Sensitivity::Sensitive})
struct InvokeAsyncResponse {
  Integer Status = 202;
};
SURGE_SHAPE(InvokeAsyncResponse, Status)
SURGE_BINDINGS(InvokeAsyncResponse, {.member = "Status", .location = Location::StatusCode})

// --- events ----------------------------------------------------------------------------------------------------------

// One accepted event; its payload lies under a key of its own, since this record is written anew with every try.
struct EventRecord {
  String request_id;
  String qualifier;  // as it was used; empty: none
  Instant accepted;
  String trace_root;
  String trace_parent;
  String trace_lineage;
  String trace_sampled;
  Integer failed_runs = 0;
  Integer refusals = 0;  // in a row
  Integer last_status = 200;
  String last_message;  // of the last try, at most 1 KB
};
SURGE_SHAPE(EventRecord, request_id, qualifier, accepted, trace_root, trace_parent, trace_lineage, trace_sampled, failed_runs, refusals,
            last_status, last_message)

// What came of one try of an event: internal.
struct SettleEventRequest {
  String FunctionName;
  Integer Due = 0;  // with Id the event's key
  Integer Id = 0;
  String Outcome;  // Success, FunctionError, Throttled, ServiceFailure; Expired and Gone: it was not tried
  Opt<String> ExecutedVersion;
  Opt<Blob> Payload;
  String Message;
};
SURGE_SHAPE(SettleEventRequest, FunctionName, Due, Id, Outcome, ExecutedVersion, Payload, Message)
SURGE_BINDINGS(SettleEventRequest, {.member = "Payload", .sensitivity = Sensitivity::Sensitive})

// A message about an event on its way to a queue or a function: internal, from the outbox.
struct DeliverEventRequest {
  String FunctionName;
  String Kind;  // DeadLetterQueue, OnSuccess, OnFailure
  String TargetArn;
  String RequestId;
  Integer ErrorCode = 0;  // with ErrorMessage: dead letters only
  String ErrorMessage;
  Blob Body;
};
SURGE_SHAPE(DeliverEventRequest, FunctionName, Kind, TargetArn, RequestId, ErrorCode, ErrorMessage, Body)
SURGE_BINDINGS(DeliverEventRequest, {.member = "Body", .sensitivity = Sensitivity::Sensitive})

}  // namespace surgetank::lambda
