#pragma once
// The quotas of STS as rows of the registry (AWS: "IAM and AWS STS quotas").
#include "kernel/quota.h"

namespace surgetank::sts::quotas {

inline constexpr ErrorCode Throttling{"Throttling", 400};
inline constexpr ErrorCode ValidationError{"ValidationError", 400};

inline constexpr QuotaRow rows[] = {
    {.id = "sts.requests",
     .name = "STS requests per second",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 600,
     .unit = "per second",
     .adjustable = QuotaAdjustable::Yes,
     .error = &Throttling,
     .message = "Rate exceeded",
     .operations = "GetCallerIdentity AssumeRole GetSessionToken GetAccessKeyInfo"},
    {.id = "sts.role-session",
     .name = "Longest session of an assumed role",
     .scope = QuotaScope::Request,
     .value = 43'200,
     .unit = "seconds",
     .error = &ValidationError,
     .message = "Member must have value less than or equal to {value}"},
    {.id = "sts.session-token",
     .name = "Longest session of GetSessionToken",
     .scope = QuotaScope::Request,
     .value = 129'600,
     .unit = "seconds",
     .error = &ValidationError,
     .message = "Member must have value less than or equal to {value}"},
};

inline constexpr const QuotaRow& role_session = quota_row(rows, "sts.role-session");
inline constexpr const QuotaRow& session_token = quota_row(rows, "sts.session-token");

}  // namespace surgetank::sts::quotas
