#pragma once
// What the handlers of resource types share: building steps and requests. Pure functions on values.
#include <optional>
#include <string>
#include <vector>

#include "stack/resource_handlers.h"

namespace surgetank::stack {

Step make_call(ApiCall call, std::string physical_id = {});
Step repeat_call(std::string physical_id);
Step done(std::string physical_id, Node attributes = make_map(), std::string ref = {});
Step failed(std::string reason);

// Makes the calls of a list one after the other, then `last`. For work whose requests do not depend on answers.
Step in_order(const Work& work, std::vector<ApiCall> calls, Step last);

// A request with the named members of the properties that are present, under the same names.
Node with_members(Node input, const Node& properties, std::initializer_list<std::string_view> names);
// {"name": text, ...}
Node text_map(std::initializer_list<std::pair<std::string_view, std::string_view>> members);
// Properties as the lowerCamel wire form of API Gateway and Logs; keys that are data (tags, variables) stay as they are.
Node lower_camel(const Node& properties, std::span<const PropertySchema> schema);
std::string lower_first(std::string_view name);

// [{Key, Value}] as {key: value}.
Node tag_map(const Node* tags);
struct TagChanges {
  Node set;      // {key: value}
  Node removed;  // [key]
};
TagChanges tag_changes(const Node* before, const Node* after);  // both as [{Key, Value}] or {key: value}
Node tag_list(const Node& map);                                 // {key: value} as [{Key, Value}]
// Items of a list of text that are in `list` and not in `other`.
std::vector<std::string> missing_from(const Node* other, const Node* list);

std::span<const ResourceHandler> lambda_handlers();
std::span<const ResourceHandler> lambda_version_handlers();
std::span<const ResourceHandler> event_source_handlers();
std::span<const ResourceHandler> iam_handlers();
std::span<const ResourceHandler> apigateway_handlers();
std::span<const ResourceHandler> secret_handlers();
std::span<const ResourceHandler> database_handlers();
std::span<const ResourceHandler> log_handlers();
std::span<const ResourceHandler> sqs_handlers();

}  // namespace surgetank::stack
