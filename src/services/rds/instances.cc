// Creating and deleting DB instances, and finding their records.
#include "base/text.h"
#include "kernel/database_host.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/vault.h"
#include "services/rds/errors.h"
#include "services/rds/keys.h"
#include "services/rds/limits.h"
#include "services/rds/operations.h"
#include "services/rds/quotas.h"
#include "services/rds/settings.h"

namespace surgetank::rds {
namespace {

constexpr std::string_view resource_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t resource_characters = 26;

List<VpcSecurityGroupMembership> memberships(const List<String>& groups) {
  List<VpcSecurityGroupMembership> list;
  for (const auto& group : groups) list.push_back({group, "active"});
  return list;
}

// The members that we only keep and show.
void keep_settings(DBInstance& shown, const CreateDBInstanceMessage& request, const std::string& region) {
  shown.AllocatedStorage = *request.AllocatedStorage;
  shown.PreferredBackupWindow = request.PreferredBackupWindow.value_or("04:00-04:30");
  shown.PreferredMaintenanceWindow = request.PreferredMaintenanceWindow.value_or("sun:05:00-sun:05:30");
  shown.BackupRetentionPeriod = request.BackupRetentionPeriod.value_or(1);
  shown.DBSecurityGroups.emplace();
  shown.VpcSecurityGroups = memberships(request.VpcSecurityGroupIds);
  shown.AvailabilityZone = request.AvailabilityZone.value_or(region + "a");
  if (request.DBSubnetGroupName) shown.DBSubnetGroup = DBSubnetGroup{*request.DBSubnetGroupName, "Complete"};
  shown.AutoMinorVersionUpgrade = request.AutoMinorVersionUpgrade.value_or(true);
  shown.ReadReplicaDBInstanceIdentifiers.emplace();
  shown.LicenseModel = request.LicenseModel.value_or("postgresql-license");
  shown.Iops = request.Iops;
  shown.PubliclyAccessible = request.PubliclyAccessible.value_or(false);
  shown.StorageType = request.StorageType.value_or("gp2");
  shown.StorageEncrypted = request.StorageEncrypted.value_or(false);
  shown.KmsKeyId = request.KmsKeyId;
  shown.CACertificateIdentifier = request.CACertificateIdentifier.value_or("rds-ca-rsa2048-g1");
  shown.DomainMemberships.emplace();
  shown.CopyTagsToSnapshot = request.CopyTagsToSnapshot.value_or(false);
  shown.MonitoringInterval = request.MonitoringInterval.value_or(0);
  shown.MonitoringRoleArn = request.MonitoringRoleArn;
  shown.PromotionTier = request.PromotionTier;
  shown.PerformanceInsightsEnabled = request.EnablePerformanceInsights.value_or(false);
  shown.PerformanceInsightsKMSKeyId = request.PerformanceInsightsKMSKeyId;
  shown.PerformanceInsightsRetentionPeriod = request.PerformanceInsightsRetentionPeriod;
  if (!request.EnableCloudwatchLogsExports.empty()) shown.EnabledCloudwatchLogsExports = request.EnableCloudwatchLogsExports;
  shown.DeletionProtection = request.DeletionProtection.value_or(false);
  shown.AssociatedRoles.emplace();
  shown.MaxAllocatedStorage = request.MaxAllocatedStorage;
  shown.TagList = request.Tags;
  shown.BackupTarget = request.BackupTarget.value_or("region");
  shown.NetworkType = request.NetworkType.value_or("IPV4");
  shown.StorageThroughput = request.StorageThroughput;
}

Result<Unit> check_count(Call& call) {
  std::int64_t count = 0;
  const auto most = quota_value(call.ports.quotas, quotas::instances);
  const auto prefix = keys::instances(call.caller);
  call.txn.scan(prefix, prefix_end(prefix), [&count, most](std::string_view, std::string_view) { return ++count < most; });
  return check_quota(call.ports.quotas, quotas::instances, count + 1);
}

std::string password_context(const InstanceRecord& record) {
  return "rds master password " + record.instance.DBInstanceArn + " " + record.instance.DbiResourceId;
}

InstanceRecord new_record(Call& call, const CreateDBInstanceMessage& request, std::string identifier, const std::string& version) {
  InstanceRecord record;
  record.account = call.account();
  record.region = call.region();
  record.engine_version_wanted = version;
  record.port_wanted = request.Port.value_or(limits::default_port);
  auto& shown = record.instance;
  shown.DBInstanceArn = "arn:aws:rds:" + call.region() + ":" + call.account() + ":db:" + identifier;
  shown.DBInstanceIdentifier = std::move(identifier);
  shown.DBInstanceClass = request.DBInstanceClass;
  shown.Engine = request.Engine;
  shown.EngineVersion = version;
  shown.DBInstanceStatus = state::creating;
  shown.MasterUsername = *request.MasterUsername;
  if (request.DBName && !request.DBName->empty()) shown.DBName = request.DBName;
  shown.InstanceCreateTime = call.now;
  shown.DbiResourceId = "db-" + call.random.from_alphabet(resource_alphabet, resource_characters);
  const auto major = std::string(major_version(version));
  shown.DBParameterGroups = List<DBParameterGroupStatus>{{request.DBParameterGroupName.value_or("default.postgres" + major), "in-sync"}};
  shown.OptionGroupMemberships = List<OptionGroupMembership>{{request.OptionGroupName.value_or("default:postgres-" + major), "in-sync"}};
  keep_settings(shown, request, call.region());
  return record;
}

}  // namespace

std::string aggregate_key(std::string_view client_name) {
  const auto colon = client_name.rfind(':');
  return to_lower(colon == std::string_view::npos ? client_name : client_name.substr(colon + 1));
}

Result<InstanceRecord> find_instance(Call& call, std::string_view client_name) {
  const auto identifier = aggregate_key(client_name);
  auto record = get_record<InstanceRecord>(call.txn, keys::instance(call.caller, identifier));
  const bool other_arn = record && contains(client_name, ":") && client_name != record->instance.DBInstanceArn;
  if (!record || other_arn) return Error{&DBInstanceNotFound, "DBInstance " + std::string(client_name) + " not found."};
  return std::move(*record);
}

void save_instance(Call& call, const InstanceRecord& record) {
  put_record(call.txn, keys::instance(call.caller, record.instance.DBInstanceIdentifier), record);
}

Blob seal_password(Call& call, const InstanceRecord& record, const std::string& password) {
  return {call.ports.vault->seal(password, password_context(record))};
}

std::optional<std::string> open_password(Call& call, const InstanceRecord& record) {
  return call.ports.vault->open(record.sealed_password.bytes, password_context(record));
}

Result<DBInstanceResult> create_instance(Call& call, const CreateDBInstanceMessage& request) {
  SURGE_CHECK(check_create(call, request));
  SURGE_TRY(version, check_engine_version(request.EngineVersion, call.ports.databases->engine_versions()));
  auto identifier = to_lower(request.DBInstanceIdentifier);
  if (call.txn.get(keys::instance(call.caller, identifier))) return Error{&DBInstanceAlreadyExists, "DB instance already exists"};
  SURGE_CHECK(check_count(call));
  auto record = new_record(call, request, std::move(identifier), version);
  record.sealed_password = seal_password(call, record, *request.MasterUserPassword);
  order_running(call, record);
  save_instance(call, record);
  return DBInstanceResult{record.instance};
}

Result<DBInstanceResult> delete_instance(Call& call, const DeleteDBInstanceMessage& request) {
  SURGE_TRY(record, find_instance(call, request.DBInstanceIdentifier));
  if (record.instance.DBInstanceStatus == state::deleting)
    return Error{&InvalidDBInstanceState, "Instance " + record.instance.DBInstanceIdentifier + " is already being deleted."};
  if (record.instance.DeletionProtection)
    return invalid_combination("Cannot delete protected DB Instance, please disable deletion protection and try again.");
  const bool skip = request.SkipFinalSnapshot.value_or(false);
  if (!skip && !request.FinalDBSnapshotIdentifier)
    return invalid_combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.");
  if (skip && request.FinalDBSnapshotIdentifier)
    return invalid_combination("FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is specified.");
  if (!skip)
    return invalid_combination(
        "The parameter FinalDBSnapshotIdentifier is not supported by Surgetank: delete with SkipFinalSnapshot=true.");
  record.instance.DBInstanceStatus = state::deleting;
  order_destroyed(call, record);
  save_instance(call, record);
  return DBInstanceResult{record.instance};
}

}  // namespace surgetank::rds
