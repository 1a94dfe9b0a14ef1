#include <gtest/gtest.h>

#include "kernel/admission.h"
#include "probe_check.h"
#include "services/apigateway/quotas.h"

namespace surgetank {
namespace {

namespace quotas = apigateway::quotas;

std::string ask(ProbeBench& bench, std::string_view operation, const std::string& input) {
  return bench.call("apigateway", operation, input);
}

void expect_refused(const HttpResponse& response, const QuotaRow& row, const std::string& message) {
  EXPECT_EQ(response.status, row.error->http_status) << row.id;
  EXPECT_EQ(response.body, "{\"message\":\"" + message + "\"}") << row.id;
  EXPECT_EQ(header_of(response, quota_header), row.id);
}

void throttle_rate(const QuotaRow& row) {
  ProbeBench bench;
  const auto api = bench.make_api();
  bench.set(row, 6);  // and so a burst of 3
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.get(api).status, 200);
  expect_refused(bench.get(api), row, "Too Many Requests");
  EXPECT_EQ(bench.rejections(row), 1);
  bench.world.advance(seconds(1));
  EXPECT_EQ(bench.get(api).status, 200);
}

void route_throttle(const QuotaRow& row) {
  ProbeBench bench;
  const auto api = bench.make_api(R"(,"defaultRouteSettings":{"throttlingRateLimit":0.5,"throttlingBurstLimit":2})");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bench.get(api).status, 200);
  expect_refused(bench.get(api), row, "Too Many Requests");
  EXPECT_EQ(bench.rejections(row), 1);
  bench.world.advance(milliseconds(1999));
  EXPECT_EQ(bench.get(api).status, 429);
  bench.world.advance(milliseconds(2));
  EXPECT_EQ(bench.get(api).status, 200);
}

void apis(const QuotaRow& row) {
  counted(
      row, 2, {}, [](ProbeBench& bench, std::int64_t) { return ask(bench, "CreateApi", R"({"name":"a","protocolType":"HTTP"})"); },
      "TooManyRequestsException: Maximum number of APIs for this account has been reached. Please contact AWS if you need additional "
      "APIs.");
}

// Makes an API, then things inside it; its id comes in place of @.
void inside(const QuotaRow& row, std::string_view operation, const std::string& input, const std::string& error) {
  std::string api;
  counted(
      row, 2,
      [&](ProbeBench& bench) {
        api = text_member(bench.make("apigateway", "CreateApi", R"({"name":"a","protocolType":"HTTP"})"), "apiId");
      },
      [&](ProbeBench& bench, std::int64_t number) {
        auto body = R"({"apiId":")" + api + "\"," + input + "}";
        while (body.find('#') != std::string::npos) body.replace(body.find('#'), 1, std::to_string(number));
        return ask(bench, operation, body);
      },
      error);
}
void routes(const QuotaRow& row) {
  inside(row, "CreateRoute", R"("routeKey":"GET /a#")",
         "TooManyRequestsException: Maximum number of routes for this API has been reached. Please contact AWS if you need additional "
         "routes.");
}
void integrations(const QuotaRow& row) {
  inside(row, "CreateIntegration",
         R"("integrationType":"HTTP_PROXY","integrationMethod":"GET","payloadFormatVersion":"1.0","integrationUri":"http://x/")",
         "TooManyRequestsException: Maximum number of integrations for this API has been reached. Please contact AWS if you need "
         "additional integrations.");
}
void stages(const QuotaRow& row) {
  inside(row, "CreateStage", R"("stageName":"s#")",
         "TooManyRequestsException: Maximum number of stages for this API has been reached. Please contact AWS if you need additional "
         "stages.");
}

std::string with_variables(ProbeBench& bench, const std::string& variables) {
  const auto api = text_member(bench.make("apigateway", "CreateApi", R"({"name":"a","protocolType":"HTTP"})"), "apiId");
  return ask(bench, "CreateStage", R"({"apiId":")" + api + R"(","stageName":"s","stageVariables":{)" + variables + "}}");
}
void stage_variables(const QuotaRow& row) {
  sized(
      row, 3,
      [](ProbeBench& bench, std::int64_t amount) {
        std::string variables;
        for (std::int64_t i = 0; i < amount; ++i) variables += (i == 0 ? "\"v" : ",\"v") + std::to_string(i) + R"(":"1")";
        return with_variables(bench, variables);
      },
      "BadRequestException: A stage has at most 3 stage variables");
}
void stage_variable_name(const QuotaRow& row) {
  sized(
      row, 5, [](ProbeBench& bench, std::int64_t amount) { return with_variables(bench, "\"" + times(amount, "v", "") + R"(":"1")"); },
      "BadRequestException: Invalid stage variable name vvvvvv: letters, digits and _ are allowed, at most 5");
}
void stage_variable_value(const QuotaRow& row) {
  sized(
      row, 5, [](ProbeBench& bench, std::int64_t amount) { return with_variables(bench, R"("v":")" + times(amount, "1", "") + "\""); },
      "BadRequestException: Invalid stage variable value for v: [A-Za-z0-9-._~:/?#&=,]+ is expected, at most 5");
}

void integration_timeout(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        const auto api = text_member(bench.make("apigateway", "CreateApi", R"({"name":"a","protocolType":"HTTP"})"), "apiId");
        return ask(bench, "CreateIntegration",
                   R"({"apiId":")" + api + R"(","integrationType":"HTTP_PROXY","integrationMethod":"GET","payloadFormatVersion":"1.0",)" +
                       R"("integrationUri":"http://x/","timeoutInMillis":)" + std::to_string(amount) + "}");
      },
      "BadRequestException: Timeout should be between 50 ms and 30000 ms");
}

void payload(const QuotaRow& row) {
  ProbeBench bench;
  const auto api = bench.make_api();
  bench.set(row, 10);
  EXPECT_EQ(bench.get(api, {}, std::string(10, 'x')).status, 200);
  expect_refused(bench.get(api, {}, std::string(11, 'x')), row, "Request Entity Too Large");
}

void headers(const QuotaRow& row) {
  ProbeBench bench;
  const auto api = bench.make_api();
  EXPECT_EQ(bench.get(api, {{"X-Long", std::string(10'000, 'x')}}).status, 200);
  expect_refused(bench.get(api, {{"X-Long", std::string(10'300, 'x')}}), row, "Request Header Fields Too Large");
}

void tags(const QuotaRow& row) {
  sized(
      row, 3,
      [](ProbeBench& bench, std::int64_t amount) {
        std::string all;
        for (std::int64_t i = 0; i < amount; ++i) all += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + R"(":"1")";
        return ask(bench, "CreateApi", R"({"name":"a","protocolType":"HTTP","tags":{)" + all + "}}");
      },
      "BadRequestException: The maximum number of tags is 3");
}

constexpr Probe probes[] = {
    {"apigateway.throttle-rate", throttle_rate},
    {"apigateway.route-throttle", route_throttle},
    {"apigateway.control-plane-requests", rate_of_operations},
    {"apigateway.apis", apis},
    {"apigateway.routes", routes},
    {"apigateway.integrations", integrations},
    {"apigateway.stages", stages},
    {"apigateway.stage-variables", stage_variables},
    {"apigateway.stage-variable-name", stage_variable_name},
    {"apigateway.stage-variable-value", stage_variable_value},
    {"apigateway.integration-timeout", integration_timeout},
    {"apigateway.payload", payload},
    {"apigateway.headers", headers},
    {"apigateway.tags", tags},
};
static_assert(each_has_a_probe(quotas::rows, probes), "a quota of API Gateway has no probe");

}  // namespace

std::span<const Probe> apigateway_probes() { return probes; }

}  // namespace surgetank
