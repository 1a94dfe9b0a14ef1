// What changes quotas: requests of an account, which are granted at once, and the server's own command. Values are records, so that
// they survive a restart.
#include <cmath>

#include "base/text.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "services/servicequotas/catalogue.h"
#include "services/servicequotas/keys.h"
#include "services/servicequotas/operations.h"
#include "services/servicequotas/service.h"

namespace surgetank::servicequotas {
namespace {

constexpr double largest_value = 1e10;

Result<Quotas*> registry_of(const Call& call) {
  if (call.ports.quotas == nullptr) return Error{&IllegalArgumentException, "This server has no quotas."};
  return call.ports.quotas;
}

void store_value(Call& call, const QuotaRow& row, std::int64_t value) {
  put_record(call.txn, keys::value(row.id), ValueRecord{.Id = std::string(row.id), .Value = value});
  call.ports.quotas->set(row, value);
}

bool has_status(const RequestedQuota& request, const Opt<String>& status) { return !status || *status == request.Status; }

Result<ListRequestedChangesResponse> page_of(List<RequestedQuota> found, const Opt<Integer>& max_results, const Opt<String>& next_token) {
  SURGE_TRY(page, page_bounds(found.size(), max_results, next_token));
  ListRequestedChangesResponse response{.NextToken = page.next_token, .RequestedQuotas = List<RequestedQuota>{}};
  for (auto i = page.first; i < page.end; ++i) response.RequestedQuotas->push_back(std::move(found[i]));
  return response;
}

}  // namespace

Result<RequestedQuotaResponse> request_service_quota_increase(Call& call, const RequestIncreaseRequest& request) {
  SURGE_TRY(registry, registry_of(call));
  SURGE_TRY(owner, find_service(call, request.ServiceCode));
  SURGE_TRY(row, find_row(*owner, request.QuotaCode));
  if (row->adjustable == QuotaAdjustable::No)
    return Error{&IllegalArgumentException, "The quota " + request.QuotaCode + " is not adjustable."};
  const auto value = std::floor(request.DesiredValue);
  if (!(value >= 0) || value > largest_value) return Error{&IllegalArgumentException, "DesiredValue must be from 0 to 10000000000."};
  if (static_cast<std::int64_t>(value) <= registry->value(*row))
    return Error{&IllegalArgumentException, "You must provide a quota value greater than the current quota value."};
  store_value(call, *row, static_cast<std::int64_t>(value));
  const auto quota = shown(call, *owner, *row, static_cast<std::int64_t>(value));
  const RequestedQuota granted{
      .Id = call.random.hex(32) + call.random.from_alphabet("abcdefghijklmnopqrstuvwxyz0123456789", 8),
      .ServiceCode = quota.ServiceCode,
      .ServiceName = quota.ServiceName,
      .QuotaCode = quota.QuotaCode,
      .QuotaName = quota.QuotaName,
      .DesiredValue = request.DesiredValue,
      .Status = "APPROVED",
      .Created = call.now,
      .LastUpdated = call.now,
      .Requester = R"({"accountId":")" + call.account() + R"(","callerArn":")" + call.caller.principal_arn + R"("})",
      .QuotaArn = quota.QuotaArn,
      .GlobalQuota = quota.GlobalQuota,
      .Unit = quota.Unit};
  put_record(call.txn, keys::request(call.caller, granted.Id), granted);
  return RequestedQuotaResponse{granted};
}

Result<RequestedQuotaResponse> get_requested_change(Call& call, const GetRequestedChangeRequest& request) {
  auto record = get_record<RequestedQuota>(call.txn, keys::request(call.caller, request.RequestId));
  if (!record) return Error{&NoSuchResourceException, "The request failed because the specified request does not exist."};
  return RequestedQuotaResponse{std::move(*record)};
}

Result<ListRequestedChangesResponse> list_requested_changes(Call& call, const ListRequestedChangesRequest& request) {
  if (request.ServiceCode) SURGE_CHECK(find_service(call, *request.ServiceCode));
  List<RequestedQuota> found;
  scan_records<RequestedQuota>(call.txn, keys::requests(call.caller), [&](RequestedQuota one) {
    if ((!request.ServiceCode || *request.ServiceCode == one.ServiceCode) && has_status(one, request.Status))
      found.push_back(std::move(one));
    return true;
  });
  return page_of(std::move(found), request.MaxResults, request.NextToken);
}

Result<ListRequestedChangesResponse> list_requested_changes_by_quota(Call& call, const ListRequestedChangesByQuotaRequest& request) {
  SURGE_TRY(owner, find_service(call, request.ServiceCode));
  SURGE_TRY(row, find_row(*owner, request.QuotaCode));
  List<RequestedQuota> found;
  scan_records<RequestedQuota>(call.txn, keys::requests(call.caller), [&](RequestedQuota one) {
    if (one.ServiceCode == request.ServiceCode && one.QuotaCode == quota_code(*row) && has_status(one, request.Status))
      found.push_back(std::move(one));
    return true;
  });
  return page_of(std::move(found), request.MaxResults, request.NextToken);
}

Result<Empty> set_quota(Call& call, const SetQuotaRequest& request) {
  SURGE_TRY(registry, registry_of(call));
  const auto* row = registry->find(request.Id);
  if (row == nullptr) return Error{&NoSuchResourceException, "There is no quota " + request.Id + "; surgetank quotas list shows them."};
  if (!is_listed(*row))
    return Error{&IllegalArgumentException, request.Id + " is what the settings of each resource say; change them there."};
  if (request.Value < 0) return Error{&IllegalArgumentException, "A quota is a whole number of at least 0."};
  store_value(call, *row, request.Value);
  return Empty{};
}

Result<Empty> reset_quota(Call& call, const ResetQuotaRequest& request) {
  SURGE_TRY(registry, registry_of(call));
  if (request.Id) {
    const auto* row = registry->find(*request.Id);
    if (row == nullptr) return Error{&NoSuchResourceException, "There is no quota " + *request.Id + "; surgetank quotas list shows them."};
    call.txn.erase(keys::value(row->id));
    registry->reset(*row);
    return Empty{};
  }
  for (const auto& use : registry->use(call.now)) {
    if (!use.is_set) continue;
    call.txn.erase(keys::value(use.row->id));
    registry->reset(*use.row);
  }
  return Empty{};
}

Result<Empty> use_profile(Call& call, const UseProfileRequest& request) {
  SURGE_TRY(registry, registry_of(call));
  const auto profile = quota_profile(request.Name);
  if (!profile) return Error{&IllegalArgumentException, "There is no profile " + request.Name + ": aws, aws-new-account and none exist."};
  put_record(call.txn, keys::profile(), ProfileRecord{.Name = request.Name});
  registry->use_profile(*profile);
  return Empty{};
}

void load_quotas(ServiceContext& context) {
  if (context.ports.quotas == nullptr) return;
  context.dispatcher.read(service, service_caller("", "", "servicequotas"), {}, "", [](Call& call) {
    auto& registry = *call.ports.quotas;
    const auto chosen = get_record<ProfileRecord>(call.txn, keys::profile());
    if (chosen && registry.follows_record())
      if (const auto profile = quota_profile(chosen->Name)) registry.use_profile(*profile);
    scan_records<ValueRecord>(call.txn, keys::values(), [&](const ValueRecord& record) {
      const auto* row = registry.find(record.Id);
      if (row != nullptr && !registry.is_set(*row)) registry.set(*row, record.Value);
      return true;
    });
  });
}

}  // namespace surgetank::servicequotas
