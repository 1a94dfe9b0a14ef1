#pragma once
// Event source mappings: requests and replies (members as in the AWS API reference), and what is stored of one.
#include "shape/shape.h"

namespace surgetank::lambda {

struct FilterSettings {
  Opt<String> Pattern;
};
SURGE_SHAPE(FilterSettings, Pattern)
struct FilterCriteriaSettings {
  Opt<List<FilterSettings>> Filters;
};
SURGE_SHAPE(FilterCriteriaSettings, Filters)
struct ScalingSettings {
  Opt<Integer> MaximumConcurrency;
};
SURGE_SHAPE(ScalingSettings, MaximumConcurrency)
struct ProvisionedPollerSettings {
  Opt<Integer> MinimumPollers;
  Opt<Integer> MaximumPollers;
  Opt<String> PollerGroupName;
};
SURGE_SHAPE(ProvisionedPollerSettings, MinimumPollers, MaximumPollers, PollerGroupName)
struct MetricsSettings {
  Opt<List<String>> Metrics;
};
SURGE_SHAPE(MetricsSettings, Metrics)

struct CreateEventSourceMappingRequest {
  Opt<String> EventSourceArn;
  String FunctionName;
  Opt<bool> Enabled;
  Opt<Integer> BatchSize;
  Opt<FilterCriteriaSettings> FilterCriteria;
  Opt<Integer> MaximumBatchingWindowInSeconds;
  Opt<List<String>> FunctionResponseTypes;
  Opt<ScalingSettings> ScalingConfig;
  Opt<ProvisionedPollerSettings> ProvisionedPollerConfig;
  Opt<MetricsSettings> MetricsConfig;
  Opt<String> KMSKeyArn;
  Map<String> Tags;
  // Of streams, brokers and databases.
  Opt<Document> ParallelizationFactor;
  Opt<Document> StartingPosition;
  Opt<Document> StartingPositionTimestamp;
  Opt<Document> DestinationConfig;
  Opt<Document> MaximumRecordAgeInSeconds;
  Opt<Document> BisectBatchOnFunctionError;
  Opt<Document> MaximumRetryAttempts;
  Opt<Document> TumblingWindowInSeconds;
  Opt<Document> Topics;
  Opt<Document> Queues;
  Opt<Document> SourceAccessConfigurations;
  Opt<Document> SelfManagedEventSource;
  Opt<Document> AmazonManagedKafkaEventSourceConfig;
  Opt<Document> SelfManagedKafkaEventSourceConfig;
  Opt<Document> DocumentDBEventSourceConfig;
  Opt<Document> LoggingConfig;
};
SURGE_SHAPE(CreateEventSourceMappingRequest, EventSourceArn, FunctionName, Enabled, BatchSize, FilterCriteria,
            MaximumBatchingWindowInSeconds, FunctionResponseTypes, ScalingConfig, ProvisionedPollerConfig, MetricsConfig, KMSKeyArn, Tags,
            ParallelizationFactor, StartingPosition, StartingPositionTimestamp, DestinationConfig, MaximumRecordAgeInSeconds,
            BisectBatchOnFunctionError, MaximumRetryAttempts, TumblingWindowInSeconds, Topics, Queues, SourceAccessConfigurations,
            SelfManagedEventSource, AmazonManagedKafkaEventSourceConfig, SelfManagedKafkaEventSourceConfig, DocumentDBEventSourceConfig,
            LoggingConfig)

struct UpdateEventSourceMappingRequest {
  String UUID;
  Opt<String> FunctionName;
  Opt<bool> Enabled;
  Opt<Integer> BatchSize;
  Opt<FilterCriteriaSettings> FilterCriteria;
  Opt<Integer> MaximumBatchingWindowInSeconds;
  Opt<List<String>> FunctionResponseTypes;
  Opt<ScalingSettings> ScalingConfig;
  Opt<ProvisionedPollerSettings> ProvisionedPollerConfig;
  Opt<MetricsSettings> MetricsConfig;
  Opt<String> KMSKeyArn;
  Opt<Document> ParallelizationFactor;
  Opt<Document> DestinationConfig;
  Opt<Document> MaximumRecordAgeInSeconds;
  Opt<Document> BisectBatchOnFunctionError;
  Opt<Document> MaximumRetryAttempts;
  Opt<Document> TumblingWindowInSeconds;
  Opt<Document> SourceAccessConfigurations;
  Opt<Document> AmazonManagedKafkaEventSourceConfig;
  Opt<Document> SelfManagedKafkaEventSourceConfig;
  Opt<Document> DocumentDBEventSourceConfig;
  Opt<Document> LoggingConfig;
};
SURGE_SHAPE(UpdateEventSourceMappingRequest, UUID, FunctionName, Enabled, BatchSize, FilterCriteria, MaximumBatchingWindowInSeconds,
            FunctionResponseTypes, ScalingConfig, ProvisionedPollerConfig, MetricsConfig, KMSKeyArn, ParallelizationFactor,
            DestinationConfig, MaximumRecordAgeInSeconds, BisectBatchOnFunctionError, MaximumRetryAttempts, TumblingWindowInSeconds,
            SourceAccessConfigurations, AmazonManagedKafkaEventSourceConfig, SelfManagedKafkaEventSourceConfig, DocumentDBEventSourceConfig,
            LoggingConfig)
SURGE_BINDINGS(UpdateEventSourceMappingRequest, {.member = "UUID", .location = Location::Label})

// Of GetEventSourceMapping and DeleteEventSourceMapping.
struct EventSourceMappingRequest {
  String UUID;
};
SURGE_SHAPE(EventSourceMappingRequest, UUID)
SURGE_BINDINGS(EventSourceMappingRequest, {.member = "UUID", .location = Location::Label})

struct EventSourceMappingConfiguration {
  String UUID;
  Integer BatchSize = 0;
  Integer MaximumBatchingWindowInSeconds = 0;
  String EventSourceArn;
  Opt<FilterCriteriaSettings> FilterCriteria;
  String FunctionArn;
  Instant LastModified;
  String State;
  String StateTransitionReason;
  Opt<List<String>> FunctionResponseTypes;
  Opt<ScalingSettings> ScalingConfig;
  Opt<ProvisionedPollerSettings> ProvisionedPollerConfig;
  Opt<MetricsSettings> MetricsConfig;
  Opt<String> KMSKeyArn;
  String EventSourceMappingArn;
};
SURGE_SHAPE(EventSourceMappingConfiguration, UUID, BatchSize, MaximumBatchingWindowInSeconds, EventSourceArn, FilterCriteria, FunctionArn,
            LastModified, State, StateTransitionReason, FunctionResponseTypes, ScalingConfig, ProvisionedPollerConfig, MetricsConfig,
            KMSKeyArn, EventSourceMappingArn)

struct ListEventSourceMappingsRequest {
  Opt<String> EventSourceArn;
  Opt<String> FunctionName;
  Opt<String> Marker;
  Opt<Integer> MaxItems;
};
SURGE_SHAPE(ListEventSourceMappingsRequest, EventSourceArn, FunctionName, Marker, MaxItems)
SURGE_BINDINGS(ListEventSourceMappingsRequest, {.member = "EventSourceArn", .location = Location::Query},
               {.member = "FunctionName", .location = Location::Query}, {.member = "Marker", .location = Location::Query},
               {.member = "MaxItems", .location = Location::Query})
struct ListEventSourceMappingsResponse {
  Opt<String> NextMarker;
  Opt<List<EventSourceMappingConfiguration>> EventSourceMappings;
};
SURGE_SHAPE(ListEventSourceMappingsResponse, NextMarker, EventSourceMappings)

// --- stored ----------------------------------------------------------------------------------------------------------

struct ProvisionedPollers {
  Integer minimum = 2;
  Integer maximum = 200;
};
SURGE_SHAPE(ProvisionedPollers, minimum, maximum)

struct EventSourceMappingRecord {
  String uuid;
  String account;
  String region;
  String source_arn;
  String function_name;
  String qualifier;  // empty: none
  Integer batch_size = 10;
  Integer window_seconds = 0;
  Opt<List<String>> filters;  // patterns; absent: none were ever given
  Opt<String> kms_key_arn;
  List<String> response_types;
  Opt<Integer> maximum_concurrency;
  Opt<ProvisionedPollers> provisioned;
  List<String> metrics;
  Map<String> tags;
  bool enabled = true;
  String state = "Creating";
  Integer generation = 1;  // grows with every change; what the poller reports about an older one is void
  Instant last_modified;
};
SURGE_SHAPE(EventSourceMappingRecord, uuid, account, region, source_arn, function_name, qualifier, batch_size, window_seconds, filters,
            kms_key_arn, response_types, maximum_concurrency, provisioned, metrics, tags, enabled, state, generation, last_modified)

// --- internal operations ---------------------------------------------------------------------------------------------

// Second halves, when the queue has been asked (event_source_mappings.cc).
struct RegisterEventSourceMappingRequest {
  CreateEventSourceMappingRequest Request;
  Integer VisibilityTimeout = 0;
};
SURGE_SHAPE(RegisterEventSourceMappingRequest, Request, VisibilityTimeout)
struct ReviseEventSourceMappingRequest {
  UpdateEventSourceMappingRequest Request;
  Integer VisibilityTimeout = 0;
};
SURGE_SHAPE(ReviseEventSourceMappingRequest, Request, VisibilityTimeout)
// The poller has done what the state asks for.
struct SettleEventSourceMappingRequest {
  String UUID;
  Integer Generation = 0;
};
SURGE_SHAPE(SettleEventSourceMappingRequest, UUID, Generation)

}  // namespace surgetank::lambda
