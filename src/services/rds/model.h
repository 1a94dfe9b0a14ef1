#pragma once
// Requests, replies and stored records of RDS; members as in the AWS API reference. Requests also list the members that
// change how a database behaves and that we do not have: settings.cc refuses those by name.
#include "shape/shape.h"

namespace surgetank::rds {

struct Tag {
  Opt<String> Key;
  Opt<String> Value;
};
SURGE_SHAPE(Tag, Key, Value)
struct Filter {
  String Name;
  List<String> Values;
};
SURGE_SHAPE(Filter, Name, Values)

// --- what a DB instance looks like -----------------------------------------------------------------------------------

struct Endpoint {
  Opt<String> Address;
  Opt<Integer> Port;
  Opt<String> HostedZoneId;
};
SURGE_SHAPE(Endpoint, Address, Port, HostedZoneId)
struct VpcSecurityGroupMembership {
  String VpcSecurityGroupId;
  String Status;
};
SURGE_SHAPE(VpcSecurityGroupMembership, VpcSecurityGroupId, Status)
struct DBSubnetGroup {
  String DBSubnetGroupName;
  String SubnetGroupStatus;
};
SURGE_SHAPE(DBSubnetGroup, DBSubnetGroupName, SubnetGroupStatus)
struct DBParameterGroupStatus {
  String DBParameterGroupName;
  String ParameterApplyStatus;
};
SURGE_SHAPE(DBParameterGroupStatus, DBParameterGroupName, ParameterApplyStatus)
struct OptionGroupMembership {
  String OptionGroupName;
  String Status;
};
SURGE_SHAPE(OptionGroupMembership, OptionGroupName, Status)
struct PendingModifiedValues {
  Opt<String> DBInstanceClass;
};
SURGE_SHAPE(PendingModifiedValues, DBInstanceClass)
struct DBInstanceStatusInfo {
  String StatusType;
  bool Normal = true;
  String Status;
  String Message;
};
SURGE_SHAPE(DBInstanceStatusInfo, StatusType, Normal, Status, Message)

struct DBInstance {
  String DBInstanceIdentifier;
  String DBInstanceClass;
  String Engine;
  String DBInstanceStatus;
  String MasterUsername;
  Opt<String> DBName;
  Opt<rds::Endpoint> Endpoint;
  Integer AllocatedStorage = 0;
  Instant InstanceCreateTime;
  String PreferredBackupWindow;
  Integer BackupRetentionPeriod = 1;
  Opt<List<String>> DBSecurityGroups;
  Opt<List<VpcSecurityGroupMembership>> VpcSecurityGroups;
  Opt<List<DBParameterGroupStatus>> DBParameterGroups;
  Opt<String> AvailabilityZone;
  Opt<rds::DBSubnetGroup> DBSubnetGroup;
  String PreferredMaintenanceWindow;
  rds::PendingModifiedValues PendingModifiedValues;
  bool MultiAZ = false;
  String EngineVersion;
  bool AutoMinorVersionUpgrade = true;
  Opt<List<String>> ReadReplicaDBInstanceIdentifiers;
  String LicenseModel;
  Opt<Integer> Iops;
  Opt<List<OptionGroupMembership>> OptionGroupMemberships;
  bool PubliclyAccessible = false;
  List<DBInstanceStatusInfo> StatusInfos;
  String StorageType;
  Integer DbInstancePort = 0;
  bool StorageEncrypted = false;
  Opt<String> KmsKeyId;
  String DbiResourceId;
  String CACertificateIdentifier;
  Opt<List<String>> DomainMemberships;
  bool CopyTagsToSnapshot = false;
  Integer MonitoringInterval = 0;
  Opt<String> MonitoringRoleArn;
  Opt<Integer> PromotionTier;
  String DBInstanceArn;
  bool IAMDatabaseAuthenticationEnabled = false;
  bool PerformanceInsightsEnabled = false;
  Opt<String> PerformanceInsightsKMSKeyId;
  Opt<Integer> PerformanceInsightsRetentionPeriod;
  Opt<List<String>> EnabledCloudwatchLogsExports;
  bool DeletionProtection = false;
  Opt<List<String>> AssociatedRoles;
  Opt<Integer> MaxAllocatedStorage;
  Opt<List<Tag>> TagList;
  bool CustomerOwnedIpEnabled = false;
  String BackupTarget;
  String NetworkType;
  Opt<Integer> StorageThroughput;
};
SURGE_SHAPE(DBInstance, DBInstanceIdentifier, DBInstanceClass, Engine, DBInstanceStatus, MasterUsername, DBName, Endpoint, AllocatedStorage,
            InstanceCreateTime, PreferredBackupWindow, BackupRetentionPeriod, DBSecurityGroups, VpcSecurityGroups, DBParameterGroups,
            AvailabilityZone, DBSubnetGroup, PreferredMaintenanceWindow, PendingModifiedValues, MultiAZ, EngineVersion,
            AutoMinorVersionUpgrade, ReadReplicaDBInstanceIdentifiers, LicenseModel, Iops, OptionGroupMemberships, PubliclyAccessible,
            StatusInfos, StorageType, DbInstancePort, StorageEncrypted, KmsKeyId, DbiResourceId, CACertificateIdentifier, DomainMemberships,
            CopyTagsToSnapshot, MonitoringInterval, MonitoringRoleArn, PromotionTier, DBInstanceArn, IAMDatabaseAuthenticationEnabled,
            PerformanceInsightsEnabled, PerformanceInsightsKMSKeyId, PerformanceInsightsRetentionPeriod, EnabledCloudwatchLogsExports,
            DeletionProtection, AssociatedRoles, MaxAllocatedStorage, TagList, CustomerOwnedIpEnabled, BackupTarget, NetworkType,
            StorageThroughput)
SURGE_BINDINGS(DBInstance, {.member = "VpcSecurityGroups", .item_name = "VpcSecurityGroupMembership"},
               {.member = "DBParameterGroups", .item_name = "DBParameterGroup"},
               {.member = "OptionGroupMemberships", .item_name = "OptionGroupMembership"},
               {.member = "StatusInfos", .item_name = "DBInstanceStatusInfo"}, {.member = "TagList", .item_name = "Tag"})

struct DBInstanceResult {
  rds::DBInstance DBInstance;
};
SURGE_SHAPE(DBInstanceResult, DBInstance)

// --- requests --------------------------------------------------------------------------------------------------------

struct ProcessorFeature {
  Opt<String> Name;
  Opt<String> Value;
};
SURGE_SHAPE(ProcessorFeature, Name, Value)

struct CreateDBInstanceMessage {
  String DBInstanceIdentifier;
  String DBInstanceClass;
  String Engine;
  Opt<String> DBName;
  Opt<Integer> AllocatedStorage;
  Opt<String> MasterUsername;
  Opt<String> MasterUserPassword;
  List<String> DBSecurityGroups;
  List<String> VpcSecurityGroupIds;
  Opt<String> AvailabilityZone;
  Opt<String> DBSubnetGroupName;
  Opt<String> PreferredMaintenanceWindow;
  Opt<String> DBParameterGroupName;
  Opt<Integer> BackupRetentionPeriod;
  Opt<String> PreferredBackupWindow;
  Opt<Integer> Port;
  Opt<bool> MultiAZ;
  Opt<String> EngineVersion;
  Opt<bool> AutoMinorVersionUpgrade;
  Opt<String> LicenseModel;
  Opt<Integer> Iops;
  Opt<String> OptionGroupName;
  Opt<String> CharacterSetName;
  Opt<String> NcharCharacterSetName;
  Opt<bool> PubliclyAccessible;
  List<Tag> Tags;
  Opt<String> DBClusterIdentifier;
  Opt<String> StorageType;
  Opt<String> TdeCredentialArn;
  Opt<String> TdeCredentialPassword;
  Opt<bool> StorageEncrypted;
  Opt<String> KmsKeyId;
  Opt<String> Domain;
  Opt<String> DomainFqdn;
  Opt<String> DomainOu;
  Opt<String> DomainAuthSecretArn;
  List<String> DomainDnsIps;
  Opt<bool> CopyTagsToSnapshot;
  Opt<Integer> MonitoringInterval;
  Opt<String> MonitoringRoleArn;
  Opt<String> DomainIAMRoleName;
  Opt<Integer> PromotionTier;
  Opt<String> Timezone;
  Opt<bool> EnableIAMDatabaseAuthentication;
  Opt<String> DatabaseInsightsMode;
  Opt<bool> EnablePerformanceInsights;
  Opt<String> PerformanceInsightsKMSKeyId;
  Opt<Integer> PerformanceInsightsRetentionPeriod;
  List<String> EnableCloudwatchLogsExports;
  List<ProcessorFeature> ProcessorFeatures;
  Opt<bool> DeletionProtection;
  Opt<Integer> MaxAllocatedStorage;
  Opt<bool> EnableCustomerOwnedIp;
  Opt<String> CustomIamInstanceProfile;
  Opt<String> BackupTarget;
  Opt<String> NetworkType;
  Opt<Integer> StorageThroughput;
  Opt<bool> ManageMasterUserPassword;
  Opt<String> MasterUserSecretKmsKeyId;
  Opt<String> CACertificateIdentifier;
  Opt<String> DBSystemId;
  Opt<bool> DedicatedLogVolume;
  Opt<bool> MultiTenant;
  Opt<String> EngineLifecycleSupport;
};
SURGE_SHAPE(CreateDBInstanceMessage, DBInstanceIdentifier, DBInstanceClass, Engine, DBName, AllocatedStorage, MasterUsername,
            MasterUserPassword, DBSecurityGroups, VpcSecurityGroupIds, AvailabilityZone, DBSubnetGroupName, PreferredMaintenanceWindow,
            DBParameterGroupName, BackupRetentionPeriod, PreferredBackupWindow, Port, MultiAZ, EngineVersion, AutoMinorVersionUpgrade,
            LicenseModel, Iops, OptionGroupName, CharacterSetName, NcharCharacterSetName, PubliclyAccessible, Tags, DBClusterIdentifier,
            StorageType, TdeCredentialArn, TdeCredentialPassword, StorageEncrypted, KmsKeyId, Domain, DomainFqdn, DomainOu,
            DomainAuthSecretArn, DomainDnsIps, CopyTagsToSnapshot, MonitoringInterval, MonitoringRoleArn, DomainIAMRoleName, PromotionTier,
            Timezone, EnableIAMDatabaseAuthentication, DatabaseInsightsMode, EnablePerformanceInsights, PerformanceInsightsKMSKeyId,
            PerformanceInsightsRetentionPeriod, EnableCloudwatchLogsExports, ProcessorFeatures, DeletionProtection, MaxAllocatedStorage,
            EnableCustomerOwnedIp, CustomIamInstanceProfile, BackupTarget, NetworkType, StorageThroughput, ManageMasterUserPassword,
            MasterUserSecretKmsKeyId, CACertificateIdentifier, DBSystemId, DedicatedLogVolume, MultiTenant, EngineLifecycleSupport)
SURGE_BINDINGS(CreateDBInstanceMessage, {.member = "MasterUserPassword", .sensitivity = Sensitivity::Sensitive},
               {.member = "TdeCredentialPassword", .sensitivity = Sensitivity::Sensitive})

struct CloudwatchLogsExportConfiguration {
  List<String> EnableLogTypes;
  List<String> DisableLogTypes;
};
SURGE_SHAPE(CloudwatchLogsExportConfiguration, EnableLogTypes, DisableLogTypes)

struct ModifyDBInstanceMessage {
  String DBInstanceIdentifier;
  Opt<Integer> AllocatedStorage;
  Opt<String> DBInstanceClass;
  Opt<String> DBSubnetGroupName;
  List<String> DBSecurityGroups;
  List<String> VpcSecurityGroupIds;
  Opt<bool> ApplyImmediately;
  Opt<String> MasterUserPassword;
  Opt<String> DBParameterGroupName;
  Opt<Integer> BackupRetentionPeriod;
  Opt<String> PreferredBackupWindow;
  Opt<String> PreferredMaintenanceWindow;
  Opt<bool> MultiAZ;
  Opt<String> EngineVersion;
  Opt<bool> AllowMajorVersionUpgrade;
  Opt<bool> AutoMinorVersionUpgrade;
  Opt<String> LicenseModel;
  Opt<Integer> Iops;
  Opt<String> OptionGroupName;
  Opt<String> NewDBInstanceIdentifier;
  Opt<String> StorageType;
  Opt<String> TdeCredentialArn;
  Opt<String> TdeCredentialPassword;
  Opt<String> CACertificateIdentifier;
  Opt<String> Domain;
  Opt<bool> DisableDomain;
  Opt<bool> CopyTagsToSnapshot;
  Opt<Integer> MonitoringInterval;
  Opt<Integer> DBPortNumber;
  Opt<bool> PubliclyAccessible;
  Opt<String> MonitoringRoleArn;
  Opt<String> DomainIAMRoleName;
  Opt<Integer> PromotionTier;
  Opt<bool> EnableIAMDatabaseAuthentication;
  Opt<bool> EnablePerformanceInsights;
  Opt<String> PerformanceInsightsKMSKeyId;
  Opt<Integer> PerformanceInsightsRetentionPeriod;
  Opt<rds::CloudwatchLogsExportConfiguration> CloudwatchLogsExportConfiguration;
  List<ProcessorFeature> ProcessorFeatures;
  Opt<bool> UseDefaultProcessorFeatures;
  Opt<bool> DeletionProtection;
  Opt<Integer> MaxAllocatedStorage;
  Opt<bool> CertificateRotationRestart;
  Opt<String> ReplicaMode;
  Opt<bool> EnableCustomerOwnedIp;
  Opt<String> AutomationMode;
  Opt<String> NetworkType;
  Opt<Integer> StorageThroughput;
  Opt<bool> ManageMasterUserPassword;
  Opt<bool> RotateMasterUserPassword;
  Opt<String> MasterUserSecretKmsKeyId;
};
SURGE_SHAPE(ModifyDBInstanceMessage, DBInstanceIdentifier, AllocatedStorage, DBInstanceClass, DBSubnetGroupName, DBSecurityGroups,
            VpcSecurityGroupIds, ApplyImmediately, MasterUserPassword, DBParameterGroupName, BackupRetentionPeriod, PreferredBackupWindow,
            PreferredMaintenanceWindow, MultiAZ, EngineVersion, AllowMajorVersionUpgrade, AutoMinorVersionUpgrade, LicenseModel, Iops,
            OptionGroupName, NewDBInstanceIdentifier, StorageType, TdeCredentialArn, TdeCredentialPassword, CACertificateIdentifier, Domain,
            DisableDomain, CopyTagsToSnapshot, MonitoringInterval, DBPortNumber, PubliclyAccessible, MonitoringRoleArn, DomainIAMRoleName,
            PromotionTier, EnableIAMDatabaseAuthentication, EnablePerformanceInsights, PerformanceInsightsKMSKeyId,
            PerformanceInsightsRetentionPeriod, CloudwatchLogsExportConfiguration, ProcessorFeatures, UseDefaultProcessorFeatures,
            DeletionProtection, MaxAllocatedStorage, CertificateRotationRestart, ReplicaMode, EnableCustomerOwnedIp, AutomationMode,
            NetworkType, StorageThroughput, ManageMasterUserPassword, RotateMasterUserPassword, MasterUserSecretKmsKeyId)
SURGE_BINDINGS(ModifyDBInstanceMessage, {.member = "MasterUserPassword", .sensitivity = Sensitivity::Sensitive},
               {.member = "TdeCredentialPassword", .sensitivity = Sensitivity::Sensitive})

struct DeleteDBInstanceMessage {
  String DBInstanceIdentifier;
  Opt<bool> SkipFinalSnapshot;
  Opt<String> FinalDBSnapshotIdentifier;
  Opt<bool> DeleteAutomatedBackups;
};
SURGE_SHAPE(DeleteDBInstanceMessage, DBInstanceIdentifier, SkipFinalSnapshot, FinalDBSnapshotIdentifier, DeleteAutomatedBackups)

struct DescribeDBInstancesMessage {
  Opt<String> DBInstanceIdentifier;
  List<Filter> Filters;
  Opt<Integer> MaxRecords;
  Opt<String> Marker;
};
SURGE_SHAPE(DescribeDBInstancesMessage, DBInstanceIdentifier, Filters, MaxRecords, Marker)
struct DBInstanceMessage {
  Opt<String> Marker;
  Opt<List<DBInstance>> DBInstances;
};
SURGE_SHAPE(DBInstanceMessage, Marker, DBInstances)
SURGE_BINDINGS(DBInstanceMessage, {.member = "DBInstances", .item_name = "DBInstance"})

struct StartDBInstanceMessage {
  String DBInstanceIdentifier;
};
SURGE_SHAPE(StartDBInstanceMessage, DBInstanceIdentifier)
struct StopDBInstanceMessage {
  String DBInstanceIdentifier;
  Opt<String> DBSnapshotIdentifier;
};
SURGE_SHAPE(StopDBInstanceMessage, DBInstanceIdentifier, DBSnapshotIdentifier)
struct RebootDBInstanceMessage {
  String DBInstanceIdentifier;
  Opt<bool> ForceFailover;
};
SURGE_SHAPE(RebootDBInstanceMessage, DBInstanceIdentifier, ForceFailover)

struct AddTagsToResourceMessage {
  String ResourceName;
  List<Tag> Tags;
};
SURGE_SHAPE(AddTagsToResourceMessage, ResourceName, Tags)
struct RemoveTagsFromResourceMessage {
  String ResourceName;
  List<String> TagKeys;
};
SURGE_SHAPE(RemoveTagsFromResourceMessage, ResourceName, TagKeys)
struct ListTagsForResourceMessage {
  String ResourceName;
  List<Filter> Filters;
};
SURGE_SHAPE(ListTagsForResourceMessage, ResourceName, Filters)
struct TagListMessage {
  Opt<List<Tag>> TagList;
};
SURGE_SHAPE(TagListMessage, TagList)
SURGE_BINDINGS(TagListMessage, {.member = "TagList", .item_name = "Tag"})

// --- internal --------------------------------------------------------------------------------------------------------

// What the database host answered. `generation` tells which order it answers: an answer to an older one is dropped.
struct RecordStatusRequest {
  String DBInstanceIdentifier;
  String resource_id;
  Integer generation = 0;
  bool running = false;
  String failure;
  String address;
  Integer port = 0;
  String engine_version;
};
SURGE_SHAPE(RecordStatusRequest, DBInstanceIdentifier, resource_id, generation, running, failure, address, port, engine_version)
struct InstanceOrder {
  String DBInstanceIdentifier;
  String resource_id;
  Integer generation = 0;
};
SURGE_SHAPE(InstanceOrder, DBInstanceIdentifier, resource_id, generation)

// --- stored ----------------------------------------------------------------------------------------------------------

// `instance` is what clients see; the rest is ours.
struct InstanceRecord {
  String account;
  String region;
  DBInstance instance;
  String engine_version_wanted;  // "15" or "15.4"; the host runs its newest of that major version
  Integer port_wanted = 0;
  Blob sealed_password;    // by the vault, for the instance's ARN and resource id
  Integer generation = 0;  // of the newest order to the database host
};
SURGE_SHAPE(InstanceRecord, account, region, instance, engine_version_wanted, port_wanted, sealed_password, generation)

}  // namespace surgetank::rds
