#pragma once
// Who may do what to a queue: its access policy, evaluated (kernel/policy.h). Every operation on a queue asks here before it does anything,
// through find_queue and open_queue; a queue without a policy costs its own account nothing. Any thread; the queue's lane.
// Source: AWS SQS Developer Guide, "Using identity-based policies with Amazon SQS", "Amazon SQS API permissions".
#include <memory>
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/policy.h"
#include "services/sqs/queue_record.h"

namespace surgetank::sqs {

struct QueuePermission {
  std::string_view action;                               // "sqs:SendMessage"
  std::string_view shown;                                // as errors name it: "sqs:sendmessage"
  enum class Sharing : std::uint8_t { Owner, Anybody };  // Owner: no policy gives it to another account
  Sharing sharing = Sharing::Owner;
};

// Batches need the permission of their single operation.
namespace permissions {
using enum QueuePermission::Sharing;
inline constexpr QueuePermission add_permission{"sqs:AddPermission", "sqs:addpermission", Owner};
inline constexpr QueuePermission cancel_move{"sqs:CancelMessageMoveTask", "sqs:cancelmessagemovetask", Owner};
inline constexpr QueuePermission change_visibility{"sqs:ChangeMessageVisibility", "sqs:changemessagevisibility", Anybody};
inline constexpr QueuePermission delete_message{"sqs:DeleteMessage", "sqs:deletemessage", Anybody};
inline constexpr QueuePermission delete_queue{"sqs:DeleteQueue", "sqs:deletequeue", Owner};
inline constexpr QueuePermission get_attributes{"sqs:GetQueueAttributes", "sqs:getqueueattributes", Anybody};
inline constexpr QueuePermission get_url{"sqs:GetQueueUrl", "sqs:getqueueurl", Anybody};
inline constexpr QueuePermission list_moves{"sqs:ListMessageMoveTasks", "sqs:listmessagemovetasks", Owner};
inline constexpr QueuePermission list_sources{"sqs:ListDeadLetterSourceQueues", "sqs:listdeadlettersourcequeues", Anybody};
inline constexpr QueuePermission list_tags{"sqs:ListQueueTags", "sqs:listqueuetags", Owner};
inline constexpr QueuePermission purge{"sqs:PurgeQueue", "sqs:purgequeue", Anybody};
inline constexpr QueuePermission receive{"sqs:ReceiveMessage", "sqs:receivemessage", Anybody};
inline constexpr QueuePermission remove_permission{"sqs:RemovePermission", "sqs:removepermission", Owner};
inline constexpr QueuePermission send{"sqs:SendMessage", "sqs:sendmessage", Anybody};
inline constexpr QueuePermission set_attributes{"sqs:SetQueueAttributes", "sqs:setqueueattributes", Owner};
inline constexpr QueuePermission start_move{"sqs:StartMessageMoveTask", "sqs:startmessagemovetask", Owner};
inline constexpr QueuePermission tag{"sqs:TagQueue", "sqs:tagqueue", Owner};
inline constexpr QueuePermission untag{"sqs:UntagQueue", "sqs:untagqueue", Owner};
}  // namespace permissions

// The policy of a stored queue; null if it has none. One that is not understood (stored by an earlier version) denies everything.
std::shared_ptr<const AccessPolicy> policy_of(const QueueRecord& record);

// Errors: AccessDenied. The owner's root can always read and set the attributes, or a policy could lock everybody out for good; the
// platform's own work (not that of a function's role) is nobody's request.
Result<Unit> check_access(const Caller& caller, Instant now, std::string_view queue_name, const AccessPolicy* policy,
                          const QueuePermission& permission);
inline Result<Unit> check_access(const Call& call, std::string_view queue_name, const AccessPolicy* policy,
                                 const QueuePermission& permission) {
  return check_access(call.caller, call.now, queue_name, policy, permission);
}

}  // namespace surgetank::sqs
