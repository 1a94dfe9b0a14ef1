#pragma once
// The operations of Service Quotas. They work on the server's one registry (Ports::quotas): values are the whole server's, while the
// history of requests is each account's. Everything runs on one lane.
#include "kernel/call.h"
#include "services/servicequotas/errors.h"
#include "services/servicequotas/model.h"

namespace surgetank {
struct ServiceContext;
}

namespace surgetank::servicequotas {

Result<ListServicesResponse> list_services(Call& call, const ListServicesRequest& request);
Result<ListQuotasResponse> list_service_quotas(Call& call, const ListQuotasRequest& request);
Result<ListQuotasResponse> list_aws_default_service_quotas(Call& call, const ListQuotasRequest& request);
Result<GetQuotaResponse> get_service_quota(Call& call, const GetQuotaRequest& request);
Result<GetQuotaResponse> get_aws_default_service_quota(Call& call, const GetQuotaRequest& request);

// --- changes (changes.cc) ---------------------------------------------------------------------------------------------
Result<RequestedQuotaResponse> request_service_quota_increase(Call& call, const RequestIncreaseRequest& request);
Result<RequestedQuotaResponse> get_requested_change(Call& call, const GetRequestedChangeRequest& request);
Result<ListRequestedChangesResponse> list_requested_changes(Call& call, const ListRequestedChangesRequest& request);
Result<ListRequestedChangesResponse> list_requested_changes_by_quota(Call& call, const ListRequestedChangesByQuotaRequest& request);
// Errors: NoSuchResourceException, IllegalArgumentException.
Result<Empty> set_quota(Call& call, const SetQuotaRequest& request);
Result<Empty> reset_quota(Call& call, const ResetQuotaRequest& request);
Result<Empty> use_profile(Call& call, const UseProfileRequest& request);
// Puts what is stored in force, but where the command line said something.
void load_quotas(ServiceContext& context);

}  // namespace surgetank::servicequotas
