#pragma once
// The operations of API Gateway v2 by noun, and what they share. All of an API's operations run on the API's lane.
#include "kernel/call.h"
#include "services/apigateway/errors.h"
#include "services/apigateway/model.h"

namespace surgetank::apigateway {

// --- shared (records.cc) ---------------------------------------------------------------------------------------------

// The API of that id in the caller's account and region. Errors: NotFoundException.
Result<ApiRecord> find_api(Call& call, const String& api_id);
// Stores the record and forgets its compiled form.
void save_api(Call& call, const ApiRecord& record);
// To be called when routes or integrations have changed: stages that deploy automatically get a new deployment.
void deploy_automatically(Call& call, ApiRecord& record);
// Freezes the API's definition as a new deployment; returns its id.
String add_deployment(Call& call, ApiRecord& record, const Opt<String>& description, bool automatic);
String new_id(Call& call);  // as AWS's: 10 letters and digits for APIs, 7 for what is inside
String new_api_id(Call& call);
Error not_found(std::string_view kind, std::string_view id);
Error bad_request(std::string message);
Error unsupported(std::string_view member, std::string_view what);
Result<Unit> check_tags(Call& call, const Map<String>& tags);
std::string endpoint_of(Call& call, const String& api_id);

// A page of `items`, which are in order; tokens are positions.
template <class Response, class Item>
Result<Response> page_of(List<Item> items, const Opt<String>& max_results, const Opt<String>& next_token);

// --- APIs (apis.cc) ----------------------------------------------------------------------------------------------------
Result<Api> create_api(Call& call, const CreateApiRequest& request);
Result<Api> get_api(Call& call, const ApiIdRequest& request);
Result<GetApisResponse> get_apis(Call& call, const PageRequest& request);
Result<Api> update_api(Call& call, const UpdateApiRequest& request);
Result<Empty> delete_api(Call& call, const ApiIdRequest& request);
Result<Empty> delete_cors_configuration(Call& call, const ApiIdRequest& request);
Result<Empty> tag_resource(Call& call, const TagResourceRequest& request);
Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request);
Result<GetTagsResponse> get_tags(Call& call, const GetTagsRequest& request);

// --- routes (routes.cc) ------------------------------------------------------------------------------------------------
Result<Route> create_route(Call& call, const CreateRouteRequest& request);
Result<Route> get_route(Call& call, const RouteIdRequest& request);
Result<GetRoutesResponse> get_routes(Call& call, const ApiPageRequest& request);
Result<Route> update_route(Call& call, const UpdateRouteRequest& request);
Result<Empty> delete_route(Call& call, const RouteIdRequest& request);
// "GET /orders/{id}", "ANY /x/{proxy+}", "$default"; nullopt if malformed.
bool is_route_key(std::string_view route_key);

// --- integrations (integrations.cc) ------------------------------------------------------------------------------------
Result<Integration> create_integration(Call& call, const CreateIntegrationRequest& request);
Result<Integration> get_integration(Call& call, const IntegrationIdRequest& request);
Result<GetIntegrationsResponse> get_integrations(Call& call, const ApiPageRequest& request);
Result<Integration> update_integration(Call& call, const UpdateIntegrationRequest& request);
Result<Empty> delete_integration(Call& call, const IntegrationIdRequest& request);
Result<Unit> check_integration(Call& call, const Integration& integration);

// --- stages and deployments (stages.cc) --------------------------------------------------------------------------------
Result<Stage> create_stage(Call& call, const CreateStageRequest& request);
Result<Stage> get_stage(Call& call, const StageNameRequest& request);
Result<GetStagesResponse> get_stages(Call& call, const ApiPageRequest& request);
Result<Stage> update_stage(Call& call, const UpdateStageRequest& request);
Result<Empty> delete_stage(Call& call, const StageNameRequest& request);
Result<Deployment> create_deployment(Call& call, const CreateDeploymentRequest& request);
Result<Deployment> get_deployment(Call& call, const DeploymentIdRequest& request);
Result<GetDeploymentsResponse> get_deployments(Call& call, const ApiPageRequest& request);
Result<Deployment> update_deployment(Call& call, const UpdateDeploymentRequest& request);
Result<Empty> delete_deployment(Call& call, const DeploymentIdRequest& request);

// --- machinery -----------------------------------------------------------------------------------------------------------

Result<std::pair<std::size_t, std::size_t>> page_bounds(std::size_t count, const Opt<String>& max_results, const Opt<String>& next_token);

template <class Response, class Item>
Result<Response> page_of(List<Item> items, const Opt<String>& max_results, const Opt<String>& next_token) {
  SURGE_TRY(bounds, page_bounds(items.size(), max_results, next_token));
  Response response;
  if (bounds.second < items.size()) response.nextToken = std::to_string(bounds.second);
  response.items.emplace(std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(bounds.first)),
                         std::make_move_iterator(items.begin() + static_cast<std::ptrdiff_t>(bounds.second)));
  return response;
}

}  // namespace surgetank::apigateway
