#include <gtest/gtest.h>

#include "kernel/test_world.h"
#include "services/sts/service.h"

namespace surgetank::sts {
namespace {

struct StsTest : testing::Test {
  TestWorld world{{&service}};
};

TEST_F(StsTest, GetCallerIdentityTellsWhoSigned) {
  EXPECT_EQ(world.call("sts", "GetCallerIdentity", "{}"),
            R"({"UserId":"000000000000","Account":"000000000000","Arn":"arn:aws:iam::000000000000:root"})");
}

TEST_F(StsTest, AssumedCredentialsBelongToTheRole) {
  const auto reply = world.call("sts", "AssumeRole", R"({"RoleArn":"arn:aws:iam::000000000000:role/path/Worker","RoleSessionName":"me"})");
  EXPECT_NE(reply.find(R"("Arn":"arn:aws:sts::000000000000:assumed-role/Worker/me")"), std::string::npos) << reply;
  EXPECT_NE(reply.find(R"("AccessKeyId":"ASIA)"), std::string::npos);
}

TEST_F(StsTest, AssumeRoleRefusesOtherAccountsAndBadInput) {
  EXPECT_EQ(world.call("sts", "AssumeRole", R"({"RoleArn":"arn:aws:iam::111111111111:role/Worker","RoleSessionName":"me"})").substr(0, 12),
            "AccessDenied");
  EXPECT_EQ(world.call("sts", "AssumeRole", R"({"RoleArn":"arn:aws:iam::000000000000:user/x","RoleSessionName":"me"})"),
            "ValidationError: arn:aws:iam::000000000000:user/x is invalid");
  EXPECT_EQ(world.call("sts", "AssumeRole", R"({"RoleArn":"arn:aws:iam::000000000000:role/W","RoleSessionName":"a b","DurationSeconds":1})")
                .substr(0, 47),
            "ValidationError: 2 validation errors detected: ");
}

}  // namespace
}  // namespace surgetank::sts
