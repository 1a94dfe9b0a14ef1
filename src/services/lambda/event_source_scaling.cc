#include "services/lambda/event_source_scaling.h"

#include <algorithm>
#include <cmath>

namespace surgetank::lambda {
namespace {

constexpr double first_batches = 5;
constexpr double most_batches = 1'250;
constexpr double growth_per_second = 300.0 / 60;
constexpr double batches_per_poller = 10;
constexpr double provisioned_growth_per_second = 1'000.0 / 60;
constexpr double error_factor = 0.5;
constexpr double success_step = 1.0 / 120;
constexpr double rounding = 1e-6;

}  // namespace

void ConcurrencyLimit::set_rule(const ScalingRule& rule) {
  const bool is_fresh = most_ == 0;
  growth_per_second_ = growth_per_second;
  most_ = rule.maximum_concurrency ? static_cast<double>(*rule.maximum_concurrency) : most_batches;
  least_ = std::min(rule.kind == QueueKind::Fifo ? most_ : first_batches, most_);
  if (rule.provisioned) {
    growth_per_second_ = provisioned_growth_per_second;
    least_ = static_cast<double>(rule.provisioned->minimum) * batches_per_poller;
    most_ = static_cast<double>(rule.provisioned->maximum) * batches_per_poller;
  }
  limit_ = is_fresh ? least_ : bounded(limit_);
}

double ConcurrencyLimit::bounded(double limit) const { return std::clamp(limit, least_, most_); }

void ConcurrencyLimit::advance(Instant now, Demand demand) {
  if (demand_ == Demand::Unmet && now > advanced_to_) limit_ = bounded(limit_ + growth_per_second_ * (now - advanced_to_).seconds());
  advanced_to_ = std::max(now, advanced_to_);
  demand_ = demand;
}

void ConcurrencyLimit::queue_is_quiet(std::int64_t running) { limit_ = bounded(std::min(limit_, static_cast<double>(running))); }

void ConcurrencyLimit::succeeded() { share_ = std::min(1.0, share_ + success_step); }

void ConcurrencyLimit::backed_off() { share_ = std::max(1 / most_, share_ * error_factor); }

void ConcurrencyLimit::throttled() { share_ = std::max(share_ * error_factor, std::min(share_, least_ / limit_)); }

std::int64_t ConcurrencyLimit::batches() const { return std::max<std::int64_t>(1, static_cast<std::int64_t>(limit_ * share_ + rounding)); }

std::int64_t ConcurrencyLimit::pollers() const { return static_cast<std::int64_t>(std::ceil(limit_ / batches_per_poller - rounding)); }

std::optional<Instant> ConcurrencyLimit::next_growth() const {
  if (demand_ == Demand::Met || limit_ >= most_) return std::nullopt;
  const double missing = static_cast<double>(batches() + 1) / share_ - limit_;
  if (limit_ + missing > most_ + rounding) return std::nullopt;
  const double wait = std::max(missing, 0.0) / growth_per_second_;
  return advanced_to_ + microseconds(static_cast<std::int64_t>(std::ceil(wait * 1e6)));
}

}  // namespace surgetank::lambda
