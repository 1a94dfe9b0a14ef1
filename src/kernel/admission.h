#pragma once
// Throttling of API calls at the front door: an operation that a row of its service names (QuotaRow::operations) takes a token of the
// account's bucket before it is decoded. The tables are read once; a call costs one look-up and one bucket (well below a microsecond,
// bench/front_door_bench). What services inside the platform ask of each other does not come here, as on AWS. Any thread.
#include <span>
#include <unordered_map>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/operation.h"
#include "kernel/quotas.h"

namespace surgetank {

// Names the quota in the answer of a call that it refused.
inline constexpr std::string_view quota_header = "x-surgetank-quota";

class ApiAdmission {
 public:
  // `quotas` may be null: everything is admitted. Every name in a row must be an operation's, and no operation is in two rows.
  ApiAdmission(Quotas* quotas, std::span<const Service* const> services);

  // The error of the row, if its bucket is empty.
  Result<Unit> admit(const Operation& operation, const Caller& caller, Instant now) const;
  // The row whose tokens the operation takes; null if none does.
  const QuotaRow* row_of(const Operation& operation) const;

 private:
  Quotas* quotas_;
  std::unordered_map<const Operation*, const QuotaRow*> rows_;
};

}  // namespace surgetank
