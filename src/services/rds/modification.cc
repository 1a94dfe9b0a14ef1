// ModifyDBInstance. What only shows changes at once; a password or a port is given to the server in the background; another class
// (max_connections) restarts the server: at once with ApplyImmediately, else at the next start of Surgetank.
#include "kernel/database_host.h"
#include "kernel/ports.h"
#include "services/rds/errors.h"
#include "services/rds/limits.h"
#include "services/rds/operations.h"
#include "services/rds/settings.h"

namespace surgetank::rds {
namespace {

template <class T, class Kept>
void keep(Kept& kept, const Opt<T>& wanted) {
  if (wanted) kept = *wanted;
}

void keep_exports(DBInstance& shown, const CloudwatchLogsExportConfiguration& change) {
  auto exports = shown.EnabledCloudwatchLogsExports.value_or(List<String>{});
  for (const auto& type : change.DisableLogTypes) std::erase(exports, type);
  for (const auto& type : change.EnableLogTypes) {
    std::erase(exports, type);
    exports.push_back(type);
  }
  shown.EnabledCloudwatchLogsExports.reset();
  if (!exports.empty()) shown.EnabledCloudwatchLogsExports = std::move(exports);
}

void keep_settings(DBInstance& shown, const ModifyDBInstanceMessage& request) {
  keep(shown.AllocatedStorage, request.AllocatedStorage);
  if (request.DBSubnetGroupName) shown.DBSubnetGroup = DBSubnetGroup{*request.DBSubnetGroupName, "Complete"};
  if (!request.VpcSecurityGroupIds.empty()) {
    shown.VpcSecurityGroups.emplace();
    for (const auto& group : request.VpcSecurityGroupIds) shown.VpcSecurityGroups->push_back({group, "active"});
  }
  keep(shown.BackupRetentionPeriod, request.BackupRetentionPeriod);
  keep(shown.PreferredBackupWindow, request.PreferredBackupWindow);
  keep(shown.PreferredMaintenanceWindow, request.PreferredMaintenanceWindow);
  keep(shown.AutoMinorVersionUpgrade, request.AutoMinorVersionUpgrade);
  keep(shown.LicenseModel, request.LicenseModel);
  keep(shown.Iops, request.Iops);
  keep(shown.StorageType, request.StorageType);
  keep(shown.CACertificateIdentifier, request.CACertificateIdentifier);
  keep(shown.CopyTagsToSnapshot, request.CopyTagsToSnapshot);
  keep(shown.MonitoringInterval, request.MonitoringInterval);
  keep(shown.MonitoringRoleArn, request.MonitoringRoleArn);
  keep(shown.PubliclyAccessible, request.PubliclyAccessible);
  keep(shown.PromotionTier, request.PromotionTier);
  keep(shown.PerformanceInsightsEnabled, request.EnablePerformanceInsights);
  keep(shown.PerformanceInsightsKMSKeyId, request.PerformanceInsightsKMSKeyId);
  keep(shown.PerformanceInsightsRetentionPeriod, request.PerformanceInsightsRetentionPeriod);
  if (request.CloudwatchLogsExportConfiguration) keep_exports(shown, *request.CloudwatchLogsExportConfiguration);
  keep(shown.DeletionProtection, request.DeletionProtection);
  keep(shown.MaxAllocatedStorage, request.MaxAllocatedStorage);
  keep(shown.NetworkType, request.NetworkType);
  keep(shown.StorageThroughput, request.StorageThroughput);
}

Result<Unit> check_version(Call& call, const InstanceRecord& record, const Opt<String>& version) {
  if (!version) return Unit{};
  SURGE_TRY(wanted, check_engine_version(version, call.ports.databases->engine_versions()));
  if (major_version(wanted) != major_version(record.engine_version_wanted))
    return invalid_combination("The upgrade from version " + record.instance.EngineVersion + " to " + *version +
                               " is not supported by Surgetank: EngineVersion may change within its major version only.");
  return Unit{};
}

enum class Restart : std::uint8_t { None, Needed };
Restart keep_class(DBInstance& shown, const ModifyDBInstanceMessage& request) {
  auto& pending = shown.PendingModifiedValues.DBInstanceClass;
  if (request.DBInstanceClass) {
    pending = request.DBInstanceClass;
    if (*pending == shown.DBInstanceClass) pending.reset();
  }
  if (!pending || !request.ApplyImmediately.value_or(false)) return Restart::None;
  shown.DBInstanceClass = *pending;
  pending.reset();
  return Restart::Needed;
}

}  // namespace

Result<DBInstanceResult> modify_instance(Call& call, const ModifyDBInstanceMessage& request) {
  SURGE_TRY(record, find_instance(call, request.DBInstanceIdentifier));
  SURGE_CHECK(check_modify(request));
  auto& shown = record.instance;
  if (shown.DBInstanceStatus != state::available) return Error{&InvalidDBInstanceState, "Database instance is not in available state."};
  if (request.AllocatedStorage && *request.AllocatedStorage < shown.AllocatedStorage)
    return invalid_combination("Invalid storage size: " + std::to_string(*request.AllocatedStorage) + " GiB is less than the " +
                               std::to_string(shown.AllocatedStorage) + " GiB that the instance has.");
  SURGE_CHECK(check_version(call, record, request.EngineVersion));
  keep_settings(shown, request);
  bool order = keep_class(shown, request) == Restart::Needed;
  if (request.MasterUserPassword) {
    record.sealed_password = seal_password(call, record, *request.MasterUserPassword);
    order = true;
  }
  if (request.DBPortNumber && *request.DBPortNumber != record.port_wanted) {
    record.port_wanted = *request.DBPortNumber;
    order = true;
  }
  if (order) {
    shown.DBInstanceStatus = state::modifying;
    order_running(call, record);
  }
  save_instance(call, record);
  return DBInstanceResult{record.instance};
}

}  // namespace surgetank::rds
