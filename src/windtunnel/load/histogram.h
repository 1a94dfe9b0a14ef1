#pragma once
// A histogram of latencies with a bounded relative error, in constant memory (18 KB): exact up to 127 us, above that within 1/128 of
// the value (in the way of HdrHistogram: each power of two is cut into 64 equal parts). One owner, one thread; nothing fails: what is
// longer than 12 days counts as 12 days, what is negative as 0.
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/time.h"

namespace surgetank::windtunnel {

class Histogram {
 public:
  void add(Duration value);
  void add(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  Duration minimum() const { return count_ > 0 ? minimum_ : Duration{}; }
  Duration maximum() const { return maximum_; }
  Duration mean() const;
  // The value that `share` (0..1) of the values do not exceed; 0 without values.
  Duration quantile(double share) const;
  // Value and how many values are not longer, for each part that is not empty.
  std::vector<std::pair<Duration, std::uint64_t>> cumulative() const;

 private:
  static constexpr unsigned part_bits = 6;
  static constexpr unsigned exact_bits = part_bits + 1;
  static constexpr unsigned value_bits = 40;
  static constexpr std::size_t parts = (std::size_t{1} << exact_bits) + (std::size_t{value_bits - exact_bits} << part_bits);
  static std::size_t part_of(std::uint64_t us);
  static std::uint64_t middle_of(std::size_t part);

  std::array<std::uint64_t, parts> counts_{};
  std::uint64_t count_ = 0;
  double sum_us_ = 0;
  Duration minimum_{INT64_MAX};
  Duration maximum_;
};

}  // namespace surgetank::windtunnel
