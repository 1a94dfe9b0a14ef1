#pragma once
// The quotas of RDS as rows of the registry (AWS: "Quotas and constraints for Amazon RDS").
#include "kernel/quota.h"
#include "services/rds/errors.h"
#include "services/rds/limits.h"

namespace surgetank::rds::quotas {

inline constexpr QuotaRow rows[] = {
    {.id = "rds.instances",
     .code = "L-7B6409FD",
     .name = "DB instances",
     .value = static_cast<std::int64_t>(limits::instances_per_account_and_region),
     .unit = "instances",
     .adjustable = QuotaAdjustable::Yes,
     .error = &InstanceQuotaExceeded,
     .message = "Cannot create more than {value} DB instances."},
    {.id = "rds.tags",
     .name = "Tags of a resource",
     .scope = QuotaScope::Resource,
     .value = static_cast<std::int64_t>(limits::tags_per_resource),
     .unit = "tags",
     .error = &InvalidParameterValue,
     .message = "A resource has at most {value} tags."},
};

inline constexpr const QuotaRow& instances = quota_row(rows, "rds.instances");
inline constexpr const QuotaRow& tags = quota_row(rows, "rds.tags");

}  // namespace surgetank::rds::quotas
