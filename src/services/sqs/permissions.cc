#include <algorithm>

#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/sqs/access.h"
#include "services/sqs/errors.h"
#include "services/sqs/limits.h"
#include "services/sqs/operations.h"
#include "services/sqs/policy.h"
#include "services/sqs/queue_life.h"
#include "services/sqs/queue_record.h"
#include "services/sqs/quotas.h"

namespace surgetank::sqs {
namespace {

// The actions that a queue's owner may share (AWS API reference, AddPermission).
constexpr std::string_view shareable_actions[] = {"*",           "ChangeMessageVisibility",    "DeleteMessage", "GetQueueAttributes",
                                                  "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue",    "ReceiveMessage",
                                                  "SendMessage"};

constexpr std::string_view owner_actions[] = {"AddPermission",      "CreateQueue", "DeleteQueue", "RemovePermission",
                                              "SetQueueAttributes", "TagQueue",    "UntagQueue"};

template <std::size_t count>
bool is_one_of(const std::string_view (&names)[count], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

Result<Unit> check_label(std::string_view label) {
  const bool valid =
      !label.empty() && label.size() <= limits::permission_label_characters && std::all_of(label.begin(), label.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
      });
  if (valid) return Unit{};
  return Error{&InvalidParameterValue, "Value " + std::string(label) +
                                           " for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, "
                                           "or underscores. 1 to 80 in length."};
}

Result<Unit> check_accounts(const List<String>& accounts) {
  if (accounts.empty()) return Error{&MissingParameter, "The request must contain the parameter AWSAccountIds."};
  constexpr std::size_t account_digits = 12;
  for (const auto& account : accounts)
    if (account.size() != account_digits || account.find_first_not_of("0123456789") != std::string::npos)
      return Error{&InvalidParameterValue, "Value " + account + " for parameter PrincipalId is invalid. Reason: Unable to verify."};
  return Unit{};
}

Result<Unit> check_actions(Call& call, const List<String>& actions) {
  if (actions.empty()) return Error{&MissingParameter, "The request must contain the parameter Actions."};
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::permission_actions, actions.size()));
  for (const auto& action : actions) {
    if (is_one_of(shareable_actions, action)) continue;
    const auto* reason = is_one_of(owner_actions, action) ? "Only the queue owner is allowed to invoke this action."
                                                          : "Please refer to the appropriate WSDL for a list of valid actions.";
    return Error{&InvalidParameterValue, "Value SQS:" + action + " for parameter ActionName is invalid. Reason: " + reason};
  }
  return Unit{};
}

String policy_text_of(const QueueRecord& record) {
  const auto policy = record.attributes.find("Policy");
  return policy == record.attributes.end() ? String() : policy->second;
}

void save_policy(Call& call, QueueRecord& record, const String& policy) {
  if (policy.empty()) {
    record.attributes.erase("Policy");
  } else {
    record.attributes["Policy"] = policy;
  }
  record.modified = call.now;
  save_queue(call, record);
  queue_changed(call, record);
}

}  // namespace

Result<Empty> add_permission(Call& call, const AddPermissionRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::add_permission));
  SURGE_CHECK(check_label(request.Label));
  SURGE_CHECK(check_accounts(request.AWSAccountIds));
  SURGE_CHECK(check_actions(call, request.Actions));
  SURGE_TRY(policy, with_permission(policy_text_of(record),
                                    {.label = request.Label,
                                     .queue_arn = queue_arn(call.caller, record.name),
                                     .account_ids = request.AWSAccountIds,
                                     .actions = request.Actions},
                                    call.ports.quotas));
  save_policy(call, record, policy);
  return Empty{};
}

Result<Empty> remove_permission(Call& call, const RemovePermissionRequest& request) {
  SURGE_TRY(record, find_queue(call, request.QueueUrl, permissions::remove_permission));
  SURGE_TRY(policy, without_permission(policy_text_of(record), request.Label));
  save_policy(call, record, policy);
  return Empty{};
}

}  // namespace surgetank::sqs
