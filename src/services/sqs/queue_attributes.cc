#include <algorithm>

#include "kernel/ports.h"
#include "services/sqs/access.h"
#include "services/sqs/attributes.h"
#include "services/sqs/errors.h"
#include "services/sqs/operations.h"
#include "services/sqs/queue_life.h"
#include "services/sqs/queue_record.h"

namespace surgetank::sqs {
namespace {

// Everything that clients see of a queue.
Map<String> shown_attributes(Call& call, const QueueRecord& record) {
  auto attributes = effective_attributes(record);
  const auto counts = count_messages(call, record);
  attributes["ApproximateNumberOfMessages"] = std::to_string(counts.visible);
  attributes["ApproximateNumberOfMessagesNotVisible"] = std::to_string(counts.in_flight);
  attributes["ApproximateNumberOfMessagesDelayed"] = std::to_string(counts.delayed);
  attributes["CreatedTimestamp"] = std::to_string(record.created.epoch_seconds());
  attributes["LastModifiedTimestamp"] = std::to_string(record.modified.epoch_seconds());
  attributes["QueueArn"] = queue_arn(call.caller, record.name);
  return attributes;
}

}  // namespace

Result<GetQueueAttributesResponse> get_queue_attributes(Call& call, const GetQueueAttributesRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::get_attributes));
  const auto& names = request.AttributeNames;
  for (const auto& name : names)
    if (name != "All" && !is_attribute_name(name)) return Error{&InvalidAttributeName, "Unknown Attribute " + name + "."};
  if (names.empty()) return GetQueueAttributesResponse{};
  auto attributes = shown_attributes(call, record);
  if (std::find(names.begin(), names.end(), "All") != names.end()) return GetQueueAttributesResponse{std::move(attributes)};
  GetQueueAttributesResponse response;
  for (const auto& name : names)
    if (const auto found = attributes.find(name); found != attributes.end()) response.Attributes.insert(*found);
  return response;
}

Result<Empty> set_queue_attributes(Call& call, const SetQueueAttributesRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::set_attributes));
  const auto kind = is_fifo_name(record.name) ? QueueKind::Fifo : QueueKind::Standard;
  SURGE_TRY(changes, canonical_attributes(request.Attributes, kind, call.ports.quotas));
  if (changes.empty()) return Error{&MissingParameter, "The request must contain the parameter Attribute.Name."};
  SURGE_CHECK(apply_attributes(record.attributes, changes, kind));
  if (changes.contains("RedrivePolicy")) SURGE_CHECK(check_redrive_target(call, record));
  record.modified = call.now;
  save_queue(call, record);
  queue_changed(call, record);
  return Empty{};
}

}  // namespace surgetank::sqs
