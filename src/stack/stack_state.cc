#include "stack/stack_state.h"

#include <array>

#include "base/text.h"

namespace surgetank::stack {
namespace {

constexpr std::array<std::string_view, 4> policy_names{"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"};

std::string policy_name(DeletionPolicy policy) { return std::string(policy_names[static_cast<std::size_t>(policy)]); }

DeletionPolicy read_policy(const std::string& name) {
  for (std::size_t i = 0; i < policy_names.size(); ++i) {
    if (policy_names[i] == name) return static_cast<DeletionPolicy>(i);
  }
  return DeletionPolicy::Delete;
}

Node encode_resource(const ResourceState& resource) {
  Node node = make_map();
  node.set("LogicalId", make_string(resource.logical_id));
  node.set("Type", make_string(resource.type));
  node.set("Status", make_string(resource.status));
  node.set("PhysicalId", make_string(resource.physical_id));
  node.set("Ref", make_string(resource.ref));
  node.set("Attributes", resource.attributes);
  node.set("Properties", resource.properties);
  node.set("DeletionPolicy", make_string(policy_name(resource.deletion_policy)));
  node.set("UpdateReplacePolicy", make_string(policy_name(resource.update_replace_policy)));
  return node;
}

ResourceState decode_resource(const Node& node) {
  ResourceState resource;
  resource.logical_id = node.text_of("LogicalId");
  resource.type = node.text_of("Type");
  resource.status = node.text_of("Status");
  resource.physical_id = node.text_of("PhysicalId");
  resource.ref = node.text_of("Ref");
  if (const Node* attributes = node.find("Attributes"); attributes != nullptr) resource.attributes = *attributes;
  if (const Node* properties = node.find("Properties"); properties != nullptr) resource.properties = *properties;
  resource.deletion_policy = read_policy(node.text_of("DeletionPolicy"));
  resource.update_replace_policy = read_policy(node.text_of("UpdateReplacePolicy"));
  return resource;
}

template <class Item, class Encode>
Node encode_list(const std::vector<Item>& items, Encode encode) {
  Node list = make_list();
  for (const Item& item : items) list.items.push_back(encode(item));
  return list;
}

const std::vector<Node>& items_of(const Node& node, std::string_view name) {
  static const std::vector<Node> none;
  const Node* list = node.find(name);
  return list == nullptr ? none : list->items;
}

Node encode_output(const OutputState& output) {
  Node node = make_map();
  node.set("Name", make_string(output.name));
  node.set("Value", make_string(output.value));
  node.set("LocalValue", make_string(output.local_value));
  node.set("Description", make_string(output.description));
  node.set("ExportName", make_string(output.export_name));
  return node;
}

Node encode_parameter(const StackState::Parameter& parameter) {
  Node node = make_map();
  node.set("Name", make_string(parameter.name));
  node.set("Value", make_string(parameter.value));
  node.set("NoEcho", make_boolean(parameter.echo == Echo::Hidden));
  return node;
}

Instant read_instant(const Node& node, std::string_view name) { return {parse_integer(node.text_of(name)).value_or(0)}; }

}  // namespace

const ResourceState* StackState::find(std::string_view logical_id) const {
  for (const ResourceState& resource : resources) {
    if (resource.logical_id == logical_id) return &resource;
  }
  return nullptr;
}

ResourceState* StackState::find(std::string_view logical_id) {
  for (ResourceState& resource : resources) {
    if (resource.logical_id == logical_id) return &resource;
  }
  return nullptr;
}

std::string encode_state(const StackState& state) {
  Node node = make_map();
  node.set("Version", make_number(1));
  node.set("Name", make_string(state.name));
  node.set("Id", make_string(state.id));
  node.set("Status", make_string(state.status));
  node.set("Reason", make_string(state.reason));
  node.set("Description", make_string(state.description));
  node.set("Created", make_number(state.created.us));
  node.set("Updated", make_number(state.updated.us));
  node.set("Parameters", encode_list(state.parameters, encode_parameter));
  node.set("Resources", encode_list(state.resources, encode_resource));
  node.set("Leftovers", encode_list(state.leftovers, encode_resource));
  node.set("Outputs", encode_list(state.outputs, encode_output));
  node.set("Imports", encode_list(state.imports, [](const std::string& name) { return make_string(name); }));
  return to_json(node);
}

std::optional<StackState> decode_state(std::string_view json) {
  const std::optional<Node> node = read_json_value(json);
  if (!node || node->text_of("Version") != "1" || node->text_of("Name").empty()) return std::nullopt;
  StackState state;
  state.name = node->text_of("Name");
  state.id = node->text_of("Id");
  state.status = node->text_of("Status");
  state.reason = node->text_of("Reason");
  state.description = node->text_of("Description");
  state.created = read_instant(*node, "Created");
  state.updated = read_instant(*node, "Updated");
  for (const Node& item : items_of(*node, "Parameters")) {
    const Node* hidden = item.find("NoEcho");
    state.parameters.push_back(
        {item.text_of("Name"), item.text_of("Value"), hidden != nullptr && hidden->is_true() ? Echo::Hidden : Echo::Shown});
  }
  for (const Node& item : items_of(*node, "Resources")) state.resources.push_back(decode_resource(item));
  for (const Node& item : items_of(*node, "Leftovers")) state.leftovers.push_back(decode_resource(item));
  for (const Node& item : items_of(*node, "Outputs")) {
    state.outputs.push_back(
        {item.text_of("Name"), item.text_of("Value"), item.text_of("LocalValue"), item.text_of("Description"), item.text_of("ExportName")});
  }
  for (const Node& item : items_of(*node, "Imports")) state.imports.push_back(item.text);
  return state;
}

}  // namespace surgetank::stack
