#include "services/apigateway/service.h"

#include "services/apigateway/data_plane.h"
#include "services/apigateway/operations.h"
#include "services/apigateway/quotas.h"
#include "services/apigateway/state.h"

namespace surgetank::apigateway {
namespace {

constexpr Operation operations[] = {
    op<create_api>("CreateApi", Access::Write).rest("POST", "/v2/apis", 201),
    op<get_apis>("GetApis", Access::Read).rest("GET", "/v2/apis"),
    op<get_api>("GetApi", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}"),
    op<update_api>("UpdateApi", Access::Write, "apiId").rest("PATCH", "/v2/apis/{apiId}"),
    op<delete_api>("DeleteApi", Access::Write, "apiId").rest("DELETE", "/v2/apis/{apiId}", 204),
    op<delete_cors_configuration>("DeleteCorsConfiguration", Access::Write, "apiId").rest("DELETE", "/v2/apis/{apiId}/cors", 204),
    op<create_route>("CreateRoute", Access::Write, "apiId").rest("POST", "/v2/apis/{apiId}/routes", 201),
    op<get_routes>("GetRoutes", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/routes"),
    op<get_route>("GetRoute", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/routes/{routeId}"),
    op<update_route>("UpdateRoute", Access::Write, "apiId").rest("PATCH", "/v2/apis/{apiId}/routes/{routeId}"),
    op<delete_route>("DeleteRoute", Access::Write, "apiId").rest("DELETE", "/v2/apis/{apiId}/routes/{routeId}", 204),
    op<create_integration>("CreateIntegration", Access::Write, "apiId").rest("POST", "/v2/apis/{apiId}/integrations", 201),
    op<get_integrations>("GetIntegrations", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/integrations"),
    op<get_integration>("GetIntegration", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/integrations/{integrationId}"),
    op<update_integration>("UpdateIntegration", Access::Write, "apiId").rest("PATCH", "/v2/apis/{apiId}/integrations/{integrationId}"),
    op<delete_integration>("DeleteIntegration", Access::Write, "apiId")
        .rest("DELETE", "/v2/apis/{apiId}/integrations/{integrationId}", 204),
    op<create_stage>("CreateStage", Access::Write, "apiId").rest("POST", "/v2/apis/{apiId}/stages", 201),
    op<get_stages>("GetStages", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/stages"),
    op<get_stage>("GetStage", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/stages/{stageName}"),
    op<update_stage>("UpdateStage", Access::Write, "apiId").rest("PATCH", "/v2/apis/{apiId}/stages/{stageName}"),
    op<delete_stage>("DeleteStage", Access::Write, "apiId").rest("DELETE", "/v2/apis/{apiId}/stages/{stageName}", 204),
    op<create_deployment>("CreateDeployment", Access::Write, "apiId").rest("POST", "/v2/apis/{apiId}/deployments", 201),
    op<get_deployments>("GetDeployments", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/deployments"),
    op<get_deployment>("GetDeployment", Access::Read, "apiId").rest("GET", "/v2/apis/{apiId}/deployments/{deploymentId}"),
    op<update_deployment>("UpdateDeployment", Access::Write, "apiId").rest("PATCH", "/v2/apis/{apiId}/deployments/{deploymentId}"),
    op<delete_deployment>("DeleteDeployment", Access::Write, "apiId").rest("DELETE", "/v2/apis/{apiId}/deployments/{deploymentId}", 204),
    op<tag_resource>("TagResource", Access::Write, "resourceArn").rest("POST", "/v2/tags/{resource-arn}", 201),
    op<untag_resource>("UntagResource", Access::Write, "resourceArn").rest("DELETE", "/v2/tags/{resource-arn}", 204),
    op<get_tags>("GetTags", Access::Read, "resourceArn").rest("GET", "/v2/tags/{resource-arn}"),
};
constexpr Protocol protocols[] = {Protocol::RestJson};

// API ids are aggregates; tags name an API by ARN: arn:aws:apigateway:us-east-1::/apis/<id>[/stages/<name>].
std::string aggregate_key(std::string_view client_name) {
  constexpr std::string_view marker = "::/apis/";
  const auto at = client_name.find(marker);
  if (at == std::string_view::npos) return std::string(client_name);
  const auto id = client_name.substr(at + marker.size());
  return std::string(id.substr(0, id.find('/')));
}

}  // namespace

constinit const Service service{.name = "apigateway",
                                .signing_name = "apigateway",
                                .protocols = protocols,
                                .operations = operations,
                                .errors = {.missing_parameter = &BadRequestException, .malformed = &BadRequestException},
                                .make_state = []() -> std::unique_ptr<LaneState> { return std::make_unique<GatewayState>(); },
                                .aggregate = &aggregate_key,
                                .data_plane = {.claims = &claims, .serve = &serve},
                                .title = "ApiGateway",
                                .scope = ServiceScope::Worldwide,
                                .quotas = quotas::rows};

}  // namespace surgetank::apigateway
