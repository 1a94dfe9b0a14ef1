#include "windtunnel/prediction/distribution.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/assert.h"

namespace surgetank::prediction {
namespace {

constexpr double z_of_99 = 2.3263478740408408;  // of the standard normal distribution

Duration rounded(double microseconds_value) {
  return microseconds(static_cast<std::int64_t>(std::llround(std::max(0.0, microseconds_value))));
}

// The quantile of sorted values, on straight lines between neighbours.
Duration between(const std::vector<Duration>& values, double fraction) {
  const double place = fraction * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<std::size_t>(place);
  if (lower + 1 >= values.size()) return values.back();
  const auto low = static_cast<double>(values[lower].us);
  return rounded(low + (place - static_cast<double>(lower)) * (static_cast<double>(values[lower + 1].us) - low));
}

}  // namespace

double normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log1p(-random.fraction()));
  return radius * std::cos(2 * std::numbers::pi * random.fraction());
}

double normal_share_below(double value) { return 0.5 * std::erfc(-value / std::numbers::sqrt2); }

Distribution Distribution::constant(Duration time) {
  Distribution one;
  one.first_ = static_cast<double>(std::max(time, Duration{}).us);
  one.mean_ = std::max(time, Duration{});
  return one;
}

Distribution Distribution::exponential(Duration mean) {
  Distribution one = constant(mean);
  one.kind_ = Kind::Exponential;
  return one;
}

Distribution Distribution::log_normal(Duration p50, Duration p99) {
  if (p50 <= Duration{} || p99 <= p50) return constant(p50);
  Distribution one;
  one.kind_ = Kind::LogNormal;
  one.first_ = std::log(static_cast<double>(p50.us));
  one.second_ = (std::log(static_cast<double>(p99.us)) - one.first_) / z_of_99;
  one.mean_ = rounded(std::exp(one.first_ + one.second_ * one.second_ / 2));
  return one;
}

Distribution Distribution::recorded(std::vector<Duration> values) {
  SURGE_ASSERT(!values.empty(), "a recorded distribution has values");
  std::sort(values.begin(), values.end());
  if (values.front() == values.back()) return constant(values.front());
  if (values.size() > most_values) {
    std::vector<Duration> kept;
    for (std::size_t i = 0; i < most_values; ++i) kept.push_back(between(values, static_cast<double>(i) / (most_values - 1)));
    values = std::move(kept);
  }
  Distribution one;
  one.kind_ = Kind::Recorded;
  const auto sum = std::accumulate(values.begin(), values.end(), 0.0,
                                   [](double total, Duration value) { return total + static_cast<double>(value.us); });
  one.mean_ = rounded(sum / static_cast<double>(values.size()));
  one.values_ = std::move(values);
  return one;
}

Duration Distribution::sample(Random& random) const {
  switch (kind_) {
    case Kind::Constant:
      return mean_;
    case Kind::Exponential:
      return rounded(-first_ * std::log1p(-random.fraction()));
    case Kind::LogNormal:
      return rounded(std::exp(first_ + second_ * normal(random)));
    case Kind::Recorded:
      return between(values_, random.fraction());
  }
  return {};
}

Duration Distribution::recorded_at(double fraction) const {
  SURGE_ASSERT(kind_ == Kind::Recorded, "only recorded values have a place");
  return between(values_, std::clamp(fraction, 0.0, 1.0));
}

Duration Distribution::p50() const {
  switch (kind_) {
    case Kind::Constant:
      return mean_;
    case Kind::Exponential:
      return rounded(first_ * std::log(2.0));
    case Kind::LogNormal:
      return rounded(std::exp(first_));
    case Kind::Recorded:
      return between(values_, 0.5);
  }
  return {};
}

Duration Distribution::p99() const {
  constexpr double fraction = 0.99;
  switch (kind_) {
    case Kind::Constant:
      return mean_;
    case Kind::Exponential:
      return rounded(-first_ * std::log(1 - fraction));
    case Kind::LogNormal:
      return rounded(std::exp(first_ + second_ * z_of_99));
    case Kind::Recorded:
      return between(values_, fraction);
  }
  return {};
}

}  // namespace surgetank::prediction
