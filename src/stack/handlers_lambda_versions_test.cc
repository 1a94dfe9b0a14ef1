// Versions, aliases and concurrency of functions: what is asked of Lambda, and what SAM makes of AutoPublishAlias.
#include <gtest/gtest.h>

#include "stack/test_bench.h"

namespace surgetank::stack {
namespace {

std::string function(std::string_view more) {
  return "Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {FunctionName: f, Role: 'arn:aws:iam::1:role/r', Runtime: python3.12, "
         "Handler: index.h, Code: {ZipFile: x}" +
         std::string(more) + "}}\n";
}

TEST(FunctionHandler, ReservedConcurrencyIsPutChangedAndTakenAway) {
  TestBench bench;
  ASSERT_TRUE(bench.deploy(function(", ReservedConcurrentExecutions: '5'")).ok());
  EXPECT_EQ(bench.cloud.last("PutFunctionConcurrency"), R"({"FunctionName":"f","ReservedConcurrentExecutions":5})");
  bench.cloud.calls.clear();
  ASSERT_TRUE(bench.deploy(function(", ReservedConcurrentExecutions: 0")).ok());
  EXPECT_EQ(bench.cloud.calls,
            (std::vector<std::string>{R"(PutFunctionConcurrency {"FunctionName":"f","ReservedConcurrentExecutions":0})"}));
  bench.cloud.calls.clear();
  ASSERT_TRUE(bench.deploy(function("")).ok());
  EXPECT_EQ(bench.cloud.calls, (std::vector<std::string>{R"(DeleteFunctionConcurrency {"FunctionName":"f"})"}));
}

std::string with_alias(std::string_view version_more, std::string_view alias_more) {
  return function("") + "  V: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref F" + std::string(version_more) +
         "}}\n  A: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref F, Name: live, FunctionVersion: !GetAtt V.Version" +
         std::string(alias_more) + "}}\n";
}

TEST(AliasHandler, LeadsToItsVersionAndWaitsForWhatIsProvisioned) {
  TestBench bench;
  const auto outcome = bench.deploy(with_alias("", ", ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: '3'}"));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(outcome.stack->find("V")->physical_id, "arn:aws:lambda:us-east-1:000000000000:function:f:1");
  EXPECT_EQ(outcome.stack->find("A")->physical_id, "arn:aws:lambda:us-east-1:000000000000:function:f:live");
  EXPECT_EQ(bench.cloud.last("CreateAlias"), R"({"FunctionName":"f","Name":"live","FunctionVersion":"1"})");
  EXPECT_EQ(
      bench.cloud.last("PutProvisionedConcurrencyConfig"),
      R"({"FunctionName":"arn:aws:lambda:us-east-1:000000000000:function:f","Qualifier":"live","ProvisionedConcurrentExecutions":3})");
  EXPECT_EQ(bench.cloud.operations(), (std::vector<std::string>{"CreateFunction", "ListVersionsByFunction", "PublishVersion", "CreateAlias",
                                                                "PutProvisionedConcurrencyConfig", "GetProvisionedConcurrencyConfig",
                                                                "GetProvisionedConcurrencyConfig"}));
}

TEST(AliasHandler, MovesToTheNextVersionAndGivesUpWhatIsNotProvisionedAnyMore) {
  TestBench bench;
  ASSERT_TRUE(bench.deploy(with_alias("", ", ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 3}")).ok());
  bench.cloud.calls.clear();
  const auto outcome = bench.deploy(
      with_alias(", Description: second", ", RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '1', FunctionWeight: 0.2}]}"));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(bench.cloud.last("UpdateAlias"),
            R"({"FunctionName":"arn:aws:lambda:us-east-1:000000000000:function:f","Name":"live","FunctionVersion":"2",)"
            R"("RoutingConfig":{"AdditionalVersionWeights":{"1":0.2}}})");
  EXPECT_EQ(bench.cloud.operations(), (std::vector<std::string>{"ListVersionsByFunction", "PublishVersion",
                                                                "DeleteProvisionedConcurrencyConfig", "UpdateAlias", "DeleteFunction"}));
}

TEST(VersionHandler, OfAFunctionThatHasNotChangedIsRefused) {
  TestBench bench;
  bench.cloud.listed_versions = R"({"Versions":[{"Version":"$LATEST"},{"Version":"1"}]})";
  const auto outcome = bench.deploy(with_alias("", ""));
  EXPECT_FALSE(outcome.ok());
  EXPECT_NE(explain(outcome).find("A version for this Lambda function exists ( 1 )"), std::string::npos) << explain(outcome);
}

std::string sam(std::string_view code, std::string_view more) {
  return "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      "
         "FunctionName: f\n"
         "      Role: arn:aws:iam::1:role/r\n      Runtime: python3.12\n      Handler: index.h\n      InlineCode: " +
         std::string(code) + "\n" + std::string(more);
}

TEST(SamAlias, IsPublishedWithNewCodeAndOnlyThen) {
  const std::string more =
      "      AutoPublishAlias: live\n      ReservedConcurrentExecutions: 20\n"
      "      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 2}\n"
      "      EventInvokeConfig: {MaximumRetryAttempts: 1}\n"
      "      Events: {Read: {Type: HttpApi, Properties: {Path: /a, Method: get}}}\n";
  TestBench bench;
  const auto outcome = bench.deploy(sam("one", more));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(bench.cloud.last("CreateAlias"), R"({"FunctionName":"f","Name":"live","FunctionVersion":"1"})");
  EXPECT_NE(bench.cloud.last("CreateIntegration").find("function:f:live"), std::string::npos) << bench.cloud.last("CreateIntegration");
  EXPECT_NE(bench.cloud.last("AddPermission").find("function:f:live"), std::string::npos) << bench.cloud.last("AddPermission");
  EXPECT_NE(bench.cloud.last("PutFunctionEventInvokeConfig").find(R"("Qualifier":"live")"), std::string::npos);
  EXPECT_NE(bench.cloud.last("PutFunctionConcurrency").find("20"), std::string::npos);
  bench.cloud.calls.clear();
  ASSERT_TRUE(bench.deploy(sam("one", more + "      MemorySize: 256\n")).ok());
  EXPECT_EQ(bench.cloud.last("PublishVersion"), "never called") << "settings alone publish nothing";
  ASSERT_TRUE(bench.deploy(sam("two", more)).ok());
  EXPECT_NE(bench.cloud.last("UpdateAlias").find(R"("FunctionVersion":"2")"), std::string::npos) << bench.cloud.last("UpdateAlias");
  EXPECT_EQ(bench.cloud.last("DeleteFunction"), "never called") << "the older version stays";
}

TEST(SamAlias, NameMayComeFromAParameter) {
  TestBench bench;
  const auto outcome = bench.deploy(sam("one", "      AutoPublishAlias: !Ref Stage\nParameters: {Stage: {Type: String, Default: prod}}\n"));
  ASSERT_TRUE(outcome.ok()) << explain(outcome);
  EXPECT_EQ(bench.cloud.last("CreateAlias"), R"({"FunctionName":"f","Name":"prod","FunctionVersion":"1"})");
  EXPECT_NE(outcome.stack->find("FAliasprod"), nullptr);
}

TEST(SamAlias, ProvisionedConcurrencyNeedsOne) {
  TestBench bench;
  const auto outcome = bench.deploy(sam("one", "      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 2}\n"));
  EXPECT_FALSE(outcome.ok());
  EXPECT_NE(explain(outcome).find("AutoPublishAlias must be defined"), std::string::npos) << explain(outcome);
}

}  // namespace
}  // namespace surgetank::stack
