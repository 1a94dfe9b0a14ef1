#pragma once
// The registry's rows as Service Quotas names them: services by their code, quotas by AWS's code or, where none is known, by one of ours.
// Pure; any thread.
#include <string>
#include <string_view>

#include "kernel/call.h"
#include "kernel/operation.h"
#include "services/servicequotas/errors.h"
#include "services/servicequotas/model.h"

namespace surgetank::servicequotas {

// "AWS Lambda" of the service whose code is "lambda".
std::string service_name(const Service& service);
// "L-B99A9384"; ours are "SURGETANK-sqs-fifo-requests".
std::string quota_code(const QuotaRow& row);
// Whether AWS would list it: rows whose value a resource's own settings tell are not quotas of an account.
bool is_listed(const QuotaRow& row);
// Errors: NoSuchResourceException.
Result<const Service*> find_service(const Call& call, std::string_view code);
Result<const QuotaRow*> find_row(const Service& service, std::string_view code);
Quota shown(const Call& call, const Service& service, const QuotaRow& row, std::int64_t value);

// Cuts a page out of `items`; tokens are positions. Errors: IllegalArgumentException, InvalidPaginationTokenException.
struct PageBounds {
  std::size_t first = 0;
  std::size_t end = 0;
  Opt<String> next_token;
};
Result<PageBounds> page_bounds(std::size_t count, const Opt<Integer>& max_results, const Opt<String>& next_token);

}  // namespace surgetank::servicequotas
