// Starting, stopping and rebooting DB instances.
#include "services/rds/errors.h"
#include "services/rds/operations.h"

namespace surgetank::rds {
namespace {

Error wrong_state(const InstanceRecord& record, std::string_view wanted) {
  return {&InvalidDBInstanceState, "Instance " + record.instance.DBInstanceIdentifier + " is not in " + std::string(wanted) + " state."};
}

}  // namespace

Result<DBInstanceResult> start_instance(Call& call, const StartDBInstanceMessage& request) {
  SURGE_TRY(record, find_instance(call, request.DBInstanceIdentifier));
  auto& status = record.instance.DBInstanceStatus;
  // AWS starts stopped ones only; here also one that failed, say, because PostgreSQL was not installed yet.
  if (status != state::stopped && status != state::failed) return wrong_state(record, state::stopped);
  status = state::starting;
  order_running(call, record);
  save_instance(call, record);
  return DBInstanceResult{record.instance};
}

Result<DBInstanceResult> stop_instance(Call& call, const StopDBInstanceMessage& request) {
  SURGE_TRY(record, find_instance(call, request.DBInstanceIdentifier));
  if (request.DBSnapshotIdentifier) return invalid_combination("The parameter DBSnapshotIdentifier is not supported by Surgetank.");
  if (record.instance.DBInstanceStatus != state::available) return wrong_state(record, state::available);
  record.instance.DBInstanceStatus = state::stopping;
  order_stopped(call, record);
  save_instance(call, record);
  return DBInstanceResult{record.instance};
}

Result<DBInstanceResult> reboot_instance(Call& call, const RebootDBInstanceMessage& request) {
  SURGE_TRY(record, find_instance(call, request.DBInstanceIdentifier));
  if (request.ForceFailover.value_or(false))
    return invalid_combination("ForceFailover cannot be specified: the DB instance is not MultiAZ.");
  if (record.instance.DBInstanceStatus != state::available) return wrong_state(record, state::available);
  record.instance.DBInstanceStatus = state::rebooting;
  order_restarted(call, record);
  save_instance(call, record);
  return DBInstanceResult{record.instance};
}

}  // namespace surgetank::rds
