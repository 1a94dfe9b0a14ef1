#pragma once
// The engine's view of Lambda's rows in the registry: the account's limit, live, and who was refused by what. Any thread.
#include "kernel/concurrency.h"
#include "kernel/quotas.h"

namespace surgetank {

class LambdaConcurrencyQuota final : public ConcurrencyQuota {
 public:
  explicit LambdaConcurrencyQuota(Quotas& quotas) : quotas_(quotas) {}
  std::int64_t concurrent_executions() const override;
  ConcurrencyRules rules() const override;
  void in_use(std::int64_t executions) override;
  void rejected(ThrottleReason reason) override;

 private:
  Quotas& quotas_;
};

}  // namespace surgetank
