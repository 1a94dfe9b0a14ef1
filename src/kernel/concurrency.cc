#include "kernel/concurrency.h"

#include <algorithm>

#include "base/assert.h"

namespace surgetank {
namespace {

constexpr std::int64_t most_limited = 100'000'000;  // executions; a larger limit is none
constexpr std::int64_t most_requests = 1'000;       // per second and execution
constexpr std::int64_t least_burst = 10;            // requests

bool increment_below(std::atomic<std::int64_t>& counter, std::int64_t limit) {
  std::int64_t value = counter.load(std::memory_order_relaxed);
  while (value < limit) {
    if (counter.compare_exchange_weak(value, value + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

void decrement(std::atomic<std::int64_t>& counter) {
  const auto before = counter.fetch_sub(1, std::memory_order_relaxed);
  SURGE_ASSERT(before > 0, "an execution was released twice");
}

}  // namespace

std::string_view name_of(ThrottleReason reason) {
  switch (reason) {
    case ThrottleReason::AccountConcurrency:
    case ThrottleReason::ScalingRate:
      return "ConcurrentInvocationLimitExceeded";
    case ThrottleReason::AccountRate:
    case ThrottleReason::ProvisionedRate:
      return "FunctionInvocationRateLimitExceeded";
    case ThrottleReason::ReservedConcurrency:
      return "ReservedFunctionConcurrentInvocationLimitExceeded";
    case ThrottleReason::ReservedRate:
      return "ReservedFunctionInvocationRateLimitExceeded";
    case ThrottleReason::HostProcesses:
      return "HostProcessLimitExceeded";
  }
  return {};
}

// Half a second's worth may come at once, so that a minute of overload is admitted within a hundredth of the rate; small pools take ten.
bool RequestRate::take(Instant now, std::int64_t executions, std::int64_t requests_per_execution) {
  if (executions >= most_limited) return true;
  const auto tokens = std::max<std::int64_t>(1, executions * std::min(requests_per_execution, most_requests));
  if (per_second_.load(std::memory_order_relaxed) != tokens && per_second_.exchange(tokens, std::memory_order_relaxed) != tokens)
    bucket_.set_rate({.tokens = tokens, .per = seconds(1), .burst = std::max(least_burst, tokens / 2)});
  return bucket_.take(now);
}

// ---- the account ----

AccountConcurrency::AccountConcurrency(std::int64_t limit, ConcurrencyRules rules) : rules_(rules), limit_(limit) {}

AccountConcurrency::AccountConcurrency(ConcurrencyQuota& quota) : quota_(&quota), limit_(0) {}

void AccountConcurrency::set_limit(std::int64_t limit) { limit_.store(limit, std::memory_order_relaxed); }

std::int64_t AccountConcurrency::unreserved() const { return std::max<std::int64_t>(0, limit() - claimed()); }

// ---- what is provisioned ----

ProvisionedConcurrency::ProvisionedConcurrency(FunctionConcurrency& function) : function_(function) {}

ProvisionedConcurrency::~ProvisionedConcurrency() { request(0); }

void ProvisionedConcurrency::request(std::int64_t executions) {
  const auto before = requested_.exchange(executions, std::memory_order_relaxed);
  if (before == executions) return;
  function_.provisioned_.fetch_add(executions - before, std::memory_order_relaxed);
  function_.claim();
}

// ---- the function ----

FunctionConcurrency::FunctionConcurrency(AccountConcurrency& account) : account_(account) {}

FunctionConcurrency::~FunctionConcurrency() { account_.claimed_.fetch_sub(claim_, std::memory_order_relaxed); }

void FunctionConcurrency::reserve(std::optional<std::int64_t> executions) {
  reserved_.store(executions.value_or(nothing_reserved), std::memory_order_relaxed);
  claim();
}

std::optional<std::int64_t> FunctionConcurrency::reserved() const {
  const auto reserved = reserved_.load(std::memory_order_relaxed);
  return reserved == nothing_reserved ? std::nullopt : std::optional(reserved);
}

// What is provisioned of a function that reserves is part of the reservation.
void FunctionConcurrency::claim() {
  const auto wanted = reserved().value_or(provisioned());
  account_.claimed_.fetch_add(wanted - claim_, std::memory_order_relaxed);
  claim_ = wanted;
}

std::int64_t FunctionConcurrency::in_use() const {
  return on_demand_.load(std::memory_order_relaxed) + provisioned_in_use_.load(std::memory_order_relaxed);
}

bool FunctionConcurrency::is_within_rate(Instant now, std::int64_t reserved, std::int64_t per_execution) {
  if (reserved == 0) return true;  // it is off, and that is what is said
  if (reserved != nothing_reserved) return reserved_rate_.take(now, reserved, per_execution);
  return account_.rate_.take(now, account_.limit(), per_execution);
}

Admission FunctionConcurrency::admit(Instant now, ProvisionedConcurrency* provisioned) {
  const auto reserved = reserved_.load(std::memory_order_relaxed);
  const bool reserves = reserved != nothing_reserved;
  const auto per_execution = account_.rules().requests_per_execution;
  if (!is_within_rate(now, reserved, per_execution)) return refused(reserves ? ThrottleReason::ReservedRate : ThrottleReason::AccountRate);
  if (provisioned != nullptr && reserved != 0 && provisioned->requested() > 0) {
    if (!provisioned->rate_.take(now, provisioned->requested(), per_execution))
      return refused(reserves ? ThrottleReason::ReservedRate : ThrottleReason::ProvisionedRate);
    if (increment_below(provisioned->in_use_, provisioned->ready())) {
      provisioned_in_use_.fetch_add(1, std::memory_order_relaxed);
      account_.set_apart_in_use_.fetch_add(1, std::memory_order_relaxed);
      tell_use();
      return {.is_admitted = true, .pool = ConcurrencyPool::Provisioned};
    }
  }
  if (reserves) {
    if (!increment_below(on_demand_, reserved - this->provisioned())) return refused(ThrottleReason::ReservedConcurrency);
    account_.set_apart_in_use_.fetch_add(1, std::memory_order_relaxed);
    tell_use();
    return {.is_admitted = true, .pool = ConcurrencyPool::Reserved};
  }
  if (!increment_below(account_.unreserved_in_use_, account_.unreserved())) return refused(ThrottleReason::AccountConcurrency);
  on_demand_.fetch_add(1, std::memory_order_relaxed);
  tell_use();
  return {.is_admitted = true, .pool = ConcurrencyPool::Unreserved};
}

void FunctionConcurrency::release_on_demand(ConcurrencyPool pool) {
  decrement(on_demand_);
  decrement(pool == ConcurrencyPool::Reserved ? account_.set_apart_in_use_ : account_.unreserved_in_use_);
}

void FunctionConcurrency::release(ConcurrencyPool pool, ProvisionedConcurrency* provisioned) {
  if (pool == ConcurrencyPool::Provisioned) {
    SURGE_ASSERT(provisioned != nullptr, "a provisioned execution belongs to a version");
    decrement(provisioned->in_use_);
    decrement(provisioned_in_use_);
    decrement(account_.set_apart_in_use_);
  } else {
    release_on_demand(pool);
  }
  tell_use();
}

void FunctionConcurrency::move_to_provisioned(ConcurrencyPool from, ProvisionedConcurrency& provisioned) {
  if (from == ConcurrencyPool::Provisioned) return;
  provisioned.in_use_.fetch_add(1, std::memory_order_relaxed);
  provisioned_in_use_.fetch_add(1, std::memory_order_relaxed);
  account_.set_apart_in_use_.fetch_add(1, std::memory_order_relaxed);
  release_on_demand(from);
}

bool FunctionConcurrency::take_scaling_token(Instant now) {
  const auto rules = account_.rules();
  if (rules.scaling_per_second >= most_limited) return true;
  if (scaling_per_second_.exchange(rules.scaling_per_second, std::memory_order_relaxed) != rules.scaling_per_second)
    scaling_.set_rate({.tokens = rules.scaling_per_second, .per = seconds(1), .burst = rules.scaling_burst});
  return scaling_.take(now);
}

void FunctionConcurrency::note_rejected(ThrottleReason reason) {
  if (account_.quota_ != nullptr) account_.quota_->rejected(reason);
}

Admission FunctionConcurrency::refused(ThrottleReason reason) {
  note_rejected(reason);
  return {.is_admitted = false, .reason = reason};
}

void FunctionConcurrency::tell_use() {
  if (account_.quota_ != nullptr) account_.quota_->in_use(account_.in_use());
}

}  // namespace surgetank
