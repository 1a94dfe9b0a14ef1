#include "services/lambda/event_source_store.h"

#include "kernel/event_sources.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_name.h"

namespace surgetank::lambda {
namespace {

void refresh_after_commit(Call& call, const std::string& uuid) {
  auto* sources = call.ports.event_sources.get();
  if (sources == nullptr) return;
  call.after_commit([sources, account = call.account(), region = call.region(), uuid] { sources->refresh(account, region, uuid); });
}

}  // namespace

Result<EventSourceMappingRecord> find_mapping(Call& call, std::string_view uuid) {
  auto mapping = get_record<EventSourceMappingRecord>(call.txn, keys::mapping(call.caller, uuid));
  if (!mapping) return fault(ResourceNotFoundException, "The resource you requested does not exist.");
  return std::move(*mapping);
}

void save_mapping(Call& call, const EventSourceMappingRecord& mapping) {
  put_record(call.txn, keys::mapping(call.caller, mapping.uuid), mapping);
  refresh_after_commit(call, mapping.uuid);
}

void erase_mapping(Call& call, const EventSourceMappingRecord& mapping) {
  call.txn.erase(keys::mapping(call.caller, mapping.uuid));
  refresh_after_commit(call, mapping.uuid);
}

std::string_view uuid_in_mapping_arn(std::string_view arn) {
  constexpr std::string_view kind = ":event-source-mapping:";
  const auto at = arn.find(kind);
  return arn.starts_with("arn:") && at != std::string_view::npos ? arn.substr(at + kind.size()) : std::string_view{};
}

std::string lane_key(std::string_view client_name) {
  return uuid_in_mapping_arn(client_name).empty() ? aggregate_key(client_name) : std::string();
}

}  // namespace surgetank::lambda
