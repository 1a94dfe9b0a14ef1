#include "stack/schema_tables.h"

namespace surgetank::stack {
namespace {

using enum PropertyType;
using enum Need;
using enum Change;
constexpr Support none = Support::No;

constexpr PropertySchema cors_members[] = {{"AllowCredentials", Boolean}, {"AllowHeaders", TextList},  {"AllowMethods", TextList},
                                           {"AllowOrigins", TextList},    {"ExposeHeaders", TextList}, {"MaxAge", Integer}};
constexpr PropertySchema api_properties[] = {
    {"ApiKeySelectionExpression", Text, Optional, InPlace, none},
    {"BasePath", Text, Optional, InPlace, none},
    {"Body", Json, Optional, InPlace, none},
    {"BodyS3Location", Json, Optional, InPlace, none},
    {"CorsConfiguration", Object, Optional, InPlace, Support::Yes, cors_members},
    {"CredentialsArn", Text, Optional, InPlace, none},
    {"Description"},
    {"DisableExecuteApiEndpoint", Boolean},
    {"DisableSchemaValidation", Boolean, Optional, InPlace, none},
    {"FailOnWarnings", Boolean, Optional, InPlace, none},
    {"IpAddressType", Text, Optional, InPlace, none},
    {"Name", Text, Required},
    {"ProtocolType", Text, Required, Replace},
    {"RouteKey", Text, Optional, Replace},
    {"RouteSelectionExpression", Text, Optional, Replace},
    {"Tags", TextMap},
    {"Target", Text, Optional, Replace},
    {"Version"},
};
constexpr std::string_view api_attributes[] = {"ApiEndpoint", "ApiId"};

constexpr PropertySchema integration_properties[] = {
    {"ApiId", Text, Required, Replace},
    {"ConnectionId", Text, Optional, InPlace, none},
    {"ConnectionType"},
    {"ContentHandlingStrategy", Text, Optional, InPlace, none},
    {"CredentialsArn", Text, Optional, InPlace, none},
    {"Description"},
    {"IntegrationMethod"},
    {"IntegrationSubtype", Text, Optional, InPlace, none},
    {"IntegrationType", Text, Required, Replace},
    {"IntegrationUri"},
    {"PassthroughBehavior", Text, Optional, InPlace, none},
    {"PayloadFormatVersion"},
    {"RequestParameters", TextMap},
    {"RequestTemplates", Json, Optional, InPlace, none},
    {"ResponseParameters", Json, Optional, InPlace, none},
    {"TemplateSelectionExpression", Text, Optional, InPlace, none},
    {"TimeoutInMillis", Integer},
    {"TlsConfig", Json, Optional, InPlace, none},
};
constexpr std::string_view integration_attributes[] = {"IntegrationId"};

constexpr PropertySchema route_properties[] = {
    {"ApiId", Text, Required, Replace},
    {"ApiKeyRequired", Boolean, Optional, InPlace, none},
    {"AuthorizationScopes", TextList, Optional, InPlace, none},
    {"AuthorizationType"},
    {"AuthorizerId", Text, Optional, InPlace, none},
    {"ModelSelectionExpression", Text, Optional, InPlace, none},
    {"OperationName"},
    {"RequestModels", Json, Optional, InPlace, none},
    {"RequestParameters", Json, Optional, InPlace, none},
    {"RouteKey", Text, Required},
    {"RouteResponseSelectionExpression", Text, Optional, InPlace, none},
    {"Target"},
};
constexpr std::string_view route_attributes[] = {"RouteId"};

constexpr PropertySchema settings_members[] = {{"DataTraceEnabled", Boolean},
                                               {"DetailedMetricsEnabled", Boolean},
                                               {"LoggingLevel"},
                                               {"ThrottlingBurstLimit", Integer},
                                               {"ThrottlingRateLimit", Number}};
constexpr PropertySchema stage_properties[] = {
    {"AccessLogSettings", Json, Optional, InPlace, none},
    {"AccessPolicyId", Text, Optional, InPlace, none},
    {"ApiId", Text, Required, Replace},
    {"AutoDeploy", Boolean},
    {"ClientCertificateId", Text, Optional, InPlace, none},
    {"DefaultRouteSettings", Object, Optional, InPlace, Support::Yes, settings_members},
    {"DeploymentId"},
    {"Description"},
    {"RouteSettings", ObjectMap, Optional, InPlace, Support::Yes, settings_members},
    {"StageName", Text, Required, Replace},
    {"StageVariables", TextMap},
    {"Tags", TextMap},
};
constexpr PropertySchema deployment_properties[] = {
    {"ApiId", Text, Required, Replace}, {"Description"}, {"StageName", Text, Optional, Replace}};
constexpr std::string_view deployment_attributes[] = {"DeploymentId"};

constexpr ResourceSchema schemas[] = {
    {"AWS::ApiGatewayV2::Api", api_properties, api_attributes},
    {"AWS::ApiGatewayV2::Deployment", deployment_properties, deployment_attributes},
    {"AWS::ApiGatewayV2::Integration", integration_properties, integration_attributes},
    {"AWS::ApiGatewayV2::Route", route_properties, route_attributes},
    {"AWS::ApiGatewayV2::Stage", stage_properties, {}},
};

}  // namespace

std::span<const ResourceSchema> apigateway_schemas() { return schemas; }

}  // namespace surgetank::stack
