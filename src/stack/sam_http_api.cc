// AWS::Serverless::HttpApi, explicit and implicit: the API and its one stage.
#include <algorithm>

#include "base/text.h"
#include "stack/sam.h"
#include "stack/sam_transformer.h"

namespace surgetank::stack {
namespace {

// {"Fn::Or": [...]} takes ten at most: longer ones nest.
Node any_of_conditions(const std::vector<std::string>& names, Position at) {
  std::vector<Node> level;
  for (const std::string& name : names) level.emplace_back(make_map(at)).set("Condition", make_string(name, at));
  while (level.size() > 1) {
    std::vector<Node> next;
    for (std::size_t i = 0; i < level.size(); i += 10) {
      const std::size_t count = std::min<std::size_t>(10, level.size() - i);
      if (count == 1) {
        next.push_back(level[i]);
        continue;
      }
      Node any = make_map(at);
      Node& parts = any.set("Fn::Or", make_list(at));
      for (std::size_t j = 0; j < count; ++j) parts.items.push_back(level[i + j]);
      next.push_back(std::move(any));
    }
    level = std::move(next);
  }
  return level.front();
}

}  // namespace

const std::vector<SamTransformer::Property>& SamTransformer::http_api_properties() {
  using enum Handling;
  static const std::vector<Property> table{{"AccessLogSettings", Unsupported},
                                           {"Auth", Unsupported},
                                           {"CorsConfiguration", Own},
                                           {"DefaultRouteSettings", Own},
                                           {"DefinitionBody", Unsupported},
                                           {"DefinitionUri", Unsupported},
                                           {"Description", Passed},
                                           {"DisableExecuteApiEndpoint", Passed},
                                           {"Domain", Unsupported},
                                           {"FailOnWarnings", Own},
                                           {"Name", Own},
                                           {"PropagateTags", Own},
                                           {"RouteSettings", Own},
                                           {"StageName", Own},
                                           {"StageVariables", Own},
                                           {"Tags", Own}};
  return table;
}

Node SamTransformer::cors(const Node& configuration) {
  if (configuration.is(NodeKind::Boolean)) {
    if (!configuration.is_true()) return Node{};
    Node map = make_map(configuration.position);
    map.set("AllowOrigins", make_list(configuration.position)).items.push_back(make_string("*", configuration.position));
    return map;
  }
  if (!configuration.is(NodeKind::Map)) {
    problems_.add(configuration.position, "CorsConfiguration must be true or a map, not " + std::string(kind_name(configuration.kind)),
                  "write `AllowOrigins: [...]` under it");
  }
  return configuration;
}

void SamTransformer::add_stage(const Member& resource, const Node& properties) {
  const Position at = resource.key_position;
  const Node* written = properties.find("StageName");
  const std::optional<std::string> name = written == nullptr ? std::optional<std::string>("$default") : known_text(*written, "StageName");
  if (!name) return;
  const bool plain = !name->empty() && id_part(*name).size() == name->size();
  // A StageName that is a function call has SAM hash nothing: the id is <Api>Stage.
  const bool call = written != nullptr && function_call(*written) != nullptr;
  const std::string id = call                  ? resource.key + "Stage"
                         : *name == "$default" ? resource.key + "ApiGatewayDefaultStage"
                         : plain               ? resource.key + *name + "Stage"
                                               : resource.key + "Stage" + sam_hash(*name);
  Node& stage = emit(id, "AWS::ApiGatewayV2::Stage", resource, Attributes::Derived);
  stage.set("ApiId", make_ref(resource.key, at));
  stage.set("StageName", make_string(*name, written == nullptr ? at : written->position));
  stage.set("AutoDeploy", make_boolean(true, at));
  for (const char* property : {"StageVariables", "DefaultRouteSettings"}) {
    if (const Member* member = properties.find_member(property); member != nullptr) stage.members.push_back(*member);
  }
  const Node* own_settings = properties.find("RouteSettings");
  Node settings = own_settings == nullptr ? make_map(at) : *own_settings;
  for (const Route& route : routes_) {
    if (route.api == resource.key && !route.settings.is(NodeKind::Null)) settings.set(route.key, route.settings);
  }
  if (!settings.members.empty()) {
    stage.set("RouteSettings", std::move(settings));
    // A stage refuses settings of routes that do not exist yet.
    Node routes = make_list(at);
    for (const Member& member : resources_.members) {
      const Node* route = member.value.find("Properties");
      if (member.value.text_of("Type") == "AWS::ApiGatewayV2::Route" && same_value(*route->find("ApiId"), make_ref(resource.key))) {
        routes.items.push_back(make_string(member.key, at));
      }
    }
    resources_.members.back().value.set("DependsOn", std::move(routes));
  }
  const Node* propagate = properties.find("PropagateTags");
  const bool tagged = propagate == nullptr || propagate->is_true() || properties.find("Tags") != nullptr;
  Node& tag_map = resources_.members.back().value.find("Properties")->set("Tags", make_map(at));
  tag_map.set("httpapi:createdBy", make_string("SAM", at));
  const Node* tag_list = tagged ? properties.find("Tags") : nullptr;
  for (const Member& tag : tag_list == nullptr ? std::vector<Member>() : tag_list->members) tag_map.set(tag.key, tag.value);
}

void SamTransformer::transform_http_api(const Member& resource) {
  check_members(resource, http_api_properties(), "AWS::Serverless::HttpApi");
  const Node* written = resource.value.find("Properties");
  const Node properties = written != nullptr && written->is(NodeKind::Map) ? *written : make_map(resource.key_position);
  const Position at = resource.key_position;
  Node& api = emit(resource.key, "AWS::ApiGatewayV2::Api", resource, Attributes::Main);
  api.position = properties.position;
  const Node* name = properties.find("Name");
  api.set("Name", name == nullptr ? make_ref("AWS::StackName", at) : *name);
  api.set("ProtocolType", make_string("HTTP", at));
  for (const char* property : {"Description", "DisableExecuteApiEndpoint"}) {
    if (const Member* member = properties.find_member(property); member != nullptr) api.members.push_back(*member);
  }
  if (const Node* configuration = properties.find("CorsConfiguration"); configuration != nullptr) {
    Node rules = cors(*configuration);
    if (!rules.is(NodeKind::Null)) api.set("CorsConfiguration", std::move(rules));
  }
  Node& tag_map = api.set("Tags", make_map(at));
  tag_map.set("httpapi:createdBy", make_string("SAM", at));
  const Node* tag_list = properties.find("Tags");
  for (const Member& tag : tag_list == nullptr ? std::vector<Member>() : tag_list->members) tag_map.set(tag.key, tag.value);
  add_stage(resource, properties);
}

void SamTransformer::add_implicit_api() {
  if (!implicit_used_ || source_.find(implicit_http_api) != nullptr) return;
  Node resource = make_map(implicit_position_);
  resource.set("Type", make_string("AWS::Serverless::HttpApi", implicit_position_));
  // The API exists if any function that uses it does.
  if (!implicit_always_ && implicit_conditions_.size() == 1) {
    resource.set("Condition", make_string(implicit_conditions_.front(), implicit_position_));
  } else if (!implicit_always_ && !implicit_conditions_.empty()) {
    const std::string name = std::string(implicit_http_api) + "Condition";
    Node* conditions = root_.find("Conditions");
    if (conditions != nullptr) conditions->set(name, any_of_conditions(implicit_conditions_, implicit_position_));
    resource.set("Condition", make_string(name, implicit_position_));
  }
  if (const Node* globals = root_.find("Globals"); globals != nullptr && globals->find("HttpApi") != nullptr) {
    resource.set("Properties", *globals->find("HttpApi"));
  }
  source_.members.push_back({std::string(implicit_http_api), implicit_position_, std::move(resource)});
}

}  // namespace surgetank::stack
