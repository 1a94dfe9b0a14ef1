#include "services/lambda/event_source_settings.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/validation.h"
#include "services/lambda/errors.h"
#include "services/lambda/event_source_filter.h"
#include "services/lambda/event_source_limits.h"
#include "services/lambda/function_name.h"
#include "services/lambda/patterns.h"
#include "services/lambda/quotas.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view partial_failures = "ReportBatchItemFailures";
constexpr std::string_view event_counts = "EventCount";

template <class Request>
Result<Unit> check_ranges(Quotas* registry, const Request& request) {
  Validation validation;
  validation.range("batchSize", request.BatchSize, 1, quota_value(registry, quotas::event_source_batch))
      .range("maximumBatchingWindowInSeconds", request.MaximumBatchingWindowInSeconds, 0,
             quota_value(registry, quotas::event_source_window));
  if (request.ScalingConfig)
    validation.range("scalingConfig.maximumConcurrency", request.ScalingConfig->MaximumConcurrency, 2,
                     quota_value(registry, quotas::event_source_concurrency));
  if (request.FunctionResponseTypes)
    for (const auto& type : *request.FunctionResponseTypes) validation.one_of("functionResponseTypes", type, {partial_failures});
  if (request.MetricsConfig && request.MetricsConfig->Metrics)
    for (const auto& metric : *request.MetricsConfig->Metrics) validation.one_of("metricsConfig.metrics", metric, {event_counts});
  if (request.FilterCriteria && request.FilterCriteria->Filters)
    for (const auto& filter : *request.FilterCriteria->Filters)
      validation.length("filterCriteria.filters.pattern", filter.Pattern, 0,
                        static_cast<std::size_t>(quota_value(registry, quotas::event_source_filter_pattern)));
  if (request.KMSKeyArn)
    validation.pattern("kMSKeyArn", *request.KMSKeyArn, kms_key_arn_pattern.shown, kms_key_arn_pattern.matches(*request.KMSKeyArn));
  std::optional<std::int64_t> longest_pattern;
  if (request.FilterCriteria && request.FilterCriteria->Filters)
    for (const auto& filter : *request.FilterCriteria->Filters)
      longest_pattern = std::max(longest_pattern.value_or(0), static_cast<std::int64_t>(filter.Pattern.value_or("").size()));
  return naming_quotas(
      registry,
      {{quotas::event_source_batch, request.BatchSize},
       {quotas::event_source_window, request.MaximumBatchingWindowInSeconds},
       {quotas::event_source_concurrency, request.ScalingConfig ? request.ScalingConfig->MaximumConcurrency : Opt<Integer>{}},
       {quotas::event_source_filter_pattern, longest_pattern}},
      validation.finish(ValidationException));
}

Error not_for_queues(std::string_view member) { return invalid_parameter(std::string(member) + " is not valid for SQS event sources."); }

template <class Request>
Result<Unit> check_foreign_members(const Request& request) {
  if (request.ParallelizationFactor) return not_for_queues("ParallelizationFactor");
  if (request.DestinationConfig) return not_for_queues("DestinationConfig");
  if (request.MaximumRecordAgeInSeconds) return not_for_queues("MaximumRecordAgeInSeconds");
  if (request.BisectBatchOnFunctionError) return not_for_queues("BisectBatchOnFunctionError");
  if (request.MaximumRetryAttempts) return not_for_queues("MaximumRetryAttempts");
  if (request.TumblingWindowInSeconds) return not_for_queues("TumblingWindowInSeconds");
  if (request.SourceAccessConfigurations) return not_for_queues("SourceAccessConfigurations");
  if (request.AmazonManagedKafkaEventSourceConfig) return not_for_queues("AmazonManagedKafkaEventSourceConfig");
  if (request.SelfManagedKafkaEventSourceConfig) return not_for_queues("SelfManagedKafkaEventSourceConfig");
  if (request.DocumentDBEventSourceConfig) return not_for_queues("DocumentDBEventSourceConfig");
  if (request.LoggingConfig) return not_for_queues("LoggingConfig");
  return Unit{};
}

Result<Unit> apply_filters(Quotas* registry, const FilterCriteriaSettings& criteria, EventSourceMappingRecord& mapping) {
  List<String> patterns;
  for (const auto& filter : criteria.Filters.value_or(List<FilterSettings>{})) {
    if (!filter.Pattern) return invalid_parameter("Invalid filter pattern definition.");
    patterns.push_back(*filter.Pattern);
  }
  SURGE_CHECK(check_quota(registry, quotas::event_source_filters, patterns.size()));
  if (const auto compiled = EventFilters::compile(patterns); !compiled.ok()) return compiled.error();
  if (patterns.empty()) {
    mapping.filters.reset();
  } else {
    mapping.filters = std::move(patterns);
  }
  return Unit{};
}

Result<Unit> apply_pollers(const ProvisionedPollerSettings& settings, EventSourceMappingRecord& mapping) {
  if (settings.PollerGroupName) return not_for_queues("ProvisionedPollerConfig.PollerGroupName");
  if (!settings.MinimumPollers && !settings.MaximumPollers) {
    mapping.provisioned.reset();
    return Unit{};
  }
  auto pollers = mapping.provisioned.value_or(ProvisionedPollers{});
  if (settings.MinimumPollers) pollers.minimum = *settings.MinimumPollers;
  if (settings.MaximumPollers) pollers.maximum = *settings.MaximumPollers;
  if (pollers.minimum < 2 || pollers.minimum > limits::most_minimum_pollers || pollers.maximum < pollers.minimum ||
      pollers.maximum > limits::most_maximum_pollers)
    return invalid_parameter("MinimumPollers should be between [2, " + std::to_string(limits::most_minimum_pollers) +
                             "] and MaximumPollers should be between [MinimumPollers, " + std::to_string(limits::most_maximum_pollers) +
                             "]");
  mapping.provisioned = pollers;
  return Unit{};
}

// What does not fit together, whatever request said it.
Result<Unit> check_combination(const EventSourceMappingRecord& mapping) {
  SURGE_TRY(queue, queue_of(mapping.source_arn));
  if (mapping.batch_size > limits::largest_batch_without_window) {
    if (queue.kind() == QueueKind::Fifo) return invalid_parameter("Batch size must not exceed 10 for FIFO queues");
    if (mapping.window_seconds == 0)
      return invalid_parameter("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  }
  if (queue.kind() == QueueKind::Fifo && mapping.window_seconds > 0)
    return invalid_parameter("Batching window is not supported for FIFO queues");
  if (mapping.provisioned && mapping.maximum_concurrency)
    return invalid_parameter(
        "Provisioned mode for SQS ESM does not support maximum concurrency feature. Use MaximumPollers as the control mechanism and "
        "remove maximum concurrency.");
  return Unit{};
}

template <class Request>
Result<Unit> apply(Quotas* registry, const Request& request, EventSourceMappingRecord& mapping) {
  SURGE_CHECK(check_ranges(registry, request));
  SURGE_CHECK(check_foreign_members(request));
  if (request.BatchSize) mapping.batch_size = *request.BatchSize;
  if (request.MaximumBatchingWindowInSeconds) mapping.window_seconds = *request.MaximumBatchingWindowInSeconds;
  if (request.FunctionResponseTypes) mapping.response_types = *request.FunctionResponseTypes;
  if (request.ScalingConfig) mapping.maximum_concurrency = request.ScalingConfig->MaximumConcurrency;
  if (request.MetricsConfig) mapping.metrics = request.MetricsConfig->Metrics.value_or(List<String>{});
  if (request.KMSKeyArn) {
    mapping.kms_key_arn = request.KMSKeyArn;
    if (request.KMSKeyArn->empty()) mapping.kms_key_arn.reset();
  }
  if (request.Enabled) mapping.enabled = *request.Enabled;
  if (request.FilterCriteria) SURGE_CHECK(apply_filters(registry, *request.FilterCriteria, mapping));
  if (request.ProvisionedPollerConfig) SURGE_CHECK(apply_pollers(*request.ProvisionedPollerConfig, mapping));
  return check_combination(mapping);
}

}  // namespace

Result<QueueArn> queue_of(std::string_view source_arn) {
  SURGE_CHECK(Validation()
                  .pattern("eventSourceArn", source_arn, source_arn_pattern.shown, source_arn_pattern.matches(source_arn))
                  .finish(ValidationException));
  const auto parts = split(source_arn, ':');
  constexpr std::size_t queue_arn_parts = 6;
  const auto source = parts.size() > 2 ? parts[2] : std::string_view{};
  if (source == "kinesis" || source == "dynamodb" || source == "kafka" || source == "mq" || source == "rds")
    return unsupported("An event source of " + std::string(source) + " (EventSourceArn)");
  if (source != "sqs" || parts.size() != queue_arn_parts || parts.back().empty())
    return invalid_parameter("Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported source arn : " +
                             std::string(source_arn));
  return QueueArn{.region = std::string(parts[3]), .account = std::string(parts[4]), .queue = std::string(parts[5])};
}

std::string queue_url(std::string_view base_url, const QueueArn& queue) {
  return std::string(base_url) + "/" + queue.account + "/" + queue.queue;
}

Result<Unit> apply_event_source_settings(Quotas* registry, const CreateEventSourceMappingRequest& request,
                                         EventSourceMappingRecord& mapping) {
  if (request.SelfManagedEventSource) return unsupported("A self-managed event source (SelfManagedEventSource)");
  if (request.StartingPosition) return not_for_queues("StartingPosition");
  if (request.StartingPositionTimestamp) return not_for_queues("StartingPositionTimestamp");
  if (request.Topics) return not_for_queues("Topics");
  if (request.Queues) return not_for_queues("Queues");
  if (request.ProvisionedPollerConfig && !request.ProvisionedPollerConfig->MinimumPollers &&
      !request.ProvisionedPollerConfig->MaximumPollers)
    return invalid_parameter("Either MinimumPollers or MaximumPollers are required if ProvisionedPollerConfig is provided.");
  return apply(registry, request, mapping);
}

Result<Unit> apply_event_source_settings(Quotas* registry, const UpdateEventSourceMappingRequest& request,
                                         EventSourceMappingRecord& mapping) {
  return apply(registry, request, mapping);
}

std::string mapping_arn(const EventSourceMappingRecord& mapping) {
  return "arn:aws:lambda:" + mapping.region + ":" + mapping.account + ":event-source-mapping:" + mapping.uuid;
}

std::string mapped_function_arn(const EventSourceMappingRecord& mapping) {
  return function_arn(mapping.account, mapping.region, mapping.function_name, mapping.qualifier);
}

EventSourceMappingConfiguration shown_mapping(const EventSourceMappingRecord& mapping) {
  EventSourceMappingConfiguration shown;
  shown.UUID = mapping.uuid;
  shown.BatchSize = mapping.batch_size;
  shown.MaximumBatchingWindowInSeconds = mapping.window_seconds;
  shown.EventSourceArn = mapping.source_arn;
  if (mapping.filters) {
    auto& filters = shown.FilterCriteria.emplace().Filters.emplace();
    for (const auto& pattern : *mapping.filters) filters.push_back({.Pattern = pattern});
  }
  shown.FunctionArn = mapped_function_arn(mapping);
  shown.LastModified = mapping.last_modified;
  shown.State = mapping.state;
  shown.StateTransitionReason = "USER_INITIATED";
  shown.FunctionResponseTypes = mapping.response_types;
  if (mapping.maximum_concurrency) shown.ScalingConfig = ScalingSettings{.MaximumConcurrency = mapping.maximum_concurrency};
  if (mapping.provisioned)
    shown.ProvisionedPollerConfig = ProvisionedPollerSettings{
        .MinimumPollers = mapping.provisioned->minimum, .MaximumPollers = mapping.provisioned->maximum, .PollerGroupName = {}};
  if (!mapping.metrics.empty()) shown.MetricsConfig = MetricsSettings{.Metrics = mapping.metrics};
  shown.KMSKeyArn = mapping.kms_key_arn;
  shown.EventSourceMappingArn = mapping_arn(mapping);
  return shown;
}

}  // namespace surgetank::lambda
