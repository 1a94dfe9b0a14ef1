// AutoPublishAlias: a function with it has a version of its code, an alias that leads to it, and everything that calls the function
// calls the alias.
#include "stack/sam_transformer.h"

namespace surgetank::stack {

std::string SamTransformer::alias_id(const Member& function) {
  const Node* properties = function.value.find("Properties");
  const Node* alias = properties == nullptr ? nullptr : properties->find("AutoPublishAlias");
  if (alias == nullptr) return {};
  return function.key + "Alias" + (alias->is_scalar() ? alias->text : known_text(*alias, "AutoPublishAlias").value_or(""));
}

Node SamTransformer::invoked_function(const Member& function, Position at) {
  const std::string alias = alias_id(function);
  return make_ref(alias.empty() ? function.key : alias, at);
}

void SamTransformer::add_alias(const Member& function, const Node& properties, const Node& code) {
  const Node* provisioned = properties.find("ProvisionedConcurrencyConfig");
  const Node* alias_name = properties.find("AutoPublishAlias");
  if (alias_name == nullptr) {
    if (provisioned != nullptr)
      problems_.add(provisioned->position, "To set ProvisionedConcurrencyConfig, AutoPublishAlias must be defined on the function",
                    "write `AutoPublishAlias: live` beside it");
    return;
  }
  const Position at = alias_name->position;
  if (!known_text(*alias_name, "AutoPublishAlias")) return;
  const std::string version_id = function.key + "Version";
  Node& version = emit(version_id, "AWS::Lambda::Version", function, Attributes::Derived);
  version.position = at;
  version.set("FunctionName", make_ref(function.key, at));
  version.set("Code", code);
  if (const Node* description = properties.find("VersionDescription"); description != nullptr) version.set("Description", *description);
  // An older version stays when the alias moves on.
  for (const char* policy : {"DeletionPolicy", "UpdateReplacePolicy"})
    resources_.members.back().value.set(policy, make_string("Retain", at));
  Node& alias = emit(alias_id(function), "AWS::Lambda::Alias", function, Attributes::Derived);
  alias.position = at;
  alias.set("Name", *alias_name);
  alias.set("FunctionName", make_ref(function.key, at));
  alias.set("FunctionVersion", make_get_att(version_id, "Version", at));
  if (provisioned != nullptr) alias.set("ProvisionedConcurrencyConfig", *provisioned);
}

}  // namespace surgetank::stack
