#include "services/sqs/gauge.h"

#include <algorithm>

#include "services/sqs/access.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/queue_state.h"

namespace surgetank::sqs {

Result<QueueGauge> read_queue_gauge(Call& call, const ReadQueueGaugeRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::get_attributes));
  QueueGauge gauge{.Name = record.name};
  const auto* loaded = call.state_as<SqsState>().find(call, record.name);
  if (loaded == nullptr) return gauge;
  const auto totals = loaded->queue().totals();
  gauge.Visible = static_cast<Integer>(totals.visible);
  gauge.InFlight = static_cast<Integer>(totals.in_flight);
  gauge.Delayed = static_cast<Integer>(totals.delayed);
  if (const auto oldest = loaded->queue().oldest_sent()) gauge.OldestMilliseconds = std::max<Integer>(0, (call.now - *oldest).us / 1000);
  return gauge;
}

}  // namespace surgetank::sqs
