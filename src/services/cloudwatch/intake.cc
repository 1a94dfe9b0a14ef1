#include <algorithm>
#include <cmath>

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

constexpr Duration expiry_interval = hours(1);
constexpr std::size_t erased_per_expiry = 5000;

constexpr std::string_view units[] = {
    "Seconds",          "Microseconds",     "Milliseconds", "Bytes",           "Kilobytes",        "Megabytes",
    "Gigabytes",        "Terabytes",        "Bits",         "Kilobits",        "Megabits",         "Gigabits",
    "Terabits",         "Percent",          "Count",        "Bytes/Second",    "Kilobytes/Second", "Megabytes/Second",
    "Gigabytes/Second", "Terabytes/Second", "Bits/Second",  "Kilobits/Second", "Megabits/Second",  "Gigabits/Second",
    "Terabits/Second",  "Count/Second",     "None"};

Error invalid(std::string message) { return {&InvalidParameterValueException, std::move(message)}; }

Result<Unit> check_value(double value, const std::string& path) {
  if (!std::isfinite(value))
    return invalid("The value " + std::string(std::isnan(value) ? "NaN" : "Infinity") + " for parameter " + path + " is invalid.");
  if (std::fabs(value) > limits::largest_value) return invalid("The value for parameter " + path + " is too large.");
  return Unit{};
}

// "The collection MetricData.member.1.Values must not have a size greater than 150."
Result<Unit> check_collection(Call& call, const QuotaRow& row, std::size_t size, const std::string& path) {
  auto checked = check_quota(call.ports.quotas, row, size);
  if (!checked.ok()) checked.error().message = "The collection " + path + checked.error().message;
  return checked;
}

Result<Unit> check_dimensions(Call& call, const List<Dimension>& dimensions, const std::string& path) {
  SURGE_CHECK(check_collection(call, quotas::dimensions, dimensions.size(), path));
  for (const auto& dimension : dimensions) {
    if (dimension.Name.empty() || dimension.Name.size() > limits::text_characters)
      return invalid("The parameter " + path + ".Dimensions.member.Name must have a length from 1 to 255.");
    if (dimension.Value.empty() || dimension.Value.size() > limits::dimension_value_characters)
      return invalid("The parameter " + path + ".Dimensions.member.Value must have a length from 1 to 1024.");
  }
  return Unit{};
}

Result<Unit> check_values(Call& call, const MetricDatum& datum, const std::string& path) {
  const int given = (datum.Value ? 1 : 0) + (datum.StatisticValues ? 1 : 0) + (datum.Values.empty() ? 0 : 1);
  if (given == 0)
    return Error{&MissingRequiredParameterException, "At least one of the parameters must be specified: " + path + ".Value, " + path +
                                                         ".Values, " + path + ".StatisticValues."};
  if (given > 1)
    return Error{&InvalidParameterCombinationException,
                 "The parameters " + path + ".Value, " + path + ".Values and " + path +
                     ".StatisticValues are mutually exclusive and you have specified more than one."};
  if (datum.Value) return check_value(*datum.Value, path + ".Value");
  if (datum.StatisticValues) {
    const auto& set = *datum.StatisticValues;
    for (const double value : {set.SampleCount, set.Sum, set.Minimum, set.Maximum})
      SURGE_CHECK(check_value(value, path + ".StatisticValues"));
    if (set.SampleCount <= 0) return invalid("The parameter " + path + ".StatisticValues.SampleCount must be greater than 0.");
    if (set.Minimum > set.Maximum)
      return invalid("The parameter " + path + ".StatisticValues.Maximum must be greater than " + path + ".StatisticValues.Minimum.");
    return Unit{};
  }
  SURGE_CHECK(check_collection(call, quotas::values_per_datum, datum.Values.size(), path));
  if (!datum.Counts.empty() && datum.Counts.size() != datum.Values.size())
    return invalid("The parameters " + path + ".Values and " + path + ".Counts must be of the same size.");
  for (const double value : datum.Values) SURGE_CHECK(check_value(value, path + ".Values"));
  for (const double count : datum.Counts)
    if (!(count > 0)) return invalid("The values of " + path + ".Counts must be greater than 0.");
  return Unit{};
}

Result<Unit> check_datum(Call& call, const MetricDatum& datum, const std::string& path) {
  const auto now = call.now;
  if (datum.MetricName.empty() || datum.MetricName.size() > limits::text_characters)
    return invalid("The parameter " + path + ".MetricName must have a length from 1 to 255.");
  SURGE_CHECK(check_dimensions(call, datum.Dimensions, path));
  SURGE_CHECK(check_values(call, datum, path));
  if (datum.Unit && !is_unit(*datum.Unit))
    return invalid("The value " + *datum.Unit + " for parameter " + path + ".Unit is not a valid unit.");
  if (datum.StorageResolution && *datum.StorageResolution != 1 && *datum.StorageResolution != 60)
    return invalid("The value for parameter " + path + ".StorageResolution must be 1 or 60.");
  if (datum.Timestamp && *datum.Timestamp < now - limits::most_past)
    return invalid("The parameter " + path + ".Timestamp must specify a time no more than two weeks in the past.");
  if (datum.Timestamp && *datum.Timestamp > now + limits::most_future)
    return invalid("The parameter " + path + ".Timestamp must specify a time no more than two hours in the future.");
  return Unit{};
}

Result<Unit> check_namespace(const String& name) {
  if (name.empty() || name.size() > limits::text_characters) return invalid("The parameter Namespace must have a length from 1 to 255.");
  if (name.front() == ':') return invalid("The value " + name + " for parameter Namespace is invalid.");
  return Unit{};
}

void add_to_period(Call& call, std::string_view metric, std::int64_t resolution, Instant time, const String& unit,
                   const PeriodRecord& samples) {
  const auto start = time.epoch_seconds() - time.epoch_seconds() % resolution;
  const auto key = keys::data(call.caller, resolution, metric, start, unit);
  auto period = get_record<PeriodRecord>(call.txn, key).value_or(PeriodRecord{});
  merge(period, samples);
  put_record(call.txn, key, period);
}

void note_metric(Call& call, const std::string& part, const String& name_space, const String& name, const List<Dimension>& dimensions,
                 Instant time) {
  const Instant hour{time.us - time.us % hours(1).us};
  const auto key = keys::metric(call.caller, part);
  const auto known = get_record<MetricRecord>(call.txn, key);
  if (known && known->last >= hour) return;
  put_record(call.txn, key, MetricRecord{.Namespace = name_space, .MetricName = name, .Dimensions = dimensions, .last = hour});
}

// The first datum of an account starts the task that takes old data out; it keeps itself going.
void keep_expiring(Call& call) {
  const auto key = keys::expiry(call.caller);
  if (call.txn.get(key)) return;
  call.txn.put(key, "1");
  call.outbox.at(
      call.now + expiry_interval,
      {.service = "cloudwatch", .operation = "ExpireMetricData", .account = call.account(), .region = call.region(), .input = "{}"});
}

void store_datum(Call& call, const String& name_space, const MetricDatum& datum) {
  PeriodRecord samples;
  if (datum.Value) add_value(samples, *datum.Value, 1);
  if (datum.StatisticValues) add_statistics(samples, *datum.StatisticValues);
  for (std::size_t i = 0; i < datum.Values.size(); ++i) add_value(samples, datum.Values[i], datum.Counts.empty() ? 1 : datum.Counts[i]);
  const auto part = keys::metric_part(name_space, datum.MetricName, datum.Dimensions);
  const auto time = datum.Timestamp.value_or(call.now);
  const auto unit = datum.Unit.value_or("None");
  note_metric(call, part, name_space, datum.MetricName, datum.Dimensions, time);
  add_to_period(call, part, 60, time, unit, samples);
  if (datum.StorageResolution == 1) add_to_period(call, part, 1, time, unit, samples);
}

// Erases what is older than `before`, up to a bound; true if there may be more.
bool expire(Call& call, std::int64_t resolution, Instant before) {
  std::vector<std::string> expired;
  const auto prefix = keys::data(call.caller, resolution);
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    auto rest = key.substr(prefix.size());
    read_key_part(rest);
    if (static_cast<std::int64_t>(read_key_number(rest).value_or(0)) < before.epoch_seconds()) expired.emplace_back(key);
    return expired.size() < erased_per_expiry;
  });
  for (const auto& key : expired) call.txn.erase(key);
  return expired.size() == erased_per_expiry;
}

}  // namespace

bool is_unit(std::string_view unit) { return std::find(std::begin(units), std::end(units), unit) != std::end(units); }

Result<Empty> put_metric_data(Call& call, const PutMetricDataRequest& request) {
  SURGE_CHECK(check_namespace(request.Namespace));
  if (request.EntityMetricData) return invalid("EntityMetricData is not supported by Surgetank yet; send MetricData.");
  if (request.MetricData.empty()) return Error{&MissingRequiredParameterException, "The parameter MetricData is required."};
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::metrics_per_put, request.MetricData.size()));
  for (std::size_t i = 0; i < request.MetricData.size(); ++i)
    SURGE_CHECK(check_datum(call, request.MetricData[i], "MetricData.member." + std::to_string(i + 1)));
  for (const auto& datum : request.MetricData) store_datum(call, request.Namespace, datum);
  keep_expiring(call);
  return Empty{};
}

Result<Empty> ingest_metrics(Call& call, const IngestMetricsRequest& request) {
  for (const auto& metric : request.Metrics) {
    MetricDatum datum;
    datum.MetricName = metric.MetricName;
    for (const auto& dimension : metric.Dimensions) datum.Dimensions.push_back({dimension.Name, dimension.Value});
    datum.Timestamp = metric.Timestamp;
    datum.Values = metric.Values;
    datum.Counts = metric.Counts;
    datum.Unit = is_unit(metric.Unit) ? metric.Unit : String("None");
    datum.StorageResolution = metric.StorageResolution;
    store_datum(call, metric.Namespace, datum);
  }
  keep_expiring(call);
  return Empty{};
}

Result<Empty> expire_metric_data(Call& call, const Empty&) {
  const bool more_seconds = expire(call, 1, call.now - limits::keep_seconds);
  const bool more_minutes = expire(call, 60, call.now - limits::keep_minutes);
  call.outbox.at(
      call.now + (more_seconds || more_minutes ? seconds(1) : expiry_interval),
      {.service = "cloudwatch", .operation = "ExpireMetricData", .account = call.account(), .region = call.region(), .input = "{}"});
  return Empty{};
}

}  // namespace surgetank::cloudwatch
