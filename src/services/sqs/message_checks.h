#pragma once
// What AWS refuses in a message, with its words. Pure but for the counts of quotas (the registry may be null); any thread. Sources: AWS
// API reference (SendMessage, SendMessageBatch), SQS developer guide ("Message metadata"), and what the service answers.
#include <string_view>

#include "base/result.h"
#include "kernel/quotas.h"
#include "services/sqs/model.h"
#include "services/sqs/settings.h"

namespace surgetank::sqs {

// "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: ..."
Error invalid_value(std::string_view value, std::string_view parameter, std::string_view reason);
Error missing_parameter(std::string_view parameter);

// Errors: MissingParameter (empty), InvalidMessageContents.
Result<Unit> check_body(std::string_view body);
// User attributes. Errors: InvalidParameterValue, UnsupportedOperation.
Result<Unit> check_attributes(Quotas* registry, const Map<MessageAttributeValue>& attributes);
// AWSTraceHeader is the only one that can be sent.
Result<Unit> check_system_attributes(const Map<MessageAttributeValue>& attributes);
// MessageGroupId and MessageDeduplicationId: 1 to 128 letters, digits and punctuation.
Result<Unit> check_id(std::string_view id, std::string_view parameter);

// What counts against the size limits: names, types and values.
std::size_t size_of(const Map<MessageAttributeValue>& attributes);

// Of a batch: how many, and the ids of its entries. `entry` names the entries in the message of the empty one.
Result<Unit> check_batch_size(Quotas* registry, std::size_t entries, std::string_view entry);
Result<Unit> check_batch_ids(const List<std::string_view>& ids);
template <class Entries>
Result<Unit> check_batch(Quotas* registry, const Entries& entries, std::string_view entry) {
  SURGE_CHECK(check_batch_size(registry, entries.size(), entry));
  List<std::string_view> ids;
  for (const auto& each : entries) ids.push_back(each.Id);
  return check_batch_ids(ids);
}
BatchResultErrorEntry failed_entry(const String& id, const Error& error);

}  // namespace surgetank::sqs
