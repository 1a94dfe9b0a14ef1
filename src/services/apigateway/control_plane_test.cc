#include <gtest/gtest.h>

#include "kernel/test_world.h"
#include "services/apigateway/service.h"
#include "wire/json_value.h"

namespace surgetank::apigateway {
namespace {

struct ControlPlaneTest : testing::Test {
  TestWorld world{{&service}};
  std::string call(std::string_view operation, const std::string& input) { return world.call("apigateway", operation, input); }
  std::string id_of(const std::string& reply, std::string_view name) { return *parse_json(reply)->find_string(name); }
  std::string api() { return id_of(call("CreateApi", R"({"name":"a","protocolType":"HTTP"})"), "apiId"); }
  std::string on(const std::string& api_id, const std::string& more = "") { return R"({"apiId":")" + api_id + R"(")" + more + "}"; }
};

TEST_F(ControlPlaneTest, AnApiIsShownListedChangedAndDeleted) {
  const auto id = api();
  EXPECT_NE(call("GetApi", on(id)).find(R"("apiEndpoint":"http://)" + id + R"(.execute-api.localhost:4566")"), std::string::npos);
  EXPECT_NE(call("GetApis", "{}").find(id), std::string::npos);
  EXPECT_NE(call("UpdateApi", on(id, R"(,"name":"b")")).find(R"("name":"b")"), std::string::npos);
  EXPECT_EQ(call("DeleteApi", on(id)), "{}");
  EXPECT_EQ(call("GetApi", on(id)), "NotFoundException: Invalid API identifier specified 000000000000:" + id);
  EXPECT_EQ(call("GetApis", "{}"), R"({"items":[]})");
}

TEST_F(ControlPlaneTest, AnApiOfAnotherAccountOrRegionIsNotFound) {
  const auto id = api();
  EXPECT_EQ(world.call_as(service_caller("111111111111", "us-east-1", ""), "apigateway", "GetApi", on(id)).substr(0, 17),
            "NotFoundException");
  EXPECT_EQ(world.call_as(service_caller("000000000000", "eu-west-1", ""), "apigateway", "GetApi", on(id)).substr(0, 17),
            "NotFoundException");
}

TEST_F(ControlPlaneTest, RouteKeysAreCheckedAndUnique) {
  const auto id = api();
  for (const char* bad : {"GET orders", "FETCH /x", "GET /{a+}/b", "GET /{}", "/x", "GET /a{b}"})
    EXPECT_EQ(call("CreateRoute", on(id, R"(,"routeKey":")" + std::string(bad) + R"(")")).substr(0, 19), "BadRequestException") << bad;
  EXPECT_NE(call("CreateRoute", on(id, R"(,"routeKey":"GET /x")")).find("routeId"), std::string::npos);
  EXPECT_EQ(call("CreateRoute", on(id, R"(,"routeKey":"GET /x")")), "ConflictException: Route with key GET /x already exists for this API");
  EXPECT_EQ(call("CreateRoute", on(id, R"(,"routeKey":"GET /y","target":"integrations/none")")).substr(0, 17), "NotFoundException");
}

TEST_F(ControlPlaneTest, WhatIsNotSupportedIsRefusedByName) {
  const auto id = api();
  EXPECT_EQ(call("CreateApi", R"({"name":"w","protocolType":"WEBSOCKET"})"),
            "BadRequestException: protocolType: WEBSOCKET is not supported by Surgetank yet");
  EXPECT_EQ(call("CreateRoute", on(id, R"(,"routeKey":"GET /x","authorizationType":"JWT")")),
            "BadRequestException: authorizationType: JWT is not supported by Surgetank yet");
  EXPECT_EQ(call("CreateIntegration", on(id, R"(,"integrationType":"AWS_PROXY","integrationSubtype":"SQS-SendMessage")")),
            "BadRequestException: integrationSubtype: SQS-SendMessage is not supported by Surgetank yet");
  EXPECT_EQ(call("CreateStage", on(id, R"(,"stageName":"p","accessLogSettings":{})")),
            "BadRequestException: accessLogSettings: access logging is not supported by Surgetank yet");
}

TEST_F(ControlPlaneTest, IntegrationsAreCheckedAndGuardedByTheirRoutes) {
  const auto id = api();
  EXPECT_EQ(call("CreateIntegration", on(id, R"(,"integrationType":"MOCK")")).substr(0, 19), "BadRequestException");
  EXPECT_EQ(call("CreateIntegration", on(id, R"(,"integrationType":"HTTP_PROXY","integrationMethod":"GET","integrationUri":"ftp://x")"))
                .substr(0, 19),
            "BadRequestException");
  EXPECT_EQ(
      call(
          "CreateIntegration",
          on(id,
             R"(,"integrationType":"HTTP_PROXY","integrationMethod":"GET","integrationUri":"http://x","requestParameters":{"append:header.x-amz-a":"b"})")),
      "BadRequestException: Operations on header x-amz-a are restricted");
  const auto integration =
      id_of(call("CreateIntegration", on(id, R"(,"integrationType":"HTTP_PROXY","integrationMethod":"GET","integrationUri":"http://x")")),
            "integrationId");
  const auto route =
      id_of(call("CreateRoute", on(id, R"(,"routeKey":"GET /x","target":"integrations/)" + integration + R"(")")), "routeId");
  EXPECT_EQ(call("DeleteIntegration", on(id, R"(,"integrationId":")" + integration + R"(")")).substr(0, 17), "ConflictException");
  call("DeleteRoute", on(id, R"(,"routeId":")" + route + R"(")"));
  EXPECT_EQ(call("DeleteIntegration", on(id, R"(,"integrationId":")" + integration + R"(")")), "{}");
}

TEST_F(ControlPlaneTest, QuickCreateMakesAWholeApi) {
  const auto reply = call("CreateApi", R"({"name":"q","protocolType":"HTTP","target":"arn:aws:lambda:us-east-1:000000000000:function:f"})");
  const auto id = id_of(reply, "apiId");
  EXPECT_NE(call("GetRoutes", on(id)).find(R"("routeKey":"$default")"), std::string::npos);
  EXPECT_NE(call("GetStages", on(id)).find(R"("autoDeploy":true)"), std::string::npos);
  EXPECT_NE(call("GetDeployments", on(id)).find(R"("autoDeployed":true)"), std::string::npos);
}

TEST_F(ControlPlaneTest, StageVariablesMergeAndEmptyOnesGo) {
  const auto id = api();
  call("CreateStage", on(id, R"(,"stageName":"p","stageVariables":{"a":"1","b":"2"})"));
  const auto reply = call("UpdateStage", on(id, R"(,"stageName":"p","stageVariables":{"a":"","c":"3"})"));
  EXPECT_NE(reply.find(R"("stageVariables":{"b":"2","c":"3"})"), std::string::npos) << reply;
  EXPECT_EQ(call("CreateStage", on(id, R"(,"stageName":"p")")), "ConflictException: Stage already exists");
  EXPECT_EQ(call("CreateStage", on(id, R"(,"stageName":"a b")")).substr(0, 19), "BadRequestException");
}

TEST_F(ControlPlaneTest, ADeploymentInUseStays) {
  const auto id = api();
  EXPECT_EQ(call("CreateDeployment", on(id)).substr(0, 19), "BadRequestException");
  call("CreateRoute", on(id, R"(,"routeKey":"GET /x")"));
  call("CreateStage", on(id, R"(,"stageName":"p")"));
  const auto deployment = id_of(call("CreateDeployment", on(id, R"(,"stageName":"p")")), "deploymentId");
  EXPECT_EQ(call("DeleteDeployment", on(id, R"(,"deploymentId":")" + deployment + R"(")")).substr(0, 19), "BadRequestException");
  call("DeleteStage", on(id, R"(,"stageName":"p")"));
  EXPECT_EQ(call("DeleteDeployment", on(id, R"(,"deploymentId":")" + deployment + R"(")")), "{}");
}

TEST_F(ControlPlaneTest, TagsOfApisAndStagesAreReachedByArn) {
  const auto id = api();
  call("CreateStage", on(id, R"(,"stageName":"p")"));
  for (const auto& arn : {"arn:aws:apigateway:us-east-1::/apis/" + id, "arn:aws:apigateway:us-east-1::/apis/" + id + "/stages/p"}) {
    call("TagResource", R"({"resourceArn":")" + arn + R"(","tags":{"a":"1","b":"2"}})");
    call("UntagResource", R"({"resourceArn":")" + arn + R"(","tagKeys":["a"]})");
    EXPECT_EQ(call("GetTags", R"({"resourceArn":")" + arn + R"("})"), R"({"tags":{"b":"2"}})");
  }
}

TEST_F(ControlPlaneTest, PagesGoOnWhereTheLastOneEnded) {
  for (int i = 0; i < 3; ++i) api();
  const auto first = call("GetApis", R"({"maxResults":"2"})");
  EXPECT_EQ(id_of(first, "nextToken"), "2");
  EXPECT_EQ(call("GetApis", R"({"maxResults":"2","nextToken":"2"})").find("nextToken"), std::string::npos);
  EXPECT_EQ(call("GetApis", R"({"nextToken":"x"})").substr(0, 19), "BadRequestException");
}

}  // namespace
}  // namespace surgetank::apigateway
