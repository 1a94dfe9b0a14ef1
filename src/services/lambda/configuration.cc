#include "services/lambda/configuration.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/validation.h"
#include "services/lambda/errors.h"
#include "services/lambda/event_invoke_config.h"
#include "services/lambda/function_name.h"
#include "services/lambda/limits.h"
#include "services/lambda/patterns.h"
#include "services/lambda/quotas.h"
#include "services/lambda/runtimes.h"
#include "wire/json_writer.h"

namespace surgetank::lambda {
namespace {

constexpr std::string_view reserved_names[] = {"AWS_ACCESS_KEY",
                                               "AWS_ACCESS_KEY_ID",
                                               "AWS_DEFAULT_REGION",
                                               "AWS_EXECUTION_ENV",
                                               "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                               "AWS_LAMBDA_FUNCTION_NAME",
                                               "AWS_LAMBDA_FUNCTION_VERSION",
                                               "AWS_LAMBDA_INITIALIZATION_TYPE",
                                               "AWS_LAMBDA_LOG_GROUP_NAME",
                                               "AWS_LAMBDA_LOG_STREAM_NAME",
                                               "AWS_LAMBDA_MAX_CONCURRENCY",
                                               "AWS_LAMBDA_METADATA_API",
                                               "AWS_LAMBDA_METADATA_TOKEN",
                                               "AWS_LAMBDA_RUNTIME_API",
                                               "AWS_REGION",
                                               "AWS_SECRET_ACCESS_KEY",
                                               "AWS_SESSION_TOKEN",
                                               "LAMBDA_RUNTIME_DIR",
                                               "LAMBDA_TASK_ROOT"};

constexpr std::string_view environment_refused =
    "Lambda was unable to configure your environment variables because the environment variables you have provided ";

void check_pattern(Validation& validation, std::string_view path, const Opt<String>& value, const Pattern& pattern) {
  if (value) validation.pattern(path, *value, pattern.shown, pattern.matches(*value));
}

Result<Unit> check_constraints(Quotas* registry, const FunctionSettings& settings) {
  Validation validation;
  check_pattern(validation, "role", settings.Role, role_arn_pattern);
  validation.length("handler", settings.Handler, 0, limits::handler_characters);
  check_pattern(validation, "handler", settings.Handler, handler_pattern);
  validation.length("description", settings.Description, 0, limits::description_characters)
      .range("timeout", settings.Timeout, 1, quota_value(registry, quotas::function_timeout))
      .range("memorySize", settings.MemorySize, limits::least_memory_mb, quota_value(registry, quotas::function_memory));
  check_pattern(validation, "kMSKeyArn", settings.KMSKeyArn, kms_key_arn_pattern);
  if (settings.TracingConfig) validation.one_of("tracingConfig.mode", settings.TracingConfig->Mode, {"Active", "PassThrough"});
  if (settings.EphemeralStorage)
    validation.range("ephemeralStorage.size", settings.EphemeralStorage->Size, limits::least_ephemeral_storage_mb,
                     quota_value(registry, quotas::temporary_storage));
  if (settings.SnapStart) validation.one_of("snapStart.applyOn", settings.SnapStart->ApplyOn, {"PublishedVersions", "None"});
  if (const auto& logging = settings.LoggingConfig) {
    validation.one_of("loggingConfig.logFormat", logging->LogFormat, {"JSON", "Text"})
        .one_of("loggingConfig.applicationLogLevel", logging->ApplicationLogLevel, {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"})
        .one_of("loggingConfig.systemLogLevel", logging->SystemLogLevel, {"DEBUG", "INFO", "WARN"})
        .length("loggingConfig.logGroup", logging->LogGroup, 1, 512);
    check_pattern(validation, "loggingConfig.logGroup", logging->LogGroup, log_group_pattern);
  }
  return naming_quotas(registry,
                       {{quotas::function_timeout, settings.Timeout},
                        {quotas::function_memory, settings.MemorySize},
                        {quotas::temporary_storage, settings.EphemeralStorage ? settings.EphemeralStorage->Size : Opt<Integer>{}}},
                       validation.finish(ValidationException));
}

Result<Unit> check_support(const FunctionSettings& settings) {
  if (settings.VpcConfig && (!settings.VpcConfig->SubnetIds.empty() || !settings.VpcConfig->SecurityGroupIds.empty()))
    return unsupported("A VPC (VpcConfig)");
  if (!settings.Layers.empty()) return unsupported("A layer (Layers)");
  if (!settings.FileSystemConfigs.empty()) return unsupported("A file system (FileSystemConfigs)");
  if (settings.ImageConfig) return unsupported("A container image (ImageConfig)");
  if (settings.SnapStart && settings.SnapStart->ApplyOn == "PublishedVersions") return unsupported("SnapStart");
  if (settings.DurableConfig) return unsupported("A durable function (DurableConfig)");
  if (settings.CapacityProviderConfig) return unsupported("A capacity provider (CapacityProviderConfig)");
  return Unit{};
}

Result<Unit> check_runtime(const String& runtime) {
  switch (standing_of(runtime)) {
    case RuntimeStanding::Accepted:
      return Unit{};
    case RuntimeStanding::Retired:
      return invalid_parameter(
          "The runtime parameter of " + runtime +
          " is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime "
          "while creating or updating functions.");
    case RuntimeStanding::Unknown:
      break;
  }
  return invalid_parameter("Value " + runtime + " at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: " +
                           accepted_runtimes() + " or be a valid ARN");
}

std::string as_json(const Map<String>& variables) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const auto& [name, value] : variables) json.key(name).string(value);
  json.end_object();
  return text;
}

Result<Unit> check_environment(Quotas* registry, const Map<String>& variables) {
  // The names are sensitive to AWS: its message does not show them.
  for (const auto& [name, value] : variables)
    if (!environment_name_pattern.matches(name) && name != "_HANDLER" && name != "_X_AMZN_TRACE_ID")
      return violation("Value at 'environment.variables'",
                       "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: " +
                           std::string(environment_name_pattern.shown) + ", Member must not be null]");
  std::vector<std::string> reserved;
  for (const auto& [name, value] : variables) {
    const bool is_reserved = std::find(std::begin(reserved_names), std::end(reserved_names), name) != std::end(reserved_names);
    if (is_reserved || name.front() == '_') reserved.push_back(name);
  }
  if (!reserved.empty())
    return invalid_parameter(
        std::string(environment_refused) +
        "contains reserved keys that are currently not supported for modification. Reserved keys used in this request: " +
        join(reserved, ", "));
  const auto measured = as_json(variables);
  if (auto checked = check_quota(registry, quotas::environment_variables, measured.size()); !checked.ok()) {
    checked.error().message += measured;
    return std::move(checked.error());
  }
  for (const auto& [name, value] : variables)
    if (value.find('\0') != std::string::npos)
      return invalid_parameter("The value of the environment variable " + name + " contains a null character.");
  return Unit{};
}

Result<Unit> apply_logging(const LoggingSettings& logging, VersionRecord& version) {
  if (logging.LogFormat) version.log_format = *logging.LogFormat;
  if (logging.LogGroup) version.log_group = logging.LogGroup;
  if (version.log_format == "Text") {
    if (logging.ApplicationLogLevel || logging.SystemLogLevel)
      return invalid_parameter("ApplicationLogLevel and SystemLogLevel can only be set when LogFormat is JSON.");
    version.application_log_level.reset();
    version.system_log_level.reset();
    return Unit{};
  }
  version.application_log_level = logging.ApplicationLogLevel.value_or(version.application_log_level.value_or("INFO"));
  version.system_log_level = logging.SystemLogLevel.value_or(version.system_log_level.value_or("INFO"));
  return Unit{};
}

template <class Value, class Target>
void assign_if_given(const Opt<Value>& value, Target& target) {
  if (value) target = *value;
}

// 2023-11-20T16:46:07.123+0000
std::string modification_time(Instant time) {
  auto text = iso8601_milliseconds(time);
  text.pop_back();
  return text + "+0000";
}

}  // namespace

Result<Unit> check_settings(Quotas* registry, const FunctionSettings& settings) {
  SURGE_CHECK(check_constraints(registry, settings));
  if (settings.Environment && settings.Environment->Variables) SURGE_CHECK(check_environment(registry, *settings.Environment->Variables));
  if (settings.Runtime) SURGE_CHECK(check_runtime(*settings.Runtime));
  if (settings.DeadLetterConfig) SURGE_CHECK(check_dead_letter_target(settings.DeadLetterConfig->TargetArn.value_or("")));
  return check_support(settings);
}

Result<Unit> check_architectures(const List<String>& architectures) {
  if (architectures.empty()) return Unit{};
  const auto subject = "Value '[" + join(architectures, ", ") + "]' at 'architectures'";
  if (architectures.size() > 1) return violation(subject, "Member must have length less than or equal to 1");
  if (architectures.front() == "x86_64" || architectures.front() == "arm64") return Unit{};
  return violation(subject,
                   "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]");
}

Result<Unit> apply_settings(const FunctionSettings& settings, VersionRecord& version) {
  assign_if_given(settings.Role, version.role);
  assign_if_given(settings.Handler, version.handler);
  assign_if_given(settings.Description, version.description);
  assign_if_given(settings.Timeout, version.timeout_seconds);
  assign_if_given(settings.MemorySize, version.memory_mb);
  assign_if_given(settings.Runtime, version.runtime);
  if (settings.Environment) version.environment = settings.Environment->Variables.value_or(Map<String>{});
  if (settings.KMSKeyArn) version.kms_key_arn = settings.KMSKeyArn->empty() ? Opt<String>{} : settings.KMSKeyArn;
  if (const auto& dead_letters = settings.DeadLetterConfig)
    version.dead_letter_target = dead_letters->TargetArn.value_or("").empty() ? Opt<String>{} : dead_letters->TargetArn;
  if (settings.TracingConfig) assign_if_given(settings.TracingConfig->Mode, version.tracing_mode);
  if (settings.EphemeralStorage) version.ephemeral_storage_mb = settings.EphemeralStorage->Size;
  if (settings.LoggingConfig) SURGE_CHECK(apply_logging(*settings.LoggingConfig, version));
  return Unit{};
}

std::string log_group_of(const std::string& function_name, const VersionRecord& version) {
  return version.log_group.value_or("/aws/lambda/" + function_name);
}

FunctionConfiguration listed_configuration_of(const Caller& caller, const std::string& name, const VersionRecord& version,
                                              std::string_view shown_qualifier) {
  FunctionConfiguration shown{.FunctionName = name,
                              .FunctionArn = function_arn(caller.account, caller.region, name, shown_qualifier),
                              .Runtime = version.runtime,
                              .Role = version.role,
                              .Handler = version.handler,
                              .CodeSize = version.code.size,
                              .Description = version.description,
                              .Timeout = version.timeout_seconds,
                              .MemorySize = version.memory_mb,
                              .LastModified = modification_time(version.last_modified),
                              .CodeSha256 = version.code.sha256,
                              .Version = version.version,
                              .DeadLetterConfig = std::nullopt,
                              .Environment = std::nullopt,
                              .KMSKeyArn = version.kms_key_arn,
                              .TracingConfig = {.Mode = version.tracing_mode},
                              .RevisionId = version.revision_id,
                              .State = std::nullopt,
                              .LastUpdateStatus = std::nullopt,
                              .PackageType = "Zip",
                              .Architectures = version.architectures,
                              .EphemeralStorage = {.Size = version.ephemeral_storage_mb},
                              .SnapStart = {.ApplyOn = "None", .OptimizationStatus = "Off"},
                              .LoggingConfig = {.LogFormat = version.log_format,
                                                .ApplicationLogLevel = version.application_log_level,
                                                .SystemLogLevel = version.system_log_level,
                                                .LogGroup = log_group_of(name, version)}};
  if (version.dead_letter_target) shown.DeadLetterConfig = DeadLetterSettings{.TargetArn = version.dead_letter_target};
  if (version.environment) shown.Environment = EnvironmentSettings{.Variables = version.environment};
  return shown;
}

FunctionConfiguration configuration_of(const Caller& caller, const std::string& name, const VersionRecord& version,
                                       std::string_view shown_qualifier) {
  auto shown = listed_configuration_of(caller, name, version, shown_qualifier);
  shown.State = "Active";
  shown.LastUpdateStatus = "Successful";
  return shown;
}

}  // namespace surgetank::lambda
