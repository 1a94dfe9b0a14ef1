#include "services/sqs/attributes.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "kernel/quotas.h"
#include "services/sqs/errors.h"
#include "services/sqs/limits.h"
#include "services/sqs/policy.h"
#include "services/sqs/quotas.h"
#include "services/sqs/redrive_policy.h"
#include "wire/json_value.h"

namespace surgetank::sqs {
namespace {

struct NumberAttribute {
  std::string_view name;
  std::int64_t least;
  std::int64_t most;      // of what has no quota
  const QuotaRow* quota;  // how much it may be; null: `most`
  std::string_view default_text;
};
constexpr std::array number_attributes{
    NumberAttribute{"DelaySeconds", 0, limits::most_of_an_attribute, &quotas::delay, "0"},
    NumberAttribute{"KmsDataKeyReusePeriodSeconds", limits::least_key_reuse_seconds, limits::longest_key_reuse_seconds, nullptr, ""},
    NumberAttribute{"MaximumMessageSize", limits::least_maximum_message_size, limits::most_of_an_attribute, &quotas::message_size,
                    "1048576"},
    NumberAttribute{"MessageRetentionPeriod", limits::least_retention_seconds, limits::most_of_an_attribute, &quotas::retention, "345600"},
    NumberAttribute{"ReceiveMessageWaitTimeSeconds", 0, limits::most_of_an_attribute, &quotas::long_poll, "0"},
    NumberAttribute{"VisibilityTimeout", 0, limits::most_of_an_attribute, &quotas::visibility_timeout, "30"},
};
constexpr std::string_view shown_only[] = {"ApproximateNumberOfMessages",
                                           "ApproximateNumberOfMessagesDelayed",
                                           "ApproximateNumberOfMessagesNotVisible",
                                           "CreatedTimestamp",
                                           "LastModifiedTimestamp",
                                           "QueueArn"};
constexpr std::string_view fifo_only[] = {"ContentBasedDeduplication", "DeduplicationScope", "FifoQueue", "FifoThroughputLimit"};
constexpr std::string_view removable[] = {"KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy"};
constexpr std::size_t longest_key_id = 2048;

template <class List>
bool is_one_of(const List& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

Error unknown_attribute(std::string_view name) { return {&InvalidAttributeName, "Unknown Attribute " + std::string(name) + "."}; }

Error invalid_value(std::string_view name, std::string_view reason = {}) {
  std::string text = "Invalid value for the parameter " + std::string(name) + ".";
  if (!reason.empty()) text.append(" Reason: ").append(reason);
  return {&InvalidAttributeValue, std::move(text)};
}

Result<String> one_of(std::string_view name, std::string_view value, std::initializer_list<std::string_view> allowed) {
  if (!is_one_of(allowed, value)) return invalid_value(name);
  return std::string(value);
}

Result<String> canonical_boolean(std::string_view name, std::string_view value) { return one_of(name, to_lower(value), {"false", "true"}); }

Result<String> canonical_number(const NumberAttribute& attribute, std::string_view value, Quotas* registry) {
  const auto number = parse_integer(value);
  if (!number || *number < attribute.least) return invalid_value(attribute.name);
  if (attribute.quota != nullptr && !check_quota(registry, *attribute.quota, *number).ok()) {
    auto error = invalid_value(attribute.name);
    error.quota = attribute.quota;
    return error;
  }
  if (*number > attribute.most) return invalid_value(attribute.name);
  return std::to_string(*number);
}

// "Value {..} for parameter RedrivePolicy is invalid. Reason: .."
template <class T>
Result<String> checked_policy(std::string_view name, std::string_view value, Result<T> parsed) {
  if (parsed.ok()) return std::string(value);
  return Error{parsed.error().code,
               "Value " + std::string(value) + " for parameter " + std::string(name) + " is invalid. Reason: " + parsed.error().message};
}

Result<String> canonical_value(std::string_view name, std::string_view value, Quotas* registry) {
  const auto number =
      std::find_if(number_attributes.begin(), number_attributes.end(), [&](const NumberAttribute& a) { return a.name == name; });
  if (number != number_attributes.end()) return canonical_number(*number, value, registry);
  if (value.empty() && is_one_of(removable, name)) return String();
  if (name == "FifoQueue" || name == "ContentBasedDeduplication" || name == "SqsManagedSseEnabled") return canonical_boolean(name, value);
  if (name == "DeduplicationScope") return one_of(name, value, {"messageGroup", "queue"});
  if (name == "FifoThroughputLimit") return one_of(name, value, {"perMessageGroupId", "perQueue"});
  if (name == "RedrivePolicy") return checked_policy(name, value, parse_redrive_policy(value));
  if (name == "RedriveAllowPolicy") return checked_policy(name, value, parse_redrive_allow_policy(value));
  if (name == "Policy") {
    if (const auto checked = check_policy(value, registry); !checked.ok()) {
      auto error = invalid_value(name, checked.error().message);
      error.quota = checked.error().quota;
      return error;
    }
    return std::string(value);
  }
  if (name == "KmsMasterKeyId") {
    if (value.size() > longest_key_id) return invalid_value(name);
    return std::string(value);
  }
  return unknown_attribute(name);
}

void set_or_remove(Map<String>& attributes, const String& name, const String& value) {
  if (value.empty()) {
    attributes.erase(name);
  } else {
    attributes[name] = value;
  }
}

bool is(const Map<String>& attributes, const String& name, std::string_view value) {
  const auto found = attributes.find(name);
  return found != attributes.end() && found->second == value;
}

}  // namespace

bool is_fifo_name(std::string_view name) { return name.ends_with(".fifo"); }

bool is_attribute_name(std::string_view name) {
  const bool number =
      std::any_of(number_attributes.begin(), number_attributes.end(), [&](const NumberAttribute& a) { return a.name == name; });
  return number || is_one_of(shown_only, name) || is_one_of(fifo_only, name) || is_one_of(removable, name) ||
         name == "SqsManagedSseEnabled";
}

Result<Map<String>> canonical_attributes(const Map<String>& given, QueueKind kind, Quotas* registry) {
  Map<String> canonical;
  for (const auto& [name, value] : given) {
    if (kind != QueueKind::Fifo && is_one_of(fifo_only, name)) return unknown_attribute(name);
    SURGE_TRY(text, canonical_value(name, value, registry));
    canonical[name] = text;
  }
  return canonical;
}

Result<Unit> apply_attributes(Map<String>& attributes, const Map<String>& changes, QueueKind kind) {
  const auto key = changes.find("KmsMasterKeyId");
  const bool sets_key = key != changes.end() && !key->second.empty();
  const bool sets_managed = is(changes, "SqsManagedSseEnabled", "true");
  if (sets_key && sets_managed) {
    return Error{&InvalidAttributeValue,
                 "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."};
  }
  if (kind == QueueKind::Fifo && is(changes, "FifoQueue", "false"))
    return invalid_value("FifoQueue", "Modifying queue type is not supported.");
  for (const auto& [name, value] : changes) set_or_remove(attributes, name, value);
  if (sets_managed) attributes.erase("KmsMasterKeyId");
  if (sets_key) attributes["SqsManagedSseEnabled"] = "false";
  const bool per_group = is(attributes, "FifoThroughputLimit", "perMessageGroupId");
  if (per_group && !is(attributes, "DeduplicationScope", "messageGroup"))
    return invalid_value("FifoThroughputLimit", "The perMessageGroupId value is allowed only when DeduplicationScope is messageGroup.");
  return Unit{};
}

Result<Unit> check_redrive_target(Call& call, const QueueRecord& record) {
  const auto policy = record.attributes.find("RedrivePolicy");
  if (policy == record.attributes.end()) return Unit{};
  const auto refused = [&](const std::string& reason) {
    return Error{&InvalidParameterValue, "Value " + policy->second + " for parameter RedrivePolicy is invalid. Reason: " + reason};
  };
  SURGE_TRY(redrive, parse_redrive_policy(policy->second));
  const auto parts = split(redrive.target_arn, ':');
  constexpr std::size_t region_part = 3;
  constexpr std::size_t account_part = 4;
  if (parts[account_part] != call.account()) return refused("Dead letter target owner should be same as the source.");
  if (parts[region_part] != call.region()) return refused("Dead letter target should be in same region as the source.");
  const bool itself = redrive.target_name == record.name;
  const auto target = itself ? Opt<QueueRecord>(record) : find_queue_by_arn(call, redrive.target_arn);
  if (!target) return refused("Dead letter target does not exist.");
  if (is_fifo_name(target->name) != is_fifo_name(record.name))
    return refused("Dead-letter queue must be same type of queue as the source.");
  const auto arn = queue_arn(call.caller, record.name);
  if (!allows_redrive_from(decode_settings(*target, call.caller).redrive_allowance, arn))
    return refused("Queue " + redrive.target_arn + " does not allow queue " + arn + " to use it as a dead-letter queue.");
  return Unit{};
}

Map<String> effective_attributes(const QueueRecord& record) {
  Map<String> attributes = record.attributes;
  for (const auto& number : number_attributes)
    if (!number.default_text.empty()) attributes.emplace(number.name, number.default_text);
  attributes.emplace("SqsManagedSseEnabled", "true");
  if (attributes.contains("KmsMasterKeyId")) {
    attributes.emplace("KmsDataKeyReusePeriodSeconds", "300");
  } else {
    attributes.erase("KmsDataKeyReusePeriodSeconds");
  }
  if (!is_fifo_name(record.name)) return attributes;
  attributes.emplace("FifoQueue", "true");
  attributes.emplace("ContentBasedDeduplication", "false");
  attributes.emplace("DeduplicationScope", "queue");
  attributes.emplace("FifoThroughputLimit", "perQueue");
  return attributes;
}

bool same_attribute_value(std::string_view name, std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (name == "RedrivePolicy") {
    const auto first = parse_redrive_policy(a);
    const auto second = parse_redrive_policy(b);
    return first.ok() && second.ok() && first->target_arn == second->target_arn && first->maximum_receives == second->maximum_receives;
  }
  if (name != "Policy" && name != "RedriveAllowPolicy") return false;
  const auto first = parse_json(a);
  const auto second = parse_json(b);
  return first.ok() && second.ok() && *first == *second;
}

}  // namespace surgetank::sqs
