#include "kernel/telemetry_hub.h"

#include <gtest/gtest.h>

#include "kernel/validation.h"
#include "kernel/virtual_lanes.h"

namespace surgetank {
namespace {

Span span_of(std::string root, std::int64_t start) {
  Span span;
  span.trace_root = std::move(root);
  span.start = Instant{start};
  return span;
}

MetricSample sample_of(double value, Instant time) {
  MetricSample sample;
  sample.account = "1";
  sample.region = "r";
  sample.name_space = "N";
  sample.name = "M";
  sample.time = time;
  sample.value = value;
  return sample;
}

TEST(TelemetryHub, LastTracesAreGroupedAndInOrderOfTheirStart) {
  TelemetryHub hub;
  hub.span(span_of("b", 20));
  hub.span(span_of("a", 15));
  hub.span(span_of("a", 10));
  const auto traces = hub.last_traces(10);
  ASSERT_EQ(traces.size(), 2U);
  EXPECT_EQ(traces[0].size(), 2U);
  EXPECT_EQ(traces[0][0].start.us, 10);
  EXPECT_EQ(hub.last_traces(1)[0][0].trace_root, "b");
}

TEST(TelemetryHub, ForgetsTheOldestSpansBeyondItsBound) {
  TelemetryHub hub({.spans = 2, .log_bytes = 100});
  for (int i = 0; i < 5; ++i) hub.span(span_of(std::to_string(i), i));
  EXPECT_EQ(hub.last_traces(10).size(), 2U);
}

TEST(TelemetryHub, LogEventsBeyondTheBoundAreCountedAsDropped) {
  TelemetryHub hub({.spans = 2, .log_bytes = 100});
  LogBatch batch;
  batch.events = {{Instant{}, std::string(50, 'x')}};
  hub.log(batch);
  hub.log(batch);
  EXPECT_EQ(hub.dropped_log_events(), 1U);
  EXPECT_EQ(hub.take_logs().size(), 1U);
}

TEST(MetricAggregator, AddsSamplesOfAPeriodUp) {
  MetricAggregator aggregator;
  aggregator.add(sample_of(5, Instant{60'000'000}));
  aggregator.add(sample_of(5, Instant{119'999'999}));
  aggregator.add(sample_of(7, Instant{120'000'000}));
  const auto batches = aggregator.take();
  ASSERT_EQ(batches.size(), 1U);
  const auto& metrics = batches[0].request.Metrics;
  ASSERT_EQ(metrics.size(), 2U);
  EXPECT_EQ(metrics[0].Values, List<double>{5});
  EXPECT_EQ(metrics[0].Counts, List<double>{2});
  EXPECT_EQ(metrics[1].Timestamp.us, 120'000'000);
  EXPECT_TRUE(aggregator.take().empty());
}

TEST(MetricAggregator, RoundsValuesOnlyBeyondTheExactOnes) {
  MetricAggregator aggregator;
  for (int i = 0; i < 10'000; ++i) aggregator.add(sample_of(1000.0 + i * 0.01, Instant{0}));
  const auto metric = aggregator.take()[0].request.Metrics[0];
  double count = 0;
  for (const double c : metric.Counts) count += c;
  EXPECT_EQ(count, 10'000);
  EXPECT_LE(metric.Values.size(), MetricAggregator::exact_values + 20);
}

TEST(VirtualLanes, TimersFireInOrderOfTheirTime) {
  VirtualLanes lanes(2, Instant{0});
  std::string order;
  lanes.lane(0).at(Instant{20}, [&] { order += "b"; });
  lanes.lane(1).at(Instant{10}, [&] { order += "a"; });
  const auto gone = lanes.lane(0).at(Instant{15}, [&] { order += "x"; });
  lanes.lane(0).cancel(gone);
  lanes.advance(microseconds(20));
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(lanes.now().us, 20);
}

TEST(Validation, ReportsEveryViolationInAwsWords) {
  constexpr ErrorCode code{"ValidationException", 400};
  EXPECT_TRUE(Validation().length("name", "a", 1, 2).range("n", std::nullopt, 1, 2).finish(code).ok());
  EXPECT_EQ(
      Validation().length("name", "", 1, 2).range("maxResults", 9, 1, 5).finish(code).error().message,
      "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; "
      "Value '9' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 5");
}

}  // namespace
}  // namespace surgetank
