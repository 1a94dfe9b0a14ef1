#include <gtest/gtest.h>

#include "kernel/test_world.h"
#include "services/iam/service.h"

namespace surgetank::iam {
namespace {

constexpr std::string_view trust = R"({\"Statement\":[]})";

struct IamTest : testing::Test {
  TestWorld world{{&service}};
  std::string call(std::string_view operation, const std::string& input) { return world.call("iam", operation, input); }
  std::string create_role(const std::string& name) {
    return call("CreateRole", R"({"RoleName":")" + name + R"(","AssumeRolePolicyDocument":")" + std::string(trust) + R"("})");
  }
};

TEST_F(IamTest, ACreatedRoleIsShownWithItsUrlEncodedTrustPolicy) {
  EXPECT_NE(create_role("Worker").find(R"("Arn":"arn:aws:iam::000000000000:role/Worker")"), std::string::npos);
  EXPECT_NE(call("GetRole", R"({"RoleName":"Worker"})").find("%7B%22Statement%22%3A%5B%5D%7D"), std::string::npos);
  EXPECT_EQ(create_role("Worker"), "EntityAlreadyExists: Role with name Worker already exists.");
  EXPECT_EQ(call("GetRole", R"({"RoleName":"Nobody"})"), "NoSuchEntity: The role with name Nobody cannot be found.");
}

TEST_F(IamTest, RolesAreTheSameInEveryRegion) {
  create_role("Worker");
  Caller elsewhere = service_caller("000000000000", "eu-west-1", "test");
  EXPECT_NE(world.call_as(elsewhere, "iam", "GetRole", R"({"RoleName":"Worker"})").find("Worker"), std::string::npos);
}

TEST_F(IamTest, ARoleWithPoliciesCannotBeDeleted) {
  create_role("Worker");
  call("AttachRolePolicy", R"({"RoleName":"Worker","PolicyArn":"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"})");
  EXPECT_EQ(call("DeleteRole", R"({"RoleName":"Worker"})"), "DeleteConflict: Cannot delete entity, must detach all policies first.");
  EXPECT_EQ(
      call("ListAttachedRolePolicies", R"({"RoleName":"Worker"})"),
      R"({"AttachedPolicies":[{"PolicyName":"AWSLambdaBasicExecutionRole","PolicyArn":"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}],"IsTruncated":false})");
  call("DetachRolePolicy", R"({"RoleName":"Worker","PolicyArn":"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"})");
  EXPECT_EQ(call("DeleteRole", R"({"RoleName":"Worker"})"), "{}");
}

TEST_F(IamTest, InlinePoliciesAreKeptByName) {
  create_role("Worker");
  EXPECT_EQ(call("PutRolePolicy", R"({"RoleName":"Worker","PolicyName":"p","PolicyDocument":"no json"})"),
            "MalformedPolicyDocument: This policy contains invalid Json");
  EXPECT_EQ(call("PutRolePolicy", R"({"RoleName":"Worker","PolicyName":"p","PolicyDocument":"{\"Statement\":[]}"})"), "{}");
  EXPECT_EQ(call("ListRolePolicies", R"({"RoleName":"Worker"})"), R"({"PolicyNames":["p"],"IsTruncated":false})");
  EXPECT_EQ(call("DeleteRole", R"({"RoleName":"Worker"})"), "DeleteConflict: Cannot delete entity, must delete policies first.");
}

TEST_F(IamTest, ListsArePagedByMarker) {
  for (const char* name : {"a", "b", "c"}) create_role(name);
  const auto first = call("ListRoles", R"({"MaxItems":2})");
  EXPECT_NE(first.find(R"("IsTruncated":true,"Marker":"c")"), std::string::npos) << first;
  const auto second = call("ListRoles", R"({"MaxItems":2,"Marker":"c"})");
  EXPECT_NE(second.find(R"("IsTruncated":false)"), std::string::npos);
  EXPECT_EQ(second.find(R"("RoleName":"a")"), std::string::npos);
}

TEST_F(IamTest, ManagedPoliciesCountTheirAttachments) {
  create_role("Worker");
  call("CreatePolicy", R"({"PolicyName":"p","PolicyDocument":"{\"Statement\":[]}"})");
  EXPECT_EQ(call("AttachRolePolicy", R"({"RoleName":"Worker","PolicyArn":"arn:aws:iam::000000000000:policy/q"})").substr(0, 12),
            "NoSuchEntity");
  EXPECT_EQ(call("AttachRolePolicy", R"({"RoleName":"Worker","PolicyArn":"arn:aws:iam::000000000000:policy/p"})"), "{}");
  EXPECT_NE(call("GetPolicy", R"({"PolicyArn":"arn:aws:iam::000000000000:policy/p"})").find(R"("AttachmentCount":1)"), std::string::npos);
  EXPECT_EQ(call("DeletePolicy", R"({"PolicyArn":"arn:aws:iam::000000000000:policy/p"})"),
            "DeleteConflict: Cannot delete a policy attached to entities.");
}

}  // namespace
}  // namespace surgetank::iam
