#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "services/apigateway/limits.h"
#include "services/apigateway/operations.h"
#include "services/apigateway/quotas.h"

namespace surgetank::apigateway {
namespace {

constexpr std::string_view methods[] = {"ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
constexpr std::string_view target_prefix = "integrations/";

// What both CreateRoute and UpdateRoute take.
template <class Request>
Result<Unit> check_supported(const Request& request) {
  if (request.authorizationType && *request.authorizationType != "NONE")
    return unsupported("authorizationType", *request.authorizationType);
  if (request.authorizerId) return unsupported("authorizerId", "an authorizer");
  if (!request.authorizationScopes.empty()) return unsupported("authorizationScopes", "JWT authorization");
  if (request.apiKeyRequired.value_or(false)) return bad_request("Currently, only WebSocket APIs support API keys");
  if (request.requestModels || request.modelSelectionExpression || request.requestParameters || request.routeResponseSelectionExpression)
    return bad_request("Model selection, request parameters and route responses are only supported for WebSocket APIs");
  return Unit{};
}

Result<Unit> check_route_key(const ApiRecord& record, const String& route_key, const Opt<String>& own_id) {
  if (!is_route_key(route_key))
    return bad_request(
        "The provided route key is not formatted properly for HTTP protocol. Format should be \"<HTTP METHOD> /<RESOURCE PATH>\" or "
        "\"$default\"");
  for (const auto& [id, route] : record.definition.routes)
    if (route.routeKey == route_key && own_id != id)
      return Error{&ConflictException, "Route with key " + route_key + " already exists for this API"};
  return Unit{};
}

Result<Unit> check_target(const ApiRecord& record, const Opt<String>& target) {
  if (!target) return Unit{};
  if (target->substr(0, target_prefix.size()) != target_prefix)
    return bad_request("Invalid target " + *target + ": integrations/<integration id> is expected");
  if (!record.definition.integrations.contains(target->substr(target_prefix.size())))
    return not_found("Integration", target->substr(target_prefix.size()));
  return Unit{};
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.' || c == ':';
  });
}

bool is_segment(std::string_view segment, bool last) {
  if (segment.find_first_of("{}") == std::string_view::npos) return segment.find_first_of(" ?#") == std::string_view::npos;
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return false;
  auto name = segment.substr(1, segment.size() - 2);
  if (name.back() == '+') {
    if (!last) return false;
    name.remove_suffix(1);
  }
  return is_variable_name(name);
}

}  // namespace

bool is_route_key(std::string_view route_key) {
  if (route_key == "$default") return true;
  const auto space = route_key.find(' ');
  if (space == std::string_view::npos) return false;
  const auto method = route_key.substr(0, space);
  const auto path = route_key.substr(space + 1);
  if (std::find(std::begin(methods), std::end(methods), method) == std::end(methods) || path.empty() || path.front() != '/') return false;
  const auto segments = split(path.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (!is_segment(segments[i], i + 1 == segments.size())) return false;
  return true;
}

Result<Route> create_route(Call& call, const CreateRouteRequest& request) {
  SURGE_CHECK(check_supported(request));
  SURGE_TRY(record, find_api(call, request.apiId));
  SURGE_CHECK(check_route_key(record, request.routeKey, std::nullopt));
  SURGE_CHECK(check_target(record, request.target));
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::routes, record.definition.routes.size() + 1));
  const auto id = new_id(call);
  const Route route{.authorizationType = "NONE",
                    .operationName = request.operationName,
                    .routeId = id,
                    .routeKey = request.routeKey,
                    .target = request.target};
  record.definition.routes[id] = route;
  deploy_automatically(call, record);
  save_api(call, record);
  return route;
}

Result<Route> get_route(Call& call, const RouteIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  const auto found = record.definition.routes.find(request.routeId);
  if (found == record.definition.routes.end()) return not_found("Route", request.routeId);
  return found->second;
}

Result<GetRoutesResponse> get_routes(Call& call, const ApiPageRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  List<Route> routes;
  for (const auto& [id, route] : record.definition.routes) routes.push_back(route);
  return page_of<GetRoutesResponse>(std::move(routes), request.maxResults, request.nextToken);
}

Result<Route> update_route(Call& call, const UpdateRouteRequest& request) {
  SURGE_CHECK(check_supported(request));
  SURGE_TRY(record, find_api(call, request.apiId));
  const auto found = record.definition.routes.find(request.routeId);
  if (found == record.definition.routes.end()) return not_found("Route", request.routeId);
  if (request.routeKey) SURGE_CHECK(check_route_key(record, *request.routeKey, request.routeId));
  SURGE_CHECK(check_target(record, request.target));
  auto& route = found->second;
  if (request.routeKey) route.routeKey = *request.routeKey;
  if (request.operationName) route.operationName = request.operationName;
  if (request.target) route.target = request.target;
  deploy_automatically(call, record);
  save_api(call, record);
  return route;
}

Result<Empty> delete_route(Call& call, const RouteIdRequest& request) {
  SURGE_TRY(record, find_api(call, request.apiId));
  if (record.definition.routes.erase(request.routeId) == 0) return not_found("Route", request.routeId);
  deploy_automatically(call, record);
  save_api(call, record);
  return Empty{};
}

}  // namespace surgetank::apigateway
