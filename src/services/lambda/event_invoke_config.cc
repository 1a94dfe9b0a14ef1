#include "services/lambda/event_invoke_config.h"

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/keys.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/patterns.h"
#include "services/lambda/quotas.h"

namespace surgetank::lambda {
namespace {

constexpr std::size_t arn_parts = 6;

Opt<String> destination_in(const Opt<DestinationSettings>& settings) {
  if (!settings || !settings->Destination || settings->Destination->empty()) return std::nullopt;
  return settings->Destination;
}

void check_destination_form(Validation& validation, std::string_view path, const Opt<String>& arn) {
  if (!arn) return;
  static const auto shown = "^$|" + std::string(source_arn_pattern.shown);
  validation.length(path, *arn, 0, limits::destination_arn_characters).pattern(path, *arn, shown, source_arn_pattern.matches(*arn));
}

// What AWS can deliver to and this server cannot yet.
std::string_view missing_target(std::string_view service) {
  if (service == "sns") return "A topic of SNS as the destination of events";
  if (service == "events") return "An event bus of EventBridge as the destination of events";
  if (service == "s3") return "A bucket of S3 as the destination of events";
  return {};
}

std::string_view service_of(std::string_view arn) {
  const auto parts = split(arn, ':');
  return parts.size() >= arn_parts ? parts[2] : std::string_view{};
}

Error invalid_destination(const String& arn) { return invalid_parameter("The destination ARN " + arn + " is invalid."); }

Result<Unit> check_destination(Call& call, const std::string& name, const Opt<String>& arn) {
  if (!arn) return Unit{};
  if (const auto missing = missing_target(service_of(*arn)); !missing.empty()) return unsupported(missing);
  const auto target = parse_event_target(*arn);
  if (!target) return invalid_destination(*arn);
  if (target->kind == EventTargetKind::Queue) return Unit{};
  if (target->account != call.account() || target->region != call.region()) return invalid_destination(*arn);
  if (target->name == name) return invalid_parameter("You can't specify the function as a destination for itself.");
  if (!find_function(call, {.name = target->name, .qualifier = {}}).ok()) return invalid_destination(*arn);
  return Unit{};
}

Result<Unit> check_members(Call& call, const FunctionEventInvokeConfigRequest& request) {
  auto* registry = call.ports.quotas;
  Validation validation;
  validation.range("maximumRetryAttempts", request.MaximumRetryAttempts, 0, quota_value(registry, quotas::asynchronous_retries))
      .range("maximumEventAgeInSeconds", request.MaximumEventAgeInSeconds, limits::least_event_age_seconds,
             quota_value(registry, quotas::asynchronous_event_age));
  if (const auto& config = request.DestinationConfig) {
    check_destination_form(validation, "destinationConfig.onSuccess.destination", destination_in(config->OnSuccess));
    check_destination_form(validation, "destinationConfig.onFailure.destination", destination_in(config->OnFailure));
  }
  SURGE_CHECK(naming_quotas(
      registry,
      {{quotas::asynchronous_retries, request.MaximumRetryAttempts}, {quotas::asynchronous_event_age, request.MaximumEventAgeInSeconds}},
      validation.finish(ValidationException)));
  if (!request.MaximumRetryAttempts && !request.MaximumEventAgeInSeconds && !request.DestinationConfig)
    return invalid_parameter("You must specify at least one of error handling or destination setting.");
  return Unit{};
}

// Where a configuration is stored: nothing said and $LATEST are the same.
std::string owner_of(const Target& target) { return target.qualifier.empty() ? std::string(latest_version) : target.qualifier; }

bool exists(Call& call, const Target& target) {
  if (is_alias_name(target.qualifier)) return find_alias(call, target.name, target.qualifier).has_value();
  return find_version(call, target).ok();
}

Result<Target> find_owner(Call& call, std::string_view action, const String& function_name, const Opt<String>& qualifier) {
  SURGE_TRY(target, resolve(call, action, NameForm::FunctionName, function_name, qualifier));
  if (!find_function(call, {.name = target.name, .qualifier = {}}).ok() || !exists(call, target))
    return fault(ResourceNotFoundException, "The function doesn't exist.");
  target.qualifier = owner_of(target);
  return std::move(target);
}

Opt<EventInvokeRecord> find_config(Call& call, const Target& owner) {
  return get_record<EventInvokeRecord>(call.txn, keys::event_invoke(call.caller, owner.name, owner.qualifier));
}

Error config_not_found(const Call& call, const Target& owner) {
  return fault(ResourceNotFoundException, "The function " + arn_of(call, owner) + " doesn't have an EventInvokeConfig");
}

FunctionEventInvokeConfig shown(const Call& call, const std::string& name, const EventInvokeRecord& record) {
  FunctionEventInvokeConfig config{.LastModified = record.last_modified,
                                   .FunctionArn = function_arn(call.account(), call.region(), name, record.qualifier),
                                   .MaximumRetryAttempts = record.maximum_retry_attempts,
                                   .MaximumEventAgeInSeconds = record.maximum_event_age_seconds,
                                   .DestinationConfig = {}};
  config.DestinationConfig.OnSuccess = DestinationSettings{.Destination = record.on_success};
  config.DestinationConfig.OnFailure = DestinationSettings{.Destination = record.on_failure};
  return config;
}

// Members that are absent stay as they are in `record`.
Result<FunctionEventInvokeConfig> save(Call& call, const Target& owner, const FunctionEventInvokeConfigRequest& request,
                                       EventInvokeRecord record) {
  record.qualifier = owner.qualifier;
  if (request.MaximumRetryAttempts) record.maximum_retry_attempts = request.MaximumRetryAttempts;
  if (request.MaximumEventAgeInSeconds) record.maximum_event_age_seconds = request.MaximumEventAgeInSeconds;
  if (const auto& config = request.DestinationConfig) {
    record.on_success = destination_in(config->OnSuccess);
    record.on_failure = destination_in(config->OnFailure);
    if (record.on_success && service_of(*record.on_success) == "s3") return invalid_destination(*record.on_success);
    SURGE_CHECK(check_destination(call, owner.name, record.on_success));
    SURGE_CHECK(check_destination(call, owner.name, record.on_failure));
  }
  record.last_modified = call.now;
  put_record(call.txn, keys::event_invoke(call.caller, owner.name, owner.qualifier), record);
  return shown(call, owner.name, record);
}

}  // namespace

Result<FunctionEventInvokeConfig> put_function_event_invoke_config(Call& call, const FunctionEventInvokeConfigRequest& request) {
  SURGE_CHECK(check_members(call, request));
  SURGE_TRY(owner, find_owner(call, "lambda:PutFunctionEventInvokeConfig", request.FunctionName, request.Qualifier));
  return save(call, owner, request, {});
}

Result<FunctionEventInvokeConfig> update_function_event_invoke_config(Call& call, const FunctionEventInvokeConfigRequest& request) {
  SURGE_CHECK(check_members(call, request));
  SURGE_TRY(owner, find_owner(call, "lambda:UpdateFunctionEventInvokeConfig", request.FunctionName, request.Qualifier));
  auto record = find_config(call, owner);
  if (!record) return config_not_found(call, owner);
  return save(call, owner, request, std::move(*record));
}

Result<FunctionEventInvokeConfig> get_function_event_invoke_config(Call& call, const QualifiedFunctionRequest& request) {
  SURGE_TRY(owner, find_owner(call, "lambda:GetFunctionEventInvokeConfig", request.FunctionName, request.Qualifier));
  const auto record = find_config(call, owner);
  if (!record) return config_not_found(call, owner);
  return shown(call, owner.name, *record);
}

Result<Empty> delete_function_event_invoke_config(Call& call, const QualifiedFunctionRequest& request) {
  SURGE_TRY(owner, find_owner(call, "lambda:DeleteFunctionEventInvokeConfig", request.FunctionName, request.Qualifier));
  if (!find_config(call, owner)) return config_not_found(call, owner);
  call.txn.erase(keys::event_invoke(call.caller, owner.name, owner.qualifier));
  return Empty{};
}

// Pages go by qualifier; a marker is the last one of the page before.
Result<ListFunctionEventInvokeConfigsResponse> list_function_event_invoke_configs(Call& call,
                                                                                  const ListFunctionEventInvokeConfigsRequest& request) {
  SURGE_CHECK(Validation().range("maxItems", request.MaxItems, 1, limits::list_page).finish(ValidationException));
  SURGE_TRY(target, resolve_unqualified(call, "lambda:ListFunctionEventInvokeConfigs", NameForm::FunctionName, request.FunctionName));
  if (!find_function(call, target).ok()) return fault(ResourceNotFoundException, "The function doesn't exist.");
  Opt<String> after;
  if (request.Marker && !request.Marker->empty()) {
    after = from_base64(*request.Marker);
    if (!after || !is_qualifier(*after))
      return invalid_parameter("The Marker " + *request.Marker + " is not one that this operation returned.");
  }
  const auto size = static_cast<std::size_t>(request.MaxItems.value_or(limits::list_page));
  ListFunctionEventInvokeConfigsResponse response;
  auto& configs = response.FunctionEventInvokeConfigs.emplace();
  std::string last;
  scan_records<EventInvokeRecord>(call.txn, keys::event_invokes(call.caller, target.name), [&](const EventInvokeRecord& record) {
    if (after && record.qualifier <= *after) return true;
    if (configs.size() == size) {
      response.NextMarker = to_base64(last);
      return false;
    }
    last = record.qualifier;
    configs.push_back(shown(call, target.name, record));
    return true;
  });
  return response;
}

EventInvokeRecord event_invoke_settings(Call& call, const std::string& name, std::string_view qualifier) {
  return find_config(call, {.name = name, .qualifier = qualifier.empty() ? std::string(latest_version) : std::string(qualifier)})
      .value_or(EventInvokeRecord{});
}

EventRetryPolicy retry_policy(const EventInvokeRecord& settings) {
  EventRetryPolicy policy;
  if (settings.maximum_retry_attempts) policy.maximum_retry_attempts = *settings.maximum_retry_attempts;
  if (settings.maximum_event_age_seconds) policy.maximum_age = seconds(*settings.maximum_event_age_seconds);
  return policy;
}

std::optional<EventTarget> parse_event_target(std::string_view arn) {
  const auto parts = split(arn, ':');
  if (parts.size() < arn_parts || parts[0] != "arn" || !parts[1].starts_with("aws")) return std::nullopt;
  if (parts[2] == "sqs") {
    const bool fifo = parts[5].ends_with(".fifo");
    if (parts.size() != arn_parts || parts[3].empty() || parts[4].empty() || parts[5].empty() || fifo) return std::nullopt;
    return EventTarget{
        .kind = EventTargetKind::Queue, .account = std::string(parts[4]), .region = std::string(parts[3]), .name = std::string(parts[5])};
  }
  if (!function_arn_pattern.matches(arn)) return std::nullopt;
  const auto function = parse_function_reference(arn);
  return EventTarget{.kind = EventTargetKind::Function,
                     .account = std::string(function->account),
                     .region = std::string(function->region),
                     .name = std::string(function->name)};
}

Result<Unit> check_dead_letter_target(const std::string& arn) {
  if (arn.empty()) return Unit{};
  SURGE_CHECK(Validation()
                  .pattern("deadLetterConfig.targetArn", arn, kms_key_arn_pattern.shown, kms_key_arn_pattern.matches(arn))
                  .finish(ValidationException));
  if (service_of(arn) == "sns") return unsupported("A topic of SNS as a dead letter queue (DeadLetterConfig)");
  const auto target = parse_event_target(arn);
  if (target && target->kind == EventTargetKind::Queue) return Unit{};
  return invalid_parameter("The dead letter target " + arn + " is not a standard queue of SQS.");
}

}  // namespace surgetank::lambda
