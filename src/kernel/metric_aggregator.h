#pragma once
// Adds up metric samples per metric and period until they are taken: a thousand invocations a second become one record a period.
// Pure, one owner, no locks. Values are kept exactly up to `exact_values` distinct ones; further ones are rounded to three
// significant digits (percentiles stay within 0.5 %).
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "kernel/telemetry.h"
#include "kernel/telemetry_model.h"

namespace surgetank {

class MetricAggregator {
 public:
  static constexpr std::size_t exact_values = 150;    // as many as one PutMetricData datum takes
  static constexpr std::size_t max_metrics = 20'000;  // between two takes; more are counted as dropped

  void add(MetricSample sample);
  struct Batch {
    std::string account;
    std::string region;
    IngestMetricsRequest request;
  };
  std::vector<Batch> take();
  std::size_t dropped() const { return dropped_; }

 private:
  using Key = std::tuple<std::string, std::string, std::string, std::string, Dimensions, std::string, int, std::int64_t>;
  std::map<Key, std::map<double, double>> samples_;
  std::size_t dropped_ = 0;
};

}  // namespace surgetank
