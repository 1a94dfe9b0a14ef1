#pragma once
// The quotas of IAM as rows of the registry (AWS: "IAM and AWS STS quotas"). White space does not count to the length of policies.
#include "kernel/quota.h"
#include "services/iam/errors.h"
#include "services/iam/limits.h"

namespace surgetank::iam::quotas {

namespace detail {
constexpr QuotaRow cap(std::string_view id, std::string_view code, std::string_view name, QuotaScope scope, std::size_t value,
                       std::string_view unit, QuotaAdjustable adjustable, const ErrorCode& error, std::string_view message) {
  return {.id = id,
          .code = code,
          .name = name,
          .scope = scope,
          .value = static_cast<std::int64_t>(value),
          .unit = unit,
          .adjustable = adjustable,
          .error = &error,
          .message = message};
}
}  // namespace detail

inline constexpr QuotaRow rows[] = {
    detail::cap("iam.roles", "L-FE177D64", "Roles per account", QuotaScope::Account, limits::roles, "roles", QuotaAdjustable::Yes,
                LimitExceeded, "Cannot exceed quota for RolesPerAccount: {value}"),
    detail::cap("iam.policies", "L-E95E4862", "Customer managed policies per account", QuotaScope::Account, limits::policies, "policies",
                QuotaAdjustable::Yes, LimitExceeded, "Cannot exceed quota for PoliciesPerAccount: {value}"),
    detail::cap("iam.policies-per-role", "L-0DA4ABF3", "Managed policies per role", QuotaScope::Resource, limits::attached_policies,
                "policies", QuotaAdjustable::Yes, LimitExceeded, "Cannot exceed quota for PoliciesPerRole: {value}"),
    detail::cap("iam.trust-policy", "L-C07B4B0D", "Role trust policy length", QuotaScope::Resource, limits::trust_policy_length,
                "characters", QuotaAdjustable::Yes, LimitExceeded, "Cannot exceed quota for ACLSizePerRole: {value}"),
    detail::cap("iam.managed-policy", "", "Managed policy length", QuotaScope::Resource, limits::managed_policy_length, "characters",
                QuotaAdjustable::No, LimitExceeded, "Cannot exceed quota for PolicySize: {value}"),
    detail::cap("iam.inline-policies", "", "Total length of a role's inline policies", QuotaScope::Resource, limits::inline_policies_length,
                "characters", QuotaAdjustable::No, LimitExceeded, "Maximum policy size of {value} bytes exceeded for role "),
    detail::cap("iam.tags", "", "Tags per role", QuotaScope::Resource, limits::tags, "tags", QuotaAdjustable::No, InvalidInput,
                "The number of tags has reached the maximum limit."),
};

inline constexpr const QuotaRow& roles = quota_row(rows, "iam.roles");
inline constexpr const QuotaRow& policies = quota_row(rows, "iam.policies");
inline constexpr const QuotaRow& policies_per_role = quota_row(rows, "iam.policies-per-role");
inline constexpr const QuotaRow& trust_policy = quota_row(rows, "iam.trust-policy");
inline constexpr const QuotaRow& managed_policy = quota_row(rows, "iam.managed-policy");
inline constexpr const QuotaRow& inline_policies = quota_row(rows, "iam.inline-policies");
inline constexpr const QuotaRow& tags = quota_row(rows, "iam.tags");

}  // namespace surgetank::iam::quotas
