#include "windtunnel/prediction/operation_quotas.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace surgetank::prediction {
namespace {

bool has_word(std::string_view words, std::string_view wanted) {
  const auto all = split(words, ' ');
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

}  // namespace

std::vector<const QuotaRow*> quotas_of_operation(const Quotas& quotas, std::string_view service, std::string_view operation) {
  std::vector<const QuotaRow*> named;
  std::vector<const QuotaRow*> of_all_others;
  for (const auto& use : quotas.use({})) {
    const auto& row = *use.row;
    if (row.id.size() <= service.size() || !row.id.starts_with(service) || row.id[service.size()] != '.' || row.operations.empty())
      continue;
    if (has_word(row.operations, operation)) named.push_back(&row);
    if (has_word(row.operations, "*") && !has_word(row.operations, "-" + std::string(operation))) of_all_others.push_back(&row);
  }
  return named.empty() ? of_all_others : named;
}

}  // namespace surgetank::prediction
