#include "services/lambda/policy.h"

#include <gtest/gtest.h>

namespace surgetank::lambda {
namespace {

StatementRecord gateway_statement() {
  return {.sid = "s",
          .action = "lambda:InvokeFunction",
          .principal = "apigateway.amazonaws.com",
          .resource = "arn:aws:lambda:us-east-1:000000000000:function:orders",
          .source_arn = "arn:aws:execute-api:us-east-1:000000000000:abc/*/*/orders",
          .source_account = std::nullopt,
          .event_source_token = std::nullopt,
          .principal_org_id = std::nullopt,
          .function_url_auth_type = std::nullopt,
          .invoked_via_function_url = std::nullopt};
}
constexpr InvokingService gateway{.principal = "apigateway.amazonaws.com",
                                  .source_arn = "arn:aws:execute-api:us-east-1:000000000000:abc/$default/GET/orders",
                                  .source_account = "000000000000"};

TEST(ResourcePolicy, AStatementAllowsItsPrincipalOnBehalfOfItsSource) {
  EXPECT_TRUE(allows_invoke({gateway_statement()}, gateway));
  EXPECT_FALSE(allows_invoke({}, gateway));
  auto other = gateway;
  other.principal = "sns.amazonaws.com";
  EXPECT_FALSE(allows_invoke({gateway_statement()}, other));
  other = gateway;
  other.source_arn = "arn:aws:execute-api:us-east-1:000000000000:other/$default/GET/orders";
  EXPECT_FALSE(allows_invoke({gateway_statement()}, other));
}

TEST(ResourcePolicy, EveryConditionMustHold) {
  auto statement = gateway_statement();
  statement.source_account = "111111111111";
  EXPECT_FALSE(allows_invoke({statement}, gateway));
  statement.source_account = "000000000000";
  EXPECT_TRUE(allows_invoke({statement}, gateway));
  statement.event_source_token = "token";
  EXPECT_FALSE(allows_invoke({statement}, gateway));
}

TEST(ResourcePolicy, TheActionMustCoverInvokeFunction) {
  auto statement = gateway_statement();
  for (const auto* action : {"*", "lambda:*", "lambda:invokefunction"}) {
    statement.action = action;
    EXPECT_TRUE(allows_invoke({statement}, gateway)) << action;
  }
  statement.action = "lambda:GetFunction";
  EXPECT_FALSE(allows_invoke({statement}, gateway));
}

TEST(ResourcePolicy, WildcardsStayWithinThePartsOfAnArn) {
  EXPECT_TRUE(arn_like("arn:aws:s3:::bucket", "arn:aws:s3:::buck*"));
  EXPECT_TRUE(arn_like("arn:aws:events:us-east-1:000000000000:rule/a:b", "arn:aws:events:us-east-1:*:rule/*"));
  EXPECT_TRUE(arn_like("arn:aws:sns:us-east-1:000000000000:topic", "arn:aws:sns:us-east-?:000000000000:t?pic"));
  EXPECT_FALSE(arn_like("arn:aws:sns:us-east-1:000000000000:topic", "arn:aws:sns:*:topic"));
  EXPECT_FALSE(arn_like("", "arn:aws:sns:us-east-1:000000000000:topic"));
  EXPECT_TRUE(arn_like("arn:aws:sns:us-east-1:000000000000:aaab", "arn:aws:sns:us-east-1:000000000000:*a*b"));
  EXPECT_FALSE(arn_like("arn:aws:sns:us-east-1:000000000000:aaac", "arn:aws:sns:us-east-1:000000000000:*a*b"));
}

TEST(ResourcePolicy, ManyWildcardsTakeNoLongerThanFew) {
  const std::string text(20'000, 'a');
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "*a";
  EXPECT_FALSE(arn_like("a:a:a:a:a:" + text, "a:a:a:a:a:" + pattern + "b"));
}

TEST(ResourcePolicy, TheDocumentIsWrittenAsAwsWritesIt) {
  auto statement = gateway_statement();
  statement.source_account = "000000000000";
  EXPECT_EQ(
      policy_json({statement}),
      R"({"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},)"
      R"("Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:000000000000:function:orders",)"
      R"("Condition":{"StringEquals":{"AWS:SourceAccount":"000000000000"},)"
      R"("ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:000000000000:abc/*/*/orders"}}}]})");
  statement = gateway_statement();
  statement.source_arn.reset();
  statement.principal = "123456789012";
  EXPECT_NE(statement_json(statement).find(R"("Principal":{"AWS":"arn:aws:iam::123456789012:root"})"), std::string::npos);
  EXPECT_EQ(statement_json(statement).find("Condition"), std::string::npos);
  statement.principal = "*";
  EXPECT_NE(statement_json(statement).find(R"("Principal":"*")"), std::string::npos);
}

TEST(ResourcePolicy, APrincipalIsAServiceAnAccountAnIamArnOrEveryone) {
  for (const auto* principal : {"sns.amazonaws.com", "alexa-appkit.amazon.com", "123456789012", "arn:aws:iam::123456789012:role/r", "*"})
    EXPECT_TRUE(is_principal(principal)) << principal;
  for (const auto* principal : {"sns", "12345", ".amazonaws.com", "arn:aws:sns:us-east-1:123456789012:topic"})
    EXPECT_FALSE(is_principal(principal)) << principal;
}

}  // namespace
}  // namespace surgetank::lambda
