#pragma once
// What CloudWatch learns about one function on one lane (namespace AWS/Lambda), gathered for some milliseconds and then handed on:
// a thousand invocations a second cost a few samples, not thousands. Every sample goes out twice, with the dimension FunctionName and
// for the account as a whole. One owner, its thread only. Pure but for the Telemetry it is given.
//
// Nothing is lost in count, sum and extremes; of more than `exact_durations` durations each is rounded to three digits.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kernel/telemetry.h"

namespace surgetank {

class FunctionMetrics {
 public:
  static constexpr std::size_t exact_durations = 100;

  FunctionMetrics(std::string account, std::string region, std::string function, Telemetry& telemetry);

  enum class Result : std::uint8_t { Success, Error };
  void add_invocation(Instant time, Duration duration, Result result);
  void add_throttle(Instant time);
  // Executions, with the one that begins.
  struct Concurrency {
    std::int64_t of_function = 0;
    std::int64_t of_account = 0;
    std::int64_t unreserved = 0;  // of the account
    std::int64_t claimed = 0;     // ClaimedAccountConcurrency
    auto operator<=>(const Concurrency&) const = default;
  };
  void add_concurrency(Instant time, const Concurrency& concurrency);
  // An invocation of a version that has provisioned concurrency.
  struct ProvisionedUse {
    std::string version;
    std::int64_t in_use = 0;
    std::int64_t requested = 0;
    bool is_spillover = false;
    auto operator<=>(const ProvisionedUse&) const = default;
  };
  void add_provisioned(Instant time, const ProvisionedUse& use);
  void flush();
  bool empty() const { return invocations_ == 0 && throttles_ == 0 && concurrency_.empty() && provisioned_.empty(); }

 private:
  void enter_period(Instant time);
  void emit(const char* name, const char* unit, double value, double count);
  void emit_one(const char* name, const char* unit, double value, double count, Dimensions dimensions);
  void emit_durations();
  void emit_concurrency();
  void emit_provisioned();

  const std::string account_;
  const std::string region_;
  const std::string function_;
  Telemetry& telemetry_;
  Instant period_;  // the minute that everything below lies in
  std::int64_t invocations_ = 0;
  std::int64_t errors_ = 0;
  std::int64_t throttles_ = 0;
  std::vector<double> durations_ms_;
  std::map<Concurrency, std::int64_t> concurrency_;     // how often
  std::map<ProvisionedUse, std::int64_t> provisioned_;  // how often
};

}  // namespace surgetank
