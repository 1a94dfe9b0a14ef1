#include "windtunnel/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace surgetank::windtunnel {

std::size_t Histogram::part_of(std::uint64_t us) {
  if (us < (1U << exact_bits)) return us;
  const auto highest = static_cast<unsigned>(std::bit_width(us)) - 1;
  const auto shift = highest - part_bits;
  const auto within = (us >> shift) - (1U << part_bits);  // 0..63
  return (std::size_t{1} << exact_bits) + (std::size_t{highest - exact_bits} << part_bits) + within;
}

std::uint64_t Histogram::middle_of(std::size_t part) {
  if (part < (1U << exact_bits)) return part;
  const auto above = part - (1U << exact_bits);
  const auto highest = (above >> part_bits) + exact_bits;
  const auto shift = highest - part_bits;
  const auto low = ((above & ((1U << part_bits) - 1)) + (1U << part_bits)) << shift;
  return low + ((std::uint64_t{1} << shift) - 1) / 2;
}

void Histogram::add(Duration value) {
  const auto us = std::clamp<std::int64_t>(value.us, 0, (std::int64_t{1} << value_bits) - 1);
  ++counts_[part_of(static_cast<std::uint64_t>(us))];
  ++count_;
  sum_us_ += static_cast<double>(us);
  minimum_ = std::min(minimum_, microseconds(us));
  maximum_ = std::max(maximum_, microseconds(us));
}

void Histogram::add(const Histogram& other) {
  for (std::size_t part = 0; part < parts; ++part) counts_[part] += other.counts_[part];
  count_ += other.count_;
  sum_us_ += other.sum_us_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
}

void Histogram::clear() { *this = Histogram(); }

Duration Histogram::mean() const { return count_ == 0 ? Duration{} : microseconds(std::llround(sum_us_ / static_cast<double>(count_))); }

Duration Histogram::quantile(double share) const {
  if (count_ == 0) return {};
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_) - 1e-9)));
  if (rank >= count_) return maximum_;
  std::uint64_t seen = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    seen += counts_[part];
    if (seen >= rank) return std::clamp(microseconds(static_cast<std::int64_t>(middle_of(part))), minimum_, maximum_);
  }
  return maximum_;
}

std::vector<std::pair<Duration, std::uint64_t>> Histogram::cumulative() const {
  std::vector<std::pair<Duration, std::uint64_t>> out;
  std::uint64_t seen = 0;
  for (std::size_t part = 0; part < parts; ++part) {
    if (counts_[part] == 0) continue;
    seen += counts_[part];
    out.emplace_back(microseconds(static_cast<std::int64_t>(middle_of(part))), seen);
  }
  return out;
}

}  // namespace surgetank::windtunnel
