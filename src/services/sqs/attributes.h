#pragma once
// The attributes of a queue: which exist, which values they may have, and what clients see. Pure but for check_redrive_target, which
// looks at the dead-letter queue. Source: AWS API reference, CreateQueue and SetQueueAttributes.
#include <string_view>

#include "base/result.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/settings.h"

namespace surgetank {
class Quotas;
}

namespace surgetank::sqs {

// Checks what a client gives for a queue of this kind and returns it in canonical form: numbers without leading zeros, booleans in
// lower case. An empty text of Policy, RedrivePolicy, RedriveAllowPolicy or KmsMasterKeyId stays and means: none. What is a quota is
// asked of the registry (null: AWS's values).
// Errors: InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue (redrive policies).
Result<Map<String>> canonical_attributes(const Map<String>& given, QueueKind kind, Quotas* registry = nullptr);

// `changes` (canonical) applied to `attributes`: empty texts remove, one kind of encryption displaces the other.
// Errors: InvalidAttributeValue where attributes contradict each other.
Result<Unit> apply_attributes(Map<String>& attributes, const Map<String>& changes, QueueKind kind);

// The dead-letter queue of the record's RedrivePolicy must exist, be of the same kind, account and region, and allow it.
Result<Unit> check_redrive_target(Call& call, const QueueRecord& record);

// Every attribute that can be set and has a value, defaults included: VisibilityTimeout "30", ...
Map<String> effective_attributes(const QueueRecord& record);

// Whether two values of one attribute say the same (policies compare as JSON).
bool same_attribute_value(std::string_view name, std::string_view a, std::string_view b);

bool is_fifo_name(std::string_view name);

// A name that GetQueueAttributes takes: any attribute, also those that cannot be set, but not "All".
bool is_attribute_name(std::string_view name);

}  // namespace surgetank::sqs
