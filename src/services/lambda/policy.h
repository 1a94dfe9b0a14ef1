#pragma once
// Resource policies: which service may invoke a function. Pure. No storage, no clock.
// Source: AWS Lambda Developer Guide, "Using resource-based policies"; IAM, "ArnLike" (the six parts of an ARN match one by one).
#include <string>
#include <string_view>

#include "services/lambda/records.h"

namespace surgetank::lambda {

// Who wants to invoke: "apigateway.amazonaws.com", on behalf of a resource.
struct InvokingService {
  std::string_view principal;
  std::string_view source_arn;      // empty: none
  std::string_view source_account;  // whose resource that is
};

// Whether some statement lets the service call lambda:InvokeFunction. Conditions on what a service call does not have are not met.
bool allows_invoke(const List<StatementRecord>& statements, const InvokingService& service);

// Whether the principal of AddPermission is one: a service, an account, an IAM ARN or "*".
bool is_principal(std::string_view principal);

std::string statement_json(const StatementRecord& statement);
std::string policy_json(const List<StatementRecord>& statements);

// IAM's ArnLike: '*' and '?' within each of the six parts.
bool arn_like(std::string_view arn, std::string_view pattern);

}  // namespace surgetank::lambda
