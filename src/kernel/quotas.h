#pragma once
// The live side of all quotas: their values, which users change while the server runs, and how much of each is used. One per process
// (or per simulated world), in Ports::quotas; where that is null nothing is limited.
//
// Everything may be called from any thread; admission takes no lock but that of one row's buckets (well below a microsecond). Time is an
// argument. A refusal is a value: take() and fits() say no, error() makes what the client is told.
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "kernel/quota.h"
#include "kernel/token_bucket.h"

namespace surgetank {

// Where the values come from that nobody has set: what AWS gives a mature account, a new one, or no limits but those of formats.
enum class QuotaProfile : std::uint8_t { Aws, AwsNewAccount, None };
std::string_view name_of(QuotaProfile profile);  // "aws", "aws-new-account", "none"
std::optional<QuotaProfile> quota_profile(std::string_view name);

// A profile with values of the user's own (a file) instead of some of its: ids of rows and values.
struct QuotaDefaults {
  // Nobody has said which: what was chosen and stored the last time may take its place.
  enum class Origin : std::uint8_t { BuiltIn, User } origin = Origin::BuiltIn;
  QuotaProfile profile = QuotaProfile::Aws;
  std::map<std::string, std::int64_t, std::less<>> values = {};
  std::string region = "us-east-1";  // whose values the profiles have, for requests of any region
};

struct Service;
// The rows of all of them.
std::vector<std::span<const QuotaRow>> quota_tables(std::span<const Service* const> services);

class Quotas {
 public:
  static constexpr std::int64_t unlimited = INT64_MAX;

  // Two rows never have the same id.
  explicit Quotas(std::vector<std::span<const QuotaRow>> tables, QuotaDefaults defaults = {});
  ~Quotas();
  Quotas(const Quotas&) = delete;
  Quotas& operator=(const Quotas&) = delete;

  // The value in force; `unlimited` if there is none.
  std::int64_t value(const QuotaRow& row) const;
  const std::string& region() const { return region_; }
  // What it would be if nobody had set it.
  std::int64_t default_value(const QuotaRow& row) const { return of_profile(row); }
  // What the profile gives, whatever the user's file or settings say.
  std::int64_t profile_value(const QuotaRow& row) const;
  // What AWS gives a mature account in the registry's region.
  std::int64_t aws_value(const QuotaRow& row) const { return value_in(row, region_); }
  // Whose count it is: an account in a region, and the resource if the row's scope is one.
  struct Owner {
    std::string_view account;
    std::string_view region;
    std::string_view resource = {};
  };
  // Token buckets and windows: takes `tokens`, or none and counts a rejection.
  bool take(const QuotaRow& row, const Owner& owner, Instant now, std::int64_t tokens = 1);
  // A bucket whose rate the resource's own settings tell (a stage's throttle); the row only counts.
  bool take(const QuotaRow& row, const Owner& owner, TokenRate rate, Instant now);
  // Caps: `amount` is within the quota; else a rejection is counted.
  bool fits(const QuotaRow& row, std::int64_t amount);
  // Concurrency is counted by whoever owns it, and told here.
  void in_use(const QuotaRow& row, std::int64_t amount);
  void rejected(const QuotaRow& row);
  // How many resources an owner has; for kernel/resource_counts.h.
  struct Count {
    std::mutex mutex;
    std::optional<std::int64_t> amount;  // nullopt: nobody has counted yet
  };
  std::shared_ptr<Count> count_of(const QuotaRow& row, const Owner& owner);
  // What is stored has changed by other ways than operations: it is counted anew.
  void forget_counts();
  // The error of the row, exactly as the service words it.
  static Error error(const QuotaRow& row) { return error(row, row.value, 0); }
  static Error error(const QuotaRow& row, std::int64_t value, std::int64_t amount);
  // Says in the log which quota refused and what raises it; at most once a second for each row.
  void note_refusal(const QuotaRow& row, Instant now);

  struct Use {
    const QuotaRow* row = nullptr;
    std::int64_t value = 0;
    bool is_set = false;          // by the user, against the profile
    std::int64_t now = 0;         // in use; of buckets: taken in the last full second
    std::int64_t peak = 0;        // since the start
    std::int64_t rejections = 0;  // since the start
  };
  // In the order of the tables.
  std::vector<Use> use(Instant now) const;
  const QuotaRow* find(std::string_view id) const;

  void set(const QuotaRow& row, std::int64_t value);
  bool is_set(const QuotaRow& row) const;
  void reset(const QuotaRow& row);
  // The values of a file, if there were any, are gone.
  void use_profile(QuotaProfile profile);
  QuotaProfile profile() const { return profile_.load(std::memory_order_relaxed); }
  bool follows_record() const { return origin_ == QuotaDefaults::Origin::BuiltIn; }
  void forget_use();  // peaks and rejections begin anew

 private:
  struct Live;
  Live& live(const QuotaRow& row) const;
  std::int64_t of_profile(const QuotaRow& row) const;
  void apply(Live& live);

  std::vector<std::span<const QuotaRow>> tables_;
  std::vector<std::unique_ptr<Live[]>> live_;  // beside tables_
  const QuotaDefaults::Origin origin_;
  const std::string region_;
  std::atomic<QuotaProfile> profile_;
  mutable std::mutex defaults_mutex_;
  std::map<std::string, std::int64_t, std::less<>> defaults_;  // of a file
};

// For operations, where the registry may be null: then caps have the values of their rows and nothing else is limited.
std::int64_t quota_value(const Quotas* quotas, const QuotaRow& row);
// The error of the row if `amount` is beyond it.
Result<Unit> check_quota(Quotas* quotas, const QuotaRow& row, std::int64_t amount);
inline Result<Unit> check_quota(Quotas* quotas, const QuotaRow& row, std::size_t amount) {
  return check_quota(quotas, row, static_cast<std::int64_t>(amount));
}
// For what the common validation words (kernel/validation.h): counts the amounts that are given, and a refusal names the first row whose
// quota one of them is beyond.
struct QuotaAmount {
  const QuotaRow& row;
  std::optional<std::int64_t> amount;
};
Result<Unit> naming_quotas(Quotas* quotas, std::initializer_list<QuotaAmount> amounts, Result<Unit> checked);
// The error of the row if its bucket or window has not so many tokens.
Result<Unit> take_quota(Quotas* quotas, const QuotaRow& row, const Quotas::Owner& owner, Instant now, std::int64_t tokens = 1);

}  // namespace surgetank
