#pragma once
// What the telemetry pump hands to the logs and cloudwatch services through their internal operations
// logs IngestLogEvents (partition logGroupName; creates group and stream) and cloudwatch IngestMetrics.
#include "shape/shape.h"

namespace surgetank {

struct IngestedLogEvent {
  Integer timestamp = 0;  // milliseconds since the epoch, as CloudWatch Logs counts
  String message;
};
SURGE_SHAPE(IngestedLogEvent, timestamp, message)
struct IngestLogEventsRequest {
  String logGroupName;
  String logStreamName;
  List<IngestedLogEvent> events;
};
SURGE_SHAPE(IngestLogEventsRequest, logGroupName, logStreamName, events)

struct IngestedDimension {
  String Name;
  String Value;
};
SURGE_SHAPE(IngestedDimension, Name, Value)
// The samples of one metric in one period: Values[i] was seen Counts[i] times.
struct IngestedMetric {
  String Namespace;
  String MetricName;
  List<IngestedDimension> Dimensions;
  Instant Timestamp;  // start of the period
  List<double> Values;
  List<double> Counts;
  String Unit;
  Integer StorageResolution = 60;
};
SURGE_SHAPE(IngestedMetric, Namespace, MetricName, Dimensions, Timestamp, Values, Counts, Unit, StorageResolution)
struct IngestMetricsRequest {
  List<IngestedMetric> Metrics;
};
SURGE_SHAPE(IngestMetricsRequest, Metrics)

}  // namespace surgetank
