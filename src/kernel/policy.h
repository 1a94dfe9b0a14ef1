#pragma once
// Access policies of resources (queues; secrets, functions and topics may use the same): JSON text becomes an AccessPolicy, and authorize()
// says whether a caller may do something to the resource that the policy is attached to. Source: AWS IAM User Guide, "IAM JSON policy
// elements reference", "Policy evaluation logic", "AWS global condition context keys".
//
// Pure: no clock, storage or network; any thread. Policies are hostile text: PolicyLimits hold before memory is spent, and what is not
// understood (an element, an operator, a kind of principal) is refused when the policy is read, never passed over. A condition key that
// is not known is one that the request does not have.
//
// Identity policies are not enforced by this server: a principal of the owner's account may do everything that the resource's policy
// does not deny, one of another account what the policy allows.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "kernel/call.h"

namespace surgetank {

struct PolicyLimits {
  std::size_t bytes = 65'536;
  int depth = 8;
  std::size_t nodes = 10'000;  // values of the JSON text
};

enum class PolicyOperator : std::uint8_t {
  StringEquals,
  StringEqualsIgnoreCase,
  StringLike,
  NumericEquals,
  NumericLessThan,
  NumericLessThanEquals,
  NumericGreaterThan,
  NumericGreaterThanEquals,
  DateEquals,
  DateLessThan,
  DateLessThanEquals,
  DateGreaterThan,
  DateGreaterThanEquals,
  Bool,
  BinaryEquals,
  IpAddress,
  ArnLike,  // ArnEquals is the same
  Null,
};

struct PolicyCondition {
  enum class Sense : std::uint8_t { Positive, Negated };               // Negated: StringNotEquals, NotIpAddress ...
  enum class Quantifier : std::uint8_t { None, AnyValue, AllValues };  // of keys with several values
  enum class Missing : std::uint8_t { Decides, Passes };               // Passes: ...IfExists
  PolicyOperator compare = PolicyOperator::StringEquals;
  Sense sense = Sense::Positive;
  Quantifier quantifier = Quantifier::None;
  Missing missing = Missing::Decides;
  std::string key;                  // in lower case
  std::vector<std::string> values;  // one of them has to hold
};

struct PolicyStatement {
  enum class Effect : std::uint8_t { Allow, Deny };
  enum class Sense : std::uint8_t { These, AllBut };  // AllBut: NotPrincipal, NotAction, NotResource
  // "AWS": "*", an account's number or an ARN; "Service": "sns.amazonaws.com"; "*" is everybody.
  struct Principal {
    enum class Kind : std::uint8_t { Everybody, Aws, Service, Other };  // Other: federated and canonical users, who do not exist here
    Kind kind = Kind::Everybody;
    std::string name;
  };
  std::string sid;
  Effect effect = Effect::Deny;
  Sense principal_sense = Sense::These;
  std::vector<Principal> principals;
  Sense action_sense = Sense::These;
  std::vector<std::string> actions;  // patterns in lower case
  Sense resource_sense = Sense::These;
  std::vector<std::string> resources;  // patterns; none: the resource that the policy is attached to
  std::vector<PolicyCondition> conditions;
};

struct AccessPolicy {
  // Policy variables (${aws:PrincipalAccount}) are those of the newer one.
  enum class Version : std::uint8_t { Of2008, Of2012 };
  Version version = Version::Of2008;
  std::vector<PolicyStatement> statements;

  std::size_t principal_count() const;
  std::size_t condition_count() const;
  std::size_t most_actions() const;  // of one statement
};

// The error's message says what is wrong and where; its code is MalformedPolicyDocument, which services put into their own words.
Result<AccessPolicy> parse_access_policy(std::string_view text, const PolicyLimits& limits = {});

// Who wants to do what to which resource, and under which circumstances.
struct AccessRequest {
  // Secure: by TLS, or from this very machine, which a client of the cloud would do by TLS.
  enum class Transport : std::uint8_t { Plain, Secure };
  struct Value {
    std::string_view key;  // in lower case
    std::string value;
  };
  const Caller& caller;
  std::string_view action;  // "sqs:SendMessage"
  std::string_view resource_arn;
  std::string_view owner_account;  // of the resource
  Instant now;
  Transport transport = Transport::Secure;
  std::span<const Value> further = {};  // of the service: "sns:protocol"; a key may come several times
};
// How the caller's request came.
AccessRequest::Transport transport_of(const Caller& caller);

// What the policy alone says.
enum class PolicyDecision : std::uint8_t { Nothing, Allows, Denies };
PolicyDecision evaluate(const AccessPolicy& policy, const AccessRequest& request);

enum class AccessVerdict : std::uint8_t {
  Granted,
  NotAllowed,  // another account's principal, whom nothing allows it
  Denied,      // explicitly
};
// `policy` null: the resource has none.
AccessVerdict authorize(const AccessPolicy* policy, const AccessRequest& request);
// "User: <ARN> is not authorized to perform: <action> on resource: <ARN> because ...", as AWS words a verdict that is not Granted.
std::string refusal_text(const AccessRequest& request, std::string_view action_as_shown, AccessVerdict verdict);

}  // namespace surgetank
