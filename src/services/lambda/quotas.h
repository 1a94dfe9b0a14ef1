#pragma once
// The quotas of Lambda as rows of the registry (AWS quotas: "Lambda quotas"; scaling: "Lambda function scaling").
#include "kernel/quota.h"
#include "services/lambda/errors.h"
#include "services/lambda/event_source_limits.h"
#include "services/lambda/limits.h"

namespace surgetank::lambda::quotas {

namespace detail {
inline constexpr QuotaErrorMember concurrency_limit[] = {{"Type", "User"}, {"Reason", "ConcurrentInvocationLimitExceeded"}};
inline constexpr QuotaErrorMember rate_limit[] = {{"Type", "User"}, {"Reason", "FunctionInvocationRateLimitExceeded"}};
inline constexpr QuotaErrorMember caller_rate[] = {{"Type", "User"}, {"Reason", "CallerRateLimitExceeded"}};
inline constexpr QuotaErrorMember user[] = {{"Type", "User"}};
inline constexpr std::string_view too_large = "Member must have value less than or equal to {value}";
inline constexpr std::string_view too_long = "Member must have length less than or equal to {value}";
}  // namespace detail

inline constexpr QuotaRow rows[] = {
    // --- invocations ---------------------------------------------------------------------------------------------------
    {.id = "lambda.concurrent-executions",
     .code = "L-B99A9384",
     .name = "Concurrent executions",
     .algorithm = QuotaAlgorithm::Concurrency,
     .value = 1'000,
     .new_account = 10,
     .unit = "executions",
     .adjustable = QuotaAdjustable::Yes,
     .error = &TooManyRequestsException,
     .message = "Rate Exceeded.",
     .members = detail::concurrency_limit},
    {.id = "lambda.unreserved-concurrency-floor",
     .name = "Concurrency that cannot be reserved",
     .value = limits::unreserved_floor,
     .unit = "executions",
     .error = &InvalidParameterValueException,
     .message = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum "
                "value of [{value}].",
     .members = detail::user},
    {.id = "lambda.request-rate-factor",
     .name = "Requests per second for each unit of concurrency",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 10,
     .unit = "per second and execution",
     .error = &TooManyRequestsException,
     .message = "Rate Exceeded.",
     .members = detail::rate_limit},
    {.id = "lambda.scaling-rate",
     .name = "New execution environments of a function in 10 seconds",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .scope = QuotaScope::Function,
     .value = 1'000,
     .burst = 1'000,
     .per = seconds(10),
     .unit = "per 10 seconds",
     .error = &TooManyRequestsException,
     .message = "Rate Exceeded.",
     .members = detail::concurrency_limit},
    {.id = "lambda.synchronous-payload",
     .name = "Synchronous payload",
     .scope = QuotaScope::Request,
     .value = static_cast<std::int64_t>(limits::sync_payload_bytes),
     .unit = "bytes",
     .error = &RequestTooLargeException,
     .message = "Request must be smaller than {value} bytes for the InvokeFunction operation",
     .members = detail::user},
    {.id = "lambda.asynchronous-payload",
     .name = "Asynchronous payload",
     .scope = QuotaScope::Request,
     .value = static_cast<std::int64_t>(limits::event_payload_bytes),
     .unit = "bytes",
     .error = &RequestTooLargeException,
     .message = "{amount} byte payload is too large for the Event invocation type (limit {value} bytes)",
     .members = detail::user},
    // --- control plane -------------------------------------------------------------------------------------------------
    {.id = "lambda.control-plane-requests",
     .name = "Rate of control plane API requests (excludes invocation, GetFunction, and GetPolicy requests)",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 15,
     .unit = "per second",
     .error = &TooManyRequestsException,
     .message = "Rate exceeded",
     .members = detail::caller_rate,
     .operations = "* -Invoke -InvokeAsync"},
    {.id = "lambda.get-function-requests",
     .name = "Rate of GetFunction API requests",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 100,
     .unit = "per second",
     .error = &TooManyRequestsException,
     .message = "Rate exceeded",
     .members = detail::caller_rate,
     .operations = "GetFunction"},
    {.id = "lambda.get-policy-requests",
     .name = "Rate of GetPolicy API requests",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 15,
     .unit = "per second",
     .error = &TooManyRequestsException,
     .message = "Rate exceeded",
     .members = detail::caller_rate,
     .operations = "GetPolicy"},
    // --- functions -----------------------------------------------------------------------------------------------------
    {.id = "lambda.function-timeout",
     .name = "Function timeout",
     .scope = QuotaScope::Function,
     .value = limits::longest_timeout_seconds,
     .unit = "seconds",
     .error = &ValidationException,
     .message = detail::too_large},
    {.id = "lambda.function-memory",
     .name = "Function memory maximum",
     .scope = QuotaScope::Function,
     .value = limits::most_memory_mb,
     .unit = "MB",
     .error = &ValidationException,
     .message = detail::too_large},
    {.id = "lambda.temporary-storage",
     .name = "Temporary storage",
     .scope = QuotaScope::Function,
     .value = limits::most_ephemeral_storage_mb,
     .unit = "MB",
     .error = &ValidationException,
     .message = detail::too_large},
    {.id = "lambda.environment-variables",
     .name = "Environment variable size",
     .scope = QuotaScope::Function,
     .value = static_cast<std::int64_t>(limits::environment_bytes),
     .unit = "bytes",
     .error = &InvalidParameterValueException,
     .message =
         "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the "
         "4KB limit. String measured: ",
     .members = detail::user},
    {.id = "lambda.resource-policy",
     .name = "Function resource-based policy",
     .scope = QuotaScope::Function,
     .value = static_cast<std::int64_t>(limits::policy_bytes),
     .unit = "bytes",
     .error = &PolicyLengthExceededException,
     .message = "The final policy size ({amount}) is bigger than the limit ({value}).",
     .members = detail::user},
    {.id = "lambda.zipped-package",
     .code = "L-75F48B05",
     .name = "Deployment package size (direct upload)",
     .scope = QuotaScope::Request,
     .value = static_cast<std::int64_t>(limits::zipped_bytes),
     .unit = "bytes",
     .error = &RequestEntityTooLargeException,
     .message = "Zipped size must be smaller than {value} bytes"},
    {.id = "lambda.unzipped-package",
     .code = "L-E49FF7B8",
     .name = "Deployment package size (unzipped)",
     .scope = QuotaScope::Function,
     .value = static_cast<std::int64_t>(limits::unzipped_bytes),
     .unit = "bytes",
     .error = &InvalidParameterValueException,
     .message = "Unzipped size must be smaller than {value} bytes",
     .members = detail::user},
    {.id = "lambda.code-storage",
     .code = "L-2ACBD22F",
     .name = "Function and layer storage",
     .value = limits::code_storage_bytes,
     .unit = "bytes",
     .adjustable = QuotaAdjustable::Yes,
     .error = &CodeStorageExceededException,
     .message = "Code storage limit exceeded.",
     .members = detail::user},
    // --- asynchronous invocation ---------------------------------------------------------------------------------------
    {.id = "lambda.asynchronous-retries",
     .name = "Retries of an asynchronous invocation",
     .scope = QuotaScope::Function,
     .value = limits::most_event_retries,
     .unit = "retries",
     .error = &ValidationException,
     .message = detail::too_large},
    {.id = "lambda.asynchronous-event-age",
     .name = "Maximum age of an asynchronous event",
     .scope = QuotaScope::Function,
     .value = limits::longest_event_age_seconds,
     .unit = "seconds",
     .error = &ValidationException,
     .message = detail::too_large},
    // --- event source mappings -----------------------------------------------------------------------------------------
    {.id = "lambda.event-source-batch",
     .name = "Batch size of an SQS event source",
     .scope = QuotaScope::Resource,
     .value = limits::largest_batch,
     .unit = "records",
     .error = &ValidationException,
     .message = detail::too_large},
    {.id = "lambda.event-source-window",
     .name = "Batching window of an event source",
     .scope = QuotaScope::Resource,
     .value = limits::longest_batching_window_seconds,
     .unit = "seconds",
     .error = &ValidationException,
     .message = detail::too_large},
    {.id = "lambda.event-source-concurrency",
     .name = "Maximum concurrency of an SQS event source",
     .scope = QuotaScope::Resource,
     .value = limits::most_mapping_concurrency,
     .unit = "executions",
     .error = &ValidationException,
     .message = detail::too_large},
    {.id = "lambda.event-source-filters",
     .name = "Filters of an event source mapping",
     .scope = QuotaScope::Resource,
     .value = static_cast<std::int64_t>(limits::mapping_filters),
     .unit = "filters",
     .adjustable = QuotaAdjustable::Yes,
     .error = &InvalidParameterValueException,
     .message = "Number of filters exceeds the limit of {value}.",
     .members = detail::user},
    {.id = "lambda.event-source-filter-pattern",
     .name = "Length of a filter pattern",
     .scope = QuotaScope::Resource,
     .value = static_cast<std::int64_t>(limits::filter_pattern_characters),
     .unit = "characters",
     .error = &ValidationException,
     .message = detail::too_long},
};

inline constexpr const QuotaRow& concurrent_executions = quota_row(rows, "lambda.concurrent-executions");
inline constexpr const QuotaRow& unreserved_concurrency_floor = quota_row(rows, "lambda.unreserved-concurrency-floor");
inline constexpr const QuotaRow& request_rate_factor = quota_row(rows, "lambda.request-rate-factor");
inline constexpr const QuotaRow& scaling_rate = quota_row(rows, "lambda.scaling-rate");
inline constexpr const QuotaRow& synchronous_payload = quota_row(rows, "lambda.synchronous-payload");
inline constexpr const QuotaRow& asynchronous_payload = quota_row(rows, "lambda.asynchronous-payload");
inline constexpr const QuotaRow& function_timeout = quota_row(rows, "lambda.function-timeout");
inline constexpr const QuotaRow& function_memory = quota_row(rows, "lambda.function-memory");
inline constexpr const QuotaRow& temporary_storage = quota_row(rows, "lambda.temporary-storage");
inline constexpr const QuotaRow& environment_variables = quota_row(rows, "lambda.environment-variables");
inline constexpr const QuotaRow& resource_policy = quota_row(rows, "lambda.resource-policy");
inline constexpr const QuotaRow& zipped_package = quota_row(rows, "lambda.zipped-package");
inline constexpr const QuotaRow& unzipped_package = quota_row(rows, "lambda.unzipped-package");
inline constexpr const QuotaRow& code_storage = quota_row(rows, "lambda.code-storage");
inline constexpr const QuotaRow& asynchronous_retries = quota_row(rows, "lambda.asynchronous-retries");
inline constexpr const QuotaRow& asynchronous_event_age = quota_row(rows, "lambda.asynchronous-event-age");
inline constexpr const QuotaRow& event_source_batch = quota_row(rows, "lambda.event-source-batch");
inline constexpr const QuotaRow& event_source_window = quota_row(rows, "lambda.event-source-window");
inline constexpr const QuotaRow& event_source_concurrency = quota_row(rows, "lambda.event-source-concurrency");
inline constexpr const QuotaRow& event_source_filters = quota_row(rows, "lambda.event-source-filters");
inline constexpr const QuotaRow& event_source_filter_pattern = quota_row(rows, "lambda.event-source-filter-pattern");

}  // namespace surgetank::lambda::quotas
