#pragma once
// What Invoke and the platform's own callers (invoker.h) do alike: from a name to a runnable version, through the lane's cache.
// On the function's lane. Errors: ResourceNotFoundException.
#include <memory>
#include <string>

#include "base/result.h"
#include "kernel/call.h"
#include "kernel/function_runner.h"
#include "services/lambda/function_store.h"

namespace surgetank::lambda {

struct InvocationTarget {
  std::shared_ptr<const FunctionVersion> version;
  std::string invoked_arn;                  // with the qualifier as it was used
  const List<StatementRecord>* statements;  // resource policy of what is invoked; null: none. Valid during the call only.
};
// An alias with weights chooses its version by chance, for every call anew.
Result<InvocationTarget> find_invocation_target(Call& call, const Target& target);

// How Lambda words a throttle; its reason is name_of(outcome.throttle). When this machine has no room, that is what it says.
std::string throttle_message(const InvocationOutcome& outcome);

}  // namespace surgetank::lambda
