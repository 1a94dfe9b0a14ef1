#include <gtest/gtest.h>

#include "kernel/test_world.h"
#include "services/apigateway/service.h"
#include "wire/json_value.h"

namespace surgetank::apigateway {
namespace {

constexpr std::string_view function_arn = "arn:aws:lambda:us-east-1:000000000000:function:f";

std::string member(const std::string& json, std::string_view name) {
  const auto document = parse_json(json);
  const auto* text = document.ok() ? document->find_string(name) : nullptr;
  return text == nullptr ? std::string() : *text;
}

std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

struct DataPlaneTest : testing::Test {
  TestWorld world{{&service}};
  std::string api_id;

  std::string call(std::string_view operation, const std::string& input) { return world.call("apigateway", operation, input); }

  // An API with one integration behind `route_key` and a $default stage.
  void make_api(const std::string& route_key, const std::string& integration, const std::string& more = "") {
    api_id = member(call("CreateApi", R"({"name":"a","protocolType":"HTTP")" + more + "}"), "apiId");
    const auto id = member(call("CreateIntegration", R"({"apiId":")" + api_id + R"(",)" + integration + "}"), "integrationId");
    ASSERT_NE(id, "");
    call("CreateRoute", R"({"apiId":")" + api_id + R"(","routeKey":")" + route_key + R"(","target":"integrations/)" + id + R"("})");
    call("CreateStage", R"({"apiId":")" + api_id + R"(","stageName":"$default","autoDeploy":true,"stageVariables":{"v":"1"}})");
  }
  std::string lambda(const std::string& version = "2.0") {
    return R"("integrationType":"AWS_PROXY","payloadFormatVersion":")" + version + R"(","integrationUri":")" + std::string(function_arn) +
           R"(")";
  }
  void answer(std::string payload, FunctionCallResult::Kind kind = FunctionCallResult::Kind::Success) {
    world.functions.behaviour = [payload, kind](const FunctionCall&) {
      return FunctionCallResult{.kind = kind, .payload = payload, .message = {}};
    };
  }
  HttpResponse send(std::string_view method, std::string_view target, std::vector<std::pair<std::string, std::string>> headers = {},
                    std::string body = {}) {
    headers.emplace_back("Host", api_id + ".execute-api.localhost:4566");
    auto request = make_http_request(method, target, headers, std::move(body));
    request.peer_address = "127.0.0.1";
    return world.serve(service, std::move(request));
  }
  JsonValue event() { return *parse_json(world.functions.seen.back().payload); }
};

TEST_F(DataPlaneTest, TheEventHasTheMembersOfFormat2) {
  make_api("POST /orders/{id}", lambda());
  answer(R"({"statusCode":201,"headers":{"X-A":"b"},"cookies":["c=1"],"body":"done"})");
  const auto response = send("POST", "/orders/7?a=1&a=2&b=x%20y",
                             {{"Content-Type", "application/json"}, {"Cookie", "k=v; l=w"}, {"X-Two", "1"}, {"x-two", "2"}}, R"({"n":1})");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(header(response, "x-a"), "b");
  EXPECT_EQ(header(response, "set-cookie"), "c=1");
  EXPECT_EQ(header(response, "apigw-requestid").size(), 16U);
  const auto e = event();
  EXPECT_EQ(*e.find_string("version"), "2.0");
  EXPECT_EQ(*e.find_string("routeKey"), "POST /orders/{id}");
  EXPECT_EQ(*e.find_string("rawPath"), "/orders/7");
  EXPECT_EQ(*e.find_string("rawQueryString"), "a=1&a=2&b=x%20y");
  EXPECT_EQ(*e.find_path({"queryStringParameters", "a"})->as_string(), "1,2");
  EXPECT_EQ(*e.find_path({"queryStringParameters", "b"})->as_string(), "x y");
  EXPECT_EQ(*e.find_path({"headers", "x-two"})->as_string(), "1,2");
  EXPECT_EQ(e.find_path({"headers", "cookie"}), nullptr);
  EXPECT_EQ(e.find("cookies")->as_array()->size(), 2U);
  EXPECT_EQ(*e.find_path({"pathParameters", "id"})->as_string(), "7");
  EXPECT_EQ(*e.find_path({"stageVariables", "v"})->as_string(), "1");
  EXPECT_EQ(*e.find_path({"requestContext", "http", "method"})->as_string(), "POST");
  EXPECT_EQ(*e.find_path({"requestContext", "http", "sourceIp"})->as_string(), "127.0.0.1");
  EXPECT_EQ(*e.find_path({"requestContext", "accountId"})->as_string(), "000000000000");
  EXPECT_EQ(*e.find_string("body"), R"({"n":1})");
  EXPECT_EQ(e.find("isBase64Encoded")->as_boolean(), false);
}

TEST_F(DataPlaneTest, AbsentPartsAreOmittedInFormat2AndNullInFormat1) {
  make_api("$default", lambda());
  send("GET", "/");
  for (const char* name : {"cookies", "queryStringParameters", "pathParameters", "body"}) EXPECT_EQ(event().find(name), nullptr) << name;
  make_api("GET /x", lambda("1.0"));
  answer(R"({"statusCode":200,"multiValueHeaders":{"a":["1","2"]},"body":"x"})");
  const auto response = send("GET", "/x");
  EXPECT_EQ(response.headers[0], (std::pair<std::string, std::string>("a", "1")));
  EXPECT_EQ(response.headers[1], (std::pair<std::string, std::string>("a", "2")));
  for (const char* name : {"queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body"}) {
    ASSERT_NE(event().find(name), nullptr) << name;
    EXPECT_TRUE(event().find(name)->is_null()) << name;
  }
  EXPECT_EQ(*event().find_string("resource"), "/x");
}

TEST_F(DataPlaneTest, BinaryBodiesTravelInBase64BothWays) {
  make_api("POST /b", lambda());
  answer(R"({"statusCode":200,"isBase64Encoded":true,"body":"AAEC"})");
  const auto response = send("POST", "/b", {{"Content-Type", "image/png"}}, std::string("\x00\xff", 2));
  EXPECT_EQ(*event().find_string("body"), "AP8=");
  EXPECT_EQ(event().find("isBase64Encoded")->as_boolean(), true);
  EXPECT_EQ(response.body, std::string("\x00\x01\x02", 3));
}

TEST_F(DataPlaneTest, AnAnswerWithoutStatusCodeIsTheBodyOfA200) {
  make_api("$default", lambda());
  answer(R"({"hello":"world"})");
  EXPECT_EQ(send("GET", "/").body, R"({"hello":"world"})");
  answer(R"("plain")");
  const auto response = send("GET", "/");
  EXPECT_EQ(response.body, "plain");
  EXPECT_EQ(header(response, "content-type"), "application/json");
}

TEST_F(DataPlaneTest, FailuresAreMappedAsAwsMapsThem) {
  make_api("GET /x", lambda());
  using Kind = FunctionCallResult::Kind;
  for (const auto& [kind, status] : {std::pair(Kind::FunctionError, 500), std::pair(Kind::Denied, 500), std::pair(Kind::NotFound, 500),
                                     std::pair(Kind::Throttled, 503), std::pair(Kind::Unavailable, 503)}) {
    answer("{}", kind);
    EXPECT_EQ(send("GET", "/x").status, status);
  }
  for (const char* bad : {R"({"statusCode":"abc"})", R"({"statusCode":200,"headers":[]})", R"({"statusCode":99})",
                          R"({"statusCode":200,"body":{}})", "no json"}) {
    answer(bad);
    const auto response = send("GET", "/x");
    EXPECT_EQ(response.status, 500) << bad;
    EXPECT_EQ(response.body, R"({"message":"Internal Server Error"})");
  }
  EXPECT_EQ(send("GET", "/nowhere").status, 404);
  EXPECT_EQ(send("POST", "/x").body, R"({"message":"Not Found"})");
  api_id = "nosuchapi1";
  EXPECT_EQ(send("GET", "/x").status, 404);
}

TEST_F(DataPlaneTest, AFunctionSlowerThanTheIntegrationTimeoutIsA503AndItsAnswerIsDropped) {
  make_api("GET /x", lambda() + R"(,"timeoutInMillis":50)");
  struct Never final : FunctionInvoker {
    UniqueFunction<void(FunctionCallResult)> kept;
    void invoke(FunctionCall, UniqueFunction<void(FunctionCallResult)> done) override { kept = std::move(done); }
  } never;
  world.ports.functions = &never;
  const auto response = send("GET", "/x");
  EXPECT_EQ(response.status, 503);
  never.kept({});
  world.lanes.run_until_idle();
}

TEST_F(DataPlaneTest, PreflightIsAnsweredAndCorsHeadersOverrideTheFunctions) {
  make_api("GET /x", lambda(), R"(,"corsConfiguration":{"allowOrigins":["https://a.example"],"allowMethods":["GET"],"maxAge":5})");
  const auto allowed = send("OPTIONS", "/x", {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(header(allowed, "access-control-allow-origin"), "https://a.example");
  EXPECT_EQ(header(allowed, "access-control-max-age"), "5");
  const auto foreign = send("OPTIONS", "/x", {{"Origin", "https://b.example"}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_EQ(header(foreign, "access-control-allow-origin"), "");
  answer(R"({"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"}})");
  EXPECT_EQ(header(send("GET", "/x", {{"Origin", "https://a.example"}}), "access-control-allow-origin"), "https://a.example");
}

TEST_F(DataPlaneTest, TheFunctionIsCalledAsTheGatewayWithTheRoutesArnAndTheTrace) {
  make_api("GET /x/{id}", lambda());
  send("GET", "/x/1", {{"X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"}});
  const auto& seen = world.functions.seen.back();
  EXPECT_EQ(seen.principal, "apigateway.amazonaws.com");
  EXPECT_EQ(seen.source_arn, "arn:aws:execute-api:us-east-1:000000000000:" + api_id + "/$default/GET/x/{id}");
  EXPECT_EQ(seen.trace.root, "1-5759e988-bd862e3fe1be46a994272793");
  const auto spans = world.telemetry.trace("1-5759e988-bd862e3fe1be46a994272793");
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].kind, "gateway");
  EXPECT_EQ(spans[0].id, seen.trace.parent);
}

TEST_F(DataPlaneTest, HttpProxyFillsTheUriForwardsAndMapsBothWays) {
  make_api("ANY /p/{proxy+}",
           R"("integrationType":"HTTP_PROXY","integrationMethod":"ANY","integrationUri":"http://backend:80/base/{proxy}",)"
           R"("requestParameters":{"append:header.x-stage":"$stageVariables.v","overwrite:querystring.q":"${request.querystring.q}-2"},)"
           R"("responseParameters":{"404":{"overwrite:statuscode":"410","append:header.why":"$response.header.reason"}})");
  HttpClientRequest seen;
  world.http.behaviour = [&seen](const HttpClientRequest& request) {
    seen = request;
    return HttpClientResult{.status = 404, .headers = {{"reason", "gone"}, {"Connection", "close"}}, .body = "x"};
  };
  const auto response = send("PUT", "/p/a/b?q=1", {{"X-Own", "y"}, {"Connection", "keep-alive"}}, "body");
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.url, "http://backend:80/base/a/b?q=1-2");
  EXPECT_EQ(seen.body, "body");
  EXPECT_EQ(response.status, 410);
  EXPECT_EQ(header(response, "why"), "gone");
  EXPECT_EQ(header(response, "Connection"), "");
  world.http.behaviour = [](const HttpClientRequest&) {
    return HttpClientResult{.failure = HttpClientResult::Failure::Connect, .failure_text = "refused"};
  };
  EXPECT_EQ(send("GET", "/p/a").status, 500);
}

TEST_F(DataPlaneTest, ManualStagesServeTheirDeploymentAndOthersTheNewestDefinition) {
  make_api("GET /x", lambda());
  call("CreateStage", R"({"apiId":")" + api_id + R"(","stageName":"prod"})");
  EXPECT_EQ(send("GET", "/prod/x").status, 404);
  call("CreateDeployment", R"({"apiId":")" + api_id + R"(","stageName":"prod"})");
  EXPECT_EQ(send("GET", "/prod/x").status, 200);
  EXPECT_EQ(*event().find_string("rawPath"), "/prod/x");
  const auto integration = call("CreateIntegration", R"({"apiId":")" + api_id + R"(",)" + lambda() + "}");
  call("CreateRoute",
       R"({"apiId":")" + api_id + R"(","routeKey":"GET /y","target":"integrations/)" + member(integration, "integrationId") + R"("})");
  EXPECT_EQ(send("GET", "/y").status, 200);
  EXPECT_EQ(send("GET", "/prod/y").status, 404);
}

TEST_F(DataPlaneTest, EveryLaneServesAndSeesAChangeAtOnce) {
  make_api("GET /a", lambda());
  answer("1");
  ServiceContext context{*world.dispatcher, world.ports, world.lanes};
  const auto status_on = [&](std::size_t lane) {
    int status = -1;
    world.lanes.lane(lane).post([&] {
      auto request = make_http_request("GET", "/b", {{"Host", api_id + ".execute-api.localhost:4566"}}, "");
      service.data_plane.serve(context, std::move(request), [&](HttpResponse response) { status = response.status; });
    });
    world.lanes.run_until_idle();
    return status;
  };
  for (std::size_t lane = 0; lane < world.lanes.size(); ++lane) EXPECT_EQ(status_on(lane), 404);
  const auto id = member(call("CreateIntegration", R"({"apiId":")" + api_id + R"(",)" + lambda() + "}"), "integrationId");
  call("CreateRoute", R"({"apiId":")" + api_id + R"(","routeKey":"GET /b","target":"integrations/)" + id + R"("})");
  for (std::size_t lane = 0; lane < world.lanes.size(); ++lane) EXPECT_EQ(status_on(lane), 200);
  call("DeleteApi", R"({"apiId":")" + api_id + R"("})");
  for (std::size_t lane = 0; lane < world.lanes.size(); ++lane) EXPECT_EQ(status_on(lane), 404);
}

TEST_F(DataPlaneTest, LimitsOfBodyAndHeadAreEnforced) {
  make_api("POST /x", lambda());
  EXPECT_EQ(send("POST", "/x", {}, std::string(10 * 1024 * 1024 + 1, 'x')).status, 413);
  EXPECT_EQ(send("POST", "/x", {{"X-Long", std::string(10'240, 'x')}}).status, 431);
}

TEST_F(DataPlaneTest, ThePathFormServesTheSameApi) {
  make_api("GET /x", lambda());
  auto request = make_http_request("GET", "/_surgetank/execute-api/" + api_id + "/x?a=b", {{"Host", "127.0.0.1:4566"}}, "");
  EXPECT_EQ(world.serve(service, std::move(request)).status, 200);
  EXPECT_EQ(*event().find_string("rawPath"), "/x");
  EXPECT_TRUE(service.data_plane.claims("127.0.0.1:4566", "/_surgetank/execute-api/x/"));
  EXPECT_TRUE(service.data_plane.claims("abc.execute-api.localhost:4566", "/"));
  EXPECT_FALSE(service.data_plane.claims("localhost:4566", "/"));
}

}  // namespace
}  // namespace surgetank::apigateway
