#include "stack/sam.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/text.h"
#include "stack/sam_transformer.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view resource_attributes[] = {"Condition", "Connectors",    "CreationPolicy",     "DeletionPolicy",
                                                    "DependsOn", "IgnoreGlobals", "Metadata",           "Properties",
                                                    "Type",      "UpdatePolicy",  "UpdateReplacePolicy"};

}  // namespace

std::string id_part(std::string_view text) {
  std::string result;
  bool start = true;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && (c < '0' || c > '9')) {
      start = true;
      continue;
    }
    result += start ? to_upper(std::string_view(&c, 1)) : to_lower(std::string_view(&c, 1));
    start = false;
  }
  return result;
}

std::string sam_hash(std::string_view text) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest), 5));
}

void SamTransformer::check_attributes(const Member& resource) {
  for (const Member& member : resource.value.members) {
    if (std::find(std::begin(resource_attributes), std::end(resource_attributes), member.key) == std::end(resource_attributes)) {
      problems_.add(member.key_position, "unknown resource attribute `" + member.key + "` of `" + resource.key + "`",
                    one_of(member.key, resource_attributes));
    } else if (member.key == "Connectors" || member.key == "CreationPolicy" || member.key == "UpdatePolicy") {
      problems_.add(member.key_position, "resource attribute `" + member.key + "` of `" + resource.key + "` is not supported", "remove it");
    }
  }
}

void SamTransformer::check_members(const Member& resource, const std::vector<Property>& known, std::string_view type) {
  const Node* properties = resource.value.find("Properties");
  if (properties == nullptr) return;
  if (!properties->is(NodeKind::Map))
    return problems_.add(properties->position, "Properties of `" + resource.key + "` must be a map", "check the indentation");
  std::vector<std::string_view> supported;
  for (const Property& property : known) {
    if (property.handling != Handling::Unsupported) supported.push_back(property.name);
  }
  for (const Member& member : properties->members) {
    const auto found =
        std::find_if(known.begin(), known.end(), [&member](const Property& property) { return property.name == member.key; });
    if (found == known.end()) {
      problems_.add(member.key_position, std::string(type) + " has no property `" + member.key + "`", one_of(member.key, supported));
    } else if (found->handling == Handling::Unsupported) {
      problems_.add(member.key_position, "property `" + member.key + "` of " + std::string(type) + " is not supported",
                    one_of("", supported));
    }
  }
}

Node& SamTransformer::emit(const std::string& logical_id, std::string_view type, const Member& source, Attributes attributes) {
  if (resources_.find(logical_id) != nullptr || (logical_id != source.key && source_.find(logical_id) != nullptr)) {
    problems_.add(source.key_position, "`" + source.key + "` generates the resource `" + logical_id + "`, which the template has already",
                  "rename one of them");
  }
  Node resource = make_map(source.value.position);
  resource.set("Type", make_string(type, source.value.find("Type") == nullptr ? source.key_position : source.value.find("Type")->position));
  for (const char* name : {"Condition", "DeletionPolicy", "UpdateReplacePolicy"}) {
    if (const Node* value = source.value.find(name); value != nullptr) resource.set(name, *value);
  }
  for (const char* name : {"DependsOn", "Metadata"}) {
    const Node* value = source.value.find(name);
    if (value != nullptr && attributes == Attributes::Main) resource.set(name, *value);
  }
  resource.set("Properties", make_map(source.value.position));
  resources_.members.push_back({logical_id, source.key_position, std::move(resource)});
  return *resources_.members.back().value.find("Properties");
}

std::optional<std::string> SamTransformer::known_text(const Node& node, std::string_view what) {
  const Node value = evaluator_.evaluate(node);
  if (value.is_scalar()) return value.text;
  if (!value.is(NodeKind::Unknown) || !value.text.empty()) {
    problems_.add(node.position, std::string(what) + " must be known before the deployment",
                  "use text, parameters or mappings, not values of resources");
  }
  return std::nullopt;
}

Node SamTransformer::tags(const Node* written, std::string_view creator_key) {
  Node list = make_list();
  const auto add = [&list](std::string_view key, const Node& value, Position at) {
    Node& tag = list.items.emplace_back(make_map(at));
    tag.set("Key", make_string(key, at));
    tag.set("Value", value);
  };
  add(creator_key, make_string("SAM"), {});
  for (const Member& member : written == nullptr ? std::vector<Member>() : written->members)
    add(member.key, member.value, member.key_position);
  return list;
}

void SamTransformer::transform_resource(const Member& resource) {
  const std::string type = resource.value.text_of("Type");
  if (type == "AWS::Serverless::HttpApi") return check_attributes(resource);  // transformed after all functions
  if (type != "AWS::Serverless::Function") {                                  // what is not supported is told with all other types
    resources_.members.push_back(resource);
    return;
  }
  check_attributes(resource);
  transform_function(resource);
}

void SamTransformer::run() {
  const Node* written = root_.find("Resources");
  if (written == nullptr || !written->is(NodeKind::Map)) return;  // the caller says so
  source_ = *written;
  apply_globals();
  resources_ = make_map(written->position);
  for (const Member& resource : source_.members) transform_resource(resource);
  add_implicit_api();
  // Stages carry the RouteSettings of events, so APIs come after all functions.
  for (std::size_t i = 0; i < source_.members.size(); ++i) {
    if (source_.members[i].value.text_of("Type") == "AWS::Serverless::HttpApi") transform_http_api(source_.members[i]);
  }
  root_.set("Resources", std::move(resources_));
  root_.erase("Globals");
}

void transform_sam(Node& root, const EvaluationContext& context, Problems& problems) { SamTransformer(root, context, problems).run(); }

}  // namespace surgetank::stack
