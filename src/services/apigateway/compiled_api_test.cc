#include "services/apigateway/compiled_api.h"

#include <gtest/gtest.h>

namespace surgetank::apigateway {
namespace {

ApiRecord record_of(const std::vector<std::string>& route_keys) {
  ApiRecord record;
  record.api.apiId = "abc";
  record.definition.integrations["i"] = {};
  for (const auto& key : route_keys) {
    Route route;
    route.routeKey = key;
    route.target = "integrations/i";
    record.definition.routes["r" + key] = route;
  }
  record.deployments["d"].definition = record.definition;
  for (const char* name : {"$default", "prod"}) {
    record.stages[name].stageName = name;
    record.stages[name].deploymentId = "d";
  }
  return record;
}

std::string matched(const std::vector<std::string>& keys, std::string_view method, std::string_view path) {
  const auto api = compile(record_of(keys));
  const auto match = match_route(api->stages.at("$default"), method, path);
  if (match.route == nullptr) return "none";
  std::string out = match.route->route_key;
  for (const auto& [name, value] : match.path_parameters) out += " " + name + "=" + value;
  return out;
}

TEST(RouteMatcher, LiteralSegmentsWinOverVariablesAndVariablesOverGreedyOnes) {
  const std::vector<std::string> keys = {"GET /orders/{proxy+}", "GET /orders/{id}", "GET /orders/latest", "$default"};
  EXPECT_EQ(matched(keys, "GET", "/orders/latest"), "GET /orders/latest");
  EXPECT_EQ(matched(keys, "GET", "/orders/7"), "GET /orders/{id} id=7");
  EXPECT_EQ(matched(keys, "GET", "/orders/7/items"), "GET /orders/{proxy+} proxy=7/items");
  EXPECT_EQ(matched(keys, "GET", "/else"), "$default");
}

TEST(RouteMatcher, ARoutesOwnMethodWinsOverAny) {
  EXPECT_EQ(matched({"ANY /a", "GET /a"}, "GET", "/a"), "GET /a");
  EXPECT_EQ(matched({"ANY /a", "GET /a"}, "POST", "/a"), "ANY /a");
  EXPECT_EQ(matched({"GET /a"}, "POST", "/a"), "none");
}

TEST(RouteMatcher, AFullMatchWinsOverAGreedyOneWithAnotherMethod) {
  EXPECT_EQ(matched({"GET /a/{proxy+}", "ANY /a/{id}"}, "GET", "/a/1"), "ANY /a/{id} id=1");
}

TEST(RouteMatcher, PathVariablesAreDecodedAndNeverEmpty) {
  EXPECT_EQ(matched({"GET /o/{id}"}, "GET", "/o/a%20b%2Fc"), "GET /o/{id} id=a b/c");
  EXPECT_EQ(matched({"GET /o/{id}"}, "GET", "/o/"), "none");
  EXPECT_EQ(matched({"GET /o/{p+}"}, "GET", "/o/"), "none");
  EXPECT_EQ(matched({"GET /o/{id}"}, "GET", "/o/%zz"), "none");
}

TEST(RouteMatcher, TheRootIsAPathOfItsOwn) {
  EXPECT_EQ(matched({"GET /", "GET /{id}"}, "GET", "/"), "GET /");
  EXPECT_EQ(matched({"GET /{id}"}, "GET", "/x"), "GET /{id} id=x");
}

TEST(Stages, TheFirstSegmentSelectsAStageElseDefault) {
  const auto api = compile(record_of({"GET /a"}));
  EXPECT_EQ(api->stage_of("/prod/a").first->name, "prod");
  EXPECT_EQ(api->stage_of("/prod/a").second, "/a");
  EXPECT_EQ(api->stage_of("/prod").second, "/");
  EXPECT_EQ(api->stage_of("/product").first->name, "$default");
  EXPECT_EQ(api->stage_of("/$default/a").second, "/$default/a");
}

}  // namespace
}  // namespace surgetank::apigateway
