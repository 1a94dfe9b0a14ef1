#include "stack/schema_tables.h"

namespace surgetank::stack {
namespace {

using enum PropertyType;
using enum Need;
using enum Change;
constexpr Support none = Support::No;

constexpr PropertySchema code_members[] = {{"ImageUri", Text, Optional, InPlace, none},
                                           {"LocalPath"},
                                           {"LocalHash"},
                                           {"LocalSize", Integer},
                                           {"S3Bucket", Text, Optional, InPlace, none},
                                           {"S3Key", Text, Optional, InPlace, none},
                                           {"S3ObjectVersion", Text, Optional, InPlace, none},
                                           {"SourceKMSKeyArn", Text, Optional, InPlace, none},
                                           {"ZipFile"}};
constexpr PropertySchema environment_members[] = {{"Variables", TextMap}};
constexpr PropertySchema ephemeral_members[] = {{"Size", Integer, Required}};
constexpr PropertySchema tracing_members[] = {{"Mode"}};
constexpr PropertySchema logging_members[] = {{"ApplicationLogLevel"}, {"LogFormat"}, {"LogGroup"}, {"SystemLogLevel"}};
constexpr PropertySchema dead_letter_members[] = {{"TargetArn"}};
constexpr PropertySchema tag_members[] = {{"Key", Text, Required}, {"Value"}};

constexpr PropertySchema function_properties[] = {
    {"Architectures", TextList},
    {"CapacityProviderConfig", Json, Optional, InPlace, none},
    {"Code", Object, Required, InPlace, Support::Yes, code_members},
    {"CodeSigningConfigArn", Text, Optional, InPlace, none},
    {"DeadLetterConfig", Object, Optional, InPlace, Support::Yes, dead_letter_members},
    {"Description"},
    {"DurableConfig", Json, Optional, InPlace, none},
    {"Environment", Object, Optional, InPlace, Support::Yes, environment_members},
    {"EphemeralStorage", Object, Optional, InPlace, Support::Yes, ephemeral_members},
    {"FileSystemConfigs", Json, Optional, InPlace, none},
    {"FunctionName", Text, Optional, Replace},
    {"FunctionScalingConfig", Json, Optional, InPlace, none},
    {"Handler"},
    {"ImageConfig", Json, Optional, InPlace, none},
    {"KmsKeyArn"},
    {"Layers", TextList, Optional, InPlace, none},
    {"LoggingConfig", Object, Optional, InPlace, Support::Yes, logging_members},
    {"MemorySize", Integer},
    {"PackageType", Text, Optional, Replace},
    {"PublishToLatestPublished", Boolean, Optional, InPlace, none},
    {"RecursiveLoop", Text, Optional, InPlace, none},
    {"ReservedConcurrentExecutions", Integer},
    {"Role", Text, Required},
    {"Runtime"},
    {"RuntimeManagementConfig", Json, Optional, InPlace, none},
    {"SnapStart", Json, Optional, InPlace, none},
    {"Tags", ObjectList, Optional, InPlace, Support::Yes, tag_members},
    {"TenancyConfig", Json, Optional, Replace, none},
    {"Timeout", Integer},
    {"TracingConfig", Object, Optional, InPlace, Support::Yes, tracing_members},
    {"VpcConfig", Json, Optional, InPlace, none},
};
constexpr std::string_view function_attributes[] = {"Arn"};

constexpr PropertySchema permission_properties[] = {
    {"Action", Text, Required, Replace},
    {"EventSourceToken", Text, Optional, Replace},
    {"FunctionName", Text, Required, Replace},
    {"FunctionUrlAuthType", Text, Optional, Replace, none},
    {"InvokedViaFunctionUrl", Boolean, Optional, Replace, none},
    {"Principal", Text, Required, Replace},
    {"PrincipalOrgID", Text, Optional, Replace},
    {"SourceAccount", Text, Optional, Replace},
    {"SourceArn", Text, Optional, Replace},
};
constexpr std::string_view permission_attributes[] = {"Id"};

constexpr PropertySchema destination_members[] = {{"Destination", Text, Required}};
constexpr PropertySchema destination_config_members[] = {{"OnFailure", Object, Optional, InPlace, Support::Yes, destination_members},
                                                         {"OnSuccess", Object, Optional, InPlace, Support::Yes, destination_members}};
constexpr PropertySchema event_invoke_properties[] = {
    {"DestinationConfig", Object, Optional, InPlace, Support::Yes, destination_config_members},
    {"FunctionName", Text, Required, Replace},
    {"MaximumEventAgeInSeconds", Integer},
    {"MaximumRetryAttempts", Integer},
    {"Qualifier", Text, Required, Replace},
};

constexpr PropertySchema provisioned_members[] = {{"ProvisionedConcurrentExecutions", Integer, Required}};
constexpr PropertySchema weight_members[] = {{"FunctionVersion", Text, Required}, {"FunctionWeight", Number, Required}};
constexpr PropertySchema routing_members[] = {{"AdditionalVersionWeights", ObjectList, Optional, InPlace, Support::Yes, weight_members}};
constexpr PropertySchema alias_properties[] = {
    {"Description"},
    {"FunctionName", Text, Required, Replace},
    {"FunctionVersion", Text, Required},
    {"Name", Text, Required, Replace},
    {"ProvisionedConcurrencyConfig", Object, Optional, InPlace, Support::Yes, provisioned_members},
    {"RoutingConfig", Object, Optional, InPlace, Support::Yes, routing_members},
};
constexpr std::string_view alias_attributes[] = {"AliasArn"};
// Code is ours: that of the function, so that other code is another version (AutoPublishAlias).
constexpr PropertySchema version_properties[] = {
    {"Code", Object, Optional, Replace, Support::Yes, code_members},
    {"CodeSha256", Text, Optional, Replace},
    {"Description", Text, Optional, Replace},
    {"FunctionName", Text, Required, Replace},
    {"FunctionScalingConfig", Json, Optional, InPlace, none},
    {"ProvisionedConcurrencyConfig", Object, Optional, Replace, Support::Yes, provisioned_members},
    {"RuntimePolicy", Json, Optional, Replace, none},
};
constexpr std::string_view version_attributes[] = {"FunctionArn", "Version"};

constexpr ResourceSchema schemas[] = {
    {"AWS::Lambda::Alias", alias_properties, alias_attributes},
    {"AWS::Lambda::EventInvokeConfig", event_invoke_properties, {}},
    {"AWS::Lambda::Function", function_properties, function_attributes, "FunctionName"},
    {"AWS::Lambda::Permission", permission_properties, permission_attributes},
    {"AWS::Lambda::Version", version_properties, version_attributes},
};

}  // namespace

std::span<const ResourceSchema> lambda_schemas() { return schemas; }

}  // namespace surgetank::stack
