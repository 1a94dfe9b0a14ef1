#include "services/sqs/metrics.h"

#include <gtest/gtest.h>

namespace surgetank::sqs {
namespace {

class Recorder final : public Telemetry {
 public:
  std::vector<MetricSample> samples;
  void span(Span) override {}
  void metric(MetricSample sample) override { samples.push_back(std::move(sample)); }
  void log(LogBatch) override {}
};

TEST(QueueMetrics, AMinuteIsOneSampleOfEachMetric) {
  Recorder recorder;
  const auto minute = from_epoch_seconds(1'700'000'040);
  publish_reading(recorder, {.account = "a", .region = "r", .name = "q"},
                  {.sent = 4,
                   .sent_bytes = 400,
                   .received = 3,
                   .deleted = 2,
                   .empty_receives = 1,
                   .visible = 7,
                   .in_flight = 8,
                   .delayed = 9,
                   .oldest_sent = minute - seconds(30)},
                  minute, minute + minutes(1));
  std::string seen;
  for (const auto& sample : recorder.samples) {
    EXPECT_EQ(sample.name_space, "AWS/SQS");
    EXPECT_EQ(sample.dimensions, (Dimensions{{"QueueName", "q"}}));
    EXPECT_EQ(sample.time, minute);
    seen += sample.name + "=" + std::to_string(static_cast<int>(sample.value)) + "x" + std::to_string(static_cast<int>(sample.count)) + " ";
  }
  EXPECT_EQ(seen,
            "ApproximateAgeOfOldestMessage=90x1 ApproximateNumberOfMessagesDelayed=9x1 ApproximateNumberOfMessagesNotVisible=8x1 "
            "ApproximateNumberOfMessagesVisible=7x1 NumberOfEmptyReceives=1x1 NumberOfMessagesDeleted=2x1 NumberOfMessagesReceived=3x1 "
            "NumberOfMessagesSent=4x1 SentMessageSize=100x4 ");
}

TEST(QueueMetrics, WithoutMessagesThereIsNoAgeAndNoSize) {
  Recorder recorder;
  publish_reading(recorder, {.account = "a", .region = "r", .name = "q"}, {}, Instant{}, Instant{} + minutes(1));
  ASSERT_EQ(recorder.samples.size(), 8U);
  EXPECT_EQ(recorder.samples[0].value, 0);
}

}  // namespace
}  // namespace surgetank::sqs
