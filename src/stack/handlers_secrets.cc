// AWS::SecretsManager::Secret and SecretTargetAttachment.
#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view service = "secretsmanager";
constexpr std::string_view gone = "ResourceNotFoundException";

ApiCall random_password(const Node& generate) {
  return {service, "GetRandomPassword",
          with_members(make_map(), generate,
                       {"PasswordLength", "ExcludeCharacters", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase",
                        "ExcludeLowercase", "IncludeSpace", "RequireEachIncludedType"})};
}

// The generated password, alone or as one member of SecretStringTemplate; nullopt if the template is no JSON map.
std::optional<std::string> generated_value(const Node& generate, const std::string& password) {
  const std::string key = generate.text_of("GenerateStringKey");
  const Node* pattern = generate.find("SecretStringTemplate");
  if (pattern == nullptr && key.empty()) return password;
  std::optional<Node> value = read_json_value(pattern == nullptr ? "{}" : pattern->text);
  if (!value || !value->is(NodeKind::Map) || key.empty()) return std::nullopt;
  value->set(key, make_string(password));
  return to_json(*value);
}

constexpr std::string_view bad_template =
    "GenerateSecretString needs both SecretStringTemplate (a JSON map) and GenerateStringKey, or neither";

Step create_secret(const Work& work) {
  const Node* generate = work.properties.find("GenerateSecretString");
  if (generate != nullptr && work.has("SecretString")) return failed("a secret has either SecretString or GenerateSecretString, not both");
  const std::size_t before = generate == nullptr ? 0 : 1;
  if (generate != nullptr && work.answers.empty()) return make_call(random_password(*generate));
  if (work.answers.size() == before) {
    Node input = with_members(text_map({{"Name", work.physical_id}}), work.properties, {"Description", "KmsKeyId", "SecretString", "Tags"});
    if (generate != nullptr) {
      const std::optional<std::string> value = generated_value(*generate, work.answer(0).text_of("RandomPassword"));
      if (!value) return failed(std::string(bad_template));
      input.set("SecretString", make_string(*value));
    }
    return make_call({service, "CreateSecret", std::move(input)});
  }
  const std::string arn = work.answers.back().value.text_of("ARN");
  return done(arn, text_map({{"Id", arn}}));
}

Step update_secret(const Work& work) {
  const Node* generate = work.properties.find("GenerateSecretString");
  if (generate != nullptr && work.has("SecretString")) return failed("a secret has either SecretString or GenerateSecretString, not both");
  const bool generated = generate != nullptr && work.did_change("GenerateSecretString");
  if (generated && work.answers.empty()) return make_call(random_password(*generate), work.physical_id);
  std::vector<ApiCall> calls;
  if (generated) calls.push_back(random_password(*generate));  // answered already
  Node input =
      with_members(text_map({{"SecretId", work.physical_id}, {"Description", work.text("Description")}}), work.properties, {"KmsKeyId"});
  if (work.did_change("SecretString") && work.has("SecretString")) input.set("SecretString", *work.properties.find("SecretString"));
  if (generated) {
    const std::optional<std::string> value = generated_value(*generate, work.answer(0).text_of("RandomPassword"));
    if (!value) return failed(std::string(bad_template));
    input.set("SecretString", make_string(*value));
  }
  if (generated || work.did_change("Description") || work.did_change("KmsKeyId") || work.did_change("SecretString")) {
    calls.push_back({service, "UpdateSecret", std::move(input)});
  }
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node untag = text_map({{"SecretId", work.physical_id}});
    untag.set("TagKeys", std::move(tags.removed));
    calls.push_back({service, "UntagResource", std::move(untag)});
  }
  if (!tags.set.members.empty()) {
    Node tag = text_map({{"SecretId", work.physical_id}});
    tag.set("Tags", tag_list(tags.set));
    calls.push_back({service, "TagResource", std::move(tag)});
  }
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"Id", work.physical_id}})));
}

Step remove_secret(const Work& work) {
  Node input = text_map({{"SecretId", work.physical_id}});
  input.set("ForceDeleteWithoutRecovery", make_boolean(true));
  return in_order(work, {{service, "DeleteSecret", std::move(input), {gone}}}, done(work.physical_id));
}

// The connection details of a database are added to the secret that holds its user and password.
Step attach_target(const Work& work) {
  const std::string secret = work.text("SecretId");
  if (work.text("TargetType") != "AWS::RDS::DBInstance") {
    return failed("TargetType `" + work.text("TargetType") + "` is not supported; use AWS::RDS::DBInstance");
  }
  if (work.answers.empty()) return make_call({"rds", "DescribeDBInstances", text_map({{"DBInstanceIdentifier", work.text("TargetId")}})});
  if (work.answers.size() == 1) return make_call({service, "GetSecretValue", text_map({{"SecretId", secret}})});
  if (work.answers.size() == 2) {
    const Node* databases = work.answer(0).find("DBInstances");
    if (databases == nullptr || databases->items.empty()) return failed("there is no database `" + work.text("TargetId") + "`");
    const Node& database = databases->items.front();
    std::optional<Node> value = read_json_value(work.answer(1).text_of("SecretString"));
    if (!value || !value->is(NodeKind::Map)) return failed("the secret is not a JSON map with username and password");
    value->set("engine", make_string(database.text_of("Engine")));
    value->set("dbInstanceIdentifier", make_string(database.text_of("DBInstanceIdentifier")));
    if (!database.text_of("DBName").empty()) value->set("dbname", make_string(database.text_of("DBName")));
    if (const Node* endpoint = database.find("Endpoint"); endpoint != nullptr) {
      value->set("host", make_string(endpoint->text_of("Address")));
      if (const Node* port = endpoint->find("Port"); port != nullptr) value->set("port", *port);
    }
    return make_call({service, "PutSecretValue", text_map({{"SecretId", secret}, {"SecretString", to_json(*value)}})}, secret);
  }
  return done(secret, text_map({{"Id", secret}}));
}

// The secret goes with its own resource, and the details in it do no harm.
Step detach_target(const Work& work) { return done(work.physical_id); }

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::SecretsManager::Secret", 256, Letters::Any, create_secret, update_secret, remove_secret},
    {"AWS::SecretsManager::SecretTargetAttachment", 0, Letters::Any, attach_target, attach_target, detach_target},
};

}  // namespace

std::span<const ResourceHandler> secret_handlers() { return handlers; }

}  // namespace surgetank::stack
