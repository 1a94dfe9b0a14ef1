#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "services/apigateway/keys.h"
#include "services/apigateway/limits.h"
#include "services/apigateway/operations.h"
#include "services/apigateway/quotas.h"

namespace surgetank::apigateway {
namespace {

constexpr std::string_view default_selection = "$request.method $request.path";
constexpr std::string_view default_key_selection = "$request.header.x-api-key";

Result<Unit> check_cors(const Cors& cors) {
  const bool any_origin = std::find(cors.allowOrigins.begin(), cors.allowOrigins.end(), "*") != cors.allowOrigins.end();
  if (cors.allowCredentials.value_or(false) && any_origin) return bad_request("allowCredentials is not supported for origin *");
  for (const auto& origin : cors.allowOrigins) {
    const bool scheme = origin == "*" || origin.find("://") != std::string::npos;
    if (!scheme) return bad_request("Invalid origin " + origin + ": it must be *, or start with a scheme such as https://");
  }
  if (cors.maxAge && (*cors.maxAge < -1 || *cors.maxAge > 86'400)) return bad_request("maxAge must be between -1 and 86400");
  return Unit{};
}

Result<Unit> check_name(const String& name) {
  if (name.empty() || name.size() > 128) return bad_request("Api name must have 1 to 128 characters");
  return Unit{};
}

// Quick create: one catch-all route to one target, and a $default stage that deploys by itself.
Result<Unit> quick_create(Call& call, ApiRecord& record, const String& target, const Opt<String>& route_key) {
  const bool is_function = target.substr(0, 4) == "arn:";
  const auto integration_id = new_id(call);
  Integration integration;
  integration.apiGatewayManaged = true;
  integration.connectionType = "INTERNET";
  integration.integrationId = integration_id;
  integration.integrationMethod = is_function ? "POST" : "ANY";
  integration.integrationType = is_function ? "AWS_PROXY" : "HTTP_PROXY";
  integration.integrationUri = target;
  integration.payloadFormatVersion = is_function ? "2.0" : "1.0";
  SURGE_CHECK(check_integration(call, integration));
  record.definition.integrations[integration_id] = integration;
  const auto key = route_key.value_or("$default");
  if (!is_route_key(key))
    return bad_request(
        "The provided route key is not formatted properly for HTTP protocol. Format should be \"<HTTP METHOD> /<RESOURCE PATH>\" or "
        "\"$default\"");
  const auto route_id = new_id(call);
  record.definition.routes[route_id] = {.apiGatewayManaged = true,
                                        .authorizationType = "NONE",
                                        .operationName = std::nullopt,
                                        .routeId = route_id,
                                        .routeKey = key,
                                        .target = "integrations/" + integration_id};
  Stage stage;
  stage.apiGatewayManaged = true;
  stage.autoDeploy = true;
  stage.createdDate = stage.lastUpdatedDate = call.now;
  stage.stageName = "$default";
  record.stages["$default"] = stage;
  deploy_automatically(call, record);
  return Unit{};
}

// arn:aws:apigateway:us-east-1::/apis/<id>[/stages/<name>]
Result<ApiRecord> find_tagged(Call& call, const String& arn, String& stage) {
  const auto at = arn.find("::/apis/");
  if (arn.substr(0, 19) != "arn:aws:apigateway:" || at == std::string::npos) return bad_request("Invalid resource ARN " + arn);
  const auto parts = split(std::string_view(arn).substr(at + 8), '/');
  SURGE_TRY(record, find_api(call, String(parts[0])));
  if (parts.size() == 3 && parts[1] == "stages") stage = parts[2];
  if (parts.size() != 1 && (stage.empty() || !record.stages.contains(stage))) return not_found("Stage", arn);
  return std::move(record);
}

Opt<Map<String>>& tags_of(ApiRecord& record, const String& stage) { return stage.empty() ? record.api.tags : record.stages[stage].tags; }

}  // namespace

Result<Api> create_api(Call& call, const CreateApiRequest& request) {
  SURGE_CHECK(check_name(request.name));
  if (request.protocolType == "WEBSOCKET") return unsupported("protocolType", "WEBSOCKET");
  if (request.protocolType != "HTTP") return bad_request("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]");
  if (request.credentialsArn) return unsupported("credentialsArn", "an integration's own role");
  SURGE_CHECK(check_tags(call, request.tags));
  if (request.corsConfiguration) SURGE_CHECK(check_cors(*request.corsConfiguration));
  std::int64_t count = 0;
  const auto most = quota_value(call.ports.quotas, quotas::apis);
  call.txn.scan(keys::list(call.caller), prefix_end(keys::list(call.caller)),
                [&](std::string_view, std::string_view) { return ++count < most; });
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::apis, count + 1));

  const auto id = new_api_id(call);
  ApiRecord record;
  record.account = call.account();
  record.region = call.region();
  record.api = {.apiEndpoint = endpoint_of(call, id),
                .apiId = id,
                .apiKeySelectionExpression = request.apiKeySelectionExpression.value_or(String(default_key_selection)),
                .corsConfiguration = request.corsConfiguration,
                .createdDate = call.now,
                .description = request.description,
                .disableExecuteApiEndpoint = request.disableExecuteApiEndpoint.value_or(false),
                .name = request.name,
                .protocolType = request.protocolType,
                .routeSelectionExpression = request.routeSelectionExpression.value_or(String(default_selection)),
                .tags = request.tags,
                .version = request.version};
  if (record.api.routeSelectionExpression != default_selection)
    return bad_request("Route selection expression for HTTP protocol must be $request.method $request.path");
  if (request.target) SURGE_CHECK(quick_create(call, record, *request.target, request.routeKey));
  save_api(call, record);
  call.txn.put(keys::list(call.caller, id), "");
  return record.api;
}

Result<Api> get_api(Call& call, const ApiIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  return record.api;
}

Result<GetApisResponse> get_apis(Call& call, const PageRequest& request) {
  List<String> ids;
  const auto prefix = keys::list(call.caller);
  call.txn.scan(prefix, prefix_end(prefix), [&](std::string_view key, std::string_view) {
    auto rest = key.substr(prefix.size());
    ids.push_back(read_key_part(rest).value_or(""));
    return true;
  });
  List<Api> apis;
  for (const auto& id : ids)
    if (auto record = find_api(call, id); record.ok()) apis.push_back(std::move(record->api));
  return page_of<GetApisResponse>(std::move(apis), request.maxResults, request.nextToken);
}

Result<Api> update_api(Call& call, const UpdateApiRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  if (request.credentialsArn) return unsupported("credentialsArn", "an integration's own role");
  if (request.target || request.routeKey)
    return unsupported("target", "changing the target of a quick-created API; update its integration and route");
  if (request.name) SURGE_CHECK(check_name(*request.name));
  if (request.corsConfiguration) SURGE_CHECK(check_cors(*request.corsConfiguration));
  auto& api = record.api;
  if (request.name) api.name = *request.name;
  if (request.description) api.description = request.description;
  if (request.version) api.version = request.version;
  if (request.corsConfiguration) api.corsConfiguration = request.corsConfiguration;
  if (request.disableExecuteApiEndpoint) api.disableExecuteApiEndpoint = *request.disableExecuteApiEndpoint;
  save_api(call, record);
  return api;
}

Result<Empty> delete_api(Call& call, const ApiIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  call.txn.erase(keys::api(request.apiId));
  call.txn.erase(keys::list(call.caller, request.apiId));
  call.publish();
  return Empty{};
}

Result<Empty> delete_cors_configuration(Call& call, const ApiIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  record.api.corsConfiguration.reset();
  save_api(call, record);
  return Empty{};
}

Result<Empty> tag_resource(Call& call, const TagResourceRequest& request) {
  String stage;
  SURGE_TRY(record, find_tagged(call, request.resourceArn, stage));
  auto& tags = tags_of(record, stage);
  auto merged = request.tags;
  if (tags) merged.insert(tags->begin(), tags->end());
  SURGE_CHECK(check_tags(call, merged));
  tags = merged;
  save_api(call, record);
  return Empty{};
}

Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request) {
  String stage;
  SURGE_TRY(record, find_tagged(call, request.resourceArn, stage));
  auto& tags = tags_of(record, stage);
  for (const auto& name : request.tagKeys)
    if (tags) tags->erase(name);
  save_api(call, record);
  return Empty{};
}

Result<GetTagsResponse> get_tags(Call& call, const GetTagsRequest& request) {
  String stage;
  SURGE_TRY(record, find_tagged(call, request.resourceArn, stage));
  return GetTagsResponse{tags_of(record, stage).value_or(Map<String>{})};
}

}  // namespace surgetank::apigateway
