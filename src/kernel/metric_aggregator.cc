#include "kernel/metric_aggregator.h"

#include <cmath>
#include <utility>

namespace surgetank {
namespace {

double three_digits(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, 2 - std::floor(std::log10(std::fabs(value))));
  return std::round(value * scale) / scale;
}

}  // namespace

void MetricAggregator::add(MetricSample sample) {
  const auto period = seconds(sample.resolution_seconds).us;
  const auto start = sample.time.us - ((sample.time.us % period) + period) % period;
  Key key(std::move(sample.account), std::move(sample.region), std::move(sample.name_space), std::move(sample.name),
          std::move(sample.dimensions), std::move(sample.unit), sample.resolution_seconds, start);
  auto found = samples_.find(key);
  if (found == samples_.end()) {
    if (samples_.size() >= max_metrics) {
      ++dropped_;
      return;
    }
    found = samples_.emplace(std::move(key), std::map<double, double>{}).first;
  }
  auto& values = found->second;
  const bool exact = values.size() < exact_values || values.contains(sample.value);
  values[exact ? sample.value : three_digits(sample.value)] += sample.count;
}

std::vector<MetricAggregator::Batch> MetricAggregator::take() {
  std::vector<Batch> batches;
  for (auto& [key, values] : samples_) {
    const auto& [account, region, name_space, name, dimensions, unit, resolution, start] = key;
    if (batches.empty() || batches.back().account != account || batches.back().region != region) batches.push_back({account, region, {}});
    IngestedMetric metric{.Namespace = name_space,
                          .MetricName = name,
                          .Dimensions = {},
                          .Timestamp = Instant{start},
                          .Values = {},
                          .Counts = {},
                          .Unit = unit,
                          .StorageResolution = resolution};
    for (const auto& [dimension, value] : dimensions) metric.Dimensions.push_back({dimension, value});
    for (const auto& [value, count] : values) {
      metric.Values.push_back(value);
      metric.Counts.push_back(count);
    }
    batches.back().request.Metrics.push_back(std::move(metric));
  }
  samples_.clear();
  return batches;
}

}  // namespace surgetank
