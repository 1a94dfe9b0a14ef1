#include "services/cloudwatch/statistics.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace surgetank::cloudwatch {
namespace {

double three_digits(double value) {
  if (value == 0) return value;
  const double scale = std::pow(10.0, 2 - std::floor(std::log10(std::fabs(value))));
  return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

// values are kept sorted.
void count_value(PeriodRecord& period, double value, double count) {
  auto at = std::lower_bound(period.values.begin(), period.values.end(), value);
  if ((at == period.values.end() || *at != value) && period.values.size() >= exact_values) {
    value = three_digits(value);
    at = std::lower_bound(period.values.begin(), period.values.end(), value);
  }
  const auto index = at - period.values.begin();
  if (at != period.values.end() && *at == value) {
    period.counts[static_cast<std::size_t>(index)] += count;
    return;
  }
  period.values.insert(at, value);
  period.counts.insert(period.counts.begin() + index, count);
}

void widen(PeriodRecord& period, double samples, double sum, double minimum, double maximum) {
  period.minimum = period.samples == 0 ? minimum : std::min(period.minimum, minimum);
  period.maximum = period.samples == 0 ? maximum : std::max(period.maximum, maximum);
  period.samples += samples;
  period.sum += sum;
}

// 0..100 out of "p99.9"; nullopt if it is no percentile.
std::optional<double> percentile_of(std::string_view name) {
  if (name.size() < 2 || (name.front() != 'p' && name.front() != 'P')) return std::nullopt;
  const auto percent = parse_double(name.substr(1));
  return percent && *percent >= 0 && *percent <= 100 ? percent : std::nullopt;
}

std::optional<double> percentile(const PeriodRecord& period, double percent) {
  if (period.minimum == period.maximum) return period.minimum;
  double counted = 0;
  for (const double count : period.counts) counted += count;
  if (counted < period.samples) return std::nullopt;  // statistic sets do not tell
  const double wanted = percent / 100 * counted;
  double passed = 0;
  for (std::size_t i = 0; i < period.values.size(); ++i) {
    passed += period.counts[i];
    if (passed >= wanted) return period.values[i];
  }
  return period.maximum;
}

}  // namespace

void add_value(PeriodRecord& period, double value, double count) {
  widen(period, count, value * count, value, value);
  count_value(period, value, count);
}

void add_statistics(PeriodRecord& period, const StatisticSet& set) {
  // One sample, or samples that are all alike, are as good as values.
  if (set.Minimum == set.Maximum) return add_value(period, set.Minimum, set.SampleCount);
  widen(period, set.SampleCount, set.Sum, set.Minimum, set.Maximum);
}

void merge(PeriodRecord& into, const PeriodRecord& other) {
  if (other.samples == 0) return;
  widen(into, other.samples, other.sum, other.minimum, other.maximum);
  for (std::size_t i = 0; i < other.values.size() && i < other.counts.size(); ++i) count_value(into, other.values[i], other.counts[i]);
}

bool is_statistic(std::string_view name) {
  for (const std::string_view known : {"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
    if (name == known) return true;
  return percentile_of(name).has_value();
}

std::optional<double> statistic(const PeriodRecord& period, std::string_view name) {
  if (period.samples == 0) return std::nullopt;
  if (name == "SampleCount") return period.samples;
  if (name == "Sum") return period.sum;
  if (name == "Average") return period.sum / period.samples;
  if (name == "Minimum") return period.minimum;
  if (name == "Maximum") return period.maximum;
  const auto percent = percentile_of(name);
  return percent ? percentile(period, *percent) : std::nullopt;
}

}  // namespace surgetank::cloudwatch
