#pragma once
// The live side of all quotas: their values, which users change while the server runs, and how much of each is used. One per process
// (or per simulated world), in Ports::quotas; where that is null nothing is limited.
//
// Everything may be called from any thread; admission takes no lock but that of one row's buckets (well below a microsecond). Time is an
// argument. A refusal is a value: take() and fits() say no, error() makes what the client is told.
#include <atomic>
#include <cstdint>
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

class Quotas {
 public:
  static constexpr std::int64_t unlimited = INT64_MAX;

  explicit Quotas(std::vector<std::span<const QuotaRow>> tables, QuotaProfile profile = QuotaProfile::Aws);
  ~Quotas();
  Quotas(const Quotas&) = delete;
  Quotas& operator=(const Quotas&) = delete;

  // The value in force; `unlimited` if there is none.
  std::int64_t value(const QuotaRow& row) const;
  // Whose count it is: an account in a region, and the resource if the row's scope is one.
  struct Owner {
    std::string_view account;
    std::string_view region;
    std::string_view resource = {};
  };
  // Token buckets and windows: takes `tokens`, or none and counts a rejection.
  bool take(const QuotaRow& row, const Owner& owner, Instant now, std::int64_t tokens = 1);
  // Caps: `amount` is within the quota; else a rejection is counted.
  bool fits(const QuotaRow& row, std::int64_t amount);
  // Concurrency is counted by whoever owns it, and told here.
  void in_use(const QuotaRow& row, std::int64_t amount);
  void rejected(const QuotaRow& row);
  // The error of the row, exactly as the service words it.
  static Error error(const QuotaRow& row) { return {row.error, std::string(row.message)}; }

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
  void reset(const QuotaRow& row);
  void use_profile(QuotaProfile profile);
  QuotaProfile profile() const { return profile_.load(std::memory_order_relaxed); }
  void forget_use();  // peaks and rejections begin anew

 private:
  struct Live;
  Live& live(const QuotaRow& row) const;
  std::int64_t of_profile(const QuotaRow& row) const;
  void apply(Live& live);

  std::vector<std::span<const QuotaRow>> tables_;
  std::vector<std::unique_ptr<Live[]>> live_;  // beside tables_
  std::atomic<QuotaProfile> profile_;
};

}  // namespace surgetank
