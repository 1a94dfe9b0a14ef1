#pragma once
// SAM's policy templates: a name and parameters become the statements of a policy document. Data only.
// Source: SAM policy template list (AWS documentation).
#include <span>
#include <string_view>

namespace surgetank::stack {

struct PolicyStatement {
  std::string_view actions;    // separated by a blank: "sqs:SendMessage* sqs:GetQueueUrl"
  std::string_view resources;  // separated by a blank; "@sqs:${QueueName}" is an ARN of this region and account
};
struct PolicyTemplate {
  std::string_view name;
  std::string_view parameters;  // separated by a blank; each appears as ${Name}
  std::span<const PolicyStatement> statements;
};

// null: no such template.
const PolicyTemplate* find_policy_template(std::string_view name);
std::span<const std::string_view> policy_template_names();

}  // namespace surgetank::stack
