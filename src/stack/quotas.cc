#include "stack/quotas.h"

#include "kernel/quotas.h"

namespace surgetank::stack {

std::string how_to_raise(const QuotaRow& row, std::size_t amount) {
  return "raise the quota here (`surgetank quotas set " + std::string(row.id) + " " + std::to_string(amount) + "`)";
}

bool within_quota(Quotas* registry, const QuotaRow& row, std::size_t amount, Position at, const std::string& advice, Problems& problems,
                  const std::string& what) {
  const auto checked = check_quota(registry, row, amount);
  if (checked.ok()) return true;
  problems.add(at, what + checked.error().message, advice + ", or " + how_to_raise(row, amount));
  return false;
}

}  // namespace surgetank::stack
