#include "services/sqs/settings.h"

#include <algorithm>

#include "base/text.h"
#include "services/sqs/access.h"
#include "services/sqs/attributes.h"
#include "services/sqs/redrive_policy.h"

namespace surgetank::sqs {

QueueSettings decode_settings(const QueueRecord& record, const Caller& caller) {
  QueueSettings settings;
  const auto attributes = effective_attributes(record);
  const auto number = [&](std::string_view name) { return parse_integer(attributes.at(std::string(name))).value_or(0); };
  const auto is = [&](std::string_view name, std::string_view value) {
    const auto found = attributes.find(std::string(name));
    return found != attributes.end() && found->second == value;
  };
  settings.name = record.name;
  settings.arn = queue_arn(caller, record.name);
  settings.kind = is("FifoQueue", "true") ? QueueKind::Fifo : QueueKind::Standard;
  settings.visibility_timeout = seconds(number("VisibilityTimeout"));
  settings.delay = seconds(number("DelaySeconds"));
  settings.retention = seconds(number("MessageRetentionPeriod"));
  settings.receive_wait = seconds(number("ReceiveMessageWaitTimeSeconds"));
  settings.maximum_message_bytes = static_cast<std::size_t>(number("MaximumMessageSize"));
  if (is("ContentBasedDeduplication", "true")) settings.body_deduplication = BodyDeduplication::ContentBased;
  if (is("DeduplicationScope", "messageGroup")) settings.deduplication_scope = DeduplicationScope::MessageGroup;
  if (is("FifoThroughputLimit", "perMessageGroupId")) settings.throughput_limit = ThroughputLimit::PerMessageGroupId;
  settings.encryption = BodyEncryption::Plain;
  if (is("SqsManagedSseEnabled", "true")) settings.encryption = BodyEncryption::SqsManaged;
  if (attributes.contains("KmsMasterKeyId")) settings.encryption = BodyEncryption::Kms;
  if (const auto policy = attributes.find("RedrivePolicy"); policy != attributes.end()) {
    if (auto redrive = parse_redrive_policy(policy->second); redrive.ok()) settings.redrive = std::move(*redrive);
  }
  if (const auto policy = attributes.find("RedriveAllowPolicy"); policy != attributes.end()) {
    if (auto allowance = parse_redrive_allow_policy(policy->second); allowance.ok()) settings.redrive_allowance = std::move(*allowance);
  }
  settings.policy = policy_of(record);
  return settings;
}

bool allows_redrive_from(const RedriveAllowance& allowance, std::string_view source_arn) {
  if (allowance.permission != RedriveAllowance::Permission::ByQueue) return allowance.permission == RedriveAllowance::Permission::AllowAll;
  return std::find(allowance.source_arns.begin(), allowance.source_arns.end(), source_arn) != allowance.source_arns.end();
}

}  // namespace surgetank::sqs
