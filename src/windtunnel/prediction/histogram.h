#pragma once
// Counts times, and answers percentiles within 1 %: buckets that grow with the value, from a microsecond to days. 20 KB, no allocation when
// something is added. One owner, one thread; nothing fails.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/time.h"

namespace surgetank::prediction {

class Histogram {
 public:
  void add(Duration time) {
    const auto value = time.us < 0 ? 0 : static_cast<std::uint64_t>(time.us);
    ++counts_[bucket_of(value)];
    ++count_;
    sum_us_ += value;
    if (value > most_us_) most_us_ = value;
    if (count_ == 1 || value < least_us_) least_us_ = value;
  }
  void add(const Histogram& other) {
    if (other.count_ == 0) return;
    least_us_ = count_ == 0 ? other.least_us_ : std::min(least_us_, other.least_us_);
    most_us_ = std::max(most_us_, other.most_us_);
    count_ += other.count_;
    sum_us_ += other.sum_us_;
    for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
  }
  void clear() { *this = Histogram{}; }

  std::uint64_t count() const { return count_; }
  double mean_ms() const { return count_ == 0 ? 0 : static_cast<double>(sum_us_) / static_cast<double>(count_) / 1e3; }
  double least_ms() const { return static_cast<double>(least_us_) / 1e3; }
  double most_ms() const { return static_cast<double>(most_us_) / 1e3; }
  // 0 if there is nothing.
  double percentile_ms(double percent) const;

 private:
  static constexpr unsigned precision_bits = 6;  // 64 buckets between one power of two and the next
  static constexpr std::uint64_t linear = 1U << (precision_bits + 1);
  static constexpr std::size_t buckets = 2560;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < linear) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - precision_bits - 1;
    const auto bucket = static_cast<std::size_t>((static_cast<std::uint64_t>(shift) << precision_bits) + (value >> shift));
    return bucket < buckets ? bucket : buckets - 1;
  }
  static double middle_of(std::size_t bucket) {
    if (bucket < linear) return static_cast<double>(bucket);
    const auto shift = (bucket >> precision_bits) - 1;
    const auto mantissa = bucket - (shift << precision_bits);
    return (static_cast<double>(mantissa) + 0.5) * static_cast<double>(std::uint64_t{1} << shift);
  }

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_us_ = 0;
  std::uint64_t most_us_ = 0;
  std::uint64_t least_us_ = 0;
};

inline double Histogram::percentile_ms(double percent) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<double>(count_) * percent / 100;
  double seen = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    seen += static_cast<double>(counts_[i]);
    if (seen >= wanted && counts_[i] > 0) return std::min(middle_of(i), static_cast<double>(most_us_)) / 1e3;
  }
  return most_ms();
}

}  // namespace surgetank::prediction
