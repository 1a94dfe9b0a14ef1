#pragma once
// Requests, replies and stored records of API Gateway v2; members as on the wire (lower camel case). Members of the AWS model that we
// do not support are listed too, as Documents, so that setting them is refused by name instead of being ignored (unsupported.h).
#include "shape/shape.h"

namespace surgetank::apigateway {

struct Cors {
  Opt<bool> allowCredentials;
  List<String> allowHeaders;
  List<String> allowMethods;
  List<String> allowOrigins;
  List<String> exposeHeaders;
  Opt<Integer> maxAge;
};
SURGE_SHAPE(Cors, allowCredentials, allowHeaders, allowMethods, allowOrigins, exposeHeaders, maxAge)

// --- APIs ------------------------------------------------------------------------------------------------------------

struct Api {
  Opt<String> apiEndpoint;
  Opt<String> apiId;
  Opt<String> apiKeySelectionExpression;
  Opt<Cors> corsConfiguration;
  Opt<Instant> createdDate;
  Opt<String> description;
  bool disableExecuteApiEndpoint = false;
  String name;
  String protocolType;
  Opt<String> routeSelectionExpression;
  Opt<Map<String>> tags;
  Opt<String> version;
};
SURGE_SHAPE(Api, apiEndpoint, apiId, apiKeySelectionExpression, corsConfiguration, createdDate, description, disableExecuteApiEndpoint,
            name, protocolType, routeSelectionExpression, tags, version)
SURGE_BINDINGS(Api, {.member = "createdDate", .timestamp_form = TimestampForm::Iso8601})

struct CreateApiRequest {
  Opt<String> apiKeySelectionExpression;
  Opt<Cors> corsConfiguration;
  Opt<String> credentialsArn;
  Opt<String> description;
  Opt<bool> disableExecuteApiEndpoint;
  Opt<bool> disableSchemaValidation;
  String name;
  String protocolType;
  Opt<String> routeKey;
  Opt<String> routeSelectionExpression;
  Map<String> tags;
  Opt<String> target;
  Opt<String> version;
};
SURGE_SHAPE(CreateApiRequest, apiKeySelectionExpression, corsConfiguration, credentialsArn, description, disableExecuteApiEndpoint,
            disableSchemaValidation, name, protocolType, routeKey, routeSelectionExpression, tags, target, version)

struct UpdateApiRequest {
  String apiId;
  Opt<String> apiKeySelectionExpression;
  Opt<Cors> corsConfiguration;
  Opt<String> credentialsArn;
  Opt<String> description;
  Opt<bool> disableExecuteApiEndpoint;
  Opt<bool> disableSchemaValidation;
  Opt<String> name;
  Opt<String> routeKey;
  Opt<String> routeSelectionExpression;
  Opt<String> target;
  Opt<String> version;
};
SURGE_SHAPE(UpdateApiRequest, apiId, apiKeySelectionExpression, corsConfiguration, credentialsArn, description, disableExecuteApiEndpoint,
            disableSchemaValidation, name, routeKey, routeSelectionExpression, target, version)
SURGE_BINDINGS(UpdateApiRequest, {.member = "apiId", .location = Location::Label})

struct ApiIdRequest {
  String apiId;
};
SURGE_SHAPE(ApiIdRequest, apiId)
SURGE_BINDINGS(ApiIdRequest, {.member = "apiId", .location = Location::Label})

struct PageRequest {
  Opt<String> maxResults;
  Opt<String> nextToken;
};
SURGE_SHAPE(PageRequest, maxResults, nextToken)
SURGE_BINDINGS(PageRequest, {.member = "maxResults", .location = Location::Query}, {.member = "nextToken", .location = Location::Query})
struct ApiPageRequest {
  String apiId;
  Opt<String> maxResults;
  Opt<String> nextToken;
};
SURGE_SHAPE(ApiPageRequest, apiId, maxResults, nextToken)
SURGE_BINDINGS(ApiPageRequest, {.member = "apiId", .location = Location::Label}, {.member = "maxResults", .location = Location::Query},
               {.member = "nextToken", .location = Location::Query})
struct GetApisResponse {
  Opt<List<Api>> items;
  Opt<String> nextToken;
};
SURGE_SHAPE(GetApisResponse, items, nextToken)

// --- routes ----------------------------------------------------------------------------------------------------------

struct Route {
  bool apiGatewayManaged = false;
  bool apiKeyRequired = false;
  Opt<String> authorizationType;
  Opt<String> operationName;
  Opt<String> routeId;
  String routeKey;
  Opt<String> target;
};
SURGE_SHAPE(Route, apiGatewayManaged, apiKeyRequired, authorizationType, operationName, routeId, routeKey, target)

struct CreateRouteRequest {
  String apiId;
  Opt<bool> apiKeyRequired;
  List<String> authorizationScopes;
  Opt<String> authorizationType;
  Opt<String> authorizerId;
  Opt<String> modelSelectionExpression;
  Opt<String> operationName;
  Opt<Document> requestModels;
  Opt<Document> requestParameters;
  String routeKey;
  Opt<String> routeResponseSelectionExpression;
  Opt<String> target;
};
SURGE_SHAPE(CreateRouteRequest, apiId, apiKeyRequired, authorizationScopes, authorizationType, authorizerId, modelSelectionExpression,
            operationName, requestModels, requestParameters, routeKey, routeResponseSelectionExpression, target)
SURGE_BINDINGS(CreateRouteRequest, {.member = "apiId", .location = Location::Label})

struct UpdateRouteRequest {
  String apiId;
  String routeId;
  Opt<bool> apiKeyRequired;
  List<String> authorizationScopes;
  Opt<String> authorizationType;
  Opt<String> authorizerId;
  Opt<String> modelSelectionExpression;
  Opt<String> operationName;
  Opt<Document> requestModels;
  Opt<Document> requestParameters;
  Opt<String> routeKey;
  Opt<String> routeResponseSelectionExpression;
  Opt<String> target;
};
SURGE_SHAPE(UpdateRouteRequest, apiId, routeId, apiKeyRequired, authorizationScopes, authorizationType, authorizerId,
            modelSelectionExpression, operationName, requestModels, requestParameters, routeKey, routeResponseSelectionExpression, target)
SURGE_BINDINGS(UpdateRouteRequest, {.member = "apiId", .location = Location::Label}, {.member = "routeId", .location = Location::Label})

struct RouteIdRequest {
  String apiId;
  String routeId;
};
SURGE_SHAPE(RouteIdRequest, apiId, routeId)
SURGE_BINDINGS(RouteIdRequest, {.member = "apiId", .location = Location::Label}, {.member = "routeId", .location = Location::Label})
struct GetRoutesResponse {
  Opt<List<Route>> items;
  Opt<String> nextToken;
};
SURGE_SHAPE(GetRoutesResponse, items, nextToken)

// --- integrations ----------------------------------------------------------------------------------------------------

struct TlsConfig {
  Opt<String> serverNameToVerify;
};
SURGE_SHAPE(TlsConfig, serverNameToVerify)

struct Integration {
  bool apiGatewayManaged = false;
  Opt<String> connectionType;
  Opt<String> credentialsArn;
  Opt<String> description;
  Opt<String> integrationId;
  Opt<String> integrationMethod;
  Opt<String> integrationType;
  Opt<String> integrationUri;
  Opt<String> payloadFormatVersion;
  Map<String> requestParameters;
  Map<Map<String>> responseParameters;
  Integer timeoutInMillis = 30'000;
};
SURGE_SHAPE(Integration, apiGatewayManaged, connectionType, credentialsArn, description, integrationId, integrationMethod, integrationType,
            integrationUri, payloadFormatVersion, requestParameters, responseParameters, timeoutInMillis)

struct CreateIntegrationRequest {
  String apiId;
  Opt<String> connectionId;
  Opt<String> connectionType;
  Opt<String> contentHandlingStrategy;
  Opt<String> credentialsArn;
  Opt<String> description;
  Opt<String> integrationMethod;
  Opt<String> integrationSubtype;
  String integrationType;
  Opt<String> integrationUri;
  Opt<String> passthroughBehavior;
  Opt<String> payloadFormatVersion;
  Map<String> requestParameters;
  Opt<Document> requestTemplates;
  Map<Map<String>> responseParameters;
  Opt<String> templateSelectionExpression;
  Opt<Integer> timeoutInMillis;
  Opt<TlsConfig> tlsConfig;
};
SURGE_SHAPE(CreateIntegrationRequest, apiId, connectionId, connectionType, contentHandlingStrategy, credentialsArn, description,
            integrationMethod, integrationSubtype, integrationType, integrationUri, passthroughBehavior, payloadFormatVersion,
            requestParameters, requestTemplates, responseParameters, templateSelectionExpression, timeoutInMillis, tlsConfig)
SURGE_BINDINGS(CreateIntegrationRequest, {.member = "apiId", .location = Location::Label})

struct UpdateIntegrationRequest {
  String apiId;
  String integrationId;
  Opt<String> connectionId;
  Opt<String> connectionType;
  Opt<String> contentHandlingStrategy;
  Opt<String> credentialsArn;
  Opt<String> description;
  Opt<String> integrationMethod;
  Opt<String> integrationSubtype;
  Opt<String> integrationType;
  Opt<String> integrationUri;
  Opt<String> passthroughBehavior;
  Opt<String> payloadFormatVersion;
  Map<String> requestParameters;
  Opt<Document> requestTemplates;
  Map<Map<String>> responseParameters;
  Opt<String> templateSelectionExpression;
  Opt<Integer> timeoutInMillis;
  Opt<TlsConfig> tlsConfig;
};
SURGE_SHAPE(UpdateIntegrationRequest, apiId, integrationId, connectionId, connectionType, contentHandlingStrategy, credentialsArn,
            description, integrationMethod, integrationSubtype, integrationType, integrationUri, passthroughBehavior, payloadFormatVersion,
            requestParameters, requestTemplates, responseParameters, templateSelectionExpression, timeoutInMillis, tlsConfig)
SURGE_BINDINGS(UpdateIntegrationRequest, {.member = "apiId", .location = Location::Label},
               {.member = "integrationId", .location = Location::Label})

struct IntegrationIdRequest {
  String apiId;
  String integrationId;
};
SURGE_SHAPE(IntegrationIdRequest, apiId, integrationId)
SURGE_BINDINGS(IntegrationIdRequest, {.member = "apiId", .location = Location::Label},
               {.member = "integrationId", .location = Location::Label})
struct GetIntegrationsResponse {
  Opt<List<Integration>> items;
  Opt<String> nextToken;
};
SURGE_SHAPE(GetIntegrationsResponse, items, nextToken)

// --- stages and deployments ------------------------------------------------------------------------------------------

struct RouteSettings {
  Opt<bool> dataTraceEnabled;
  Opt<bool> detailedMetricsEnabled;
  Opt<String> loggingLevel;
  Opt<Integer> throttlingBurstLimit;
  Opt<double> throttlingRateLimit;
};
SURGE_SHAPE(RouteSettings, dataTraceEnabled, detailedMetricsEnabled, loggingLevel, throttlingBurstLimit, throttlingRateLimit)

struct Stage {
  bool apiGatewayManaged = false;
  bool autoDeploy = false;
  Opt<Instant> createdDate;
  Opt<RouteSettings> defaultRouteSettings;
  Opt<String> deploymentId;
  Opt<String> description;
  Opt<String> lastDeploymentStatusMessage;
  Opt<Instant> lastUpdatedDate;
  Opt<Map<RouteSettings>> routeSettings;
  String stageName;
  Opt<Map<String>> stageVariables;
  Opt<Map<String>> tags;
};
SURGE_SHAPE(Stage, apiGatewayManaged, autoDeploy, createdDate, defaultRouteSettings, deploymentId, description, lastDeploymentStatusMessage,
            lastUpdatedDate, routeSettings, stageName, stageVariables, tags)
SURGE_BINDINGS(Stage, {.member = "createdDate", .timestamp_form = TimestampForm::Iso8601},
               {.member = "lastUpdatedDate", .timestamp_form = TimestampForm::Iso8601})

struct CreateStageRequest {
  String apiId;
  Opt<Document> accessLogSettings;
  Opt<bool> autoDeploy;
  Opt<String> clientCertificateId;
  Opt<RouteSettings> defaultRouteSettings;
  Opt<String> deploymentId;
  Opt<String> description;
  Map<RouteSettings> routeSettings;
  String stageName;
  Map<String> stageVariables;
  Map<String> tags;
};
SURGE_SHAPE(CreateStageRequest, apiId, accessLogSettings, autoDeploy, clientCertificateId, defaultRouteSettings, deploymentId, description,
            routeSettings, stageName, stageVariables, tags)
SURGE_BINDINGS(CreateStageRequest, {.member = "apiId", .location = Location::Label})

struct UpdateStageRequest {
  String apiId;
  String stageName;
  Opt<Document> accessLogSettings;
  Opt<bool> autoDeploy;
  Opt<String> clientCertificateId;
  Opt<RouteSettings> defaultRouteSettings;
  Opt<String> deploymentId;
  Opt<String> description;
  Map<RouteSettings> routeSettings;
  Map<String> stageVariables;  // merged; an empty value removes the variable
};
SURGE_SHAPE(UpdateStageRequest, apiId, stageName, accessLogSettings, autoDeploy, clientCertificateId, defaultRouteSettings, deploymentId,
            description, routeSettings, stageVariables)
SURGE_BINDINGS(UpdateStageRequest, {.member = "apiId", .location = Location::Label}, {.member = "stageName", .location = Location::Label})

struct StageNameRequest {
  String apiId;
  String stageName;
};
SURGE_SHAPE(StageNameRequest, apiId, stageName)
SURGE_BINDINGS(StageNameRequest, {.member = "apiId", .location = Location::Label}, {.member = "stageName", .location = Location::Label})
struct GetStagesResponse {
  Opt<List<Stage>> items;
  Opt<String> nextToken;
};
SURGE_SHAPE(GetStagesResponse, items, nextToken)

struct Deployment {
  bool autoDeployed = false;
  Opt<Instant> createdDate;
  Opt<String> deploymentId;
  Opt<String> deploymentStatus;
  Opt<String> description;
};
SURGE_SHAPE(Deployment, autoDeployed, createdDate, deploymentId, deploymentStatus, description)
SURGE_BINDINGS(Deployment, {.member = "createdDate", .timestamp_form = TimestampForm::Iso8601})

struct CreateDeploymentRequest {
  String apiId;
  Opt<String> description;
  Opt<String> stageName;
};
SURGE_SHAPE(CreateDeploymentRequest, apiId, description, stageName)
SURGE_BINDINGS(CreateDeploymentRequest, {.member = "apiId", .location = Location::Label})
struct UpdateDeploymentRequest {
  String apiId;
  String deploymentId;
  Opt<String> description;
};
SURGE_SHAPE(UpdateDeploymentRequest, apiId, deploymentId, description)
SURGE_BINDINGS(UpdateDeploymentRequest, {.member = "apiId", .location = Location::Label},
               {.member = "deploymentId", .location = Location::Label})
struct DeploymentIdRequest {
  String apiId;
  String deploymentId;
};
SURGE_SHAPE(DeploymentIdRequest, apiId, deploymentId)
SURGE_BINDINGS(DeploymentIdRequest, {.member = "apiId", .location = Location::Label},
               {.member = "deploymentId", .location = Location::Label})
struct GetDeploymentsResponse {
  Opt<List<Deployment>> items;
  Opt<String> nextToken;
};
SURGE_SHAPE(GetDeploymentsResponse, items, nextToken)

// --- tags ------------------------------------------------------------------------------------------------------------

struct TagResourceRequest {
  String resourceArn;
  Map<String> tags;
};
SURGE_SHAPE(TagResourceRequest, resourceArn, tags)
SURGE_BINDINGS(TagResourceRequest, {.member = "resourceArn", .location = Location::Label, .wire_name = "resource-arn"})
struct UntagResourceRequest {
  String resourceArn;
  List<String> tagKeys;
};
SURGE_SHAPE(UntagResourceRequest, resourceArn, tagKeys)
SURGE_BINDINGS(UntagResourceRequest, {.member = "resourceArn", .location = Location::Label, .wire_name = "resource-arn"},
               {.member = "tagKeys", .location = Location::Query})
struct GetTagsRequest {
  String resourceArn;
};
SURGE_SHAPE(GetTagsRequest, resourceArn)
SURGE_BINDINGS(GetTagsRequest, {.member = "resourceArn", .location = Location::Label, .wire_name = "resource-arn"})
struct GetTagsResponse {
  Opt<Map<String>> tags;
};
SURGE_SHAPE(GetTagsResponse, tags)

// --- stored ----------------------------------------------------------------------------------------------------------

// What a deployment has frozen, and what an API is made of: routes and the integrations they point to.
struct Definition {
  Map<Route> routes;              // by route id
  Map<Integration> integrations;  // by integration id
};
SURGE_SHAPE(Definition, routes, integrations)
struct DeploymentRecord {
  Deployment deployment;
  Definition definition;
};
SURGE_SHAPE(DeploymentRecord, deployment, definition)
struct ApiRecord {
  String account;
  String region;
  Api api;
  Definition definition;
  Map<Stage> stages;                  // by stage name
  Map<DeploymentRecord> deployments;  // by deployment id
};
SURGE_SHAPE(ApiRecord, account, region, api, definition, stages, deployments)

}  // namespace surgetank::apigateway
