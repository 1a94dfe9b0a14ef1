#pragma once
// The quotas of HTTP APIs as rows of the registry (AWS: "Quotas for configuring and running an HTTP API in API Gateway", "Throttle
// requests to your HTTP APIs"). Tokens of the account throttle are shared by all APIs of an account in a region.
#include "kernel/quota.h"
#include "services/apigateway/errors.h"
#include "services/apigateway/limits.h"

namespace surgetank::apigateway::quotas {

namespace detail {
constexpr QuotaRow count(std::string_view id, std::string_view code, std::string_view name, QuotaScope scope, std::size_t value,
                         std::string_view message) {
  return {.id = id,
          .code = code,
          .name = name,
          .scope = scope,
          .value = static_cast<std::int64_t>(value),
          .unit = "resources",
          .adjustable = QuotaAdjustable::Yes,
          .error = &TooManyRequestsException,
          .message = message};
}
constexpr QuotaRow cap(std::string_view id, std::string_view name, QuotaScope scope, std::int64_t value, std::string_view unit,
                       const ErrorCode& error, std::string_view message) {
  return {.id = id, .name = name, .scope = scope, .value = value, .unit = unit, .error = &error, .message = message};
}
}  // namespace detail

// Regions that opened in 2020 and later.
inline constexpr RegionalQuota newer_regions[] = {
    {.regions =
         "af-south-1 eu-south-1 eu-south-2 eu-central-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 ap-south-2 ap-east-2 "
         "me-central-1 il-central-1 ca-west-1 mx-central-1",
     .value = 2'500}};

inline constexpr QuotaRow rows[] = {
    {.id = "apigateway.throttle-rate",
     .code = "L-8A5B8E43",
     .name = "Throttle rate",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 10'000,
     .burst = 5'000,
     .unit = "per second",
     .adjustable = QuotaAdjustable::Yes,
     .error = &TooManyRequestsException,
     .message = "Too Many Requests",
     .regional = newer_regions},
    // As the stage says (ThrottlingRateLimit, ThrottlingBurstLimit); here it is only counted.
    {.id = "apigateway.route-throttle",
     .name = "Throttle of a stage or route",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .scope = QuotaScope::Stage,
     .value = INT64_MAX,
     .unit = "per second, as the stage's settings say",
     .error = &TooManyRequestsException,
     .message = "Too Many Requests"},
    {.id = "apigateway.control-plane-requests",
     .name = "Rate of API Gateway control plane operations",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 10,
     .burst = 40,
     .unit = "per second",
     .error = &TooManyRequestsException,
     .message = "Too Many Requests",
     .operations = "*"},
    detail::count("apigateway.apis", "", "Regional APIs per account per Region", QuotaScope::Account, limits::apis,
                  "Maximum number of APIs for this account has been reached. Please contact AWS if you need additional APIs."),
    detail::count("apigateway.routes", "L-65B5C802", "Routes per HTTP API", QuotaScope::Api, limits::routes_per_api,
                  "Maximum number of routes for this API has been reached. Please contact AWS if you need additional routes."),
    detail::count("apigateway.integrations", "", "Integrations per HTTP API", QuotaScope::Api, limits::integrations_per_api,
                  "Maximum number of integrations for this API has been reached. Please contact AWS if you need additional integrations."),
    detail::count("apigateway.stages", "L-379E48B0", "Stages per API", QuotaScope::Api, limits::stages_per_api,
                  "Maximum number of stages for this API has been reached. Please contact AWS if you need additional stages."),
    detail::cap("apigateway.stage-variables", "Stage variables per stage", QuotaScope::Stage, limits::stage_variables, "variables",
                BadRequestException, "A stage has at most {value} stage variables"),
    detail::cap("apigateway.stage-variable-name", "Length of a stage variable's name", QuotaScope::Stage, limits::stage_variable_name,
                "characters", BadRequestException, "letters, digits and _ are allowed, at most {value}"),
    detail::cap("apigateway.stage-variable-value", "Length of a stage variable's value", QuotaScope::Stage, limits::stage_variable_value,
                "characters", BadRequestException, "[A-Za-z0-9-._~:/?#&=,]+ is expected, at most {value}"),
    detail::cap("apigateway.integration-timeout", "Maximum integration timeout", QuotaScope::Api, limits::longest_timeout_ms,
                "milliseconds", BadRequestException, "Timeout should be between 50 ms and {value} ms"),
    detail::cap("apigateway.payload", "Payload size", QuotaScope::Request, limits::payload_bytes, "bytes", RequestEntityTooLarge,
                "Request Entity Too Large"),
    detail::cap("apigateway.headers", "Total size of the request line and headers", QuotaScope::Request, limits::head_bytes, "bytes",
                RequestHeaderFieldsTooLarge, "Request Header Fields Too Large"),
    detail::cap("apigateway.tags", "Tags per API or stage", QuotaScope::Resource, limits::tags, "tags", BadRequestException,
                "The maximum number of tags is {value}"),
};

inline constexpr const QuotaRow& throttle_rate = quota_row(rows, "apigateway.throttle-rate");
inline constexpr const QuotaRow& route_throttle = quota_row(rows, "apigateway.route-throttle");
inline constexpr const QuotaRow& apis = quota_row(rows, "apigateway.apis");
inline constexpr const QuotaRow& routes = quota_row(rows, "apigateway.routes");
inline constexpr const QuotaRow& integrations = quota_row(rows, "apigateway.integrations");
inline constexpr const QuotaRow& stages = quota_row(rows, "apigateway.stages");
inline constexpr const QuotaRow& stage_variables = quota_row(rows, "apigateway.stage-variables");
inline constexpr const QuotaRow& stage_variable_name = quota_row(rows, "apigateway.stage-variable-name");
inline constexpr const QuotaRow& stage_variable_value = quota_row(rows, "apigateway.stage-variable-value");
inline constexpr const QuotaRow& integration_timeout = quota_row(rows, "apigateway.integration-timeout");
inline constexpr const QuotaRow& payload = quota_row(rows, "apigateway.payload");
inline constexpr const QuotaRow& headers = quota_row(rows, "apigateway.headers");
inline constexpr const QuotaRow& tags = quota_row(rows, "apigateway.tags");

}  // namespace surgetank::apigateway::quotas
