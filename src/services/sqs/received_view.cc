#include "services/sqs/received_view.h"

#include <algorithm>
#include <array>

#include "services/sqs/attributes.h"
#include "services/sqs/errors.h"
#include "services/sqs/message_digest.h"
#include "services/sqs/queue_state.h"

namespace surgetank::sqs {
namespace {

enum SystemAttribute : std::uint32_t {
  SenderId,
  SentTimestamp,
  ApproximateReceiveCount,
  ApproximateFirstReceiveTimestamp,
  SequenceNumber,
  MessageDeduplicationId,
  MessageGroupId,
  AWSTraceHeader,
  DeadLetterQueueSourceArn,
};
constexpr std::array<std::string_view, 9> system_attribute_names = {"SenderId",
                                                                    "SentTimestamp",
                                                                    "ApproximateReceiveCount",
                                                                    "ApproximateFirstReceiveTimestamp",
                                                                    "SequenceNumber",
                                                                    "MessageDeduplicationId",
                                                                    "MessageGroupId",
                                                                    "AWSTraceHeader",
                                                                    "DeadLetterQueueSourceArn"};

Result<std::uint32_t> wanted(const List<String>& names) {
  std::uint32_t bits = 0;
  for (const auto& name : names) {
    if (name == "All") {
      bits = ~std::uint32_t{0};
      continue;
    }
    const auto known = std::find(system_attribute_names.begin(), system_attribute_names.end(), name);
    if (known != system_attribute_names.end()) {
      bits |= 1U << (known - system_attribute_names.begin());
    } else if (!is_attribute_name(name)) {  // the older member also took names of queue attributes, and showed nothing for them
      return Error{&InvalidAttributeName, "Unknown Attribute " + name + "."};
    }
  }
  return bits;
}

std::string milliseconds_text(Instant instant) { return std::to_string(instant.ms()); }

}  // namespace

Result<ReceivedView> ReceivedView::of(const ReceiveMessageRequest& request) {
  ReceivedView view;
  SURGE_TRY(older, wanted(request.AttributeNames));
  SURGE_TRY(newer, wanted(request.MessageSystemAttributeNames));
  view.system_attributes_ = older | newer;
  for (const std::string_view name : request.MessageAttributeNames) {
    if (name == "All" || name == ".*") {
      view.all_attributes_ = true;
    } else if (name.ends_with(".*")) {
      view.prefixes_.push_back(name.substr(0, name.size() - 1));  // "a.*": "a." and what follows
    } else {
      view.names_.push_back(name);
    }
  }
  return view;
}

bool ReceivedView::wants_attribute(std::string_view name) const {
  if (all_attributes_ || std::find(names_.begin(), names_.end(), name) != names_.end()) return true;
  return std::any_of(prefixes_.begin(), prefixes_.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix) || name == prefix.substr(0, prefix.size() - 1); });
}

void ReceivedView::add_system_attributes(Message& message, const BodyRecord& body, const Entry& entry, std::string_view group_id,
                                         QueueKind kind) const {
  const auto add = [&](SystemAttribute attribute, std::string value) {
    if (((system_attributes_ >> attribute) & 1U) != 0 && !value.empty())
      message.Attributes.emplace(system_attribute_names[attribute], std::move(value));
  };
  add(SenderId, body.sender_id);
  add(SentTimestamp, milliseconds_text(entry.sent));
  add(ApproximateReceiveCount, std::to_string(body.earlier_receives + entry.receive_count));
  add(ApproximateFirstReceiveTimestamp, milliseconds_text(entry.first_received));
  if (kind == QueueKind::Fifo) add(SequenceNumber, sequence_number_text(entry.sequence));
  add(MessageDeduplicationId, body.deduplication_id);
  add(MessageGroupId, std::string(group_id));
  add(AWSTraceHeader, body.trace_header);
  add(DeadLetterQueueSourceArn, body.dead_letter_source_arn);
}

Message ReceivedView::show(BodyRecord body, const Entry& entry, std::string_view group_id, QueueKind kind,
                           std::string receipt_handle) const {
  Message message;
  message.MessageId = message_id_text(body.id);
  message.ReceiptHandle = std::move(receipt_handle);
  message.MD5OfBody = md5_text(body.body_md5);
  if (system_attributes_ != 0) add_system_attributes(message, body, entry, group_id, kind);
  message.Body = std::move(body.body);
  if (body.attributes.empty()) return message;
  for (auto& [name, value] : body.attributes)
    if (wants_attribute(name)) message.MessageAttributes.emplace(name, std::move(value));
  message.MD5OfMessageAttributes = md5_of_attributes(message.MessageAttributes);
  return message;
}

}  // namespace surgetank::sqs
