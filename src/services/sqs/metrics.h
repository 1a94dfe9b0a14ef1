#pragma once
// What CloudWatch learns about one queue (namespace AWS/SQS, dimension QueueName): once a minute of lane time, all at once, as AWS does,
// while the queue is active: it has messages, or somebody used it within the last six hours. A meter is owned by what it measures, on
// its lane; a timer of a meter that is gone does nothing. Sources: SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS".
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/unique_function.h"
#include "kernel/call.h"
#include "kernel/telemetry.h"

namespace surgetank::sqs {

// What happened to a queue within a minute, and how it stands at the end of it.
struct QueueReading {
  std::uint64_t sent = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t smallest_bytes = 0;  // of a message sent
  std::uint64_t largest_bytes = 0;
  std::uint64_t received = 0;
  std::uint64_t deleted = 0;
  std::uint64_t empty_receives = 0;
  std::uint64_t visible = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delayed = 0;
  std::optional<Instant> oldest_sent = {};

  void count_sent(std::uint64_t bytes) {
    smallest_bytes = sent == 0 ? bytes : std::min(smallest_bytes, bytes);
    largest_bytes = std::max(largest_bytes, bytes);
    sent_bytes += bytes;
    ++sent;
  }
  bool was_used() const { return sent + received + deleted + empty_receives > 0; }
  bool has_messages() const { return visible + in_flight + delayed > 0; }
};

struct MeteredQueue {
  std::string account;
  std::string region;
  std::string name;
};
// The samples of one minute. Pure but for the Telemetry it is given.
void publish_reading(Telemetry& telemetry, const MeteredQueue& queue, const QueueReading& reading, Instant minute, Instant now);

class QueueMeter {
 public:
  // Tells what has happened since it was last asked.
  using Take = UniqueFunction<QueueReading(Instant now)>;
  // Ticks from the next full minute on; without telemetry never.
  static std::shared_ptr<QueueMeter> start(Call& call, std::string_view queue_name, Take take);

 private:
  QueueMeter(MeteredQueue queue, Lane& lane, Telemetry& telemetry, Take take)
      : queue_(std::move(queue)), lane_(lane), telemetry_(telemetry), take_(std::move(take)), last_used_(lane.now()) {}
  static void tick_later(const std::shared_ptr<QueueMeter>& meter);
  void tick(Instant minute);

  MeteredQueue queue_;
  Lane& lane_;
  Telemetry& telemetry_;
  Take take_;
  Instant last_used_;
};

}  // namespace surgetank::sqs
