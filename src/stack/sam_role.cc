// The role of a function (FRole): managed policies by name or ARN, inline documents, policy templates.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "stack/sam_policies.h"
#include "stack/sam_transformer.h"

namespace surgetank::stack {
namespace {

Node text_list(std::initializer_list<std::string_view> texts) {
  Node list = make_list();
  for (std::string_view text : texts) list.items.push_back(make_string(text));
  return list;
}

Node lambda_trust() {
  Node statement = make_map();
  statement.set("Effect", make_string("Allow"));
  statement.set("Principal", make_map()).set("Service", text_list({"lambda.amazonaws.com"}));
  statement.set("Action", text_list({"sts:AssumeRole"}));
  Node document = make_map();
  document.set("Version", make_string("2012-10-17"));
  document.set("Statement", make_list()).items.push_back(std::move(statement));
  return document;
}

// Policies of AWS that live under a path of their own.
std::string managed_policy_path(std::string_view name) {
  static constexpr std::array<std::string_view, 9> service_roles{"AWSLambdaBasicExecutionRole",
                                                                 "AWSLambdaVPCAccessExecutionRole",
                                                                 "AWSLambdaSQSQueueExecutionRole",
                                                                 "AWSLambdaDynamoDBExecutionRole",
                                                                 "AWSLambdaKinesisExecutionRole",
                                                                 "AWSLambdaMSKExecutionRole",
                                                                 "AWSLambdaENIManagementAccess",
                                                                 "AWSLambdaRole",
                                                                 "AWSLambdaBasicDurableExecutionRolePolicy"};
  const bool service = std::find(service_roles.begin(), service_roles.end(), name) != service_roles.end();
  return service ? "service-role/" : "";
}

Node managed_policy(std::string_view name, Position at) {
  if (name.starts_with("arn:")) return make_string(name, at);
  return make_sub("arn:${AWS::Partition}:iam::aws:policy/" + managed_policy_path(name) + std::string(name), at);
}

void add_once(Node& list, Node value) {
  const auto same = [&value](const Node& item) { return same_value(item, value); };
  if (std::none_of(list.items.begin(), list.items.end(), same)) list.items.push_back(std::move(value));
}

// "@sqs:${QueueName}" with the template's parameters as variables of Fn::Sub.
Node statement_resource(std::string_view pattern, const Node& values, Position at) {
  std::string text(pattern);
  if (pattern.starts_with("@")) {
    const std::size_t colon = pattern.find(':');
    text = "arn:${AWS::Partition}:" + std::string(pattern.substr(1, colon - 1)) + ":${AWS::Region}:${AWS::AccountId}" +
           std::string(pattern.substr(colon));
  }
  if (!contains(text, "${")) return make_string(text, at);
  Node locals = make_map(at);
  for (const Member& value : values.members) {
    if (contains(text, "${" + value.key + "}")) locals.set(value.key, value.value);
  }
  if (locals.members.empty()) return make_sub(text, at);
  Node node = make_map(at);
  Node& parts = node.set("Fn::Sub", make_list(at));
  parts.items.push_back(make_string(text, at));
  parts.items.push_back(std::move(locals));
  return node;
}

Node template_document(const PolicyTemplate& row, const Node& values, Position at) {
  Node statements = make_list(at);
  for (const PolicyStatement& source : row.statements) {
    Node statement = make_map(at);
    statement.set("Effect", make_string("Allow", at));
    Node& actions = statement.set("Action", make_list(at));
    for (std::string_view action : split(source.actions, ' ')) actions.items.push_back(make_string(action, at));
    const std::vector<std::string_view> patterns = split(source.resources, ' ');
    if (patterns.size() == 1) {
      statement.set("Resource", statement_resource(patterns[0], values, at));
    } else {
      Node& resources = statement.set("Resource", make_list(at));
      for (std::string_view pattern : patterns) resources.items.push_back(statement_resource(pattern, values, at));
    }
    statements.items.push_back(std::move(statement));
  }
  Node document = make_map(at);
  document.set("Version", make_string("2012-10-17", at));
  document.set("Statement", std::move(statements));
  return document;
}

// Every parameter of the template is given and no other.
bool check_parameters(const PolicyTemplate& row, const Member& use, Problems& problems) {
  std::vector<std::string_view> wanted;
  if (!row.parameters.empty()) wanted = split(row.parameters, ' ');
  if (!use.value.is(NodeKind::Map) && !(use.value.is(NodeKind::Null) && wanted.empty())) {
    problems.add(use.key_position, "policy template `" + use.key + "` needs a map of its parameters",
                 "write `" + use.key + ": {}` if it has none");
    return false;
  }
  bool fine = true;
  for (std::string_view name : wanted) {
    if (use.value.find(name) != nullptr) continue;
    problems.add(use.key_position, "policy template `" + use.key + "` needs the parameter `" + std::string(name) + "`", "add it");
    fine = false;
  }
  for (const Member& given : use.value.members) {
    if (std::find(wanted.begin(), wanted.end(), given.key) != wanted.end()) continue;
    problems.add(given.key_position, "policy template `" + use.key + "` has no parameter `" + given.key + "`", one_of(given.key, wanted));
    fine = false;
  }
  return fine;
}

}  // namespace

void SamTransformer::add_policy(const Node& policy, const std::string& role, std::size_t index, Node& managed, Node& inlined) {
  const auto add_document = [&](Node document) {
    Node entry = make_map(policy.position);
    entry.set("PolicyName", make_string(role + "Policy" + std::to_string(index), policy.position));
    entry.set("PolicyDocument", std::move(document));
    inlined.items.push_back(std::move(entry));
  };
  if (policy.is(NodeKind::String)) return add_once(managed, managed_policy(policy.text, policy.position));
  if (const Member* call = function_call(policy); call != nullptr) {
    if (call->key == "Fn::If" && call->value.items.size() == 3) {
      const std::optional<bool> chosen = evaluator_.condition(call->value.items[0].text, call->value.items[0].position);
      if (chosen) add_policy(call->value.items[*chosen ? 1 : 2], role, index, managed, inlined);
      return;
    }
    const Node value = evaluator_.evaluate(policy);
    if (is_no_value(value)) return;
    if (value.is(NodeKind::String)) return add_once(managed, managed_policy(value.text, policy.position));
    if (value.is(NodeKind::List)) {
      for (const Node& item : value.items) add_once(managed, managed_policy(item.text, policy.position));
      return;
    }
    return add_once(managed, policy);  // a managed policy of this template
  }
  if (!policy.is(NodeKind::Map)) {
    return problems_.add(policy.position,
                         "a policy must be a name, an ARN, a document or a template, not " + std::string(kind_name(policy.kind)), "");
  }
  if (policy.find("Statement") != nullptr) return add_document(policy);
  if (policy.members.size() != 1) {
    return problems_.add(policy.position, "this policy has no Statement and is no policy template",
                         "a document starts with `Statement:`; a template is one key with its parameters");
  }
  const Member& use = policy.members.front();
  const PolicyTemplate* row = find_policy_template(use.key);
  if (row == nullptr) {
    const std::string near = did_you_mean(use.key, policy_template_names());
    return problems_.add(use.key_position, "there is no policy template `" + use.key + "`",
                         near.empty() ? one_of(use.key, policy_template_names()) : near);
  }
  if (check_parameters(*row, use, problems_)) add_document(template_document(*row, use.value, use.key_position));
}

void SamTransformer::add_role(const Member& function, const Node& properties) {
  const std::string id = function.key + "Role";
  Node managed = make_list(function.key_position);
  Node inlined = make_list(function.key_position);
  add_once(managed, managed_policy("AWSLambdaBasicExecutionRole", function.key_position));
  const Node* tracing = properties.find("Tracing");
  if (tracing != nullptr && tracing->text != "Disabled") add_once(managed, managed_policy("AWSXRayDaemonWriteAccess", tracing->position));
  if (has_queue_events(properties)) add_once(managed, managed_policy("AWSLambdaSQSQueueExecutionRole", function.key_position));
  if (const Node* policies = properties.find("Policies"); policies != nullptr) {
    const bool list = policies->is(NodeKind::List);
    for (std::size_t i = 0; i < (list ? policies->items.size() : 1); ++i)
      add_policy(list ? policies->items[i] : *policies, id, i, managed, inlined);
  }
  add_event_policies(function, properties, inlined);
  Node& role = emit(id, "AWS::IAM::Role", function, Attributes::Derived);
  const Node* trust = properties.find("AssumeRolePolicyDocument");
  role.set("AssumeRolePolicyDocument", trust == nullptr ? lambda_trust() : *trust);
  role.set("ManagedPolicyArns", std::move(managed));
  if (!inlined.items.empty()) role.set("Policies", std::move(inlined));
  if (const Node* path = properties.find("RolePath"); path != nullptr) role.set("Path", *path);
  const Node* propagate = properties.find("PropagateTags");
  role.set("Tags", tags(propagate != nullptr && propagate->is_true() ? properties.find("Tags") : nullptr, "lambda:createdBy"));
}

}  // namespace surgetank::stack
