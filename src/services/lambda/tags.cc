#include "kernel/validation.h"
#include "services/lambda/errors.h"
#include "services/lambda/event_source_operations.h"
#include "services/lambda/event_source_store.h"
#include "services/lambda/function_store.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/patterns.h"

namespace surgetank::lambda {
namespace {

Result<FunctionRecord> tagged_function(Call& call, std::string_view action, const String& resource) {
  SURGE_CHECK(Validation()
                  .pattern("resource", resource, function_arn_pattern.shown, function_arn_pattern.matches(resource))
                  .finish(ValidationException));
  SURGE_TRY(target, resolve(call, action, NameForm::FunctionName, resource, std::nullopt));
  if (!target.qualifier.empty())
    return invalid_parameter("Tags on function aliases and versions are not supported. Please specify a function ARN.");
  return find_function(call, target);
}

}  // namespace

Result<Unit> check_tags(const Map<String>& tags) {
  Validation validation;
  for (const auto& [key, value] : tags) validation.length("tags", key, 1, 128).length("tags", value, 0, 256);
  SURGE_CHECK(validation.finish(ValidationException));
  for (const auto& [key, value] : tags)
    if (key.substr(0, 4) == "aws:") return invalid_parameter("The tag key " + key + " begins with aws:, which is reserved.");
  if (tags.size() > limits::tags) return invalid_parameter("Number of tags exceeds resource tag limit.");
  return Unit{};
}

Result<Empty> tag_resource(Call& call, const TagResourceRequest& request) {
  if (!request.Tags || request.Tags->empty()) return invalid_parameter("An error occurred and the request cannot be processed.");
  if (const auto uuid = uuid_in_mapping_arn(request.Resource); !uuid.empty()) return tag_mapping(call, uuid, request);
  SURGE_TRY(function, tagged_function(call, "lambda:TagResource", request.Resource));
  SURGE_CHECK(check_tags(*request.Tags));
  for (const auto& [key, value] : *request.Tags) function.tags[key] = value;
  SURGE_CHECK(check_tags(function.tags));
  save_function(call, function);
  return Empty{};
}

Result<Empty> untag_resource(Call& call, const UntagResourceRequest& request) {
  if (request.TagKeys.empty()) return violation("Value null at 'tagKeys'", "Member must not be null");
  if (const auto uuid = uuid_in_mapping_arn(request.Resource); !uuid.empty()) return untag_mapping(call, uuid, request);
  SURGE_TRY(function, tagged_function(call, "lambda:UntagResource", request.Resource));
  for (const auto& key : request.TagKeys) function.tags.erase(key);
  save_function(call, function);
  return Empty{};
}

Result<ListTagsResponse> list_tags(Call& call, const ListTagsRequest& request) {
  if (const auto uuid = uuid_in_mapping_arn(request.Resource); !uuid.empty()) return list_mapping_tags(call, uuid);
  SURGE_TRY(function, tagged_function(call, "lambda:ListTags", request.Resource));
  return ListTagsResponse{.Tags = std::move(function.tags)};
}

}  // namespace surgetank::lambda
