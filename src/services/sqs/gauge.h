#pragma once
// How a queue stands now, for the server's own gauges: internal, cheap, never loads a queue that nobody uses.
#include "base/result.h"
#include "kernel/call.h"
#include "services/sqs/model.h"

namespace surgetank::sqs {

struct ReadQueueGaugeRequest {
  String QueueUrl;
};
SURGE_SHAPE(ReadQueueGaugeRequest, QueueUrl)
struct QueueGauge {
  String Name;
  Integer Visible = 0;
  Integer InFlight = 0;
  Integer Delayed = 0;
  Integer OldestMilliseconds = 0;  // age of the oldest message; 0: none
};
SURGE_SHAPE(QueueGauge, Name, Visible, InFlight, Delayed, OldestMilliseconds)
Result<QueueGauge> read_queue_gauge(Call& call, const ReadQueueGaugeRequest& request);

}  // namespace surgetank::sqs
