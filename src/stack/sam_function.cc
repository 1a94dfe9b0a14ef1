// AWS::Serverless::Function and its events.
#include <algorithm>

#include "base/text.h"
#include "stack/sam.h"
#include "stack/sam_transformer.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view supported_events[] = {"HttpApi", "SQS"};
constexpr std::string_view known_events[] = {"AlexaSkill",
                                             "Api",
                                             "CloudWatchEvent",
                                             "CloudWatchLogs",
                                             "Cognito",
                                             "DocumentDB",
                                             "DynamoDB",
                                             "EventBridgeRule",
                                             "HttpApi",
                                             "IoTRule",
                                             "Kinesis",
                                             "MQ",
                                             "MSK",
                                             "S3",
                                             "SNS",
                                             "SQS",
                                             "Schedule",
                                             "ScheduleV2",
                                             "SelfManagedKafka"};
constexpr std::string_view event_properties[] = {"ApiId",         "Auth",           "Method", "Path", "PayloadFormatVersion",
                                                 "RouteSettings", "TimeoutInMillis"};
constexpr std::string_view methods[] = {"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"};

// "/orders/{id}" -> "/orders/*"
std::string arn_path(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::size_t open = path.find('{');
    result += path.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = path.find('}', open);
    result += '*';
    path.remove_prefix(close == std::string_view::npos ? path.size() : close + 1);
  }
  return result;
}

}  // namespace

const std::vector<SamTransformer::Property>& SamTransformer::function_properties() {
  using enum Handling;
  static const std::vector<Property> table{{"Architectures", Passed},
                                           {"AssumeRolePolicyDocument", Own},
                                           {"AutoPublishAlias", Own},
                                           {"AutoPublishAliasAllProperties", Unsupported},
                                           {"AutoPublishCodeSha256", Unsupported},
                                           {"CapacityProviderConfig", Unsupported},
                                           {"CodeSigningConfigArn", Unsupported},
                                           {"CodeUri", Own},
                                           {"DeadLetterQueue", Own},
                                           {"DeploymentPreference", Unsupported},
                                           {"Description", Passed},
                                           {"DurableConfig", Unsupported},
                                           {"Environment", Passed},
                                           {"EphemeralStorage", Passed},
                                           {"EventInvokeConfig", Own},
                                           {"Events", Own},
                                           {"FileSystemConfigs", Unsupported},
                                           {"FunctionName", Passed},
                                           {"FunctionScalingConfig", Unsupported},
                                           {"FunctionUrlConfig", Unsupported},
                                           {"Handler", Passed},
                                           {"ImageConfig", Unsupported},
                                           {"ImageUri", Unsupported},
                                           {"InlineCode", Own},
                                           {"KmsKeyArn", Passed},
                                           {"Layers", Unsupported},
                                           {"LoggingConfig", Passed},
                                           {"MemorySize", Passed},
                                           {"PackageType", Passed},
                                           {"PermissionsBoundary", Unsupported},
                                           {"Policies", Own},
                                           {"PropagateTags", Own},
                                           {"ProvisionedConcurrencyConfig", Own},
                                           {"PublishToLatestPublished", Unsupported},
                                           {"RecursiveLoop", Unsupported},
                                           {"ReservedConcurrentExecutions", Passed},
                                           {"Role", Own},
                                           {"RolePath", Own},
                                           {"Runtime", Passed},
                                           {"RuntimeManagementConfig", Unsupported},
                                           {"SnapStart", Unsupported},
                                           {"SourceKMSKeyArn", Unsupported},
                                           {"Tags", Own},
                                           {"TenancyConfig", Unsupported},
                                           {"Timeout", Passed},
                                           {"Tracing", Own},
                                           {"VersionDeletionPolicy", Unsupported},
                                           {"VersionDescription", Own},
                                           {"VpcConfig", Unsupported}};
  return table;
}

Node SamTransformer::function_code(const Node& properties, Position at) {
  Node code = make_map(at);
  const Node* folder = properties.find("CodeUri");
  const Node* text = properties.find("InlineCode");
  if (text != nullptr) {
    code.position = text->position;
    code.set("ZipFile", *text);
    return code;
  }
  if (folder == nullptr) {
    problems_.add(at, "the function has neither CodeUri nor InlineCode", "write `CodeUri: folder/` relative to the template");
    return code;
  }
  code.position = folder->position;
  if (folder->is(NodeKind::Map) && function_call(*folder) == nullptr) {
    problems_.add(folder->position, "CodeUri with Bucket and Key is not supported: there is no S3 here", "name a local folder");
    return code;
  }
  const std::optional<std::string> path = known_text(*folder, "CodeUri");
  if (path && path->starts_with("s3://")) {
    problems_.add(folder->position, "CodeUri `" + *path + "` is not supported: there is no S3 here", "name a local folder");
  } else if (path) {
    code.set("LocalPath", make_string(*path, folder->position));
  }
  return code;
}

void SamTransformer::transform_function(const Member& resource) {
  check_members(resource, function_properties(), "AWS::Serverless::Function");
  const Node* written = resource.value.find("Properties");
  const Node properties = written != nullptr && written->is(NodeKind::Map) ? *written : make_map(resource.key_position);
  Node code = function_code(properties, resource.key_position);
  Node& function = emit(resource.key, "AWS::Lambda::Function", resource, Attributes::Main);
  function.position = properties.position;
  function.set("Code", code);
  for (const Property& property : function_properties()) {
    const Member* member = property.handling == Handling::Passed ? properties.find_member(property.name) : nullptr;
    if (member != nullptr) function.members.push_back(*member);
  }
  const Node* tracing = properties.find("Tracing");
  if (tracing != nullptr && tracing->text != "Disabled") function.set("TracingConfig", make_map(tracing->position)).set("Mode", *tracing);
  if (auto queue = dead_letter_target(properties))
    function.set("DeadLetterConfig", make_map(queue->position)).set("TargetArn", std::move(*queue));
  function.set("Tags", tags(properties.find("Tags"), "lambda:createdBy"));
  const Node* role = properties.find("Role");
  function.set("Role", role != nullptr ? *role : make_get_att(resource.key + "Role", "Arn", resource.key_position));
  if (role == nullptr) add_role(resource, properties);  // `function` is no longer valid: emit() may move it
  add_alias(resource, properties, code);
  add_event_invoke(resource, properties);
  const Node* events = properties.find("Events");
  if (events == nullptr) return;
  if (!events->is(NodeKind::Map))
    return problems_.add(events->position, "Events of `" + resource.key + "` must be a map", "write `Name: {Type: HttpApi}` under it");
  for (const Member& event : events->members) transform_event(resource, event);
}

std::string SamTransformer::event_api(const Node& properties, const Member& event) {
  const Node* api = properties.find("ApiId");
  if (api == nullptr) {
    implicit_used_ = true;
    return std::string(implicit_http_api);
  }
  const Member* call = function_call(*api);
  const std::string id = call != nullptr && call->key == "Ref" ? call->value.text : api->text;
  const Node* target = source_.find(id);
  const std::string type = target == nullptr ? "" : target->text_of("Type");
  if (type == "AWS::Serverless::HttpApi" || type == "AWS::ApiGatewayV2::Api") return id;
  problems_.add(api->position, "ApiId of event `" + event.key + "` must refer to an AWS::Serverless::HttpApi of this template",
                "write `ApiId: !Ref Api`");
  return "";
}

std::optional<std::string> SamTransformer::route_key(const Node& properties, const Member& event) {
  const Node* path_node = properties.find("Path");
  const Node* method_node = properties.find("Method");
  if (path_node == nullptr && method_node == nullptr) return "$default";
  if (path_node == nullptr || method_node == nullptr) {
    problems_.add(event.key_position, "event `" + event.key + "` has only one of Path and Method",
                  "give both, or none for the $default route");
    return std::nullopt;
  }
  const std::optional<std::string> path = known_text(*path_node, "Path");
  const std::optional<std::string> written = known_text(*method_node, "Method");
  if (!path || !written) return std::nullopt;
  std::string method = to_upper(*written);
  if (method == "X-AMAZON-APIGATEWAY-ANY-METHOD" || method == "*") method = "ANY";
  if (std::find(std::begin(methods), std::end(methods), method) == std::end(methods)) {
    problems_.add(method_node->position, "`" + *written + "` is no HTTP method", one_of(method, methods));
    return std::nullopt;
  }
  if (*path == "$default") return "$default";
  if (!path->starts_with("/")) {
    problems_.add(path_node->position, "Path `" + *path + "` must start with `/`", "write e.g. `/orders/{id}`");
    return std::nullopt;
  }
  return method + " " + (path->size() > 1 && path->ends_with("/") ? path->substr(0, path->size() - 1) : *path);
}

std::string SamTransformer::integration_of(const Member& function, const std::string& api, const Node& properties) {
  const Node* version = properties.find("PayloadFormatVersion");
  const Node* timeout = properties.find("TimeoutInMillis");
  std::string variant;
  if (version != nullptr && version->text != "2.0") variant += canonical_json(*version);
  if (timeout != nullptr) variant += "|" + canonical_json(*timeout);
  const std::string id = api + function.key + "Integration" + (variant.empty() ? "" : sam_hash(variant));
  if (resources_.find(id) != nullptr) return id;
  const Position at = function.key_position;
  Node& integration = emit(id, "AWS::ApiGatewayV2::Integration", function, Attributes::Derived);
  integration.set("ApiId", make_ref(api, at));
  integration.set("IntegrationType", make_string("AWS_PROXY", at));
  integration.set("IntegrationMethod", make_string("POST", at));
  integration.set("IntegrationUri",
                  alias_id(function).empty() ? make_get_att(function.key, "Arn", at) : invoked_function(function, at));
  integration.set("PayloadFormatVersion", version == nullptr ? make_string("2.0", at) : *version);
  if (timeout != nullptr) integration.set("TimeoutInMillis", *timeout);
  return id;
}

void SamTransformer::transform_event(const Member& function, const Member& event) {
  const Node* type = event.value.find("Type");
  if (type == nullptr) return problems_.add(event.key_position, "event `" + event.key + "` has no Type", one_of("", supported_events));
  if (type->text != "HttpApi" && type->text != "SQS") {
    const bool known = std::find(std::begin(known_events), std::end(known_events), type->text) != std::end(known_events);
    return problems_.add(type->position, "event type `" + type->text + "` is " + (known ? "not supported" : "unknown"),
                         one_of(known ? std::string_view{} : std::string_view(type->text), supported_events));
  }
  const Node* written = event.value.find("Properties");
  const Node properties = written == nullptr ? make_map(event.key_position) : *written;
  if (!properties.is(NodeKind::Map))
    return problems_.add(properties.position, "Properties of event `" + event.key + "` must be a map", "check the indentation");
  if (type->text == "SQS") return transform_queue_event(function, event, properties);
  for (const Member& member : properties.members) {
    if (std::find(std::begin(event_properties), std::end(event_properties), member.key) == std::end(event_properties)) {
      problems_.add(member.key_position, "event type HttpApi has no property `" + member.key + "`", one_of(member.key, event_properties));
    } else if (member.key == "Auth" && member.value.text_of("Authorizer") != "NONE") {
      problems_.add(member.key_position, "property `Auth` of event type HttpApi is not supported: there are no authorizers yet",
                    "remove it");
    }
  }
  const std::string api = event_api(properties, event);
  const std::optional<std::string> key = route_key(properties, event);
  if (api.empty() || !key) return;
  const Position at = event.key_position;
  if (api == implicit_http_api) {
    if (implicit_position_.line == 0) implicit_position_ = at;
    const std::string condition = function.value.text_of("Condition");
    if (condition.empty()) implicit_always_ = true;
    const bool fresh = std::find(implicit_conditions_.begin(), implicit_conditions_.end(), condition) == implicit_conditions_.end();
    if (fresh && !condition.empty()) implicit_conditions_.push_back(condition);
  }
  if (!route_ids_.insert(api + " " + *key).second) {
    return problems_.add(at, "route `" + *key + "` of `" + api + "` is taken by another event", "give every route to one function");
  }
  const std::size_t blank = key->find(' ');
  const std::string method = blank == std::string::npos || key->starts_with("ANY ") ? "*" : key->substr(0, blank);
  const std::string path = blank == std::string::npos ? "" : arn_path(std::string_view(*key).substr(blank + 1));

  Node& permission = emit(function.key + event.key + "Permission", "AWS::Lambda::Permission", function, Attributes::Derived);
  permission.set("Action", make_string("lambda:InvokeFunction", at));
  permission.set("FunctionName", invoked_function(function, at));
  permission.set("Principal", make_string("apigateway.amazonaws.com", at));
  permission.set("SourceArn",
                 make_sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + api + "}/*/" + method + path, at));

  const std::string integration = integration_of(function, api, properties);
  std::string id = api + id_part(*key) + "Route";
  if (resources_.find(id) != nullptr || source_.find(id) != nullptr) id += sam_hash(*key);
  Node& route = emit(id, "AWS::ApiGatewayV2::Route", function, Attributes::Derived);
  route.position = at;
  route.set("ApiId", make_ref(api, at));
  route.set("RouteKey", make_string(*key, at));
  route.set("Target", make_sub("integrations/${" + integration + "}", at));
  const Node* settings = properties.find("RouteSettings");
  routes_.push_back({api, *key, at, settings == nullptr ? Node{} : *settings});
}

}  // namespace surgetank::stack
