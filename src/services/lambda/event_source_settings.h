#pragma once
// What a mapping may be set to: checks of Create- and UpdateEventSourceMapping for SQS queues, and how a record is shown. Pure.
// Source: Lambda API reference; Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping".
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/quotas.h"
#include "services/lambda/event_source_model.h"
#include "services/lambda/event_source_scaling.h"

namespace surgetank::lambda {

// The parts of a queue's ARN.
struct QueueArn {
  std::string region;
  std::string account;
  std::string queue;
  QueueKind kind() const { return queue.ends_with(".fifo") ? QueueKind::Fifo : QueueKind::Standard; }
};
// Other sources are refused by name.
Result<QueueArn> queue_of(std::string_view source_arn);
// What ReceiveMessage and the like take: the server looks at the last two parts.
std::string queue_url(std::string_view base_url, const QueueArn& queue);

// Checks what a request says and writes it to the record; members that are absent stay as they are.
Result<Unit> apply_event_source_settings(Quotas* registry, const CreateEventSourceMappingRequest& request,
                                         EventSourceMappingRecord& mapping);
Result<Unit> apply_event_source_settings(Quotas* registry, const UpdateEventSourceMappingRequest& request,
                                         EventSourceMappingRecord& mapping);

// "arn:aws:lambda:<region>:<account>:event-source-mapping:<uuid>"
std::string mapping_arn(const EventSourceMappingRecord& mapping);
std::string mapped_function_arn(const EventSourceMappingRecord& mapping);
EventSourceMappingConfiguration shown_mapping(const EventSourceMappingRecord& mapping);

}  // namespace surgetank::lambda
