#include <gtest/gtest.h>

#include "kernel/test_world.h"
#include "services/secretsmanager/keys.h"
#include "services/secretsmanager/secret.h"
#include "services/secretsmanager/service.h"

namespace surgetank::secretsmanager {
namespace {

constexpr std::string_view token_a = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
constexpr std::string_view token_b = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";

// The text of member `name` in a JSON reply.
std::string member(const std::string& reply, const std::string& name) {
  const auto start = reply.find("\"" + name + "\":\"");
  if (start == std::string::npos) return {};
  const auto from = start + name.size() + 4;
  return reply.substr(from, reply.find('"', from) - from);
}

struct SecretsManagerTest : testing::Test {
  TestWorld world{{&service}};
  std::string call(std::string_view operation, const std::string& input) { return world.call("secretsmanager", operation, input); }
  std::string create(const std::string& name, const std::string& value = "v") {
    return call("CreateSecret",
                R"({"Name":")" + name + R"(","SecretString":")" + value + R"(","ClientRequestToken":")" + std::string(token_a) + R"("})");
  }
};

TEST_F(SecretsManagerTest, ASecretIsFoundByNameArnAndPartialArn) {
  const auto arn = member(create("db/orders-secret"), "ARN");
  ASSERT_EQ(arn.substr(0, arn.size() - 7), "arn:aws:secretsmanager:us-east-1:000000000000:secret:db/orders-secret");
  for (const auto& id : {std::string("db/orders-secret"), arn, arn.substr(0, arn.size() - 7)})
    EXPECT_EQ(member(call("GetSecretValue", R"({"SecretId":")" + id + R"("})"), "SecretString"), "v") << id;
  EXPECT_EQ(call("GetSecretValue", R"({"SecretId":"db/orders"})"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
  auto other = arn;
  other.back() = other.back() == 'x' ? 'y' : 'x';
  EXPECT_EQ(call("GetSecretValue", R"({"SecretId":")" + other + R"("})").substr(0, 25), "ResourceNotFoundException");
}

TEST(SecretNames, NameArnAndPartialArnShareALane) {
  EXPECT_EQ(aggregate_key("a-secret-abcdef"), aggregate_key("arn:aws:secretsmanager:r:1:secret:a-secret-abcdef-XyZ123"));
  EXPECT_EQ(aggregate_key("a-secret-abcdef"), aggregate_key("arn:aws:secretsmanager:r:1:secret:a-secret-abcdef"));
  EXPECT_EQ(aggregate_key("plain"), "plain");
}

TEST_F(SecretsManagerTest, CreatingTwiceIsARetryOnlyWithTheSameTokenAndValue) {
  const auto first = create("s");
  EXPECT_EQ(create("s"), first);
  EXPECT_EQ(create("s", "other"), "ResourceExistsException: The operation failed because the secret s already exists.");
}

TEST_F(SecretsManagerTest, ANewValueMovesAwscurrentAndAwsprevious) {
  create("s", "one");
  call("PutSecretValue", R"({"SecretId":"s","SecretString":"two","ClientRequestToken":")" + std::string(token_b) + R"("})");
  EXPECT_EQ(member(call("GetSecretValue", R"({"SecretId":"s"})"), "SecretString"), "two");
  const auto previous = call("GetSecretValue", R"({"SecretId":"s","VersionStage":"AWSPREVIOUS"})");
  EXPECT_EQ(member(previous, "SecretString"), "one");
  EXPECT_EQ(member(previous, "VersionId"), token_a);
  EXPECT_EQ(call("PutSecretValue", R"({"SecretId":"s","SecretString":"three","ClientRequestToken":")" + std::string(token_b) + R"("})")
                .substr(0, 23),
            "ResourceExistsException");
}

TEST_F(SecretsManagerTest, APendingVersionBecomesCurrentWhenItsLabelMoves) {
  create("s", "one");
  call("PutSecretValue",
       R"({"SecretId":"s","SecretString":"two","VersionStages":["AWSPENDING"],"ClientRequestToken":")" + std::string(token_b) + R"("})");
  EXPECT_EQ(member(call("GetSecretValue", R"({"SecretId":"s"})"), "SecretString"), "one");
  EXPECT_EQ(call("UpdateSecretVersionStage",
                 R"({"SecretId":"s","VersionStage":"AWSCURRENT","MoveToVersionId":")" + std::string(token_b) + R"("})")
                .substr(0, 25),
            "InvalidParameterException");
  call("UpdateSecretVersionStage", R"({"SecretId":"s","VersionStage":"AWSCURRENT","RemoveFromVersionId":")" + std::string(token_a) +
                                       R"(","MoveToVersionId":")" + std::string(token_b) + R"("})");
  EXPECT_EQ(member(call("GetSecretValue", R"({"SecretId":"s"})"), "SecretString"), "two");
  EXPECT_EQ(member(call("GetSecretValue", R"({"SecretId":"s","VersionStage":"AWSPREVIOUS"})"), "SecretString"), "one");
}

TEST_F(SecretsManagerTest, MissingVersionsAndLabelsAreNamed) {
  create("s");
  EXPECT_EQ(call("GetSecretValue", R"({"SecretId":"s","VersionStage":"nope"})"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: nope");
  call("CreateSecret", R"({"Name":"empty"})");
  EXPECT_EQ(call("GetSecretValue", R"({"SecretId":"empty"})"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
}

TEST_F(SecretsManagerTest, BinaryValuesComeBackAsBinary) {
  call("CreateSecret", R"({"Name":"b","SecretBinary":"AAEC"})");
  const auto reply = call("GetSecretValue", R"({"SecretId":"b"})");
  EXPECT_EQ(member(reply, "SecretBinary"), "AAEC");
  EXPECT_EQ(reply.find("SecretString"), std::string::npos);
}

TEST_F(SecretsManagerTest, ValuesAreSealedInTheStore) {
  create("s", "planted-canary");
  auto txn = world.store->begin();
  int rows = 0;
  txn->scan("", "\xff", [&](std::string_view, std::string_view value) {
    EXPECT_EQ(value.find("planted-canary"), std::string_view::npos);
    ++rows;
    return true;
  });
  EXPECT_GE(rows, 2);
}

TEST_F(SecretsManagerTest, ADeletedSecretIsHiddenRestorableAndGoneWhenItsWindowEnds) {
  create("s");
  call("DeleteSecret", R"({"SecretId":"s","RecoveryWindowInDays":7})");
  EXPECT_EQ(call("GetSecretValue", R"({"SecretId":"s"})"),
            "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.");
  EXPECT_EQ(create("s").substr(0, 23), "InvalidRequestException");
  EXPECT_EQ(call("ListSecrets", "{}"), R"({"SecretList":[]})");
  call("RestoreSecret", R"({"SecretId":"s"})");
  world.advance(days(8));
  EXPECT_EQ(member(call("GetSecretValue", R"({"SecretId":"s"})"), "SecretString"), "v");
  call("DeleteSecret", R"({"SecretId":"s","RecoveryWindowInDays":7})");
  world.crash_and_restart();
  world.advance(days(7));
  EXPECT_EQ(call("DescribeSecret", R"({"SecretId":"s"})").substr(0, 25), "ResourceNotFoundException");
}

TEST_F(SecretsManagerTest, ForcedDeletionIsImmediate) {
  create("s");
  call("DeleteSecret", R"({"SecretId":"s","ForceDeleteWithoutRecovery":true})");
  EXPECT_EQ(call("DescribeSecret", R"({"SecretId":"s"})").substr(0, 25), "ResourceNotFoundException");
  EXPECT_NE(member(create("s"), "ARN"), "");
}

TEST_F(SecretsManagerTest, OldVersionsWithoutLabelsArePruned) {
  create("s");
  for (int i = 0; i < 130; ++i) call("PutSecretValue", R"({"SecretId":"s","SecretString":"v)" + std::to_string(i) + R"("})");
  std::size_t values = 0;
  auto txn = world.store->begin();
  const auto prefix = keys::values(service_caller("000000000000", "us-east-1", ""), "s");
  txn->scan(prefix, prefix_end(prefix), [&](std::string_view, std::string_view) { return ++values > 0; });
  EXPECT_EQ(values, 100U);
  EXPECT_EQ(member(call("GetSecretValue", R"({"SecretId":"s"})"), "SecretString"), "v129");
}

TEST_F(SecretsManagerTest, ListsAreFilteredAndPaged) {
  for (const char* name : {"app/one", "app/two", "other"}) create(name);
  EXPECT_EQ(call("ListSecrets", R"({"Filters":[{"Key":"name","Values":["app/"]}],"SortOrder":"asc"})").find("other"), std::string::npos);
  const auto first = call("ListSecrets", R"({"MaxResults":2,"SortOrder":"asc"})");
  const auto next = member(first, "NextToken");
  ASSERT_NE(next, "");
  EXPECT_NE(call("ListSecrets", R"({"MaxResults":2,"SortOrder":"asc","NextToken":")" + next + R"("})").find("other"), std::string::npos);
  EXPECT_EQ(call("ListSecrets", R"({"NextToken":"bogus"})").substr(0, 25), "InvalidNextTokenException");
}

TEST_F(SecretsManagerTest, BatchGetReportsEachMissingSecret) {
  create("a");
  const auto reply = call("BatchGetSecretValue", R"({"SecretIdList":["a","b"]})");
  EXPECT_NE(reply.find(R"("SecretString":"v")"), std::string::npos);
  EXPECT_NE(reply.find(R"({"SecretId":"b","ErrorCode":"ResourceNotFoundException")"), std::string::npos);
}

TEST_F(SecretsManagerTest, BadInputIsRefusedInAwsWords) {
  EXPECT_EQ(call("CreateSecret", R"({"Name":"no spaces"})").substr(0, 20), "ValidationException:");
  EXPECT_EQ(call("CreateSecret", R"({"Name":"a","SecretString":"x","SecretBinary":"AA=="})").substr(0, 25), "InvalidParameterException");
  EXPECT_EQ(call("CreateSecret", R"({"Name":"a","SecretString":")" + std::string(65'537, 'x') + R"("})").substr(0, 20),
            "ValidationException:");
  EXPECT_EQ(call("DeleteSecret", R"({"SecretId":"a","RecoveryWindowInDays":3})"),
            "InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
}

TEST_F(SecretsManagerTest, PasswordsHaveTheLengthAndTypesAsked) {
  const auto password =
      member(call("GetRandomPassword", R"({"PasswordLength":20,"ExcludePunctuation":true,"ExcludeLowercase":true})"), "RandomPassword");
  EXPECT_EQ(password.size(), 20U);
  EXPECT_EQ(password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), std::string::npos);
  EXPECT_NE(password.find_first_of("0123456789"), std::string::npos);
  EXPECT_EQ(call("GetRandomPassword", R"({"PasswordLength":2})").substr(0, 25), "InvalidParameterException");
}

}  // namespace
}  // namespace surgetank::secretsmanager
