#include "kernel/policy.h"

#include <gtest/gtest.h>

#include "kernel/dispatcher.h"

namespace surgetank {
namespace {

constexpr std::string_view owner = "000000000000";
constexpr std::string_view queue_arn = "arn:aws:sqs:us-east-1:000000000000:orders";

Caller root_of(const std::string& account) {
  Caller caller;
  caller.account = std::string(owner);
  if (account != owner) caller.home_account = account;
  caller.region = "us-east-1";
  caller.principal_arn = "arn:aws:iam::" + account + ":root";
  caller.user_id = account;
  caller.source_address = "203.0.113.9";
  caller.user_agent = "aws-cli/2";
  return caller;
}

Caller session_of(const std::string& account, const std::string& role_path) {
  auto caller = root_of(account);
  const auto role = role_path.substr(role_path.rfind('/') + 1);
  caller.principal_arn = "arn:aws:sts::" + account + ":assumed-role/" + role + "/session";
  caller.role_arn = "arn:aws:iam::" + account + ":role/" + role_path;
  caller.user_id = "AROAEXAMPLE:session";
  return caller;
}

AccessPolicy policy_of(const std::string& text) {
  auto policy = parse_access_policy(text);
  EXPECT_TRUE(policy.ok()) << (policy.ok() ? "" : policy.error().message) << "\n" << text;
  return policy.ok() ? std::move(*policy) : AccessPolicy{};
}

// One statement on SendMessage of everybody; `more` are further elements.
std::string statement(const std::string& effect, const std::string& more = "", const std::string& principal = R"("*")") {
  return R"({"Effect":")" + effect + R"(","Principal":)" + principal + R"(,"Action":"sqs:SendMessage","Resource":")" +
         std::string(queue_arn) + "\"" + more + "}";
}
std::string of(const std::string& statements) { return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}"; }

AccessVerdict ask(const AccessPolicy& policy, const Caller& caller, std::string_view action = "sqs:SendMessage",
                  std::span<const AccessRequest::Value> further = {}) {
  return authorize(&policy, {.caller = caller,
                             .action = action,
                             .resource_arn = queue_arn,
                             .owner_account = owner,
                             .now = from_epoch_seconds(1'700'000'000),
                             .transport = transport_of(caller),
                             .further = further});
}

// Whether a Deny under this condition hits the caller.
bool condition_holds(const std::string& condition, const Caller& caller = root_of(std::string(owner)),
                     std::span<const AccessRequest::Value> further = {}) {
  return ask(policy_of(of(statement("Deny", R"(,"Condition":)" + condition))), caller, "sqs:SendMessage", further) == AccessVerdict::Denied;
}

std::string fault(const std::string& text) {
  const auto policy = parse_access_policy(text);
  return policy.ok() ? "accepted" : policy.error().message;
}

// --- who may ---------------------------------------------------------------------------------------------------------

TEST(Policy, WithoutOneTheOwnersAccountMayAndOthersMayNot) {
  const auto own = root_of(std::string(owner));
  const auto other = root_of("111122223333");
  const AccessRequest request{.caller = own, .action = "sqs:SendMessage", .resource_arn = queue_arn, .owner_account = owner, .now = {}};
  EXPECT_EQ(authorize(nullptr, request), AccessVerdict::Granted);
  const AccessRequest foreign{.caller = other, .action = "sqs:SendMessage", .resource_arn = queue_arn, .owner_account = owner, .now = {}};
  EXPECT_EQ(authorize(nullptr, foreign), AccessVerdict::NotAllowed);
}

TEST(Policy, ADenyBeatsEveryAllowAndTheOwnersAccount) {
  const auto policy = policy_of(of(statement("Allow") + "," + statement("Deny")));
  EXPECT_EQ(ask(policy, root_of(std::string(owner))), AccessVerdict::Denied);
  EXPECT_EQ(ask(policy, root_of("111122223333")), AccessVerdict::Denied);
  EXPECT_EQ(ask(policy, root_of(std::string(owner)), "sqs:ReceiveMessage"), AccessVerdict::Granted);
  EXPECT_EQ(ask(policy, root_of("111122223333"), "sqs:ReceiveMessage"), AccessVerdict::NotAllowed);
}

TEST(Policy, PrincipalsAreAccountsRootsRolesAndTheirSessions) {
  const auto session = session_of("111122223333", "team/sender");
  const auto allows = [&](const std::string& principal) {
    return ask(policy_of(of(statement("Allow", "", R"({"AWS":)" + principal + "}"))), session) == AccessVerdict::Granted;
  };
  EXPECT_TRUE(allows(R"("*")"));
  EXPECT_TRUE(allows(R"("111122223333")"));
  EXPECT_TRUE(allows(R"("arn:aws:iam::111122223333:root")"));
  EXPECT_TRUE(allows(R"("arn:aws:iam::111122223333:role/team/sender")"));
  EXPECT_TRUE(allows(R"("arn:aws:sts::111122223333:assumed-role/sender/session")"));
  EXPECT_TRUE(allows(R"("AROAEXAMPLE")"));
  EXPECT_TRUE(allows(R"(["222233334444","111122223333"])"));
  EXPECT_FALSE(allows(R"("222233334444")"));
  EXPECT_FALSE(allows(R"("arn:aws:iam::222233334444:root")"));
  EXPECT_FALSE(allows(R"("arn:aws:iam::111122223333:role/sender")"));
  EXPECT_FALSE(allows(R"("arn:aws:sts::111122223333:assumed-role/sender/other")"));
}

TEST(Policy, ASessionThatDoesNotKnowItsRolesPathNamesItWithout) {
  auto session = session_of("111122223333", "sender");
  session.role_arn.clear();
  const auto policy = policy_of(of(statement("Allow", "", R"({"AWS":"arn:aws:iam::111122223333:role/sender"})")));
  EXPECT_EQ(ask(policy, session), AccessVerdict::Granted);
}

TEST(Policy, ServicesAreTheirOwnPrincipals) {
  auto service = service_caller(owner, "us-east-1", "sns.amazonaws.com");
  service.home_account = "";
  const auto policy = policy_of(of(statement("Allow", "", R"({"Service":["events.amazonaws.com","sns.amazonaws.com"]})")));
  EXPECT_EQ(ask(policy, service), AccessVerdict::Granted);
  service.principal_arn = "s3.amazonaws.com";
  EXPECT_EQ(ask(policy, service), AccessVerdict::NotAllowed);
  EXPECT_EQ(ask(policy, root_of("111122223333")), AccessVerdict::NotAllowed);
}

TEST(Policy, NotPrincipalIsEverybodyElse) {
  const auto policy =
      policy_of(R"({"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::000000000000:role/worker"},"Action":"sqs:*"}})");
  EXPECT_EQ(ask(policy, session_of(std::string(owner), "worker")), AccessVerdict::Granted);
  EXPECT_EQ(ask(policy, session_of(std::string(owner), "other")), AccessVerdict::Denied);
}

// --- what and which ----------------------------------------------------------------------------------------------------

TEST(Policy, ActionsMatchInAnyCaseAndWithWildcards) {
  const auto denied = [](const std::string& action, std::string_view asked) {
    const auto policy = policy_of(R"({"Statement":{"Effect":"Deny","Principal":"*",)" + action + "}}");
    return ask(policy, root_of(std::string(owner)), asked) == AccessVerdict::Denied;
  };
  EXPECT_TRUE(denied(R"("Action":"SQS:SENDMESSAGE")", "sqs:SendMessage"));
  EXPECT_TRUE(denied(R"("Action":"sqs:Send*")", "sqs:SendMessage"));
  EXPECT_TRUE(denied(R"("Action":"*")", "sqs:SendMessage"));
  EXPECT_TRUE(denied(R"("Action":["sqs:PurgeQueue","sqs:?endMessage"])", "sqs:SendMessage"));
  EXPECT_FALSE(denied(R"("Action":"sqs:Send")", "sqs:SendMessage"));
  EXPECT_FALSE(denied(R"("Action":"sns:*")", "sqs:SendMessage"));
  EXPECT_FALSE(denied(R"("NotAction":"sqs:SendMessage")", "sqs:SendMessage"));
  EXPECT_TRUE(denied(R"("NotAction":"sqs:SendMessage")", "sqs:PurgeQueue"));
}

TEST(Policy, ResourcesMatchByPatternAndNoneIsThisOne) {
  const auto denied = [](const std::string& resource) {
    const auto policy = policy_of(R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"*")" + resource + "}}");
    return ask(policy, root_of(std::string(owner))) == AccessVerdict::Denied;
  };
  EXPECT_TRUE(denied(""));
  EXPECT_TRUE(denied(R"(,"Resource":"*")"));
  EXPECT_TRUE(denied(R"(,"Resource":["arn:aws:sqs:*:*:other","arn:aws:sqs:us-east-1:000000000000:ord*"])"));
  EXPECT_FALSE(denied(R"(,"Resource":"arn:aws:sqs:us-east-1:000000000000:order")"));
  EXPECT_FALSE(denied(R"(,"NotResource":"arn:aws:sqs:us-east-1:000000000000:orders")"));
  EXPECT_TRUE(denied(R"(,"NotResource":"arn:aws:sqs:us-east-1:000000000000:other")"));
}

// --- conditions --------------------------------------------------------------------------------------------------------

TEST(PolicyCondition, SecureTransportIsTlsOrThisMachine) {
  const std::string insecure = R"({"Bool":{"aws:SecureTransport":"false"}})";
  auto caller = root_of(std::string(owner));
  EXPECT_TRUE(condition_holds(insecure, caller));
  for (const char* here : {"127.0.0.1", "::1", "::ffff:127.0.0.1", ""}) {
    caller.source_address = here;
    EXPECT_FALSE(condition_holds(insecure, caller)) << here;
  }
  caller.source_address = "203.0.113.9";
  EXPECT_TRUE(condition_holds(R"({"Bool":{"AWS:securetransport":false}})", caller)) << "keys in any case, booleans as such";
}

TEST(PolicyCondition, StringsCompareExactlyOrByPattern) {
  const auto caller = session_of(std::string(owner), "worker");
  const auto arn = [&](const std::string& compare, const std::string& value) {
    return condition_holds("{\"" + compare + R"(":{"aws:PrincipalArn":)" + value + "}}", caller);
  };
  const std::string worker = R"("arn:aws:iam::000000000000:role/worker")";
  EXPECT_TRUE(arn("StringEquals", worker));
  EXPECT_TRUE(arn("StringEquals", "[\"x\"," + worker + "]"));
  EXPECT_FALSE(arn("StringEquals", R"("arn:aws:iam::000000000000:role/WORKER")"));
  EXPECT_TRUE(arn("StringEqualsIgnoreCase", R"("arn:aws:iam::000000000000:role/WORKER")"));
  EXPECT_FALSE(arn("StringNotEqualsIgnoreCase", R"("arn:aws:iam::000000000000:role/WORKER")"));
  EXPECT_FALSE(arn("StringEquals", R"("arn:aws:iam::000000000000:role/*")"));
  EXPECT_TRUE(arn("StringLike", R"("arn:aws:iam::000000000000:role/*")"));
  EXPECT_TRUE(arn("StringLike", R"("*wor?er")"));
  EXPECT_FALSE(arn("StringLike", R"("*wor?")"));
  EXPECT_FALSE(arn("StringNotEquals", "[\"x\"," + worker + "]"));
  EXPECT_TRUE(arn("StringNotEquals", R"(["x","y"])"));
  EXPECT_FALSE(arn("StringNotLike", R"("*worker")"));
}

TEST(PolicyCondition, ArnsCompareByTheirParts) {
  const auto caller = session_of(std::string(owner), "team/worker");
  const auto arn = [&](const std::string& compare, const std::string& value) {
    return condition_holds("{\"" + compare + R"(":{"aws:PrincipalArn":")" + value + "\"}}", caller);
  };
  EXPECT_TRUE(arn("ArnEquals", "arn:aws:iam::000000000000:role/team/worker"));
  EXPECT_TRUE(arn("ArnEquals", "arn:aws:iam::*:role/*"));
  EXPECT_TRUE(arn("ArnLike", "arn:*:iam::000000000000:role/team/*"));
  EXPECT_TRUE(arn("ArnLike", "*"));
  EXPECT_FALSE(arn("ArnLike", "arn:*:role/team/worker")) << "a star does not cross the colons of an ARN";
  EXPECT_FALSE(arn("ArnNotLike", "arn:aws:iam::*:role/*"));
  EXPECT_TRUE(arn("ArnNotEquals", "arn:aws:iam::*:role/other"));
}

TEST(PolicyCondition, NumbersAndDatesCompareAsSuch) {
  const AccessRequest::Value further[] = {{"sqs:size", "100"}};
  const auto size = [&](const std::string& compare, const std::string& value) {
    return condition_holds("{\"" + compare + R"(":{"sqs:Size":)" + value + "}}", root_of(std::string(owner)), further);
  };
  EXPECT_TRUE(size("NumericEquals", "100.0"));
  EXPECT_FALSE(size("NumericNotEquals", R"("1e2")"));
  EXPECT_TRUE(size("NumericLessThan", "101"));
  EXPECT_FALSE(size("NumericLessThan", "100"));
  EXPECT_TRUE(size("NumericLessThanEquals", "100"));
  EXPECT_TRUE(size("NumericGreaterThan", "99"));
  EXPECT_TRUE(size("NumericGreaterThanEquals", "100"));
  EXPECT_FALSE(size("NumericGreaterThan", R"("many")"));
  const auto date = [&](const std::string& compare, const std::string& value) {
    return condition_holds("{\"" + compare + R"(":{"aws:CurrentTime":)" + value + "}}");
  };
  EXPECT_TRUE(date("DateGreaterThan", R"("2023-11-14T22:00:00Z")"));
  EXPECT_TRUE(date("DateLessThan", R"("2023-11-15")"));
  EXPECT_TRUE(date("DateEquals", "1700000000"));
  EXPECT_FALSE(date("DateNotEquals", R"("2023-11-14T22:13:20Z")"));
  EXPECT_TRUE(date("DateLessThanEquals", R"("2023-11-14T22:13:20Z")"));
  EXPECT_TRUE(date("DateGreaterThanEquals", R"("2023-11-14T22:13:20Z")"));
  EXPECT_TRUE(condition_holds(R"({"NumericEquals":{"aws:EpochTime":"1700000000"}})"));
}

TEST(PolicyCondition, AddressesLieInNetworks) {
  const auto from = [](const std::string& address, const std::string& compare, const std::string& networks) {
    auto caller = root_of(std::string(owner));
    caller.source_address = address;
    return condition_holds("{\"" + compare + R"(":{"aws:SourceIp":)" + networks + "}}", caller);
  };
  EXPECT_TRUE(from("203.0.113.9", "IpAddress", R"("203.0.113.0/24")"));
  EXPECT_TRUE(from("203.0.113.9", "IpAddress", R"(["10.0.0.0/8","203.0.113.9"])"));
  EXPECT_FALSE(from("203.0.114.9", "IpAddress", R"("203.0.113.0/24")"));
  EXPECT_TRUE(from("203.0.114.9", "NotIpAddress", R"("203.0.113.0/24")"));
  EXPECT_FALSE(from("203.0.113.9", "NotIpAddress", R"("203.0.113.0/24")"));
  EXPECT_TRUE(from("2001:db8::1", "IpAddress", R"("2001:db8::/32")"));
  EXPECT_FALSE(from("2001:db9::1", "IpAddress", R"("2001:db8::/32")"));
  EXPECT_TRUE(from("::ffff:203.0.113.9", "IpAddress", R"("203.0.113.0/24")"));
  EXPECT_TRUE(from("203.0.113.9", "IpAddress", R"("0.0.0.0/0")"));
  EXPECT_FALSE(from("203.0.113.9", "IpAddress", R"("203.0.113.0/33")"));
  EXPECT_FALSE(from("203.0.113.9", "IpAddress", R"("everywhere")"));
}

TEST(PolicyCondition, AMissingKeyFailsPositiveOperatorsAndPassesNegatedOnes) {
  EXPECT_FALSE(condition_holds(R"({"StringEquals":{"aws:SourceVpce":"vpce-1"}})"));
  EXPECT_TRUE(condition_holds(R"({"StringNotEquals":{"aws:SourceVpce":"vpce-1"}})"));
  EXPECT_TRUE(condition_holds(R"({"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}})"));
  EXPECT_FALSE(condition_holds(R"({"Bool":{"aws:MultiFactorAuthPresent":"false"}})"));
  EXPECT_TRUE(condition_holds(R"({"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}})"));
  EXPECT_FALSE(condition_holds(R"({"StringEqualsIfExists":{"aws:RequestedRegion":"eu-west-1"}})"));
  EXPECT_TRUE(condition_holds(R"({"Null":{"aws:SourceVpce":"true"}})"));
  EXPECT_FALSE(condition_holds(R"({"Null":{"aws:SourceVpce":"false"}})"));
  EXPECT_TRUE(condition_holds(R"({"Null":{"aws:PrincipalArn":false}})"));
  EXPECT_FALSE(condition_holds(R"({"StringEquals":{"nobody:KnowsThis":"x"}})"));
}

TEST(PolicyCondition, KeysWithSeveralValuesAreQuantified) {
  const AccessRequest::Value two[] = {{"aws:tagkeys", "a"}, {"aws:tagkeys", "b"}};
  const auto keys = [&](const std::string& compare, const std::string& values, std::span<const AccessRequest::Value> further) {
    return condition_holds("{\"" + compare + R"(":{"aws:TagKeys":)" + values + "}}", root_of(std::string(owner)), further);
  };
  EXPECT_TRUE(keys("ForAnyValue:StringEquals", R"(["b","c"])", two));
  EXPECT_FALSE(keys("ForAnyValue:StringEquals", R"(["c"])", two));
  EXPECT_FALSE(keys("ForAllValues:StringEquals", R"(["b","c"])", two));
  EXPECT_TRUE(keys("ForAllValues:StringEquals", R"(["a","b","c"])", two));
  EXPECT_TRUE(keys("ForAllValues:StringNotEquals", R"(["c"])", two));
  EXPECT_FALSE(keys("ForAllValues:StringNotEquals", R"(["b"])", two));
  EXPECT_TRUE(keys("ForAnyValue:StringNotEquals", R"(["b"])", two));
  EXPECT_TRUE(keys("ForAllValues:StringEquals", R"(["a"])", {}));
  EXPECT_FALSE(keys("ForAnyValue:StringEquals", R"(["a"])", {}));
  EXPECT_TRUE(keys("ForAnyValue:StringEqualsIfExists", R"(["a"])", {}));
}

TEST(PolicyCondition, AllOfThemHaveToHold) {
  EXPECT_TRUE(condition_holds(R"({"StringEquals":{"aws:PrincipalAccount":"000000000000","aws:RequestedRegion":"us-east-1"},)"
                              R"("StringLike":{"aws:UserAgent":"aws-cli/*"}})"));
  EXPECT_FALSE(condition_holds(R"({"StringEquals":{"aws:PrincipalAccount":"000000000000","aws:RequestedRegion":"eu-west-1"}})"));
  EXPECT_FALSE(condition_holds(R"({"StringEquals":{"aws:PrincipalAccount":"000000000000"},"StringLike":{"aws:UserAgent":"boto3/*"}})"));
}

TEST(PolicyCondition, WhoAsksIsKnownByGlobalKeys) {
  auto user = root_of(std::string(owner));
  user.principal_arn = "arn:aws:iam::000000000000:user/team/anna";
  EXPECT_TRUE(condition_holds(R"({"StringEquals":{"aws:username":"anna","aws:PrincipalType":"User"}})", user));
  EXPECT_TRUE(condition_holds(R"({"StringEquals":{"aws:PrincipalType":"Account","aws:userid":"000000000000"}})"));
  EXPECT_TRUE(condition_holds(R"({"StringEquals":{"aws:PrincipalType":"AssumedRole","aws:userid":"AROAEXAMPLE:session"}})",
                              session_of(std::string(owner), "worker")));
  EXPECT_TRUE(
      condition_holds(R"({"Bool":{"aws:PrincipalIsAWSService":"true"},"StringEquals":{"aws:PrincipalServiceName":"sns.amazonaws.com"}})",
                      service_caller(owner, "us-east-1", "sns.amazonaws.com")));
  EXPECT_TRUE(condition_holds(R"({"StringNotEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}})", root_of("111122223333")));
  EXPECT_FALSE(condition_holds(R"({"StringNotEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}})"));
}

TEST(PolicyVariables, StandForWhatTheRequestHas) {
  EXPECT_TRUE(condition_holds(R"({"StringLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:*"}})"));
  EXPECT_FALSE(condition_holds(R"({"StringLike":{"aws:PrincipalArn":"*${aws:username}*"}})")) << "root has no user name";
  EXPECT_TRUE(condition_holds(R"({"StringLike":{"aws:PrincipalArn":"*${aws:username, 'root'}"}})"));
  EXPECT_FALSE(condition_holds(R"({"StringLike":{"aws:PrincipalArn":"${*}"}})")) << "a star that is a star";
  auto starred = root_of(std::string(owner));
  starred.user_agent = "*";
  EXPECT_FALSE(condition_holds(R"({"StringLike":{"aws:PrincipalArn":"${aws:UserAgent}"}})", starred)) << "what a variable brings is text";
  // The older version has none.
  const auto old = policy_of(R"({"Version":"2008-10-17","Statement":)" +
                             statement("Deny", R"(,"Condition":{"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}})") + "}");
  EXPECT_EQ(ask(old, root_of(std::string(owner))), AccessVerdict::Granted);
}

// --- what is refused ------------------------------------------------------------------------------------------------------

TEST(PolicyText, WhatIsNotUnderstoodIsRefused) {
  const auto with = [](const std::string& more) { return fault(of(statement("Allow", more))); };
  EXPECT_EQ(with(R"(,"Condition":{"StringResembles":{"aws:SourceIp":"x"}})"), "The condition operator StringResembles is not known.");
  EXPECT_EQ(with(R"(,"Condition":{"NullIfExists":{"aws:SourceIp":"true"}})"), "The condition operator NullIfExists is not known.");
  EXPECT_EQ(with(R"(,"Condition":{"ForSomeValue:Bool":{"a:b":"true"}})"), "The condition operator ForSomeValue:Bool is not known.");
  EXPECT_EQ(with(R"(,"Condition":["x"])"), "Statement 1.Condition is an object.");
  EXPECT_EQ(with(R"(,"Condition":{"Bool":"x"})"), "Statement 1.Condition.Bool is an object of condition keys.");
  EXPECT_EQ(with(R"(,"Condition":{"Bool":{"a:b":{}}})"), "Statement 1.Condition.Bool.a:b is a text or a list of texts.");
  EXPECT_EQ(with(R"(,"Condition":{"Bool":{"a:b":[]}})"), "Statement 1.Condition.Bool.a:b is a text or a list of texts.");
  EXPECT_EQ(with(R"(,"Priority":"1")"), "Statement 1 has an element that is not known: Priority.");
  EXPECT_EQ(with(R"(,"NotAction":"sqs:*")"), "Statement 1 has both Action and NotAction.");
  EXPECT_EQ(fault(of(statement("Permit"))), "Effect must be Allow or Deny in each statement.");
  EXPECT_EQ(fault(R"({"Version":"2024-01-01","Statement":[]})"), "The policy's Version is neither 2012-10-17 nor 2008-10-17.");
  EXPECT_EQ(fault(R"({"Statements":[]})"), "The policy has an element that is not known: Statements.");
  EXPECT_EQ(fault(R"({})"), "The policy has no Statement.");
  EXPECT_EQ(fault(R"({"Statement":["x"]})"), "Statement 1 of the policy is not a JSON object.");
  EXPECT_EQ(fault("[]"), "The policy is not a valid JSON object.");
}

TEST(PolicyText, PrincipalsAreNamedInFull) {
  const auto principal = [](const std::string& name) { return fault(of(statement("Allow", "", name))); };
  EXPECT_EQ(principal(R"({"AWS":"arn:aws:iam::111122223333:role/*"})"),
            "The principal arn:aws:iam::111122223333:role/* is neither an account nor the ARN of one.");
  EXPECT_EQ(principal(R"({"AWS":"anna"})"), "The principal anna is neither an account nor the ARN of one.");
  EXPECT_EQ(principal(R"({"User":"anna"})"), "The kind of principal User is not known.");
  EXPECT_EQ(principal(R"("111122223333")"), R"(Statement 1.Principal is "*" or an object such as {"AWS": "111122223333"}.)");
  EXPECT_EQ(principal(R"({})"), R"(Statement 1.Principal is "*" or an object such as {"AWS": "111122223333"}.)");
  EXPECT_EQ(principal(R"({"AWS":[]})"), "Statement 1.Principal.AWS is a text or a list of texts.");
}

TEST(PolicyText, HasLimits) {
  EXPECT_EQ(parse_access_policy(of(statement("Allow")), {.bytes = 20}).error().message, "The policy is longer than 20 bytes.");
  EXPECT_FALSE(parse_access_policy(of(statement("Allow")), {.depth = 2}).ok());
  EXPECT_FALSE(parse_access_policy(of(statement("Allow")), {.nodes = 5}).ok());
  EXPECT_NE(fault(of(statement("Allow", R"(,"Condition":{"StringLike":{"a:b":"\u0001"}})"))), "accepted");
  const auto policy = policy_of(of(statement("Allow", "", R"({"AWS":["111122223333","222233334444"]})") + "," +
                                   statement("Deny", R"(,"Condition":{"Bool":{"a:b":"true","a:c":"true"}})")));
  EXPECT_EQ(policy.principal_count(), 3U);
  EXPECT_EQ(policy.condition_count(), 2U);
  EXPECT_EQ(policy.most_actions(), 1U);
}

TEST(PolicyText, WildcardsDoNotMakeItSlow) {
  std::string pattern;
  for (int i = 0; i < 1'000; ++i) pattern += "*a";
  auto caller = root_of(std::string(owner));
  caller.user_agent = std::string(4'000, 'a') + "b";
  EXPECT_FALSE(condition_holds(R"({"StringLike":{"aws:UserAgent":")" + pattern + "\"}}", caller));
}

TEST(PolicyRefusal, IsWordedAsAwsDoes) {
  const auto caller = session_of("111122223333", "sender");
  const AccessRequest request{.caller = caller, .action = "sqs:SendMessage", .resource_arn = queue_arn, .owner_account = owner, .now = {}};
  EXPECT_EQ(refusal_text(request, "sqs:sendmessage", AccessVerdict::NotAllowed),
            "User: arn:aws:sts::111122223333:assumed-role/sender/session is not authorized to perform: sqs:sendmessage on resource: "
            "arn:aws:sqs:us-east-1:000000000000:orders because no resource-based policy allows the sqs:sendmessage action");
  EXPECT_EQ(refusal_text(request, "sqs:sendmessage", AccessVerdict::Denied),
            "User: arn:aws:sts::111122223333:assumed-role/sender/session is not authorized to perform: sqs:sendmessage on resource: "
            "arn:aws:sqs:us-east-1:000000000000:orders with an explicit deny in a resource-based policy");
}

}  // namespace
}  // namespace surgetank
