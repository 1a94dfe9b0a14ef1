#include "app/concurrency_quota.h"

#include <algorithm>

#include "services/lambda/quotas.h"

namespace surgetank {

std::int64_t LambdaConcurrencyQuota::concurrent_executions() const {
  constexpr std::int64_t most = 1'000'000'000;  // what is unlimited still multiplies with the request rate
  return std::min(quotas_.value(lambda::quotas::concurrent_executions), most);
}

ConcurrencyRules LambdaConcurrencyQuota::rules() const {
  constexpr std::int64_t most = 1'000'000;
  const auto& scaling = lambda::quotas::scaling_rate;
  const auto environments = std::min(quotas_.value(scaling), most);
  return {.requests_per_execution = std::min(quotas_.value(lambda::quotas::request_rate_factor), most),
          .scaling_burst = environments,
          .scaling_per_second = std::max<std::int64_t>(1, environments / (scaling.per.us / seconds(1).us))};
}

void LambdaConcurrencyQuota::in_use(std::int64_t executions) { quotas_.in_use(lambda::quotas::concurrent_executions, executions); }

void LambdaConcurrencyQuota::rejected(ThrottleReason reason) {
  switch (reason) {
    case ThrottleReason::AccountConcurrency:
      return quotas_.rejected(lambda::quotas::concurrent_executions);
    case ThrottleReason::AccountRate:
    case ThrottleReason::ReservedRate:
    case ThrottleReason::ProvisionedRate:
      return quotas_.rejected(lambda::quotas::request_rate_factor);
    case ThrottleReason::ScalingRate:
      return quotas_.rejected(lambda::quotas::scaling_rate);
    case ThrottleReason::ReservedConcurrency:  // the function's own setting
    case ThrottleReason::HostProcesses:        // this machine
      return;
  }
}

}  // namespace surgetank
