#pragma once
// The operations of RDS by noun, and what they share. All that write run on the lane of the instance's identifier.
#include "kernel/call.h"
#include "kernel/operation.h"
#include "services/rds/model.h"

namespace surgetank::rds {

// The states of an instance that we know; spelled as clients see them.
namespace state {
inline constexpr std::string_view creating = "creating";
inline constexpr std::string_view available = "available";
inline constexpr std::string_view modifying = "modifying";
inline constexpr std::string_view rebooting = "rebooting";
inline constexpr std::string_view starting = "starting";
inline constexpr std::string_view stopping = "stopping";
inline constexpr std::string_view stopped = "stopped";
inline constexpr std::string_view deleting = "deleting";
inline constexpr std::string_view failed = "failed";
}  // namespace state

// The lane key that identifiers (case does not matter) and ARNs of one instance share: the identifier in lower case.
std::string aggregate_key(std::string_view client_name);
// Errors: DBInstanceNotFound.
Result<InstanceRecord> find_instance(Call& call, std::string_view client_name);
void save_instance(Call& call, const InstanceRecord& record);
Blob seal_password(Call& call, const InstanceRecord& record, const std::string& password);
// nullopt: sealed under another key.
std::optional<std::string> open_password(Call& call, const InstanceRecord& record);

// instances.cc
Result<DBInstanceResult> create_instance(Call& call, const CreateDBInstanceMessage& request);
Result<DBInstanceResult> delete_instance(Call& call, const DeleteDBInstanceMessage& request);

// listing.cc
Result<DBInstanceMessage> describe_instances(Call& call, const DescribeDBInstancesMessage& request);

// modification.cc
Result<DBInstanceResult> modify_instance(Call& call, const ModifyDBInstanceMessage& request);

// power.cc
Result<DBInstanceResult> start_instance(Call& call, const StartDBInstanceMessage& request);
Result<DBInstanceResult> stop_instance(Call& call, const StopDBInstanceMessage& request);
Result<DBInstanceResult> reboot_instance(Call& call, const RebootDBInstanceMessage& request);

// tags.cc
Result<Empty> add_tags(Call& call, const AddTagsToResourceMessage& request);
Result<Empty> remove_tags(Call& call, const RemoveTagsFromResourceMessage& request);
Result<TagListMessage> list_tags(Call& call, const ListTagsForResourceMessage& request);

// lifecycle.cc: orders to the database host, given once the record is durable, and what becomes of its answers.
// Each takes the record to a new generation; the caller saves it.
void order_running(Call& call, InstanceRecord& record);
void order_stopped(Call& call, InstanceRecord& record);
void order_restarted(Call& call, InstanceRecord& record);
void order_destroyed(Call& call, InstanceRecord& record);
Result<Empty> record_status(Call& call, const RecordStatusRequest& request);
Result<Empty> record_stopped(Call& call, const InstanceOrder& request);
Result<Empty> record_destroyed(Call& call, const InstanceOrder& request);
// Gives the order again that an instance's state calls for: after a restart of the server.
Result<Empty> resume_instance(Call& call, const StartDBInstanceMessage& request);
void resume_all(ServiceContext& context);

}  // namespace surgetank::rds
