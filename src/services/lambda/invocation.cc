#include "services/lambda/invocation.h"

#include "services/lambda/function_cache.h"
#include "services/lambda/function_name.h"

namespace surgetank::lambda {
namespace {

// The version that this call of the alias goes to.
const std::string& chosen_version(const AliasRecord& alias, Random& random) {
  if (alias.weights.empty()) return alias.function_version;
  auto point = random.fraction();
  for (const auto& [version, weight] : alias.weights) {
    if (point < weight) return version;
    point -= weight;
  }
  return alias.function_version;
}

}  // namespace

Result<InvocationTarget> find_invocation_target(Call& call, const Target& target) {
  auto* function = call.state_as<FunctionCache>().find(call, target.name);
  if (function == nullptr) return function_not_found(call, target);
  const bool unqualified = target.qualifier.empty();
  std::string_view version = unqualified ? latest_version : std::string_view(target.qualifier);
  if (const auto alias = function->aliases.find(version); alias != function->aliases.end())
    version = chosen_version(alias->second, call.random);
  InvocationTarget found{
      .version = FunctionCache::version_of(call, target.name, *function, version), .invoked_arn = {}, .statements = nullptr};
  if (!found.version) return function_not_found(call, target);
  found.invoked_arn = unqualified ? found.version->arn : found.version->arn + ":" + target.qualifier;
  const auto policy = function->policies.find(target.qualifier == latest_version ? std::string_view{} : std::string_view(target.qualifier));
  if (policy != function->policies.end()) found.statements = &policy->second;
  return found;
}

std::string throttle_message(const InvocationOutcome& outcome) {
  return outcome.failure.empty() ? std::string("Rate Exceeded.") : outcome.failure;
}

}  // namespace surgetank::lambda
