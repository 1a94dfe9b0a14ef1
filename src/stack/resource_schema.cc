#include "stack/resource_schema.h"

#include <algorithm>

#include "base/text.h"
#include "stack/schema_tables.h"

namespace surgetank::stack {
namespace {

std::vector<const ResourceSchema*> all_schemas() {
  std::vector<const ResourceSchema*> all;
  for (const auto& group : {lambda_schemas(), event_source_schemas(), iam_schemas(), apigateway_schemas(), sqs_schemas(), data_schemas()}) {
    for (const ResourceSchema& schema : group) all.push_back(&schema);
  }
  std::sort(all.begin(), all.end(), [](const ResourceSchema* a, const ResourceSchema* b) { return a->type < b->type; });
  return all;
}

std::string_view wanted_kind(PropertyType type) {
  switch (type) {
    case PropertyType::Text:
      return "text";
    case PropertyType::Integer:
      return "a whole number";
    case PropertyType::Number:
      return "a number";
    case PropertyType::Boolean:
      return "true or false";
    case PropertyType::Document:
      return "a map";
    case PropertyType::TextList:
      return "a list of text";
    case PropertyType::TextMap:
      return "a map of text";
    case PropertyType::Object:
    case PropertyType::ObjectMap:
      return "a map";
    case PropertyType::ObjectList:
      return "a list of maps";
    case PropertyType::Json:
      break;
  }
  return "anything";
}

class PropertyChecker {
 public:
  PropertyChecker(std::string_view type, Problems& problems) : type_(type), problems_(problems) {}

  Node members(const Node& map, std::span<const PropertySchema> known, const std::string& path, Position at) {
    Node result = make_map(map.position);
    for (const Member& member : map.members) {
      const auto schema = std::find_if(known.begin(), known.end(), [&member](const PropertySchema& row) { return row.name == member.key; });
      const std::string full = path.empty() ? member.key : path + "." + member.key;
      if (schema == known.end()) {
        problems_.add(member.key_position, std::string(type_) + " has no property `" + full + "`", one_of(member.key, supported(known)));
      } else if (schema->support == Support::No) {
        problems_.add(member.key_position, "property `" + full + "` of " + std::string(type_) + " is not supported",
                      one_of("", supported(known)));
      } else {
        Node checked = value(member.value, *schema, full);
        if (schema->support == Support::NotTrue && checked.is_true()) {
          problems_.add(member.key_position, "`" + full + ": true` of " + std::string(type_) + " is not supported",
                        "remove it, or set it to false");
        }
        result.members.push_back({member.key, member.key_position, std::move(checked)});
      }
    }
    for (const PropertySchema& row : known) {
      if (row.need == Need::Required && map.find(row.name) == nullptr) {
        problems_.add(at, std::string(type_) + " needs the property `" + (path.empty() ? "" : path + ".") + std::string(row.name) + "`",
                      "add it");
      }
    }
    return result;
  }

 private:
  static std::vector<std::string_view> supported(std::span<const PropertySchema> known) {
    std::vector<std::string_view> names;
    for (const PropertySchema& row : known) {
      if (row.support != Support::No && !row.name.starts_with("Local")) names.push_back(row.name);
    }
    return names;
  }

  Node wrong(const Node& node, PropertyType type, const std::string& path) {
    const std::string is = node.is_scalar() ? "`" + node.text.substr(0, 80) + "`" : std::string(kind_name(node.kind));
    problems_.add(node.position, "`" + path + "` of " + std::string(type_) + " must be " + std::string(wanted_kind(type)) + ", not " + is,
                  "");
    return make_unknown("", node.position);
  }

  Node scalar(const Node& node, PropertyType type, const std::string& path) {
    if (!node.is_scalar()) return wrong(node, type, path);
    Node result = node;
    if (type == PropertyType::Text) {
      result.kind = NodeKind::String;
    } else if (type == PropertyType::Boolean) {
      const std::string text = to_lower(node.text);
      if (text != "true" && text != "false") return wrong(node, type, path);
      result.kind = NodeKind::Boolean;
      result.text = text;
    } else {
      const bool whole = parse_integer(node.text).has_value();
      if (!whole && (type == PropertyType::Integer || !is_number_text(node.text))) return wrong(node, type, path);
      result.kind = NodeKind::Number;
      if (whole) result.text = std::to_string(*parse_integer(node.text));
    }
    return result;
  }

  Node list(const Node& node, const PropertySchema& schema, const std::string& path) {
    // CloudFormation takes one value for a list of one.
    Node items = node;
    if (node.is_scalar() && schema.type == PropertyType::TextList) {
      items = make_list(node.position);
      items.items.push_back(node);
    }
    if (!items.is(NodeKind::List)) return wrong(node, schema.type, path);
    for (std::size_t i = 0; i < items.items.size(); ++i) {
      Node& item = items.items[i];
      const std::string full = path + "[" + std::to_string(i) + "]";
      if (item.is(NodeKind::Unknown)) continue;
      if (schema.type == PropertyType::TextList) {
        item = scalar(item, PropertyType::Text, full);
      } else if (!item.is(NodeKind::Map)) {
        item = wrong(item, PropertyType::Object, full);
      } else {
        item = members(item, schema.members, full, item.position);
      }
    }
    return items;
  }

  Node map(const Node& node, const PropertySchema& schema, const std::string& path) {
    if (!node.is(NodeKind::Map)) return wrong(node, schema.type, path);
    Node result = node;
    for (Member& member : result.members) {
      const std::string full = path + "." + member.key;
      if (member.value.is(NodeKind::Unknown)) continue;
      if (schema.type == PropertyType::TextMap) {
        member.value = scalar(member.value, PropertyType::Text, full);
      } else if (!member.value.is(NodeKind::Map)) {
        member.value = wrong(member.value, PropertyType::Object, full);
      } else {
        member.value = members(member.value, schema.members, full, member.key_position);
      }
    }
    return result;
  }

  Node value(const Node& node, const PropertySchema& schema, const std::string& path) {
    if (node.is(NodeKind::Unknown)) return node;
    switch (schema.type) {
      case PropertyType::Json:
        return node;
      case PropertyType::Document: {
        if (node.is(NodeKind::Map)) return node;
        Problems unwanted("");
        std::optional<Node> parsed = node.is(NodeKind::String) ? read_json(node.text, unwanted) : std::nullopt;
        return parsed && parsed->is(NodeKind::Map) ? *parsed : wrong(node, schema.type, path);
      }
      case PropertyType::Object:
        return node.is(NodeKind::Map) ? members(node, schema.members, path, node.position) : wrong(node, schema.type, path);
      case PropertyType::TextList:
      case PropertyType::ObjectList:
        return list(node, schema, path);
      case PropertyType::TextMap:
      case PropertyType::ObjectMap:
        return map(node, schema, path);
      case PropertyType::Text:
      case PropertyType::Integer:
      case PropertyType::Number:
      case PropertyType::Boolean:
        break;
    }
    return scalar(node, schema.type, path);
  }

  std::string_view type_;
  Problems& problems_;
};

}  // namespace

const ResourceSchema* find_resource_schema(std::string_view type) {
  for (const auto& group : {lambda_schemas(), event_source_schemas(), iam_schemas(), apigateway_schemas(), sqs_schemas(), data_schemas()}) {
    for (const ResourceSchema& schema : group) {
      if (schema.type == type) return &schema;
    }
  }
  return nullptr;
}

std::span<const std::string_view> supported_resource_types() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const ResourceSchema* schema : all_schemas()) all.push_back(schema->type);
    all.push_back("AWS::Serverless::Function");
    all.push_back("AWS::Serverless::HttpApi");
    return all;
  }();
  return names;
}

Node checked_properties(const ResourceSchema& schema, const Node& properties, Position at, Problems& problems) {
  return PropertyChecker(schema.type, problems).members(properties, schema.properties, "", at);
}

std::vector<std::string> changed_properties(const ResourceSchema& schema, const Node& before, const Node& after) {
  std::vector<std::string> changed;
  for (const PropertySchema& row : schema.properties) {
    const Node* old_value = before.find(row.name);
    const Node* new_value = after.find(row.name);
    if (old_value == nullptr && new_value == nullptr) continue;
    if (old_value == nullptr || new_value == nullptr || has_unknown(*new_value) || !same_value(*old_value, *new_value))
      changed.emplace_back(row.name);
  }
  return changed;
}

const PropertySchema* find_property(const ResourceSchema& schema, std::string_view name) {
  for (const PropertySchema& row : schema.properties) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace surgetank::stack
