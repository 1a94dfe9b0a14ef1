#include "kernel/admission.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "base/text.h"

namespace surgetank {
namespace {

constexpr std::string_view all_others = "*";

const Operation& operation_of(const Service& service, std::string_view name) {
  const auto found =
      std::find_if(service.operations.begin(), service.operations.end(), [&](const Operation& one) { return one.name == name; });
  SURGE_ASSERT(found != service.operations.end(), "a quota names an operation that its service has not: " + std::string(name));
  return *found;
}

}  // namespace

ApiAdmission::ApiAdmission(Quotas* quotas, std::span<const Service* const> services) : quotas_(quotas) {
  if (quotas == nullptr) return;
  for (const auto* service : services) {
    const QuotaRow* rest = nullptr;
    std::vector<std::string_view> excluded;
    for (const auto& row : service->quotas) {
      if (row.operations.empty()) continue;
      SURGE_ASSERT(quotas->find(row.id) == &row, "the registry has the rows of every service");
      for (const auto name : split(row.operations, ' ')) {
        if (name == all_others) {
          SURGE_ASSERT(rest == nullptr, "one row of a service is for all other operations");
          rest = &row;
        } else if (name.front() == '-') {
          excluded.push_back(operation_of(*service, name.substr(1)).name);
        } else {
          SURGE_ASSERT(rows_.emplace(&operation_of(*service, name), &row).second, "an operation is in one row");
        }
      }
    }
    if (rest == nullptr) continue;
    for (const auto& operation : service->operations)
      if (operation.access != Access::Internal && std::find(excluded.begin(), excluded.end(), operation.name) == excluded.end())
        rows_.emplace(&operation, rest);
  }
}

const QuotaRow* ApiAdmission::row_of(const Operation& operation) const {
  const auto found = rows_.find(&operation);
  return found == rows_.end() ? nullptr : found->second;
}

Result<Unit> ApiAdmission::admit(const Operation& operation, const Caller& caller, Instant now) const {
  const auto* row = row_of(operation);
  if (row == nullptr) return Unit{};
  return take_quota(quotas_, *row, {.account = caller.account, .region = caller.region}, now);
}

}  // namespace surgetank
