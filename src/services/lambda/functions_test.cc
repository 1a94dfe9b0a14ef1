#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

TEST_F(LambdaTest, ANewFunctionIsActiveAndHasDefaults) {
  const auto created = create();
  EXPECT_EQ(
      created,
      R"({"FunctionName":"orders","FunctionArn":"arn:aws:lambda:us-east-1:000000000000:function:orders","Runtime":"nodejs20.x",)"
      R"("Role":"arn:aws:iam::000000000000:role/r","Handler":"index.handler","CodeSize":12,"Description":"","Timeout":3,"MemorySize":128,)"
      R"("LastModified":"2023-11-14T22:13:20.000+0000","CodeSha256":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","Version":"$LATEST",)"
      R"("TracingConfig":{"Mode":"PassThrough"},"RevisionId":")" +
          member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "RevisionId") +
          R"(","State":"Active","LastUpdateStatus":"Successful","PackageType":"Zip","Architectures":["x86_64"],"EphemeralStorage":{"Size":512},)"
          R"("SnapStart":{"ApplyOn":"None","OptimizationStatus":"Off"},"LoggingConfig":{"LogFormat":"Text","LogGroup":"/aws/lambda/orders"}})");
}

TEST_F(LambdaTest, EverythingThatIsSetIsShown) {
  create("orders",
         R"(,"Timeout":60,"MemorySize":1769,"Description":"d","Environment":{"Variables":{"TABLE":"t"}},"Architectures":["arm64"],)"
         R"("EphemeralStorage":{"Size":1024},"TracingConfig":{"Mode":"Active"},"KMSKeyArn":"arn:aws:kms:us-east-1:000000000000:key/k",)"
         R"("LoggingConfig":{"LogFormat":"JSON","ApplicationLogLevel":"DEBUG","LogGroup":"/my/group"},"VpcConfig":{"SubnetIds":[]},)"
         R"("DeadLetterConfig":{"TargetArn":""},"SnapStart":{"ApplyOn":"None"},"Layers":[],"PackageType":"Zip")");
  const auto reply = call("GetFunctionConfiguration", R"({"FunctionName":"orders"})");
  EXPECT_EQ(member(reply, "Timeout"), "60");
  EXPECT_EQ(member(reply, "MemorySize"), "1769");
  EXPECT_EQ(member(reply, "Description"), "d");
  EXPECT_EQ(member(reply, "Environment"), R"({"Variables":{"TABLE":"t"}})");
  EXPECT_EQ(member(reply, "Architectures"), R"(["arm64"])");
  EXPECT_EQ(member(reply, "EphemeralStorage"), R"({"Size":1024})");
  EXPECT_EQ(member(reply, "TracingConfig"), R"({"Mode":"Active"})");
  EXPECT_EQ(member(reply, "KMSKeyArn"), "arn:aws:kms:us-east-1:000000000000:key/k");
  EXPECT_EQ(member(reply, "LoggingConfig"),
            R"({"LogFormat":"JSON","ApplicationLogLevel":"DEBUG","SystemLogLevel":"INFO","LogGroup":"/my/group"})");
}

TEST_F(LambdaTest, AFunctionIsFoundByEveryFormOfItsName) {
  create();
  for (const auto* name :
       {"orders", "orders:$LATEST", "000000000000:function:orders", "arn:aws:lambda:us-east-1:000000000000:function:orders"})
    EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":")" + std::string(name) + R"("})"), "FunctionName"), "orders")
        << name;
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders","Qualifier":"$LATEST"})"), "FunctionArn"),
            std::string(orders_arn) + ":$LATEST");
  EXPECT_EQ(call("GetFunction", R"({"FunctionName":"orders:1","Qualifier":"2"})"),
            "InvalidParameterValueException: The derived qualifier from the function name does not match the specified qualifier.");
}

TEST_F(LambdaTest, WhatIsNotThereIsNamedByItsArn) {
  create();
  for (const auto* operation : {"GetFunction", "GetFunctionConfiguration", "DeleteFunction", "Invoke", "UpdateFunctionConfiguration",
                                "GetPolicy", "PublishVersion", "ListVersionsByFunction", "ListAliases"})
    EXPECT_EQ(call(operation, R"({"FunctionName":"nope"})"),
              "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:nope")
        << operation;
  for (const auto* operation : {"GetFunction", "GetFunctionConfiguration", "Invoke"})
    EXPECT_EQ(call(operation, R"({"FunctionName":"orders","Qualifier":"1221"})"),
              "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:orders:1221")
        << operation;
}

TEST_F(LambdaTest, FunctionsOfOtherRegionsAndAccountsAreNotReached) {
  EXPECT_EQ(call("GetFunction", R"({"FunctionName":"arn:aws:lambda:eu-west-1:000000000000:function:orders"})"),
            "ResourceNotFoundException: Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
  EXPECT_EQ(call("GetFunction", R"({"FunctionName":"111111111111:function:orders"})"),
            "AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:GetFunction on resource: "
            "arn:aws:lambda:us-east-1:111111111111:function:orders because no resource-based policy allows the lambda:GetFunction action");
  create();
  EXPECT_EQ(world.call_as(client("111111111111"), "lambda", "GetFunction", R"({"FunctionName":"orders"})"),
            "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:111111111111:function:orders");
}

TEST_F(LambdaTest, ANameIsUsedOnce) {
  create();
  EXPECT_EQ(create(), "ResourceConflictException: Function already exist: orders");
  EXPECT_EQ(create("arn:aws:lambda:us-east-1:000000000000:function:orders"), "ResourceConflictException: Function already exist: orders");
}

TEST_F(LambdaTest, ADeletedFunctionIsGoneWithItsEnvironments) {
  create();
  call("DeleteFunction", R"({"FunctionName":"orders"})");
  EXPECT_EQ(call("GetFunction", R"({"FunctionName":"orders"})").substr(0, 25), "ResourceNotFoundException");
  ASSERT_EQ(world.runner.retired.size(), 1U);
  EXPECT_EQ(world.runner.retired[0].substr(0, orders_arn.size() + 9), std::string(orders_arn) + ":$LATEST#");
  EXPECT_NE(member(create(), "FunctionArn"), "");
}

TEST_F(LambdaTest, FunctionsSurviveACrash) {
  create();
  world.crash_and_restart();
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "FunctionName"), "orders");
}

TEST_F(LambdaTest, ListsAreInOrderOfNamesPagedAndWithoutStates) {
  for (const auto* name : {"b", "a", "c"}) create(name);
  const auto first = call("ListFunctions", R"({"MaxItems":2})");
  EXPECT_EQ(parsed(first).find("Functions")->as_array()->size(), 2U);
  EXPECT_EQ(*parsed(first).find("Functions")->as_array()->at(0).find_string("FunctionName"), "a");
  EXPECT_EQ(parsed(first).find("Functions")->as_array()->at(0).find("State"), nullptr);
  const auto marker = member(first, "NextMarker");
  ASSERT_NE(marker, "");
  const auto second = call("ListFunctions", R"({"MaxItems":2,"Marker":")" + marker + R"("})");
  ASSERT_EQ(parsed(second).find("Functions")->as_array()->size(), 1U);
  EXPECT_EQ(*parsed(second).find("Functions")->as_array()->at(0).find_string("FunctionName"), "c");
  EXPECT_EQ(member(second, "NextMarker"), "");
  EXPECT_EQ(world.call_as(client("111111111111"), "lambda", "ListFunctions", "{}"), R"({"Functions":[]})");
}

TEST_F(LambdaTest, APageGoesOnWhereItEndedAlthoughThatFunctionIsGone) {
  for (const auto* name : {"a", "b", "c"}) create(name);
  const auto marker = member(call("ListFunctions", R"({"MaxItems":2})"), "NextMarker");
  call("DeleteFunction", R"({"FunctionName":"b"})");
  const auto rest = call("ListFunctions", R"({"Marker":")" + marker + R"("})");
  ASSERT_EQ(parsed(rest).find("Functions")->as_array()->size(), 1U);
  EXPECT_EQ(*parsed(rest).find("Functions")->as_array()->at(0).find_string("FunctionName"), "c");
}

TEST_F(LambdaTest, AMarkerIsOneThatWasReturned) {
  for (const auto* marker : {"bogus", "YQ==", "YTpi", "OjE="})
    EXPECT_EQ(call("ListFunctions", R"({"Marker":")" + std::string(marker) + R"("})").substr(0, 31), "InvalidParameterValueException:")
        << marker;
  EXPECT_EQ(call("ListFunctions", R"({"MaxItems":0})"),
            "ValidationException: 1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have "
            "value greater "
            "than or equal to 1");
}

TEST_F(LambdaTest, TheAccountSettingsCountFunctionsAndTheirCode) {
  create("a");
  create("b", R"(,"Publish":true)");
  EXPECT_EQ(
      call("GetAccountSettings", "{}"),
      R"({"AccountLimit":{"TotalCodeSize":80530636800,"CodeSizeUnzipped":262144000,"CodeSizeZipped":52428800,"ConcurrentExecutions":1000,)"
      R"("UnreservedConcurrentExecutions":1000},"AccountUsage":{"TotalCodeSize":36,"FunctionCount":2}})");
}

TEST_F(LambdaTest, TagsAreSetChangedRemovedAndListed) {
  create("orders", R"(,"Tags":{"a":"1"})");
  const auto arn = std::string(orders_arn);
  call("TagResource", R"({"Resource":")" + arn + R"(","Tags":{"a":"2","b":"3"}})");
  EXPECT_EQ(call("ListTags", R"({"Resource":")" + arn + R"("})"), R"({"Tags":{"a":"2","b":"3"}})");
  call("UntagResource", R"({"Resource":")" + arn + R"(","TagKeys":["a"]})");
  EXPECT_EQ(member(call("GetFunction", R"({"FunctionName":"orders"})"), "Tags"), R"({"b":"3"})");
  EXPECT_EQ(call("ListTags", R"({"Resource":")" + arn + R"(:1"})"),
            "InvalidParameterValueException: Tags on function aliases and versions are not supported. Please specify a function ARN.");
  EXPECT_EQ(call("ListTags", R"({"Resource":"orders"})").substr(0, 20), "ValidationException:");
  EXPECT_EQ(call("ListTags", R"({"Resource":"arn:aws:lambda:us-east-1:000000000000:function:nope"})").substr(0, 25),
            "ResourceNotFoundException");
  EXPECT_EQ(call("TagResource", R"({"Resource":")" + arn + R"(","Tags":{}})").substr(0, 31), "InvalidParameterValueException:");
  EXPECT_EQ(
      call("UntagResource", R"({"Resource":")" + arn + R"("})"),
      "ValidationException: 1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null");
}

TEST_F(LambdaTest, AFunctionHasAtMostFiftyTags) {
  create();
  std::string tags;
  for (int i = 0; i < 51; ++i) tags += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"v\"";
  EXPECT_EQ(call("TagResource", R"({"Resource":")" + std::string(orders_arn) + R"(","Tags":{)" + tags + "}}"),
            "InvalidParameterValueException: Number of tags exceeds resource tag limit.");
}

TEST_F(LambdaTest, TaggingDoesNotRestartEnvironments) {
  create();
  call("TagResource", R"({"Resource":")" + std::string(orders_arn) + R"(","Tags":{"a":"1"}})");
  EXPECT_TRUE(world.runner.retired.empty());
}

}  // namespace
}  // namespace surgetank::lambda
