#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

struct PermissionsTest : LambdaTest {
  std::string add(const std::string& statement_id, const std::string& more = "", const std::string& principal = "s3.amazonaws.com") {
    return call("AddPermission", R"({"FunctionName":"orders","StatementId":")" + statement_id +
                                     R"(","Action":"lambda:InvokeFunction","Principal":")" + principal + "\"" + more + "}");
  }
  std::string policy() { return call("GetPolicy", R"({"FunctionName":"orders"})"); }
};

TEST_F(PermissionsTest, StatementsAddUpToAPolicy) {
  create();
  EXPECT_EQ(policy(), "ResourceNotFoundException: The resource you requested does not exist.");
  EXPECT_EQ(
      member(add("one", R"(,"SourceArn":"arn:aws:s3:::bucket")"), "Statement"),
      R"({"Sid":"one","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",)"
      R"("Resource":"arn:aws:lambda:us-east-1:000000000000:function:orders","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::bucket"}}})");
  add("two");
  const auto document = parsed(member(policy(), "Policy"));
  EXPECT_EQ(*document.find_string("Version"), "2012-10-17");
  EXPECT_EQ(*document.find_string("Id"), "default");
  EXPECT_EQ(document.find("Statement")->as_array()->size(), 2U);
  EXPECT_EQ(add("two"),
            "ResourceConflictException: The statement id (two) provided already exists. Please provide a new statement id, or remove the "
            "existing statement.");
}

TEST_F(PermissionsTest, APolicyGoesWithItsLastStatement) {
  create();
  EXPECT_EQ(call("RemovePermission", R"({"FunctionName":"orders","StatementId":"one"})"),
            "ResourceNotFoundException: No policy is associated with the given resource.");
  add("one");
  EXPECT_EQ(call("RemovePermission", R"({"FunctionName":"orders","StatementId":"two"})"),
            "ResourceNotFoundException: Statement two is not found in resource policy.");
  EXPECT_EQ(call("RemovePermission", R"({"FunctionName":"orders","StatementId":"one"})"), "{}");
  EXPECT_EQ(policy(), "ResourceNotFoundException: The resource you requested does not exist.");
}

TEST_F(PermissionsTest, ThePolicyHasTheRevisionOfItsFunctionAndRestartsNothing) {
  create();
  add("one");
  const auto revision = member(policy(), "RevisionId");
  EXPECT_EQ(revision, member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "RevisionId"));
  EXPECT_EQ(add("two", R"(,"RevisionId":"other")"),
            "PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to "
            "retrieve the latest "
            "Revision Id");
  EXPECT_NE(member(add("two", R"(,"RevisionId":")" + revision + "\""), "Statement"), "");
  EXPECT_NE(member(policy(), "RevisionId"), revision);
  EXPECT_EQ(call("RemovePermission", R"({"FunctionName":"orders","StatementId":"two","RevisionId":")" + revision + R"("})").substr(0, 27),
            "PreconditionFailedException");
  EXPECT_TRUE(world.runner.retired.empty());
}

TEST_F(PermissionsTest, MembersAreChecked) {
  create();
  EXPECT_EQ(add("a b").substr(0, 20), "ValidationException:");
  EXPECT_EQ(add("a", R"(,"SourceAccount":"12")").substr(0, 20), "ValidationException:");
  EXPECT_EQ(add("a", R"(,"SourceArn":"bucket")").substr(0, 20), "ValidationException:");
  EXPECT_EQ(add("a", R"(,"FunctionUrlAuthType":"SOME")").substr(0, 20), "ValidationException:");
  EXPECT_EQ(add("a", "", "somebody"),
            "InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again.");
  EXPECT_EQ(call("AddPermission", R"({"FunctionName":"orders","StatementId":"a","Action":"s3:GetObject","Principal":"*"})").substr(0, 20),
            "ValidationException:");
  EXPECT_EQ(add("a", R"(,"Qualifier":"$LATEST")"),
            "InvalidParameterValueException: We currently do not support adding policies for $LATEST.");
  EXPECT_EQ(add("a", R"(,"Qualifier":"live")"),
            "ResourceNotFoundException: Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:orders:live");
  EXPECT_EQ(add("a", R"(,"Qualifier":"42")"),
            "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:orders:42");
}

TEST_F(PermissionsTest, APolicyHasAtMostTwentyKilobytes) {
  create();
  const std::string token(200, 'x');
  std::string reply;
  int added = 0;
  while (added < 200 && (reply = add("s" + std::to_string(added), R"(,"EventSourceToken":")" + token + "\"")).front() == '{') ++added;
  EXPECT_EQ(reply.substr(0, 53), "PolicyLengthExceededException: The final policy size ");
  EXPECT_GT(added, 40);
  EXPECT_LE(member(policy(), "Policy").size(), 20'480U);
}

TEST_F(PermissionsTest, PoliciesOfVersionsAndAliasesStandAlone) {
  create("orders", R"(,"Publish":true)");
  call("CreateAlias", R"({"FunctionName":"orders","Name":"live","FunctionVersion":"1"})");
  add("a", R"(,"Qualifier":"live")");
  EXPECT_EQ(policy().substr(0, 25), "ResourceNotFoundException");
  const auto aliased = call("GetPolicy", R"({"FunctionName":"orders","Qualifier":"live"})");
  EXPECT_NE(member(aliased, "Policy").find("function:orders:live"), std::string::npos);
  EXPECT_EQ(member(aliased, "RevisionId"), member(call("GetAlias", R"({"FunctionName":"orders","Name":"live"})"), "RevisionId"));
  call("DeleteAlias", R"({"FunctionName":"orders","Name":"live"})");
  call("CreateAlias", R"({"FunctionName":"orders","Name":"live","FunctionVersion":"1"})");
  EXPECT_EQ(call("GetPolicy", R"({"FunctionName":"orders:live"})").substr(0, 25), "ResourceNotFoundException");
}

}  // namespace
}  // namespace surgetank::lambda
