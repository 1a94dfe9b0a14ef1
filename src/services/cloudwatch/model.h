#pragma once
// Requests, replies and stored records of CloudWatch metrics; members as in the AWS API reference.
#include "shape/shape.h"

namespace surgetank::cloudwatch {

struct Dimension {
  String Name;
  String Value;
};
SURGE_SHAPE(Dimension, Name, Value)
struct StatisticSet {
  double SampleCount = 0;
  double Sum = 0;
  double Minimum = 0;
  double Maximum = 0;
};
SURGE_SHAPE(StatisticSet, SampleCount, Sum, Minimum, Maximum)
struct MetricDatum {
  String MetricName;
  List<Dimension> Dimensions;
  Opt<Instant> Timestamp;
  Opt<double> Value;
  Opt<StatisticSet> StatisticValues;
  List<double> Values;
  List<double> Counts;
  Opt<String> Unit;
  Opt<Integer> StorageResolution;
};
SURGE_SHAPE(MetricDatum, MetricName, Dimensions, Timestamp, Value, StatisticValues, Values, Counts, Unit, StorageResolution)
struct PutMetricDataRequest {
  String Namespace;
  List<MetricDatum> MetricData;
  Opt<Document> EntityMetricData;
  Opt<bool> StrictEntityValidation;
};
SURGE_SHAPE(PutMetricDataRequest, Namespace, MetricData, EntityMetricData, StrictEntityValidation)

struct GetMetricStatisticsRequest {
  String Namespace;
  String MetricName;
  List<Dimension> Dimensions;
  Instant StartTime;
  Instant EndTime;
  Integer Period = 0;
  List<String> Statistics;
  List<String> ExtendedStatistics;
  Opt<String> Unit;
};
SURGE_SHAPE(GetMetricStatisticsRequest, Namespace, MetricName, Dimensions, StartTime, EndTime, Period, Statistics, ExtendedStatistics, Unit)
struct Datapoint {
  Instant Timestamp;
  Opt<double> SampleCount;
  Opt<double> Average;
  Opt<double> Sum;
  Opt<double> Minimum;
  Opt<double> Maximum;
  Opt<String> Unit;
  Map<double> ExtendedStatistics;
};
SURGE_SHAPE(Datapoint, Timestamp, SampleCount, Average, Sum, Minimum, Maximum, Unit, ExtendedStatistics)
struct GetMetricStatisticsResponse {
  String Label;
  Opt<List<Datapoint>> Datapoints;
};
SURGE_SHAPE(GetMetricStatisticsResponse, Label, Datapoints)

struct Metric {
  Opt<String> Namespace;
  Opt<String> MetricName;
  List<Dimension> Dimensions;
};
SURGE_SHAPE(Metric, Namespace, MetricName, Dimensions)
struct MetricStat {
  cloudwatch::Metric Metric;
  Integer Period = 0;
  String Stat;
  Opt<String> Unit;
};
SURGE_SHAPE(MetricStat, Metric, Period, Stat, Unit)
struct MetricDataQuery {
  String Id;
  Opt<cloudwatch::MetricStat> MetricStat;
  Opt<String> Expression;
  Opt<String> Label;
  Opt<bool> ReturnData;
  Opt<Integer> Period;
  Opt<String> AccountId;
};
SURGE_SHAPE(MetricDataQuery, Id, MetricStat, Expression, Label, ReturnData, Period, AccountId)
struct LabelOptions {
  Opt<String> Timezone;
};
SURGE_SHAPE(LabelOptions, Timezone)
struct GetMetricDataRequest {
  List<MetricDataQuery> MetricDataQueries;
  Instant StartTime;
  Instant EndTime;
  Opt<String> NextToken;
  Opt<String> ScanBy;
  Opt<Integer> MaxDatapoints;
  Opt<cloudwatch::LabelOptions> LabelOptions;
};
SURGE_SHAPE(GetMetricDataRequest, MetricDataQueries, StartTime, EndTime, NextToken, ScanBy, MaxDatapoints, LabelOptions)
struct MessageData {
  Opt<String> Code;
  Opt<String> Value;
};
SURGE_SHAPE(MessageData, Code, Value)
struct MetricDataResult {
  String Id;
  String Label;
  Opt<List<Instant>> Timestamps;
  Opt<List<double>> Values;
  String StatusCode;
};
SURGE_SHAPE(MetricDataResult, Id, Label, Timestamps, Values, StatusCode)
struct GetMetricDataResponse {
  Opt<List<MetricDataResult>> MetricDataResults;
  Opt<String> NextToken;
  Opt<List<MessageData>> Messages;
};
SURGE_SHAPE(GetMetricDataResponse, MetricDataResults, NextToken, Messages)

struct DimensionFilter {
  String Name;
  Opt<String> Value;
};
SURGE_SHAPE(DimensionFilter, Name, Value)
struct ListMetricsRequest {
  Opt<String> Namespace;
  Opt<String> MetricName;
  List<DimensionFilter> Dimensions;
  Opt<String> NextToken;
  Opt<String> RecentlyActive;
  Opt<bool> IncludeLinkedAccounts;
  Opt<String> OwningAccount;
};
SURGE_SHAPE(ListMetricsRequest, Namespace, MetricName, Dimensions, NextToken, RecentlyActive, IncludeLinkedAccounts, OwningAccount)
struct ListedMetric {
  String Namespace;
  String MetricName;
  Opt<List<Dimension>> Dimensions;  // there even if empty
};
SURGE_SHAPE(ListedMetric, Namespace, MetricName, Dimensions)
struct ListMetricsResponse {
  Opt<List<ListedMetric>> Metrics;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListMetricsResponse, Metrics, NextToken)

// --- stored ----------------------------------------------------------------------------------------------------------

struct MetricRecord {
  String Namespace;
  String MetricName;
  List<Dimension> Dimensions;
  Instant last;  // newest datum, to the hour
};
SURGE_SHAPE(MetricRecord, Namespace, MetricName, Dimensions, last)
// What was measured in one period in one unit. `values` and `counts` leave out what came as statistic sets.
struct PeriodRecord {
  double samples = 0;
  double sum = 0;
  double minimum = 0;
  double maximum = 0;
  List<double> values;
  List<double> counts;
};
SURGE_SHAPE(PeriodRecord, samples, sum, minimum, maximum, values, counts)

}  // namespace surgetank::cloudwatch
