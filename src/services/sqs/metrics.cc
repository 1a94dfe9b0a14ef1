#include "services/sqs/metrics.h"

#include <algorithm>

#include "kernel/ports.h"

namespace surgetank::sqs {
namespace {

constexpr Duration period = minutes(1);
constexpr Duration active_for = hours(6);

}  // namespace

void publish_reading(Telemetry& telemetry, const MeteredQueue& queue, const QueueReading& reading, Instant minute, Instant now) {
  MetricSample sample{.account = queue.account,
                      .region = queue.region,
                      .name_space = "AWS/SQS",
                      .name = {},
                      .dimensions = {{"QueueName", queue.name}},
                      .time = minute};
  const auto emit = [&](const char* name, const char* unit, double value, double count = 1) {
    sample.name = name;
    sample.unit = unit;
    sample.value = value;
    sample.count = count;
    telemetry.metric(sample);
  };
  const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
  const auto age = reading.oldest_sent ? std::max((now - *reading.oldest_sent).us, std::int64_t{0}) / 1'000'000 : 0;
  emit("ApproximateAgeOfOldestMessage", "Seconds", static_cast<double>(age));
  emit("ApproximateNumberOfMessagesDelayed", "Count", count(reading.delayed));
  emit("ApproximateNumberOfMessagesNotVisible", "Count", count(reading.in_flight));
  emit("ApproximateNumberOfMessagesVisible", "Count", count(reading.visible));
  emit("NumberOfEmptyReceives", "Count", count(reading.empty_receives));
  emit("NumberOfMessagesDeleted", "Count", count(reading.deleted));
  emit("NumberOfMessagesReceived", "Count", count(reading.received));
  emit("NumberOfMessagesSent", "Count", count(reading.sent));
  // The extremes as they are, what is between them as its average: count, sum, minimum and maximum of the minute are right.
  constexpr const char* size = "SentMessageSize";
  if (reading.sent > 0) emit(size, "Bytes", count(reading.smallest_bytes));
  if (reading.sent > 1) emit(size, "Bytes", count(reading.largest_bytes));
  if (reading.sent > 2) {
    const auto others = reading.sent - 2;
    emit(size, "Bytes", count(reading.sent_bytes - reading.smallest_bytes - reading.largest_bytes) / count(others), count(others));
  }
}

std::shared_ptr<QueueMeter> QueueMeter::start(Call& call, std::string_view queue_name, Take take) {
  if (call.ports.telemetry == nullptr) return nullptr;
  MeteredQueue queue{.account = call.account(), .region = call.region(), .name = std::string(queue_name)};
  auto meter = std::shared_ptr<QueueMeter>(new QueueMeter(std::move(queue), call.lane, *call.ports.telemetry, std::move(take)));
  tick_later(meter);
  return meter;
}

void QueueMeter::tick_later(const std::shared_ptr<QueueMeter>& meter) {
  const auto now = meter->lane_.now();
  const Instant minute{now.us - now.us % period.us};
  meter->lane_.at(minute + period, [minute, weak = std::weak_ptr(meter)] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->tick(minute);
    tick_later(alive);
  });
}

void QueueMeter::tick(Instant minute) {
  const auto now = lane_.now();
  const auto reading = take_(now);
  if (reading.was_used() || reading.has_messages()) last_used_ = now;
  if (now - last_used_ < active_for) publish_reading(telemetry_, queue_, reading, minute, now);
}

}  // namespace surgetank::sqs
