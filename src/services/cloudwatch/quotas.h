#pragma once
// The quotas of CloudWatch metrics as rows of the registry (AWS: "CloudWatch service quotas").
#include "kernel/quota.h"
#include "services/cloudwatch/errors.h"
#include "services/cloudwatch/limits.h"

namespace surgetank::cloudwatch::quotas {

namespace detail {
constexpr QuotaRow rate(std::string_view id, std::string_view name, std::int64_t value, std::string_view operations) {
  return {.id = id,
          .name = name,
          .algorithm = QuotaAlgorithm::TokenBucket,
          .value = value,
          .unit = "per second",
          .adjustable = QuotaAdjustable::Yes,
          .error = &ThrottlingException,
          .message = "Rate exceeded",
          .operations = operations};
}
constexpr QuotaRow cap(std::string_view id, std::string_view name, std::size_t value, std::string_view unit, const ErrorCode& error,
                       std::string_view message) {
  return {.id = id,
          .name = name,
          .scope = QuotaScope::Request,
          .value = static_cast<std::int64_t>(value),
          .unit = unit,
          .error = &error,
          .message = message};
}
}  // namespace detail

inline constexpr QuotaRow rows[] = {
    detail::rate("cloudwatch.put-metric-data", "Rate of PutMetricData requests", 500, "PutMetricData"),
    detail::rate("cloudwatch.get-metric-data", "Rate of GetMetricData requests", 50, "GetMetricData"),
    detail::rate("cloudwatch.get-metric-statistics", "Rate of GetMetricStatistics requests", 400, "GetMetricStatistics"),
    detail::rate("cloudwatch.list-metrics", "Rate of ListMetrics requests", 25, "ListMetrics"),
    detail::cap("cloudwatch.metrics-per-put", "Metrics in one PutMetricData request", limits::metrics_per_put, "metrics",
                InvalidParameterValueException, "The collection MetricData must not have a size greater than {value}."),
    detail::cap("cloudwatch.values-per-datum", "Values of one metric in a PutMetricData request", limits::values_per_datum, "values",
                InvalidParameterValueException, ".Values must not have a size greater than {value}."),
    detail::cap("cloudwatch.dimensions", "Dimensions of a metric", limits::dimensions, "dimensions", InvalidParameterValueException,
                ".Dimensions must not have a size greater than {value}."),
    detail::cap("cloudwatch.queries", "Queries in one GetMetricData request", limits::queries, "queries", ValidationError,
                "The collection MetricDataQueries must not have a size greater than {value}."),
    detail::cap(
        "cloudwatch.statistics-datapoints", "Datapoints of one GetMetricStatistics request",
        static_cast<std::size_t>(limits::datapoints_of_statistics), "datapoints", InvalidParameterCombinationException,
        "You have requested up to {amount} datapoints, which exceeds the limit of {value}. You may reduce the datapoints requested by "
        "increasing Period, or decreasing the time range."),
};

inline constexpr const QuotaRow& metrics_per_put = quota_row(rows, "cloudwatch.metrics-per-put");
inline constexpr const QuotaRow& values_per_datum = quota_row(rows, "cloudwatch.values-per-datum");
inline constexpr const QuotaRow& dimensions = quota_row(rows, "cloudwatch.dimensions");
inline constexpr const QuotaRow& queries = quota_row(rows, "cloudwatch.queries");
inline constexpr const QuotaRow& statistics_datapoints = quota_row(rows, "cloudwatch.statistics-datapoints");

}  // namespace surgetank::cloudwatch::quotas
