#include "services/sqs/metrics.h"

#include <gtest/gtest.h>

#include "kernel/test_world.h"
#include "services/sqs/service.h"

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
                   .smallest_bytes = 10,
                   .largest_bytes = 300,
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
            "NumberOfMessagesSent=4x1 SentMessageSize=10x1 SentMessageSize=300x1 SentMessageSize=45x2 ");
}

TEST(QueueMetrics, WithoutMessagesThereIsNoAgeAndNoSize) {
  Recorder recorder;
  publish_reading(recorder, {.account = "a", .region = "r", .name = "q"}, {}, Instant{}, Instant{} + minutes(1));
  ASSERT_EQ(recorder.samples.size(), 8U);
  EXPECT_EQ(recorder.samples[0].value, 0);
}

class Metering : public ::testing::Test {
 protected:
  Metering() {
    world.ports.telemetry = &recorder;
    world.call("sqs", "CreateQueue", R"({"QueueName":"q"})");
  }
  std::string on_queue(std::string_view operation, const std::string& more) {
    return world.call("sqs", operation, R"({"QueueUrl":"http://127.0.0.1:4566/000000000000/q")" + more + "}");
  }
  // Of one metric, minute by minute.
  std::vector<int> values(std::string_view name) const {
    std::vector<int> values;
    for (const auto& sample : recorder.samples)
      if (sample.name == name) values.push_back(static_cast<int>(sample.value));
    return values;
  }

  Recorder recorder;
  TestWorld world{{&service}};
};

TEST_F(Metering, AQueueInUseReportsOnceAMinute) {
  on_queue("SendMessage", R"(,"MessageBody":"hello")");
  on_queue("SendMessage", R"(,"MessageBody":"later","DelaySeconds":900)");
  on_queue("ReceiveMessage", "");
  on_queue("ReceiveMessage", "");
  world.advance(minutes(2));
  EXPECT_EQ(values("NumberOfMessagesSent"), (std::vector{2, 0}));
  EXPECT_EQ(values("NumberOfMessagesReceived"), (std::vector{1, 0}));
  EXPECT_EQ(values("NumberOfEmptyReceives"), (std::vector{1, 0}));
  EXPECT_EQ(values("ApproximateNumberOfMessagesDelayed"), (std::vector{1, 1}));
  EXPECT_EQ(values("ApproximateNumberOfMessagesVisible").back(), 1) << "its visibility timeout has ended";
  EXPECT_EQ(values("SentMessageSize"), (std::vector{5, 5}));
  ASSERT_EQ(values("ApproximateAgeOfOldestMessage").size(), 2U);
  EXPECT_GE(values("ApproximateAgeOfOldestMessage").back(), 60);
}

TEST_F(Metering, AQueueThatNobodyUsesFallsSilentAfterSixHours) {
  on_queue("ReceiveMessage", "");
  world.advance(hours(7));
  EXPECT_NEAR(static_cast<double>(values("NumberOfEmptyReceives").size()), 360, 2);
  recorder.samples.clear();
  on_queue("SendMessage", R"(,"MessageBody":"hello")");
  world.advance(minutes(1));
  EXPECT_EQ(values("NumberOfMessagesSent"), (std::vector{1}));
}

TEST_F(Metering, ADeletedQueueIsSilent) {
  on_queue("SendMessage", R"(,"MessageBody":"hello")");
  on_queue("DeleteQueue", "");
  world.advance(minutes(5));
  EXPECT_TRUE(recorder.samples.empty());
}

}  // namespace
}  // namespace surgetank::sqs
