#pragma once
// What every supported resource type looks like: its properties, their types, whether changing one needs a new resource, its
// attributes. Tables only (schema_*.cc), plus one checker over them.
// Source: CloudFormation resource and property reference ("Update requires").
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "stack/template_node.h"

namespace surgetank::stack {

enum class PropertyType : std::uint8_t {
  Text,
  Integer,
  Number,
  Boolean,
  Json,      // anything
  Document,  // a map, or JSON in text
  TextList,
  TextMap,  // text to text
  Object,   // members
  ObjectList,
  ObjectMap,  // any key to an Object
};
enum class Need : std::uint8_t { Optional, Required };
enum class Change : std::uint8_t { InPlace, Replace };  // "No interruption" | "Replacement"
// No: CloudFormation has it, this platform has not. NotTrue: a Boolean that may only be false.
enum class Support : std::uint8_t { Yes, No, NotTrue };

struct PropertySchema {
  std::string_view name;
  PropertyType type = PropertyType::Text;
  Need need = Need::Optional;
  Change change = Change::InPlace;
  Support support = Support::Yes;
  std::span<const PropertySchema> members = {};
};

struct ResourceSchema {
  std::string_view type;
  std::span<const PropertySchema> properties;
  std::span<const std::string_view> attributes;  // of Fn::GetAtt
  std::string_view name_property = {};           // a name the template may choose; replacing such a resource fails
};

// null: not supported.
const ResourceSchema* find_resource_schema(std::string_view type);
std::span<const std::string_view> supported_resource_types();

// Evaluated properties with every scalar in the form its schema wants ("30" becomes 30); Unknowns pass. Unknown and unsupported
// properties, missing ones and wrong types become problems with their places; `at` is the place of the resource.
Node checked_properties(const ResourceSchema& schema, const Node& properties, Position at, Problems& problems);

// The names of top-level properties that differ, in the order of the schema.
std::vector<std::string> changed_properties(const ResourceSchema& schema, const Node& before, const Node& after);
const PropertySchema* find_property(const ResourceSchema& schema, std::string_view name);

}  // namespace surgetank::stack
