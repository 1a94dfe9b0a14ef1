#pragma once
// Dynamic references: `{{resolve:secretsmanager:id:SecretString:key:stage:version}}` inside property text. They stay as written in
// plans and in the stored state; their values exist only in the request that needs them, as Secret<>.
// Behaviour: CloudFormation user guide, "Using dynamic references". ssm and ssm-secure are refused: there is no Parameter Store.
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "stack/template_node.h"

namespace surgetank::stack {

struct SecretReference {
  std::string text;  // as written, with braces
  std::string secret_id;
  std::string json_key;       // empty: the whole SecretString
  std::string version_stage;  // empty: AWSCURRENT
  std::string version_id;
  Position position;
};

// Every reference in the text of `node`; what is malformed or unsupported becomes a problem. Text under an Fn::Sub is looked at
// as well, with its variables still in it.
std::vector<SecretReference> secret_references(const Node& node, Problems& problems);

using SecretValues = std::map<std::string, Secret<std::string>, std::less<>>;  // by SecretReference::text
// A copy with every known reference replaced by its value.
Node with_secrets(const Node& node, const SecretValues& values);

// One member of a JSON secret (or the whole text); nullopt: the secret is no JSON map or has no such key.
std::optional<Secret<std::string>> secret_member(const Secret<std::string>& secret, const std::string& json_key);

}  // namespace surgetank::stack
