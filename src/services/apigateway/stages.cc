#include <algorithm>

#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/apigateway/limits.h"
#include "services/apigateway/operations.h"
#include "services/apigateway/quotas.h"

namespace surgetank::apigateway {
namespace {

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Result<Unit> check_stage_name(const String& name) {
  const bool valid = name == "$default" || (!name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
                       return is_letter_or_digit(c) || c == '-' || c == '_';
                     }));
  if (!valid) return bad_request("Stage name only allows a-zA-Z0-9_- and $default");
  return Unit{};
}

Result<Unit> check_variables(Call& call, const Map<String>& variables) {
  auto* registry = call.ports.quotas;
  SURGE_CHECK(check_quota(registry, quotas::stage_variables, variables.size()));
  for (const auto& [name, value] : variables) {
    const bool valid_name = !name.empty() && check_quota(registry, quotas::stage_variable_name, name.size()).ok() &&
                            std::all_of(name.begin(), name.end(), [](char c) { return is_letter_or_digit(c) || c == '_'; });
    if (!valid_name) {
      auto error = Quotas::error(quotas::stage_variable_name, quota_value(registry, quotas::stage_variable_name), 0);
      return bad_request("Invalid stage variable name " + name + ": " + error.message);
    }
    const bool fits = check_quota(registry, quotas::stage_variable_value, value.size()).ok();
    const bool valid_value = fits && std::all_of(value.begin(), value.end(), [](char c) {
                               return is_letter_or_digit(c) || std::string_view("-._~:/?#&=,").find(c) != std::string_view::npos;
                             });
    if (!valid_value) {
      auto error = Quotas::error(quotas::stage_variable_value, quota_value(registry, quotas::stage_variable_value), 0);
      return bad_request("Invalid stage variable value for " + name + ": " + error.message);
    }
  }
  return Unit{};
}

template <class Request>
Result<Unit> check_supported(const Request& request) {
  if (request.accessLogSettings) return unsupported("accessLogSettings", "access logging");
  if (request.clientCertificateId) return bad_request("Client certificates are only supported for WebSocket APIs");
  if (request.autoDeploy.value_or(false) && request.deploymentId)
    return bad_request("deploymentId cannot be set for a stage with autoDeploy");
  return Unit{};
}

Result<Unit> check_route_settings(const ApiRecord& record, const Map<RouteSettings>& settings) {
  for (const auto& [key, value] : settings) {
    const bool known = std::any_of(record.definition.routes.begin(), record.definition.routes.end(),
                                   [&](const auto& route) { return route.second.routeKey == key; });
    if (!known) return Error{&NotFoundException, "Unable to find Route by key " + key + " within the provided RouteSettings"};
  }
  return Unit{};
}

RouteSettings default_settings() {
  RouteSettings settings;
  settings.detailedMetricsEnabled = false;
  return settings;
}

Result<Stage*> stage_of(ApiRecord& record, const String& name) {
  const auto found = record.stages.find(name);
  if (found == record.stages.end()) return not_found("Stage", name);
  return &found->second;
}

}  // namespace

Result<Stage> create_stage(Call& call, const CreateStageRequest& request) {
  SURGE_CHECK(check_stage_name(request.stageName));
  SURGE_CHECK(check_supported(request));
  SURGE_CHECK(check_variables(call, request.stageVariables));
  SURGE_CHECK(check_tags(call, request.tags));
  SURGE_TRY(record, find_api(call, request.apiId));
  SURGE_CHECK(check_route_settings(record, request.routeSettings));
  if (record.stages.contains(request.stageName)) return Error{&ConflictException, "Stage already exists"};
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::stages, record.stages.size() + 1));
  if (request.deploymentId && !record.deployments.contains(*request.deploymentId)) return not_found("Deployment", *request.deploymentId);
  record.stages[request.stageName] = {.autoDeploy = request.autoDeploy.value_or(false),
                                      .createdDate = call.now,
                                      .defaultRouteSettings = request.defaultRouteSettings.value_or(default_settings()),
                                      .deploymentId = request.deploymentId,
                                      .description = request.description,
                                      .lastDeploymentStatusMessage = std::nullopt,
                                      .lastUpdatedDate = call.now,
                                      .routeSettings = request.routeSettings,
                                      .stageName = request.stageName,
                                      .stageVariables = request.stageVariables,
                                      .tags = request.tags};
  deploy_automatically(call, record);
  save_api(call, record);
  return record.stages[request.stageName];
}

Result<Stage> get_stage(Call& call, const StageNameRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  SURGE_TRY(stage, stage_of(record, request.stageName));
  return *stage;
}

Result<GetStagesResponse> get_stages(Call& call, const ApiPageRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  List<Stage> stages;
  for (const auto& [name, stage] : record.stages) stages.push_back(stage);
  return page_of<GetStagesResponse>(std::move(stages), request.maxResults, request.nextToken);
}

Result<Stage> update_stage(Call& call, const UpdateStageRequest& request) {
  SURGE_CHECK(check_supported(request));
  SURGE_TRY(record, find_api(call, request.apiId));
  SURGE_TRY(found, stage_of(record, request.stageName));
  SURGE_CHECK(check_route_settings(record, request.routeSettings));
  auto& stage = *found;
  if (request.autoDeploy) stage.autoDeploy = *request.autoDeploy;
  if (request.defaultRouteSettings) stage.defaultRouteSettings = request.defaultRouteSettings;
  if (request.description) stage.description = request.description;
  if (!request.routeSettings.empty()) stage.routeSettings = request.routeSettings;
  if (request.deploymentId) {
    if (stage.autoDeploy) return bad_request("deploymentId cannot be set for a stage with autoDeploy");
    if (!record.deployments.contains(*request.deploymentId)) return not_found("Deployment", *request.deploymentId);
    stage.deploymentId = request.deploymentId;
  }
  auto variables = stage.stageVariables.value_or(Map<String>{});
  for (const auto& [name, value] : request.stageVariables) {
    if (value.empty()) {
      variables.erase(name);
    } else {
      variables[name] = value;
    }
  }
  SURGE_CHECK(check_variables(call, variables));
  stage.stageVariables = variables;
  stage.lastUpdatedDate = call.now;
  if (request.autoDeploy.value_or(false)) deploy_automatically(call, record);
  save_api(call, record);
  return record.stages[request.stageName];
}

Result<Empty> delete_stage(Call& call, const StageNameRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  if (record.stages.erase(request.stageName) == 0) return not_found("Stage", request.stageName);
  save_api(call, record);
  return Empty{};
}

Result<Deployment> create_deployment(Call& call, const CreateDeploymentRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  if (record.definition.routes.empty()) return bad_request("At least one route is required before deploying the Api.");
  if (record.deployments.size() >= limits::deployments_per_api)
    return Error{&TooManyRequestsException,
                 "Maximum number of deployments for this API has been reached; delete those that no stage uses."};
  Stage* stage = nullptr;
  if (request.stageName) {
    SURGE_TRY(found, stage_of(record, *request.stageName));
    if (found->autoDeploy)
      return bad_request("Deployment ID cannot be set for stage " + *request.stageName + " because it has autoDeploy enabled");
    stage = found;
  }
  const auto id = add_deployment(call, record, request.description, false);
  if (stage != nullptr) {
    stage->deploymentId = id;
    stage->lastUpdatedDate = call.now;
  }
  save_api(call, record);
  return record.deployments[id].deployment;
}

Result<Deployment> get_deployment(Call& call, const DeploymentIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  const auto found = record.deployments.find(request.deploymentId);
  if (found == record.deployments.end()) return not_found("Deployment", request.deploymentId);
  return found->second.deployment;
}

Result<GetDeploymentsResponse> get_deployments(Call& call, const ApiPageRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  List<Deployment> deployments;
  for (const auto& [id, one] : record.deployments) deployments.push_back(one.deployment);
  return page_of<GetDeploymentsResponse>(std::move(deployments), request.maxResults, request.nextToken);
}

Result<Deployment> update_deployment(Call& call, const UpdateDeploymentRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  const auto found = record.deployments.find(request.deploymentId);
  if (found == record.deployments.end()) return not_found("Deployment", request.deploymentId);
  if (request.description) found->second.deployment.description = request.description;
  save_api(call, record);
  return found->second.deployment;
}

Result<Empty> delete_deployment(Call& call, const DeploymentIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  if (!record.deployments.contains(request.deploymentId)) return not_found("Deployment", request.deploymentId);
  const bool used = std::any_of(record.stages.begin(), record.stages.end(),
                                [&](const auto& stage) { return stage.second.deploymentId == request.deploymentId; });
  if (used) return bad_request("Active stages pointing to this deployment must be moved or deleted");
  record.deployments.erase(request.deploymentId);
  save_api(call, record);
  return Empty{};
}

}  // namespace surgetank::apigateway
