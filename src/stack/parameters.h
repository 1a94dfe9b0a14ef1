#pragma once
// The Parameters section: declarations, their constraints, and the values a deployment gives them.
// Behaviour: CloudFormation user guide, "Parameters". AllowedPattern is RE2 and must match the whole value. Types of other services
// (AWS::EC2::VPC::Id ...) are text here: nothing checks that the thing exists. AWS::SSM types are refused.
#include <map>
#include <string>

#include "stack/template_node.h"

namespace surgetank {
class Quotas;
}

namespace surgetank::stack {

enum class Echo : std::uint8_t { Shown, Hidden };  // Hidden: NoEcho, never printed

struct ParameterValue {
  std::string text;  // as given
  Node value;        // what Ref gives: String or a List of Strings
  Echo echo = Echo::Shown;
};
using ParameterValues = std::map<std::string, ParameterValue, std::less<>>;
using ParameterTexts = std::map<std::string, std::string, std::less<>>;

// A parameter without a usable value is a problem and Unknown, so that the rest of the template can still be checked.
// `given` beats `previous` (the stack's last deployment), which beats Default.
ParameterValues resolve_parameters(const Node& root, const ParameterTexts& given, const ParameterTexts& previous, Problems& problems,
                                   Quotas* quotas = nullptr);

}  // namespace surgetank::stack
