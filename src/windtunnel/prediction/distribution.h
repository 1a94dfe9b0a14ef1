#pragma once
// How long something takes: a constant, a mathematical distribution, or recorded values that are drawn again (with straight lines between
// neighbours, so that the quantiles of what is drawn are the quantiles of what was recorded). Immutable values; chance is an argument.
// Times are never negative.
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace surgetank::prediction {

// Of the standard normal distribution.
double normal(Random& random);
double normal_share_below(double value);

class Distribution {
 public:
  enum class Kind : std::uint8_t { Constant, Exponential, LogNormal, Recorded };
  static constexpr std::size_t most_values = 1'000;  // kept of recorded ones

  Distribution() = default;  // nothing at all: always 0
  static Distribution constant(Duration time);
  static Distribution exponential(Duration mean);
  // Fitted to the median and the 99th percentile; `p99` is at least `p50`.
  static Distribution log_normal(Duration p50, Duration p99);
  // At least one value; of more than most_values as many evenly spaced quantiles are kept.
  static Distribution recorded(std::vector<Duration> values);

  Duration sample(Random& random) const;
  // The value below which `fraction` of them are. Recorded only.
  Duration recorded_at(double fraction) const;
  Duration mean() const { return mean_; }
  bool is_zero() const { return kind_ == Kind::Constant && first_ == 0; }

  Kind kind() const { return kind_; }
  Duration p50() const;
  Duration p99() const;
  const std::vector<Duration>& values() const { return values_; }  // sorted; Recorded only

  bool operator==(const Distribution&) const = default;

 private:
  Kind kind_ = Kind::Constant;
  double first_ = 0;   // constant, mean, or mu of the logarithm, in microseconds
  double second_ = 0;  // sigma of the logarithm
  std::vector<Duration> values_;
  Duration mean_;
};

}  // namespace surgetank::prediction
