#include "services/servicequotas/service.h"

#include "services/servicequotas/errors.h"
#include "services/servicequotas/operations.h"

namespace surgetank::servicequotas {
namespace {

constexpr Operation operations[] = {
    op<list_services>("ListServices", Access::Read),
    op<list_service_quotas>("ListServiceQuotas", Access::Read),
    op<get_service_quota>("GetServiceQuota", Access::Read),
    op<list_aws_default_service_quotas>("ListAWSDefaultServiceQuotas", Access::Read),
    op<get_aws_default_service_quota>("GetAWSDefaultServiceQuota", Access::Read),
    op<request_service_quota_increase>("RequestServiceQuotaIncrease", Access::Write),
    op<get_requested_change>("GetRequestedServiceQuotaChange", Access::Read),
    op<list_requested_changes>("ListRequestedServiceQuotaChangeHistory", Access::Read),
    op<list_requested_changes_by_quota>("ListRequestedServiceQuotaChangeHistoryByQuota", Access::Read),
    op<set_quota>("SetQuota", Access::Internal),
    op<reset_quota>("ResetQuota", Access::Internal),
    op<use_profile>("UseProfile", Access::Internal),
};
constexpr Protocol protocols[] = {Protocol::Json11};

}  // namespace

constinit const Service service{.name = "servicequotas",
                                .signing_name = "servicequotas",
                                .target_prefix = "ServiceQuotasV20190624",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &IllegalArgumentException, .malformed = nullptr},
                                .start = &load_quotas,
                                .title = "ServiceQuotas",
                                .scope = ServiceScope::Worldwide};

}  // namespace surgetank::servicequotas
