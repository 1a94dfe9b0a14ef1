#pragma once
// The quotas of CloudFormation as rows of the registry (AWS: "CloudFormation quotas"), and how a template that is beyond one is told.
// A deployment here is one whose template lies in S3, as `sam deploy` makes it: the 51,200 bytes of a template inside a request and the
// responses of custom resources have no row. Parsers have limits of their own, whatever the quotas say (TemplateLimits).
#include <cstdint>
#include <string>

#include "kernel/quota.h"
#include "stack/problems.h"

namespace surgetank {
class Quotas;
}

namespace surgetank::stack {

namespace errors {
inline constexpr ErrorCode ValidationError{"ValidationError", 400};
inline constexpr ErrorCode LimitExceededException{"LimitExceededException", 400};
}  // namespace errors

namespace quotas {

namespace detail {
constexpr QuotaRow cap(std::string_view id, std::string_view name, std::int64_t value, std::string_view unit, std::string_view message) {
  return {.id = id,
          .name = name,
          .scope = QuotaScope::Request,
          .value = value,
          .unit = unit,
          .error = &errors::ValidationError,
          .message = message};
}
}  // namespace detail

inline constexpr QuotaRow rows[] = {
    {.id = "cloudformation.stacks",
     .code = "L-0485CB21",
     .name = "Stack count",
     .value = 2'000,
     .unit = "stacks",
     .adjustable = QuotaAdjustable::Yes,
     .error = &errors::LimitExceededException,
     .message = "Limit for stack has been exceeded"},
    detail::cap("cloudformation.stack-name", "Length of a stack's name", 128, "characters",
                "1 validation error detected: Value at 'stackName' failed to satisfy constraint: Member must have length less than or "
                "equal to {value}"),
    detail::cap("cloudformation.template-size", "Size of a template in an S3 object", 1'000'000, "bytes",
                "Template may not exceed {value} bytes in size."),
    detail::cap("cloudformation.resources", "Resources of a template", 500, "resources",
                "Template format error: Number of resources, {amount}, is greater than maximum allowed, {value}"),
    detail::cap("cloudformation.parameters", "Parameters of a template", 200, "parameters",
                "Template format error: Parameter count {amount} is greater than max allowed {value}"),
    // After "Parameter '<name>' value '<value>' ".
    detail::cap("cloudformation.parameter-value", "Size of a parameter's value", 4'096, "bytes", "length is greater than {value}."),
    detail::cap("cloudformation.mappings", "Mappings of a template", 200, "mappings",
                "Template format error: Mappings count {amount} is greater than max allowed {value}"),
    detail::cap("cloudformation.mapping-attributes", "Attributes of a mapping", 200, "attributes",
                "Template format error: Mapping attributes count {amount} is greater than max allowed {value}"),
    detail::cap("cloudformation.outputs", "Outputs of a template", 200, "outputs",
                "Template format error: Outputs count {amount} is greater than max allowed {value}"),
};

inline constexpr const QuotaRow& stacks = quota_row(rows, "cloudformation.stacks");
inline constexpr const QuotaRow& stack_name = quota_row(rows, "cloudformation.stack-name");
inline constexpr const QuotaRow& template_size = quota_row(rows, "cloudformation.template-size");
inline constexpr const QuotaRow& resources = quota_row(rows, "cloudformation.resources");
inline constexpr const QuotaRow& parameters = quota_row(rows, "cloudformation.parameters");
inline constexpr const QuotaRow& parameter_value = quota_row(rows, "cloudformation.parameter-value");
inline constexpr const QuotaRow& mappings = quota_row(rows, "cloudformation.mappings");
inline constexpr const QuotaRow& mapping_attributes = quota_row(rows, "cloudformation.mapping-attributes");
inline constexpr const QuotaRow& outputs = quota_row(rows, "cloudformation.outputs");

}  // namespace quotas

// Whether `amount` is within the quota. `what` stands before the row's words; the problem's advice is `advice` and how the quota is raised.
bool within_quota(Quotas* registry, const QuotaRow& row, std::size_t amount, Position at, const std::string& advice, Problems& problems,
                  const std::string& what = {});
// "... surgetank quotas set cloudformation.resources 1000": how to raise a quota to what was asked for.
std::string how_to_raise(const QuotaRow& row, std::size_t amount);

}  // namespace surgetank::stack
