#include <algorithm>
#include <map>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "services/cloudwatch/errors.h"
#include "services/cloudwatch/keys.h"
#include "services/cloudwatch/limits.h"
#include "services/cloudwatch/operations.h"
#include "services/cloudwatch/quotas.h"
#include "services/cloudwatch/statistics.h"

namespace surgetank::cloudwatch {
namespace {

struct PeriodKey {
  std::int64_t start_seconds = 0;
  std::string unit;
  auto operator<=>(const PeriodKey&) const = default;
};
using Periods = std::map<PeriodKey, PeriodRecord>;

Error invalid(std::string message) { return {&InvalidParameterValueException, std::move(message)}; }

Result<Unit> check_period(Integer period, const std::string& name) {
  const bool high_resolution = period == 1 || period == 5 || period == 10 || period == 20 || period == 30;
  if (period < 1 || (!high_resolution && period % 60 != 0))
    return invalid("The parameter " + name + " must be 1, 5, 10, 20, 30 or a multiple of 60 seconds.");
  return Unit{};
}

// Everything measured in [start, end), in periods that begin at multiples of the period.
Periods read_periods(Call& call, std::string_view metric, Instant start, Instant end, Integer period, const Opt<String>& unit) {
  Periods out;
  const std::int64_t resolution = period < 60 ? 1 : 60;
  const auto from = start.epoch_seconds() - start.epoch_seconds() % period;
  const auto prefix = keys::data(call.caller, resolution, metric);
  auto first = prefix;
  append_key_number(first, static_cast<std::uint64_t>(std::max<std::int64_t>(0, from)));
  auto last = prefix;
  append_key_number(last, static_cast<std::uint64_t>(std::max<std::int64_t>(0, end.epoch_seconds())));
  call.txn.scan(first, last, [&](std::string_view key, std::string_view value) {
    auto rest = key.substr(prefix.size());
    const auto at = static_cast<std::int64_t>(read_key_number(rest).value_or(0));
    if (unit && *unit != rest) return true;
    PeriodRecord record;
    read_record(value, key, *shape_of<PeriodRecord>(), &record);
    merge(out[{at - at % period, std::string(rest)}], record);
    return true;
  });
  return out;
}

Result<Unit> check_times(Instant start, Instant end) {
  if (start >= end) return invalid("The parameter StartTime must be less than the parameter EndTime.");
  return Unit{};
}

struct QueryResult {
  List<Instant> timestamps;
  List<double> values;
};

QueryResult run_query(Call& call, const MetricStat& stat, Instant start, Instant end) {
  const auto part = keys::metric_part(stat.Metric.Namespace.value_or(""), stat.Metric.MetricName.value_or(""), stat.Metric.Dimensions);
  // Without a unit the data of all units count together.
  std::map<std::int64_t, PeriodRecord> merged;
  for (const auto& [key, period] : read_periods(call, part, start, end, stat.Period, stat.Unit)) merge(merged[key.start_seconds], period);
  QueryResult result;
  for (const auto& [at, period] : merged) {
    if (const auto value = statistic(period, stat.Stat)) {
      result.timestamps.push_back(Instant{at * 1'000'000});
      result.values.push_back(*value);
    }
  }
  return result;
}

Result<Unit> check_query(const MetricDataQuery& query) {
  if (query.Id.empty() || query.Id.front() < 'a' || query.Id.front() > 'z')
    return Error{&ValidationError,
                 "The value '" + query.Id +
                     "' for parameter MetricDataQueries.member.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."};
  if (query.Expression)
    return Error{&ValidationError,
                 "Metric math (Expression of query " + query.Id + ") is not supported by Surgetank yet; ask for MetricStat."};
  if (!query.MetricStat) return Error{&MissingRequiredParameterException, "The parameter MetricDataQueries.member.MetricStat is required."};
  if (!is_statistic(query.MetricStat->Stat))
    return Error{&ValidationError,
                 "The statistic '" + query.MetricStat->Stat + "' of query " + query.Id +
                     " is not supported; there are SampleCount, Average, Sum, Minimum, Maximum and percentiles such as p99."};
  return check_period(query.MetricStat->Period, "MetricDataQueries.member.MetricStat.Period");
}

bool matches(const MetricRecord& record, const ListMetricsRequest& request, Instant now) {
  if (request.Namespace && *request.Namespace != record.Namespace) return false;
  if (request.MetricName && *request.MetricName != record.MetricName) return false;
  if (request.RecentlyActive && record.last < now - hours(4)) return false;
  return std::all_of(request.Dimensions.begin(), request.Dimensions.end(), [&](const DimensionFilter& filter) {
    return std::any_of(record.Dimensions.begin(), record.Dimensions.end(), [&](const Dimension& dimension) {
      return dimension.Name == filter.Name && (!filter.Value || *filter.Value == dimension.Value);
    });
  });
}

}  // namespace

Result<GetMetricStatisticsResponse> get_metric_statistics(Call& call, const GetMetricStatisticsRequest& request) {
  SURGE_CHECK(check_times(request.StartTime, request.EndTime));
  SURGE_CHECK(check_period(request.Period, "Period"));
  if (request.Statistics.empty() && request.ExtendedStatistics.empty())
    return Error{&MissingRequiredParameterException, "At least one of the parameters Statistics and ExtendedStatistics must be specified."};
  const auto points = (request.EndTime - request.StartTime).us / seconds(request.Period).us;
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::statistics_datapoints, points));
  for (const auto& name : request.Statistics)
    if (!is_statistic(name) || name.front() == 'p') return invalid("The value " + name + " for parameter Statistics.member is invalid.");
  for (const auto& name : request.ExtendedStatistics)
    if (!is_statistic(name) || name.front() != 'p')
      return invalid("The value " + name + " for parameter ExtendedStatistics.member is invalid.");

  GetMetricStatisticsResponse response{.Label = request.MetricName, .Datapoints = List<Datapoint>{}};
  const auto part = keys::metric_part(request.Namespace, request.MetricName, request.Dimensions);
  const auto wants = [&](std::string_view name) {
    return std::find(request.Statistics.begin(), request.Statistics.end(), name) != request.Statistics.end();
  };
  for (const auto& [key, period] : read_periods(call, part, request.StartTime, request.EndTime, request.Period, request.Unit)) {
    Datapoint point;
    point.Timestamp = Instant{key.start_seconds * 1'000'000};
    point.Unit = key.unit;
    if (wants("SampleCount")) point.SampleCount = period.samples;
    if (wants("Average")) point.Average = statistic(period, "Average");
    if (wants("Sum")) point.Sum = period.sum;
    if (wants("Minimum")) point.Minimum = period.minimum;
    if (wants("Maximum")) point.Maximum = period.maximum;
    for (const auto& name : request.ExtendedStatistics)
      if (const auto value = statistic(period, name)) point.ExtendedStatistics[name] = *value;
    response.Datapoints->push_back(std::move(point));
  }
  return response;
}

Result<GetMetricDataResponse> get_metric_data(Call& call, const GetMetricDataRequest& request) {
  SURGE_CHECK(check_times(request.StartTime, request.EndTime));
  if (request.MetricDataQueries.empty()) return Error{&MissingRequiredParameterException, "The parameter MetricDataQueries is required."};
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::queries, request.MetricDataQueries.size()));
  const auto most = request.MaxDatapoints.value_or(limits::datapoints_of_data);
  if (most < 1 || most > limits::datapoints_of_data) return invalid("The parameter MaxDatapoints must be from 1 to 100800.");
  if (request.ScanBy && *request.ScanBy != "TimestampDescending" && *request.ScanBy != "TimestampAscending")
    return invalid("The value " + *request.ScanBy + " for parameter ScanBy is invalid.");
  for (const auto& query : request.MetricDataQueries) SURGE_CHECK(check_query(query));
  // A token is the number of datapoints that earlier pages gave, over all queries in order.
  auto skip = request.NextToken ? parse_integer(*request.NextToken).value_or(-1) : 0;
  if (skip < 0) return Error{&InvalidNextToken, "The next token specified is invalid."};

  GetMetricDataResponse response;
  auto& results = response.MetricDataResults.emplace();
  response.Messages.emplace();
  std::int64_t passed = 0;
  std::int64_t given = 0;
  for (const auto& query : request.MetricDataQueries) {
    if (!query.ReturnData.value_or(true)) continue;
    auto found = run_query(call, *query.MetricStat, request.StartTime, request.EndTime);
    if (request.ScanBy != "TimestampAscending") {
      std::reverse(found.timestamps.begin(), found.timestamps.end());
      std::reverse(found.values.begin(), found.values.end());
    }
    MetricDataResult result{.Id = query.Id,
                            .Label = query.Label.value_or(query.MetricStat->Metric.MetricName.value_or("")),
                            .Timestamps = List<Instant>{},
                            .Values = List<double>{},
                            .StatusCode = "Complete"};
    for (std::size_t i = 0; i < found.values.size(); ++i, ++passed) {
      if (passed < skip) continue;
      if (given == most) {
        result.StatusCode = "PartialData";
        response.NextToken = std::to_string(skip + given);
        break;
      }
      result.Timestamps->push_back(found.timestamps[i]);
      result.Values->push_back(found.values[i]);
      ++given;
    }
    results.push_back(std::move(result));
    if (response.NextToken) break;
  }
  return response;
}

Result<ListMetricsResponse> list_metrics(Call& call, const ListMetricsRequest& request) {
  if (request.RecentlyActive && *request.RecentlyActive != "PT3H")
    return invalid("The value " + *request.RecentlyActive + " for parameter RecentlyActive is invalid; PT3H is expected.");
  const auto from = request.NextToken ? from_base64(*request.NextToken) : std::string();
  if (!from) return Error{&InvalidNextToken, "The next token specified is invalid."};
  ListMetricsResponse response;
  auto& metrics = response.Metrics.emplace();
  const auto prefix = keys::metrics(call.caller);
  call.txn.scan(prefix + *from, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    MetricRecord record;
    read_record(value, key, *shape_of<MetricRecord>(), &record);
    if (!matches(record, request, call.now)) return true;
    if (metrics.size() == limits::list_page) {
      response.NextToken = to_base64(key.substr(prefix.size()));
      return false;
    }
    metrics.push_back({.Namespace = record.Namespace, .MetricName = record.MetricName, .Dimensions = record.Dimensions});
    return true;
  });
  return response;
}

}  // namespace surgetank::cloudwatch
