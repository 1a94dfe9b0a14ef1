#include "stack/schema_tables.h"

namespace surgetank::stack {
namespace {

using enum PropertyType;
using enum Need;
using enum Change;
constexpr Support none = Support::No;

constexpr PropertySchema tag_members[] = {{"Key", Text, Required}, {"Value", Text, Required}};

constexpr PropertySchema generate_members[] = {
    {"ExcludeCharacters"},           {"ExcludeLowercase", Boolean}, {"ExcludeNumbers", Boolean},
    {"ExcludePunctuation", Boolean}, {"ExcludeUppercase", Boolean}, {"GenerateStringKey"},
    {"IncludeSpace", Boolean},       {"PasswordLength", Integer},   {"RequireEachIncludedType", Boolean},
    {"SecretStringTemplate"}};
constexpr PropertySchema secret_properties[] = {
    {"Description"},
    {"GenerateSecretString", Object, Optional, InPlace, Support::Yes, generate_members},
    {"KmsKeyId"},
    {"Name", Text, Optional, Replace},
    {"ReplicaRegions", Json, Optional, InPlace, none},
    {"SecretString"},
    {"Tags", ObjectList, Optional, InPlace, Support::Yes, tag_members},
    {"Type", Text, Optional, Replace, none},
};
constexpr std::string_view secret_attributes[] = {"Id"};
constexpr PropertySchema attachment_properties[] = {
    {"SecretId", Text, Required, Replace}, {"TargetId", Text, Required}, {"TargetType", Text, Required}};
constexpr std::string_view attachment_attributes[] = {"Id"};

constexpr PropertySchema database_properties[] = {
    {"AllocatedStorage"},
    {"AllowMajorVersionUpgrade", Boolean},
    {"ApplyImmediately", Boolean},
    {"AssociatedRoles", Json, Optional, InPlace, none},
    {"AutoMinorVersionUpgrade", Boolean},
    {"AvailabilityZone", Text, Optional, Replace},
    {"BackupRetentionPeriod", Integer},
    {"CACertificateIdentifier"},
    {"CharacterSetName", Text, Optional, Replace, none},
    {"CopyTagsToSnapshot", Boolean},
    {"DBClusterIdentifier", Text, Optional, Replace, none},
    {"DBClusterSnapshotIdentifier", Text, Optional, Replace, none},
    {"DBInstanceClass", Text, Required},
    {"DBInstanceIdentifier", Text, Optional, Replace},
    {"DBName", Text, Optional, Replace},
    {"DBParameterGroupName", Text, Optional, InPlace, none},
    {"DBSecurityGroups", TextList, Optional, InPlace, none},
    {"DBSnapshotIdentifier", Text, Optional, Replace, none},
    {"DBSubnetGroupName", Text, Optional, Replace},
    {"DeleteAutomatedBackups", Boolean},
    {"DeletionProtection", Boolean},
    {"Domain", Text, Optional, InPlace, none},
    {"EnableCloudwatchLogsExports", TextList},
    {"EnableIAMDatabaseAuthentication", Boolean, Optional, InPlace, Support::NotTrue},
    {"EnablePerformanceInsights", Boolean},
    {"Engine", Text, Required, Replace},
    {"EngineVersion"},
    {"Iops", Integer},
    {"KmsKeyId", Text, Optional, Replace},
    {"LicenseModel"},
    {"ManageMasterUserPassword", Boolean, Optional, InPlace, Support::NotTrue},
    {"MasterUserPassword"},
    {"MasterUserSecret", Json, Optional, InPlace, none},
    {"MasterUsername", Text, Optional, Replace},
    {"MaxAllocatedStorage", Integer},
    {"MonitoringInterval", Integer},
    {"MonitoringRoleArn"},
    {"MultiAZ", Boolean, Optional, InPlace, Support::NotTrue},
    {"NetworkType"},
    {"OptionGroupName", Text, Optional, InPlace, none},
    {"PerformanceInsightsKMSKeyId", Text, Optional, Replace},
    {"PerformanceInsightsRetentionPeriod", Integer},
    {"Port"},
    {"PreferredBackupWindow"},
    {"PreferredMaintenanceWindow"},
    {"PromotionTier", Integer},
    {"PubliclyAccessible", Boolean},
    {"SourceDBInstanceIdentifier", Text, Optional, InPlace, none},
    {"StorageEncrypted", Boolean, Optional, Replace},
    {"StorageThroughput", Integer},
    {"StorageType"},
    {"Tags", ObjectList, Optional, InPlace, Support::Yes, tag_members},
    {"Timezone", Text, Optional, Replace, none},
    {"UseLatestRestorableTime", Boolean, Optional, Replace, none},
    {"VPCSecurityGroups", TextList},
};
constexpr std::string_view database_attributes[] = {"DBInstanceArn",         "DBSystemId",   "DbiResourceId", "Endpoint.Address",
                                                    "Endpoint.HostedZoneId", "Endpoint.Port"};

constexpr PropertySchema log_group_properties[] = {
    {"DataProtectionPolicy", Json, Optional, InPlace, none},
    {"DeletionProtectionEnabled", Boolean, Optional, InPlace, none},
    {"FieldIndexPolicies", Json, Optional, InPlace, none},
    {"KmsKeyId", Text, Optional, InPlace, none},
    {"LogGroupClass", Text, Optional, Replace},
    {"LogGroupName", Text, Optional, Replace},
    {"ResourcePolicyDocument", Json, Optional, InPlace, none},
    {"RetentionInDays", Integer},
    {"Tags", ObjectList, Optional, InPlace, Support::Yes, tag_members},
};
constexpr std::string_view log_group_attributes[] = {"Arn"};

constexpr ResourceSchema schemas[] = {
    {"AWS::Logs::LogGroup", log_group_properties, log_group_attributes, "LogGroupName"},
    {"AWS::RDS::DBInstance", database_properties, database_attributes, "DBInstanceIdentifier"},
    {"AWS::SecretsManager::Secret", secret_properties, secret_attributes, "Name"},
    {"AWS::SecretsManager::SecretTargetAttachment", attachment_properties, attachment_attributes},
};

}  // namespace

std::span<const ResourceSchema> data_schemas() { return schemas; }

}  // namespace surgetank::stack
