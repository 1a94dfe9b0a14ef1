// AWS::ApiGatewayV2::Api, Integration, Route, Stage, Deployment: the properties of CloudFormation in lower camel case.
#include "base/assert.h"
#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view service = "apigateway";
constexpr std::string_view gone = "NotFoundException";

Node wire_properties(const Work& work, std::string_view type) {
  const ResourceSchema* schema = find_resource_schema(type);
  SURGE_ASSERT(schema != nullptr, "a handler without a schema");
  return lower_camel(work.properties, schema->properties);
}

// An update names only what it changes: a text that is no longer wanted is emptied.
void empty_removed(const Work& work, Node& input, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (work.previous.find(name) != nullptr && !work.has(name)) input.set(lower_first(name), make_string(""));
  }
}

void add_tag_calls(const Work& work, const std::string& path, std::vector<ApiCall>& calls) {
  const std::string arn = "arn:aws:apigateway:" + work.region + "::/apis/" + path;
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node input = text_map({{"resourceArn", arn}});
    input.set("tagKeys", std::move(tags.removed));
    calls.push_back({service, "UntagResource", std::move(input)});
  }
  if (!tags.set.members.empty()) {
    Node input = text_map({{"resourceArn", arn}});
    input.set("tags", std::move(tags.set));
    calls.push_back({service, "TagResource", std::move(input)});
  }
}

Step create_api(const Work& work) {
  if (work.answers.empty()) return make_call({service, "CreateApi", wire_properties(work, "AWS::ApiGatewayV2::Api")});
  const Node& api = work.answer(0);
  return done(api.text_of("apiId"), text_map({{"ApiEndpoint", api.text_of("apiEndpoint")}, {"ApiId", api.text_of("apiId")}}));
}

Step update_api(const Work& work) {
  std::vector<ApiCall> calls;
  Node input = wire_properties(work, "AWS::ApiGatewayV2::Api");
  for (const char* fixed : {"protocolType", "tags", "routeKey", "target", "routeSelectionExpression"}) input.erase(fixed);
  input.set("apiId", make_string(work.physical_id));
  empty_removed(work, input, {"Description", "Version"});
  if (work.previous.find("DisableExecuteApiEndpoint") != nullptr && !work.has("DisableExecuteApiEndpoint")) {
    input.set("disableExecuteApiEndpoint", make_boolean(false));
  }
  calls.push_back({service, "UpdateApi", std::move(input)});
  if (work.previous.find("CorsConfiguration") != nullptr && !work.has("CorsConfiguration")) {
    calls.push_back({service, "DeleteCorsConfiguration", text_map({{"apiId", work.physical_id}})});
  }
  add_tag_calls(work, work.physical_id, calls);
  const std::string endpoint = work.answers.empty() ? "" : work.answer(0).text_of("apiEndpoint");
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"ApiEndpoint", endpoint}, {"ApiId", work.physical_id}})));
}

Step remove_api(const Work& work) {
  return in_order(work, {{service, "DeleteApi", text_map({{"apiId", work.physical_id}}), {gone}}}, done(work.physical_id));
}

// What lies inside an API and has an id of its own.
struct Part {
  std::string_view type;
  std::string_view create;
  std::string_view update;
  std::string_view remove;
  std::string_view id;         // "routeId"
  std::string_view attribute;  // "RouteId"
};
constexpr Part integration{
    "AWS::ApiGatewayV2::Integration", "CreateIntegration", "UpdateIntegration", "DeleteIntegration", "integrationId", "IntegrationId"};
constexpr Part route{"AWS::ApiGatewayV2::Route", "CreateRoute", "UpdateRoute", "DeleteRoute", "routeId", "RouteId"};
constexpr Part deployment{
    "AWS::ApiGatewayV2::Deployment", "CreateDeployment", "UpdateDeployment", "DeleteDeployment", "deploymentId", "DeploymentId"};

template <const Part& part>
Step create_part(const Work& work) {
  if (work.answers.empty()) return make_call({service, part.create, wire_properties(work, part.type)});
  const std::string id = work.answer(0).text_of(part.id);
  return done(id, text_map({{part.attribute, id}}));
}

template <const Part& part>
Step update_part(const Work& work) {
  Node input = wire_properties(work, part.type);
  if (part.type == deployment.type) input.erase("stageName");
  if (part.type == integration.type) input.erase("integrationType");
  input.set(part.id, make_string(work.physical_id));
  empty_removed(work, input, {"Description", "OperationName", "Target", "CredentialsArn"});
  return in_order(work, {{service, part.update, std::move(input)}}, done(work.physical_id, text_map({{part.attribute, work.physical_id}})));
}

template <const Part& part>
Step remove_part(const Work& work) {
  const Node input = text_map({{"apiId", work.text("ApiId")}, {part.id, work.physical_id}});
  return in_order(work, {{service, part.remove, input, {gone}}}, done(work.physical_id));
}

Step create_stage(const Work& work) {
  return in_order(work, {{service, "CreateStage", wire_properties(work, "AWS::ApiGatewayV2::Stage")}}, done(work.text("StageName")));
}

Step update_stage(const Work& work) {
  std::vector<ApiCall> calls;
  Node input = wire_properties(work, "AWS::ApiGatewayV2::Stage");
  input.erase("tags");
  empty_removed(work, input, {"Description"});
  // Variables are merged into those that the stage has; an empty one goes.
  const Node* before = work.previous.find("StageVariables");
  for (const Member& variable : before == nullptr ? std::vector<Member>() : before->members) {
    Node* variables = input.find("stageVariables");
    if (variables == nullptr) variables = &input.set("stageVariables", make_map());
    if (variables->find(variable.key) == nullptr) variables->set(variable.key, make_string(""));
  }
  calls.push_back({service, "UpdateStage", std::move(input)});
  add_tag_calls(work, work.text("ApiId") + "/stages/" + work.physical_id, calls);
  return in_order(work, std::move(calls), done(work.physical_id));
}

Step remove_stage(const Work& work) {
  const Node input = text_map({{"apiId", work.text("ApiId")}, {"stageName", work.physical_id}});
  return in_order(work, {{service, "DeleteStage", input, {gone}}}, done(work.physical_id));
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::ApiGatewayV2::Api", 0, Letters::Any, create_api, update_api, remove_api},
    {"AWS::ApiGatewayV2::Deployment", 0, Letters::Any, create_part<deployment>, update_part<deployment>, remove_part<deployment>},
    {"AWS::ApiGatewayV2::Integration", 0, Letters::Any, create_part<integration>, update_part<integration>, remove_part<integration>},
    {"AWS::ApiGatewayV2::Route", 0, Letters::Any, create_part<route>, update_part<route>, remove_part<route>},
    {"AWS::ApiGatewayV2::Stage", 0, Letters::Any, create_stage, update_stage, remove_stage},
};

}  // namespace

std::span<const ResourceHandler> apigateway_handlers() { return handlers; }

}  // namespace surgetank::stack
