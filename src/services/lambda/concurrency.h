#pragma once
// Reserved and provisioned concurrency as Lambda keeps it: what functions claim of the account's limit, and what the runner is told.
// On the function's lane. The model behind it is kernel/concurrency.h.
#include <string>
#include <string_view>

#include "kernel/call.h"
#include "kernel/operation.h"
#include "services/lambda/concurrency_model.h"
#include "services/lambda/function_store.h"

namespace surgetank::lambda {

// The account's limit of concurrent executions, and what of it is taken out. Functions of other lanes are seen as of the operation's
// snapshot: two that reserve in the same instant do not see each other.
struct ConcurrencyClaims {
  Integer limit = 0;
  Integer floor = 0;   // what has to stay unreserved
  Integer others = 0;  // claimed by all functions but the one that is asked about
  Integer own = 0;

  Integer unreserved() const { return limit - others - own; }
};
ConcurrencyClaims concurrency_claims(Call& call, std::string_view function_name);

List<ProvisionedRecord> provisioned_records(Call& call, const std::string& name);
Opt<ProvisionedRecord> find_provisioned(Call& call, const std::string& name, std::string_view qualifier);

// An alias that has provisioned concurrency is to lead to `version`: refused if that has some of its own, or is $LATEST.
Result<Unit> check_provisioned_alias(Call& call, const std::string& name, std::string_view alias, std::string_view version);

// Once the operation is durable the runner learns what the function reserves and has provisioned. After all writes.
void tell_runner_after_commit(Call& call, const std::string& name);
// The same for all functions that have settings, when the server starts.
void tell_runner_of_all(ServiceContext& context);

}  // namespace surgetank::lambda
