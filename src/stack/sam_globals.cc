// The Globals section: what functions and APIs have in common. Merge rules of SAM: maps are merged member by member, lists are
// concatenated (global first), everything else (and any function call) is replaced by the resource's own value.
#include <algorithm>

#include "stack/sam_transformer.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view sections[] = {"Api",          "CapacityProvider", "Function",     "HttpApi",
                                         "LayerVersion", "SimpleTable",      "StateMachine", "WebSocketApi"};
constexpr std::string_view function_globals[] = {"Architectures",
                                                 "AssumeRolePolicyDocument",
                                                 "AutoPublishAlias",
                                                 "CapacityProviderConfig",
                                                 "CodeUri",
                                                 "DeadLetterQueue",
                                                 "DeploymentPreference",
                                                 "Description",
                                                 "DurableConfig",
                                                 "Environment",
                                                 "EphemeralStorage",
                                                 "EventInvokeConfig",
                                                 "FileSystemConfigs",
                                                 "FunctionScalingConfig",
                                                 "Handler",
                                                 "KmsKeyArn",
                                                 "Layers",
                                                 "LoggingConfig",
                                                 "MemorySize",
                                                 "PermissionsBoundary",
                                                 "PropagateTags",
                                                 "ProvisionedConcurrencyConfig",
                                                 "PublishToLatestPublished",
                                                 "RecursiveLoop",
                                                 "ReservedConcurrentExecutions",
                                                 "RolePath",
                                                 "Runtime",
                                                 "RuntimeManagementConfig",
                                                 "SnapStart",
                                                 "SourceKMSKeyArn",
                                                 "Tags",
                                                 "TenancyConfig",
                                                 "Timeout",
                                                 "Tracing",
                                                 "VersionDeletionPolicy",
                                                 "VpcConfig"};
constexpr std::string_view http_api_globals[] = {
    "AccessLogSettings", "Auth",          "CorsConfiguration", "DefaultRouteSettings", "Domain",
    "FailOnWarnings",    "PropagateTags", "RouteSettings",     "StageVariables",       "Tags"};

Node merged(const Node& global, const Node& own) {
  const bool call = function_call(global) != nullptr || function_call(own) != nullptr;
  if (call || global.kind != own.kind) return own;
  if (global.is(NodeKind::List)) {
    Node list = global;
    list.items.insert(list.items.end(), own.items.begin(), own.items.end());
    return list;
  }
  if (!global.is(NodeKind::Map)) return own;
  Node map = global;
  map.position = own.position;
  for (const Member& member : own.members) {
    if (Member* present = const_cast<Member*>(map.find_member(member.key)); present != nullptr) {
      present->value = merged(present->value, member.value);
      present->key_position = member.key_position;
    } else {
      map.members.push_back(member);
    }
  }
  return map;
}

// What of the globals a resource does not want: IgnoreGlobals is "*" or a list of names.
Node wanted(const Node& globals, const Node* ignored) {
  if (ignored == nullptr) return globals;
  if (ignored->text == "*") return make_map();
  Node rest = globals;
  for (const Node& name : ignored->items) rest.erase(name.text);
  return rest;
}

}  // namespace

void SamTransformer::merge_globals(const std::string& section, const Node& globals) {
  for (Member& resource : source_.members) {
    if (resource.value.text_of("Type") != "AWS::Serverless::" + section) continue;
    const Node common = wanted(globals, resource.value.find("IgnoreGlobals"));
    Node* own = resource.value.find("Properties");
    if (own == nullptr) {
      resource.value.set("Properties", common).position = resource.value.position;
    } else if (own->is(NodeKind::Map)) {
      *own = merged(common, *own);
    }
  }
}

void SamTransformer::apply_globals() {
  const Node* globals = root_.find("Globals");
  if (globals == nullptr) return;
  if (!globals->is(NodeKind::Map)) return problems_.add(globals->position, "Globals must be a map", "write `Function:` under it");
  for (const Member& section : globals->members) {
    if (std::find(std::begin(sections), std::end(sections), section.key) == std::end(sections)) {
      problems_.add(section.key_position, "Globals has no section `" + section.key + "`", one_of(section.key, sections));
      continue;
    }
    if (!section.value.is(NodeKind::Map)) {
      problems_.add(section.value.position, "Globals." + section.key + " must be a map", "check the indentation");
      continue;
    }
    if (section.key != "Function" && section.key != "HttpApi") continue;  // no resource of that type is supported, and each says so
    const std::span<const std::string_view> known = section.key == "Function" ? std::span<const std::string_view>(function_globals)
                                                                              : std::span<const std::string_view>(http_api_globals);
    for (const Member& property : section.value.members) {
      if (std::find(known.begin(), known.end(), property.key) != known.end()) continue;
      problems_.add(property.key_position, "`" + property.key + "` cannot be in Globals." + section.key, one_of(property.key, known));
    }
    merge_globals(section.key, section.value);
  }
}

}  // namespace surgetank::stack
