#pragma once
// Lambda's concurrency as one pure model: who may execute now, out of which pool, and if not, why. The live engine, the simulator and
// the capacity planner ask the same code. It knows no lanes, environments or clocks: time is an argument, a refusal is a value.
//
// An account's limit is divided in two. Functions that reserve have a pool to themselves, which is taken out of the account's even when
// it is idle; provisioned concurrency of functions that do not reserve is taken out as well; what is left is shared by all others.
// Admission (Lambda Developer Guide, "Understanding Lambda function scaling"):
//   1. request rate: 10 a second for each execution of the pool: of the function's reservation or of the account, and, with provisioned
//      concurrency, of what is provisioned;
//   2. a provisioned execution, if one is initialised and free; it needs nothing else;
//   3. an execution on demand (spill-over): of what is reserved and not provisioned, or of what the account has left unreserved;
//   4. whoever then needs a new environment takes a scaling token of the function: 1,000 at once, 100 more each second.
//
//   AccountConcurrency account(1000);
//   FunctionConcurrency orders(account);
//   orders.reserve(50);
//   const Admission admission = orders.admit(now, nullptr);
//   if (admission.is_admitted) { ... orders.release(admission.pool, nullptr); } else count(admission.reason);
//
// Thread safe without locks. Settings of one function (reserve, request) have one writer at a time. An account outlives its functions.
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "kernel/token_bucket.h"

namespace surgetank {

enum class ThrottleReason : std::uint8_t {
  AccountConcurrency,
  AccountRate,
  ReservedConcurrency,
  ReservedRate,
  ProvisionedRate,  // of a version that has provisioned concurrency, of a function that does not reserve
  ScalingRate,      // no new environment now
  HostProcesses,    // ours: the machine has no room for another process
};
// The Reason of TooManyRequestsException.
std::string_view name_of(ThrottleReason reason);

enum class ConcurrencyPool : std::uint8_t { Provisioned, Reserved, Unreserved };

struct Admission {
  bool is_admitted = false;
  ConcurrencyPool pool = ConcurrencyPool::Unreserved;          // admitted: to be released to
  ThrottleReason reason = ThrottleReason::AccountConcurrency;  // refused
};

// Numbers that AWS publishes besides the account's own limit.
struct ConcurrencyRules {
  std::int64_t requests_per_execution = 10;  // each second
  std::int64_t scaling_burst = 1000;         // new environments of a function at once ...
  std::int64_t scaling_per_second = 100;     // ... and how many more each second
};

// Where the account's limit and the rules come from if they can change, and who wants to know how they are used. Called by admissions,
// from any thread.
class ConcurrencyQuota {
 public:
  virtual ~ConcurrencyQuota() = default;
  virtual std::int64_t concurrent_executions() const = 0;
  virtual ConcurrencyRules rules() const { return {}; }
  virtual void in_use(std::int64_t executions) = 0;
  virtual void rejected(ThrottleReason reason) = 0;
};

// So many requests a second for each execution of a pool, whatever size that has just now.
class RequestRate {
 public:
  bool take(Instant now, std::int64_t executions, std::int64_t requests_per_execution);

 private:
  std::atomic<std::int64_t> per_second_{0};  // that `bucket_` was made for
  TokenBucket bucket_{TokenRate{}};
};

class AccountConcurrency {
 public:
  explicit AccountConcurrency(std::int64_t limit, ConcurrencyRules rules = {});
  // `quota` outlives the account.
  explicit AccountConcurrency(ConcurrencyQuota& quota);
  AccountConcurrency(const AccountConcurrency&) = delete;
  AccountConcurrency& operator=(const AccountConcurrency&) = delete;

  void set_limit(std::int64_t limit);  // without a ConcurrencyQuota
  std::int64_t limit() const { return quota_ != nullptr ? quota_->concurrent_executions() : limit_.load(std::memory_order_relaxed); }
  // Taken out of the limit: everything reserved, and what is provisioned of functions that do not reserve.
  std::int64_t claimed() const { return claimed_.load(std::memory_order_relaxed); }
  // What functions without a reservation share.
  std::int64_t unreserved() const;
  ConcurrencyRules rules() const { return quota_ != nullptr ? quota_->rules() : rules_; }
  std::int64_t in_use() const { return unreserved_in_use() + set_apart_in_use_.load(std::memory_order_relaxed); }
  std::int64_t unreserved_in_use() const { return unreserved_in_use_.load(std::memory_order_relaxed); }
  // The metric ClaimedAccountConcurrency: what new executions on demand cannot have.
  std::int64_t claimed_or_in_use() const { return claimed() + unreserved_in_use(); }

 private:
  friend class FunctionConcurrency;
  const ConcurrencyRules rules_;
  ConcurrencyQuota* const quota_ = nullptr;
  std::atomic<std::int64_t> limit_;
  RequestRate rate_;
  std::atomic<std::int64_t> claimed_{0};
  std::atomic<std::int64_t> unreserved_in_use_{0};
  std::atomic<std::int64_t> set_apart_in_use_{0};  // reserved and provisioned executions
};

class FunctionConcurrency;

// The provisioned concurrency of one version of a function. Gone before its function.
class ProvisionedConcurrency {
 public:
  explicit ProvisionedConcurrency(FunctionConcurrency& function);
  ~ProvisionedConcurrency();
  ProvisionedConcurrency(const ProvisionedConcurrency&) = delete;
  ProvisionedConcurrency& operator=(const ProvisionedConcurrency&) = delete;

  // What was asked for; 0: nothing any more.
  void request(std::int64_t executions);
  // How many of them are initialised.
  void set_ready(std::int64_t executions) { ready_.store(executions, std::memory_order_relaxed); }
  std::int64_t requested() const { return requested_.load(std::memory_order_relaxed); }
  std::int64_t ready() const { return ready_.load(std::memory_order_relaxed); }
  std::int64_t in_use() const { return in_use_.load(std::memory_order_relaxed); }

 private:
  friend class FunctionConcurrency;
  FunctionConcurrency& function_;
  std::atomic<std::int64_t> requested_{0};
  std::atomic<std::int64_t> ready_{0};
  std::atomic<std::int64_t> in_use_{0};
  RequestRate rate_;
};

// A function over all its versions.
class FunctionConcurrency {
 public:
  explicit FunctionConcurrency(AccountConcurrency& account);
  ~FunctionConcurrency();
  FunctionConcurrency(const FunctionConcurrency&) = delete;
  FunctionConcurrency& operator=(const FunctionConcurrency&) = delete;

  // nullopt: it shares what is unreserved. 0: it is off.
  void reserve(std::optional<std::int64_t> executions);
  std::optional<std::int64_t> reserved() const;
  std::int64_t provisioned() const { return provisioned_.load(std::memory_order_relaxed); }  // requested, of all versions
  // On demand and provisioned.
  std::int64_t in_use() const;
  AccountConcurrency& account() const { return account_; }

  // `provisioned` is that of the version that is asked for; null: it has none.
  Admission admit(Instant now, ProvisionedConcurrency* provisioned);
  // Once for each admission, with its pool.
  void release(ConcurrencyPool pool, ProvisionedConcurrency* provisioned);
  // An execution on demand runs in a provisioned environment after all.
  void move_to_provisioned(ConcurrencyPool from, ProvisionedConcurrency& provisioned);
  // False: no new environment now; the admission that wanted it is to be released.
  bool take_scaling_token(Instant now);
  // For what was admitted and then refused (scaling, the host): tells who counts rejections.
  void note_rejected(ThrottleReason reason);

 private:
  friend class ProvisionedConcurrency;
  static constexpr std::int64_t nothing_reserved = -1;
  Admission refused(ThrottleReason reason);
  bool is_within_rate(Instant now, std::int64_t reserved, std::int64_t per_execution);
  void claim();
  void release_on_demand(ConcurrencyPool pool);
  void tell_use();

  AccountConcurrency& account_;
  std::atomic<std::int64_t> reserved_{nothing_reserved};
  std::atomic<std::int64_t> provisioned_{0};
  std::atomic<std::int64_t> on_demand_{0};           // executions
  std::atomic<std::int64_t> provisioned_in_use_{0};  // of all versions
  std::int64_t claim_ = 0;                           // in account_.claimed_
  RequestRate reserved_rate_;
  std::atomic<std::int64_t> scaling_per_second_{0};  // that `scaling_` was made for
  TokenBucket scaling_{TokenRate{}};
};

}  // namespace surgetank
