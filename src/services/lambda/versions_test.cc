#include "services/lambda/test_lambda.h"

namespace surgetank::lambda {
namespace {

struct VersionsTest : LambdaTest {
  void change() { call("UpdateFunctionConfiguration", R"({"FunctionName":"orders","Timeout":)" + std::to_string(++timeout) + "}"); }
  std::string publish(const std::string& more = "") { return call("PublishVersion", R"({"FunctionName":"orders")" + more + "}"); }
  std::string alias(const std::string& name, const std::string& version, const std::string& more = "") {
    return call("CreateAlias", R"({"FunctionName":"orders","Name":")" + name + R"(","FunctionVersion":")" + version + "\"" + more + "}");
  }
  std::vector<std::string> names(const std::string& reply, std::string_view list, std::string_view name) {
    std::vector<std::string> found;
    const auto value = parsed(reply);
    for (const auto& item : *value.find(list)->as_array()) found.push_back(*item.find_string(name));
    return found;
  }
  int timeout = 10;
};

TEST_F(VersionsTest, APublishedVersionStaysAsItWas) {
  create("orders", R"(,"Timeout":7,"Description":"d")");
  const auto first = publish(R"(,"Description":"first")");
  EXPECT_EQ(member(first, "Version"), "1");
  EXPECT_EQ(member(first, "FunctionArn"), std::string(orders_arn) + ":1");
  EXPECT_EQ(member(first, "Description"), "first");
  change();
  const auto version = call("GetFunctionConfiguration", R"({"FunctionName":"orders:1"})");
  EXPECT_EQ(member(version, "Timeout"), "7");
  EXPECT_EQ(member(version, "FunctionArn"), std::string(orders_arn) + ":1");
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders"})"), "Timeout"), "11");
}

TEST_F(VersionsTest, WhatHasNotChangedIsNotPublishedAgain) {
  create();
  EXPECT_EQ(publish(), publish());
  call("TagResource", R"({"Resource":")" + std::string(orders_arn) + R"(","Tags":{"a":"b"}})");
  EXPECT_EQ(member(publish(), "Version"), "1");
  change();
  EXPECT_EQ(member(publish(), "Version"), "2");
}

TEST_F(VersionsTest, NumbersAreNeverUsedTwice) {
  create();
  publish();
  call("DeleteFunction", R"({"FunctionName":"orders","Qualifier":"1"})");
  EXPECT_EQ(call("GetFunction", R"({"FunctionName":"orders:1"})").substr(0, 25), "ResourceNotFoundException");
  EXPECT_EQ(member(publish(), "Version"), "2");
}

TEST_F(VersionsTest, PublishingGuardsAgainstOthersChanges) {
  const auto created = create();
  EXPECT_EQ(publish(R"(,"CodeSha256":"other")"),
            "InvalidParameterValueException: CodeSHA256 (other) is different from current CodeSHA256 in $LATEST (" +
                std::string(some_hash) + "). Please try again with the CodeSHA256 in $LATEST.");
  EXPECT_EQ(publish(R"(,"RevisionId":"other")").substr(0, 27), "PreconditionFailedException");
  EXPECT_EQ(member(publish(R"(,"RevisionId":")" + member(created, "RevisionId") + R"(","CodeSha256":")" + std::string(some_hash) + "\""),
                   "Version"),
            "1");
}

TEST_F(VersionsTest, CreationAndUpdateOfTheCodeMayPublish) {
  EXPECT_EQ(member(create("orders", R"(,"Publish":true)"), "Version"), "1");
  const auto updated = call("UpdateFunctionCode", R"({"FunctionName":"orders","LocalPath":"/srv/b","LocalHash":")" +
                                                      std::string(other_hash) + R"(","Publish":true})");
  EXPECT_EQ(member(updated, "Version"), "2");
  EXPECT_EQ(member(updated, "CodeSha256"), other_hash);
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders:1"})"), "CodeSha256"), some_hash);
}

TEST_F(VersionsTest, VersionsAreListedLatestFirstThenByNumber) {
  create();
  for (int i = 0; i < 11; ++i) {
    publish();
    change();
  }
  const auto all = names(call("ListVersionsByFunction", R"({"FunctionName":"orders"})"), "Versions", "Version");
  EXPECT_EQ(all, (std::vector<std::string>{"$LATEST", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}));
  std::vector<std::string> paged;
  std::string marker;
  do {
    const auto page = call("ListVersionsByFunction", R"({"FunctionName":"orders","MaxItems":5,"Marker":")" + marker + R"("})");
    for (auto& name : names(page, "Versions", "Version")) paged.push_back(name);
    marker = member(page, "NextMarker");
  } while (!marker.empty());
  EXPECT_EQ(paged, all);
}

TEST_F(VersionsTest, ListFunctionsCanListAllVersions) {
  create("orders", R"(,"Publish":true)");
  create("zebra", R"(,"Publish":true)");
  const std::vector<std::string> expected = {std::string(orders_arn) + ":$LATEST", std::string(orders_arn) + ":1",
                                             "arn:aws:lambda:us-east-1:000000000000:function:zebra:$LATEST",
                                             "arn:aws:lambda:us-east-1:000000000000:function:zebra:1"};
  EXPECT_EQ(names(call("ListFunctions", R"({"FunctionVersion":"ALL"})"), "Functions", "FunctionArn"), expected);
  for (const auto* size : {"1", "2", "3"}) {
    std::vector<std::string> paged;
    std::string marker;
    do {
      const auto page =
          call("ListFunctions", R"({"FunctionVersion":"ALL","MaxItems":)" + std::string(size) + R"(,"Marker":")" + marker + R"("})");
      for (auto& name : names(page, "Functions", "FunctionArn")) paged.push_back(name);
      marker = member(page, "NextMarker");
    } while (!marker.empty());
    EXPECT_EQ(paged, expected) << size;
  }
  EXPECT_EQ(call("ListFunctions", R"({"FunctionVersion":"SOME"})").substr(0, 20), "ValidationException:");
}

TEST_F(VersionsTest, DeletionOfAVersionIsRefusedWhileAnAliasUsesIt) {
  create();
  publish();
  change();
  publish();
  alias("live", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"2":0.1}})");
  for (const auto* version : {"1", "2"})
    EXPECT_EQ(call("DeleteFunction", R"({"FunctionName":"orders","Qualifier":")" + std::string(version) + R"("})"),
              "ResourceConflictException: Unable to delete version because the following aliases reference it: [live]");
  EXPECT_EQ(call("DeleteFunction", R"({"FunctionName":"orders","Qualifier":"$LATEST"})"),
            "InvalidParameterValueException: $LATEST version cannot be deleted without deleting the function.");
  EXPECT_EQ(call("DeleteFunction", R"({"FunctionName":"orders","Qualifier":"live"})").substr(0, 31), "InvalidParameterValueException:");
  call("DeleteAlias", R"({"FunctionName":"orders","Name":"live"})");
  world.runner.retired.clear();
  EXPECT_EQ(call("DeleteFunction", R"({"FunctionName":"orders","Qualifier":"2"})"), "{}");
  EXPECT_EQ(world.runner.retired.size(), 1U);
}

TEST_F(VersionsTest, DeletingTheFunctionRetiresEveryVersion) {
  create();
  publish();
  change();
  publish();
  alias("live", "1");
  world.runner.retired.clear();
  call("DeleteFunction", R"({"FunctionName":"orders"})");
  EXPECT_EQ(world.runner.retired.size(), 3U);
  create();
  EXPECT_EQ(call("GetAlias", R"({"FunctionName":"orders","Name":"live"})").substr(0, 25), "ResourceNotFoundException");
  EXPECT_EQ(call("GetFunction", R"({"FunctionName":"orders:1"})").substr(0, 25), "ResourceNotFoundException");
}

TEST_F(VersionsTest, AnAliasIsCreatedChangedAndDeleted) {
  create();
  publish();
  const auto created = alias("live", "1", R"(,"Description":"d")");
  EXPECT_EQ(
      created,
      R"({"AliasArn":"arn:aws:lambda:us-east-1:000000000000:function:orders:live","Name":"live","FunctionVersion":"1","Description":"d",)"
      R"("RevisionId":")" +
          member(created, "RevisionId") + R"("})");
  EXPECT_EQ(alias("live", "1"),
            "ResourceConflictException: Alias already exists: arn:aws:lambda:us-east-1:000000000000:function:orders:live");
  change();
  publish();
  const auto updated = call("UpdateAlias", R"({"FunctionName":"orders","Name":"live","FunctionVersion":"2","RevisionId":")" +
                                               member(created, "RevisionId") + R"("})");
  EXPECT_EQ(member(updated, "FunctionVersion"), "2");
  EXPECT_EQ(member(updated, "Description"), "d");
  EXPECT_EQ(call("UpdateAlias", R"({"FunctionName":"orders","Name":"live","RevisionId":"other"})").substr(0, 27),
            "PreconditionFailedException");
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders:live"})"), "Version"), "2");
  EXPECT_EQ(member(call("GetFunctionConfiguration", R"({"FunctionName":"orders:live"})"), "FunctionArn"),
            std::string(orders_arn) + ":live");
  EXPECT_EQ(call("DeleteAlias", R"({"FunctionName":"orders","Name":"live"})"), "{}");
  for (const auto* operation : {"GetAlias", "UpdateAlias"})
    EXPECT_EQ(call(operation, R"({"FunctionName":"orders","Name":"live"})"),
              "ResourceNotFoundException: Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:orders:live");
}

TEST_F(VersionsTest, AliasesAreListedByNameAndVersion) {
  create();
  publish();
  change();
  publish();
  alias("b", "1");
  alias("a", "2");
  alias("c", "$LATEST");
  EXPECT_EQ(names(call("ListAliases", R"({"FunctionName":"orders"})"), "Aliases", "Name"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(names(call("ListAliases", R"({"FunctionName":"orders","FunctionVersion":"1"})"), "Aliases", "Name"),
            (std::vector<std::string>{"b"}));
  const auto first = call("ListAliases", R"({"FunctionName":"orders","MaxItems":2})");
  EXPECT_EQ(names(first, "Aliases", "Name"), (std::vector<std::string>{"a", "b"}));
  const auto second = call("ListAliases", R"({"FunctionName":"orders","MaxItems":2,"Marker":")" + member(first, "NextMarker") + R"("})");
  EXPECT_EQ(names(second, "Aliases", "Name"), (std::vector<std::string>{"c"}));
  EXPECT_EQ(member(second, "NextMarker"), "");
}

TEST_F(VersionsTest, AnAliasPointsToVersionsThatExist) {
  create();
  publish();
  EXPECT_EQ(alias("live", "7"), "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:orders:7");
  EXPECT_EQ(alias("42", "1").substr(0, 20), "ValidationException:");
  EXPECT_EQ(alias("live", "x").substr(0, 20), "ValidationException:");
  EXPECT_EQ(alias("live", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"1":0.5}})"),
            "InvalidParameterValueException: Invalid function version 1. Function version 1 is already included in routing configuration.");
  EXPECT_EQ(alias("live", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"2":0.5}})").substr(0, 25), "ResourceNotFoundException");
  EXPECT_EQ(alias("live", "$LATEST", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"1":0.5}})"),
            "InvalidParameterValueException: $LATEST is not supported for an alias pointing to more than 1 version");
  EXPECT_EQ(alias("live", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"2":1.5}})").substr(0, 20), "ValidationException:");
  EXPECT_EQ(alias("live", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"2":0.5,"3":0.2}})"),
            "InvalidParameterValueException: Number of items in AdditionalVersionWeights cannot be greater than 1");
}

TEST_F(VersionsTest, WeightsShareTheCallsOfAnAlias) {
  create();
  publish();
  change();
  publish();
  alias("live", "1", R"(,"RoutingConfig":{"AdditionalVersionWeights":{"2":0.25}})");
  int second = 0;
  for (int i = 0; i < 400; ++i) second += member(call("Invoke", R"({"FunctionName":"orders:live"})"), "ExecutedVersion") == "2" ? 1 : 0;
  EXPECT_GT(second, 60);
  EXPECT_LT(second, 140);
  call("UpdateAlias", R"({"FunctionName":"orders","Name":"live","RoutingConfig":{"AdditionalVersionWeights":{}}})");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(member(call("Invoke", R"({"FunctionName":"orders:live"})"), "ExecutedVersion"), "1");
}

}  // namespace
}  // namespace surgetank::lambda
