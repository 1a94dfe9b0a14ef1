#pragma once
// The access policy of a queue as JSON text: what is accepted, and how AddPermission and RemovePermission edit it. What it means for
// callers: access.h. Pure; any thread. Source: AWS SQS Developer Guide, "Amazon SQS policy" and its quotas.
#include <string>
#include <string_view>

#include "base/result.h"
#include "services/sqs/model.h"

namespace surgetank {
class Quotas;
}

namespace surgetank::sqs {

// A policy that kernel/policy.h understands, within the quotas (registry null: AWS's).
// Errors: InvalidAttributeValue, whose message is the reason only.
Result<Unit> check_policy(std::string_view text, Quotas* registry = nullptr);

// What AddPermission allows.
struct Permission {
  std::string label;
  std::string queue_arn;
  List<String> account_ids;
  List<String> actions;  // "SendMessage" or "*"
};
// `policy` (empty: none yet) with one more statement. Errors: InvalidParameterValue (the label is taken), OverLimit.
Result<String> with_permission(std::string_view policy, const Permission& permission, Quotas* registry = nullptr);
// `policy` without the statements of this label; empty when none is left. Errors: InvalidParameterValue (no such label).
Result<String> without_permission(std::string_view policy, std::string_view label);

}  // namespace surgetank::sqs
