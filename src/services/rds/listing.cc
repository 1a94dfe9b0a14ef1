// DescribeDBInstances: one instance, or all that pass the filters, page by page in the order of their identifiers.
#include <algorithm>

#include "base/text.h"
#include "kernel/record.h"
#include "services/rds/errors.h"
#include "services/rds/keys.h"
#include "services/rds/limits.h"
#include "services/rds/operations.h"
#include "services/rds/settings.h"

namespace surgetank::rds {
namespace {

constexpr std::string_view marker_prefix = "after:";

Result<Unit> check_filters(const List<Filter>& filters) {
  constexpr std::string_view known[] = {"db-instance-id", "dbi-resource-id", "engine", "db-cluster-id", "domain"};
  for (const auto& filter : filters) {
    const bool is_known = std::find(std::begin(known), std::end(known), filter.Name) != std::end(known);
    if (!is_known) return invalid_value("Unrecognized filter name: " + filter.Name);
    if (filter.Values.empty()) return invalid_combination("No values given for filter: " + filter.Name);
  }
  return Unit{};
}

bool passes(const DBInstance& instance, const Filter& filter) {
  return std::any_of(filter.Values.begin(), filter.Values.end(), [&](const std::string& value) {
    if (filter.Name == "db-instance-id") return value == instance.DBInstanceArn || to_lower(value) == instance.DBInstanceIdentifier;
    if (filter.Name == "dbi-resource-id") return value == instance.DbiResourceId;
    if (filter.Name == "engine") return value == instance.Engine;
    return false;  // no instance is in a cluster or a domain
  });
}

// The identifier after which the page begins.
Result<String> read_marker(const Opt<String>& marker) {
  if (!marker || marker->empty()) return String{};
  const auto text = from_base64(*marker);
  if (!text || !text->starts_with(marker_prefix)) return invalid_value("Invalid value for Marker: " + *marker);
  auto identifier = text->substr(marker_prefix.size());
  if (!check_identifier(identifier).ok()) return invalid_value("Invalid value for Marker: " + *marker);
  return identifier;
}

}  // namespace

Result<DBInstanceMessage> describe_instances(Call& call, const DescribeDBInstancesMessage& request) {
  const auto page = request.MaxRecords.value_or(limits::greatest_page);
  if (page < limits::least_page || page > limits::greatest_page)
    return invalid_value("Invalid value " + std::to_string(page) + " for MaxRecords. Must be between 20 and 100");
  SURGE_CHECK(check_filters(request.Filters));
  SURGE_TRY(after, read_marker(request.Marker));
  const auto all_pass = [&request](const DBInstance& instance) {
    return std::all_of(request.Filters.begin(), request.Filters.end(), [&](const Filter& filter) { return passes(instance, filter); });
  };
  DBInstanceMessage reply;
  auto& list = reply.DBInstances.emplace();
  if (request.DBInstanceIdentifier && !request.DBInstanceIdentifier->empty()) {
    SURGE_TRY(record, find_instance(call, *request.DBInstanceIdentifier));
    if (all_pass(record.instance)) list.push_back(std::move(record.instance));
    return reply;
  }
  scan_records<InstanceRecord>(call.txn, keys::instances(call.caller), [&](InstanceRecord record) {
    if (record.instance.DBInstanceIdentifier <= after || !all_pass(record.instance)) return true;
    if (list.size() == static_cast<std::size_t>(page)) {
      reply.Marker = to_base64(std::string(marker_prefix) + list.back().DBInstanceIdentifier);
      return false;
    }
    list.push_back(std::move(record.instance));
    return true;
  });
  return reply;
}

}  // namespace surgetank::rds
