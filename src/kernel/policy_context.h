#pragma once
// What a request is, as conditions and variables of policies see it: the values of global condition keys, and who the caller is to a
// Principal element. Used by the evaluation in policy_evaluation.cc and policy_conditions.cc only. Pure; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/policy.h"

namespace surgetank {

// The values of a condition key (lower case); none: the request does not have it.
std::vector<std::string> context_values(const AccessRequest& request, std::string_view key);
// The account of the principal; empty for services.
std::string_view principal_account(const Caller& caller);
bool is_principal(const PolicyStatement::Principal& principal, const Caller& caller);

// A pattern or value of a policy with its variables filled in, ready for matches(): wildcards are marked, so that what a variable
// brings is text. nullopt: the request lacks one of the variables, or the result is longer than any value; then it matches nothing.
enum class Wildcards : std::uint8_t { Text, Pattern };
std::optional<std::string> filled_in(std::string_view text, AccessPolicy::Version version, const AccessRequest& request,
                                     Wildcards wildcards);
// Whether a filled-in pattern covers the whole text.
bool matches(std::string_view pattern, std::string_view text);
// Component by component, of which ARNs have six.
bool matches_arn(std::string_view pattern, std::string_view arn);

bool holds(const PolicyCondition& condition, AccessPolicy::Version version, const AccessRequest& request);

}  // namespace surgetank
