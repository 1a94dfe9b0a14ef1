#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/apigateway/limits.h"
#include "services/apigateway/operations.h"
#include "services/apigateway/parameter_mapping.h"
#include "services/apigateway/quotas.h"

namespace surgetank::apigateway {
namespace {

constexpr std::string_view methods[] = {"ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

// What both CreateIntegration and UpdateIntegration take.
template <class Request>
Result<Unit> check_supported(const Request& request) {
  if (request.connectionId || (request.connectionType && *request.connectionType != "INTERNET"))
    return unsupported("connectionType", "VPC_LINK");
  if (request.integrationSubtype) return unsupported("integrationSubtype", *request.integrationSubtype);
  if (request.tlsConfig) return unsupported("tlsConfig", "a server name other than the URI's");
  if (request.contentHandlingStrategy || request.passthroughBehavior || request.requestTemplates || request.templateSelectionExpression)
    return bad_request("Content handling, passthrough behavior and templates are only supported for WebSocket APIs");
  return Unit{};
}

template <class Request>
void copy_optional(Integration& into, const Request& request) {
  if (request.credentialsArn) into.credentialsArn = request.credentialsArn;
  if (request.description) into.description = request.description;
  if (request.integrationMethod) into.integrationMethod = request.integrationMethod;
  if (request.integrationUri) into.integrationUri = request.integrationUri;
  if (request.payloadFormatVersion) into.payloadFormatVersion = request.payloadFormatVersion;
  if (!request.responseParameters.empty()) into.responseParameters = request.responseParameters;
  if (request.timeoutInMillis) into.timeoutInMillis = *request.timeoutInMillis;
}

bool used(const ApiRecord& record, const String& integration_id) {
  return std::any_of(record.definition.routes.begin(), record.definition.routes.end(),
                     [&](const auto& route) { return route.second.target == "integrations/" + integration_id; });
}

}  // namespace

Result<Unit> check_integration(Call& call, const Integration& integration) {
  const auto type = integration.integrationType.value_or("");
  if (type != "AWS_PROXY" && type != "HTTP_PROXY")
    return bad_request("Invalid IntegrationType specified. HTTP APIs take AWS_PROXY and HTTP_PROXY");
  if (!integration.integrationUri) return bad_request("Please specify an integration Uri for " + type + " integrations");
  const auto version = integration.payloadFormatVersion.value_or("");
  if (version != "1.0" && version != "2.0")
    return bad_request("PayloadFormatVersion is required for AWS_PROXY integrations and is one of 1.0 and 2.0");
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::integration_timeout, integration.timeoutInMillis));
  if (integration.timeoutInMillis < limits::least_timeout_ms)
    return Quotas::error(quotas::integration_timeout, quota_value(call.ports.quotas, quotas::integration_timeout), 0);
  if (type == "HTTP_PROXY") {
    if (version != "1.0") return bad_request("HTTP_PROXY integrations take payload format version 1.0");
    const auto method = integration.integrationMethod.value_or("");
    if (std::find(std::begin(methods), std::end(methods), method) == std::end(methods))
      return bad_request("Invalid HTTP method specified for the integration");
    const auto& uri = *integration.integrationUri;
    if (uri.substr(0, 7) != "http://" && uri.substr(0, 8) != "https://") return bad_request("Invalid HTTP endpoint specified for URI");
    return check_mappings(integration);
  }
  if (integration.integrationUri->find("function:") == std::string::npos)
    return bad_request("Integration Uri of an AWS_PROXY integration must be the ARN of a Lambda function");
  if (!integration.requestParameters.empty() || !integration.responseParameters.empty())
    return unsupported("requestParameters", "parameter mapping for Lambda integrations");
  return Unit{};
}

Result<Integration> create_integration(Call& call, const CreateIntegrationRequest& request) {
  SURGE_CHECK(check_supported(request));
  SURGE_TRY(record, find_api(call, request.apiId));
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::integrations, record.definition.integrations.size() + 1));
  const auto id = new_id(call);
  Integration integration;
  integration.connectionType = "INTERNET";
  integration.integrationId = id;
  integration.integrationType = request.integrationType;
  integration.requestParameters = request.requestParameters;
  copy_optional(integration, request);
  if (request.integrationType == "AWS_PROXY" && !integration.integrationMethod) integration.integrationMethod = "POST";
  if (request.integrationType == "HTTP_PROXY" && !integration.payloadFormatVersion) integration.payloadFormatVersion = "1.0";
  SURGE_CHECK(check_integration(call, integration));
  record.definition.integrations[id] = integration;
  deploy_automatically(call, record);
  save_api(call, record);
  return integration;
}

Result<Integration> get_integration(Call& call, const IntegrationIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  const auto found = record.definition.integrations.find(request.integrationId);
  if (found == record.definition.integrations.end()) return not_found("Integration", request.integrationId);
  return found->second;
}

Result<GetIntegrationsResponse> get_integrations(Call& call, const ApiPageRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  List<Integration> integrations;
  for (const auto& [id, integration] : record.definition.integrations) integrations.push_back(integration);
  return page_of<GetIntegrationsResponse>(std::move(integrations), request.maxResults, request.nextToken);
}

Result<Integration> update_integration(Call& call, const UpdateIntegrationRequest& request) {
  SURGE_CHECK(check_supported(request));
  SURGE_TRY(record, find_api(call, request.apiId));
  const auto found = record.definition.integrations.find(request.integrationId);
  if (found == record.definition.integrations.end()) return not_found("Integration", request.integrationId);
  auto& integration = found->second;
  if (request.integrationType) integration.integrationType = request.integrationType;
  copy_optional(integration, request);
  // Request parameters are merged; an empty value removes one (AWS: UpdateIntegration, "requestParameters").
  for (const auto& [name, value] : request.requestParameters) {
    if (value.empty()) {
      integration.requestParameters.erase(name);
    } else {
      integration.requestParameters[name] = value;
    }
  }
  SURGE_CHECK(check_integration(call, integration));
  deploy_automatically(call, record);
  save_api(call, record);
  return integration;
}

Result<Empty> delete_integration(Call& call, const IntegrationIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  if (!record.definition.integrations.contains(request.integrationId)) return not_found("Integration", request.integrationId);
  if (used(record, request.integrationId))
    return Error{&ConflictException,
                 "Cannot delete Integration with id '" + request.integrationId + "' because it is currently used by a route"};
  record.definition.integrations.erase(request.integrationId);
  deploy_automatically(call, record);
  save_api(call, record);
  return Empty{};
}

}  // namespace surgetank::apigateway
