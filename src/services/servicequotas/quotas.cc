// What the quotas are: in force, and as AWS sets them.
#include "kernel/quotas.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "services/servicequotas/catalogue.h"
#include "services/servicequotas/operations.h"

namespace surgetank::servicequotas {
namespace {

enum class Values : std::uint8_t { InForce, Defaults };

std::int64_t value_of(const Call& call, const QuotaRow& row, Values values) {
  if (values == Values::InForce || call.ports.quotas == nullptr) return quota_value(call.ports.quotas, row);
  return call.ports.quotas->aws_value(row);
}

Result<ListQuotasResponse> list(Call& call, const ListQuotasRequest& request, Values values) {
  SURGE_TRY(service, find_service(call, request.ServiceCode));
  List<Quota> all;
  for (const auto& row : service->quotas)
    if (is_listed(row)) all.push_back(shown(call, *service, row, value_of(call, row, values)));
  SURGE_TRY(page, page_bounds(all.size(), request.MaxResults, request.NextToken));
  ListQuotasResponse response{.NextToken = page.next_token, .Quotas = {}};
  for (auto i = page.first; i < page.end; ++i) response.Quotas.push_back(std::move(all[i]));
  return response;
}

Result<GetQuotaResponse> get(Call& call, const GetQuotaRequest& request, Values values) {
  SURGE_TRY(service, find_service(call, request.ServiceCode));
  SURGE_TRY(row, find_row(*service, request.QuotaCode));
  return GetQuotaResponse{shown(call, *service, *row, value_of(call, *row, values))};
}

}  // namespace

Result<ListServicesResponse> list_services(Call& call, const ListServicesRequest& request) {
  List<ServiceInfo> all;
  for (const auto* service : call.ports.dispatcher->services())
    if (!service->quotas.empty()) all.push_back({.ServiceCode = std::string(service->signing_name), .ServiceName = service_name(*service)});
  SURGE_TRY(page, page_bounds(all.size(), request.MaxResults, request.NextToken));
  ListServicesResponse response{.NextToken = page.next_token, .Services = {}};
  for (auto i = page.first; i < page.end; ++i) response.Services.push_back(std::move(all[i]));
  return response;
}

Result<ListQuotasResponse> list_service_quotas(Call& call, const ListQuotasRequest& request) {
  return list(call, request, Values::InForce);
}
Result<ListQuotasResponse> list_aws_default_service_quotas(Call& call, const ListQuotasRequest& request) {
  return list(call, request, Values::Defaults);
}
Result<GetQuotaResponse> get_service_quota(Call& call, const GetQuotaRequest& request) { return get(call, request, Values::InForce); }
Result<GetQuotaResponse> get_aws_default_service_quota(Call& call, const GetQuotaRequest& request) {
  return get(call, request, Values::Defaults);
}

}  // namespace surgetank::servicequotas
