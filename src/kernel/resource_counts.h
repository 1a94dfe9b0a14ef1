#pragma once
// How many resources of a kind an account has in a region, for quotas so large that nobody scans for each creation: counted once, when the
// first is made or deleted after the start, and right from then on. The counts live beside the quotas (kernel/quotas.h); without a
// registry nothing is counted or refused. From any lane: a count takes its own lock.
//
// Writes of an operation and what it counts go together: if it fails, or its commit does, the count is as before.
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/quota.h"

namespace surgetank {

// One more: before its record is written. The error of the row if there are as many as it allows. `prefix` begins the keys of all.
Result<Unit> count_created(Call& call, const QuotaRow& row, std::string_view prefix);
// One less: before its record is erased.
void count_deleted(Call& call, const QuotaRow& row, std::string_view prefix);

}  // namespace surgetank
