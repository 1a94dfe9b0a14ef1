#include "services/lambda/event_source_budget.h"

#include <algorithm>
#include <cmath>

namespace surgetank::lambda {
namespace {

constexpr double receives_per_second = 10;
constexpr double bytes_per_second = 1e6;
constexpr double smoothing = 0.2;

}  // namespace

void PollerBudget::advance(Instant now, std::int64_t pollers) {
  const double passed = advanced_to_ ? std::max(0.0, (now - *advanced_to_).seconds()) : 1;
  pollers_ = static_cast<double>(pollers);
  receives_ = std::min(receives_ + passed * pollers_ * receives_per_second, pollers_ * receives_per_second);
  bytes_ = std::min(bytes_ + passed * pollers_ * bytes_per_second, pollers_ * bytes_per_second);
  advanced_to_ = advanced_to_ ? std::max(*advanced_to_, now) : now;
}

bool PollerBudget::take_receive() {
  if (receives_ < 1 || bytes_ < under_way_ * bytes_per_receive_) return false;
  receives_ -= 1;
  under_way_ += 1;
  return true;
}

void PollerBudget::receive_ended(std::size_t bytes) {
  const auto brought = static_cast<double>(bytes);
  under_way_ = std::max(under_way_ - 1, 0.0);
  bytes_ -= brought;
  bytes_per_receive_ = bytes_per_receive_ == 0 ? brought : bytes_per_receive_ + smoothing * (brought - bytes_per_receive_);
}

Instant PollerBudget::next_receive() const {
  const double owed = under_way_ * bytes_per_receive_ - bytes_;
  const double missing = std::max((1 - receives_) / receives_per_second, owed / bytes_per_second) / std::max(pollers_, 1.0);
  return advanced_to_.value_or(Instant{}) + microseconds(static_cast<std::int64_t>(std::ceil(std::max(missing, 0.0) * 1e6)));
}

}  // namespace surgetank::lambda
