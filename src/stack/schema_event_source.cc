#include "stack/schema_tables.h"

namespace surgetank::stack {
namespace {

using enum PropertyType;
using enum Need;
using enum Change;
constexpr Support none = Support::No;

constexpr PropertySchema filter_members[] = {{"Pattern"}};
constexpr PropertySchema filter_criteria_members[] = {{"Filters", ObjectList, Optional, InPlace, Support::Yes, filter_members}};
constexpr PropertySchema metrics_members[] = {{"Metrics", TextList}};
constexpr PropertySchema poller_members[] = {
    {"MaximumPollers", Integer}, {"MinimumPollers", Integer}, {"PollerGroupName", Text, Optional, InPlace, none}};
constexpr PropertySchema scaling_members[] = {{"MaximumConcurrency", Integer}};
constexpr PropertySchema tag_members[] = {{"Key", Text, Required}, {"Value"}};

constexpr PropertySchema mapping_properties[] = {
    {"AmazonManagedKafkaEventSourceConfig", Json, Optional, Replace, none},
    {"BatchSize", Integer},
    {"BisectBatchOnFunctionError", Json, Optional, InPlace, none},
    {"DestinationConfig", Json, Optional, InPlace, none},
    {"DocumentDBEventSourceConfig", Json, Optional, InPlace, none},
    {"Enabled", Boolean},
    {"EventSourceArn", Text, Required, Replace},
    {"FilterCriteria", Object, Optional, InPlace, Support::Yes, filter_criteria_members},
    {"FunctionName", Text, Required},
    {"FunctionResponseTypes", TextList},
    {"KmsKeyArn"},
    {"LoggingConfig", Json, Optional, InPlace, none},
    {"MaximumBatchingWindowInSeconds", Integer},
    {"MaximumRecordAgeInSeconds", Json, Optional, InPlace, none},
    {"MaximumRetryAttempts", Json, Optional, InPlace, none},
    {"MetricsConfig", Object, Optional, InPlace, Support::Yes, metrics_members},
    {"ParallelizationFactor", Json, Optional, InPlace, none},
    {"ProvisionedPollerConfig", Object, Optional, InPlace, Support::Yes, poller_members},
    {"Queues", Json, Optional, InPlace, none},
    {"ScalingConfig", Object, Optional, InPlace, Support::Yes, scaling_members},
    {"SelfManagedEventSource", Json, Optional, Replace, none},
    {"SelfManagedKafkaEventSourceConfig", Json, Optional, Replace, none},
    {"SourceAccessConfigurations", Json, Optional, InPlace, none},
    {"StartingPosition", Json, Optional, Replace, none},
    {"StartingPositionTimestamp", Json, Optional, Replace, none},
    {"Tags", ObjectList, Optional, InPlace, Support::Yes, tag_members},
    {"Topics", Json, Optional, InPlace, none},
    {"TumblingWindowInSeconds", Json, Optional, InPlace, none},
};
constexpr std::string_view mapping_attributes[] = {"EventSourceMappingArn", "Id"};

constexpr ResourceSchema schemas[] = {{"AWS::Lambda::EventSourceMapping", mapping_properties, mapping_attributes}};

}  // namespace

std::span<const ResourceSchema> event_source_schemas() { return schemas; }

}  // namespace surgetank::stack
