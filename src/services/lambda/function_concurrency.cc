// PutFunctionConcurrency, GetFunctionConcurrency and DeleteFunctionConcurrency.
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/validation.h"
#include "services/lambda/concurrency.h"
#include "services/lambda/errors.h"
#include "services/lambda/operations.h"
#include "services/lambda/quotas.h"

namespace surgetank::lambda {
namespace {

constexpr Integer most_executions = 2'147'483'647;

Result<Target> function_only(Call& call, std::string_view action, const String& function_name) {
  SURGE_TRY(target, resolve(call, action, NameForm::FunctionName, function_name, std::nullopt));
  if (!target.qualifier.empty())
    return invalid_parameter(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either "
        "a function name or an unqualified function ARN.");
  return std::move(target);
}

Error below_floor(Call& call, Integer floor) {
  if (call.ports.quotas != nullptr) call.ports.quotas->rejected(quotas::unreserved_concurrency_floor);
  return Quotas::error(quotas::unreserved_concurrency_floor, floor, 0);
}

Result<Unit> check_reservation(Call& call, const std::string& name, Integer wanted) {
  const auto claims = concurrency_claims(call, name);
  if (wanted > claims.own && claims.limit - claims.others - wanted < claims.floor)
    return below_floor(call, claims.floor);
  Integer provisioned = 0;
  for (const auto& record : provisioned_records(call, name)) provisioned += record.executions;
  if (wanted < provisioned)
    return invalid_parameter("ReservedConcurrentExecutions " + std::to_string(wanted) +
                             " should not be lower than function's total provisioned concurrency [" + std::to_string(provisioned) + "].");
  return Unit{};
}

}  // namespace

Result<FunctionConcurrencyReply> put_function_concurrency(Call& call, const PutFunctionConcurrencyRequest& request) {
  SURGE_TRY(target, function_only(call, "lambda:PutFunctionConcurrency", request.FunctionName));
  const auto wanted = request.ReservedConcurrentExecutions;
  SURGE_CHECK(Validation().range("reservedConcurrentExecutions", wanted, 0, most_executions).finish(ValidationException));
  SURGE_TRY(function, find_function(call, target));
  SURGE_CHECK(check_reservation(call, target.name, wanted));
  function.reserved_concurrency = wanted;
  save_function(call, function);
  tell_runner_after_commit(call, target.name);
  return FunctionConcurrencyReply{.ReservedConcurrentExecutions = wanted};
}

Result<FunctionConcurrencyReply> get_function_concurrency(Call& call, const FunctionNameRequest& request) {
  SURGE_TRY(target, function_only(call, "lambda:GetFunctionConcurrency", request.FunctionName));
  SURGE_TRY(function, find_function(call, target));
  return FunctionConcurrencyReply{.ReservedConcurrentExecutions = function.reserved_concurrency};
}

Result<Empty> delete_function_concurrency(Call& call, const FunctionNameRequest& request) {
  SURGE_TRY(target, function_only(call, "lambda:DeleteFunctionConcurrency", request.FunctionName));
  SURGE_TRY(function, find_function(call, target));
  function.reserved_concurrency.reset();
  save_function(call, function);
  tell_runner_after_commit(call, target.name);
  return Empty{};
}

}  // namespace surgetank::lambda
