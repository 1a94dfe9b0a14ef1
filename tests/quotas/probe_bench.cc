#include "probe_bench.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "kernel/admission.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

constexpr std::string_view folder_hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

// A request of the operation with nothing in it: it is throttled before anybody looks.
HttpResponse send_empty(ProbeBench& bench, const Service& service, const Operation& operation) {
  const TestSigning signing{.service = std::string(service.signing_name)};
  if (!service.target_prefix.empty()) {
    const auto json10 = supports(service, Protocol::Json10);
    return bench.door.send_signed("POST", "/",
                                  {{"X-Amz-Target", std::string(service.target_prefix) + "." + std::string(operation.name)},
                                   {"Content-Type", json10 ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1"}},
                                  "{}", signing);
  }
  if (supports(service, Protocol::Query)) {
    return bench.door.send_signed("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
                                  "Action=" + std::string(operation.name) + "&Version=" + std::string(service.api_version), signing);
  }
  std::string path;
  bool inside = false;
  for (const char c : operation.uri) {
    if (c == '{') path += 'x';
    inside = c == '{' || (inside && c != '}');
    if (!inside && c != '}') path += c;
  }
  return bench.door.send_signed(operation.method, path, {{"Content-Type", "application/json"}}, operation.method == "GET" ? "" : "{}",
                                signing);
}

}  // namespace

std::string ProbeBench::make(std::string_view service, std::string_view operation, const std::string& input) {
  auto reply = call(service, operation, input);
  EXPECT_EQ(reply.substr(0, 1), "{") << operation << " " << input.substr(0, 200) << ": " << reply;
  return reply;
}

std::int64_t ProbeBench::rejections(const QuotaRow& row) {
  for (const auto& use : world.quotas.use(world.lanes.now()))
    if (use.row == &row) return use.rejections;
  return -1;
}

std::string ProbeBench::function(const std::string& name, const std::string& more) {
  return R"({"FunctionName":")" + name + R"(","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs20.x","Handler":"i.h",)" +
         R"("Code":{"LocalPath":"/srv/f","LocalHash":")" + std::string(folder_hash) + R"(","LocalSize":12})" + more + "}";
}

void ProbeBench::make_function() { make("lambda", "CreateFunction", function("f")); }

std::string ProbeBench::make_api(const std::string& stage) {
  const auto id = text_member(make("apigateway", "CreateApi", R"({"name":"a","protocolType":"HTTP"})"), "apiId");
  const auto integration = text_member(
      make(
          "apigateway", "CreateIntegration",
          R"({"apiId":")" + id +
              R"(","integrationType":"AWS_PROXY","payloadFormatVersion":"2.0","integrationUri":"arn:aws:lambda:us-east-1:000000000000:function:f"})"),
      "integrationId");
  make("apigateway", "CreateRoute", R"({"apiId":")" + id + R"(","routeKey":"GET /","target":"integrations/)" + integration + R"("})");
  make("apigateway", "CreateStage", R"({"apiId":")" + id + R"(","stageName":"$default","autoDeploy":true)" + stage + "}");
  return id;
}

HttpResponse ProbeBench::get(const std::string& api_id, HeaderPairs headers, std::string body) {
  headers.emplace_back("Host", api_id + ".execute-api.localhost:4566");
  return door.send(plain_request("GET", "/", std::move(headers), std::move(body), door.now()));
}

std::string text_member(const std::string& json, std::string_view name) {
  const auto document = parse_json(json);
  const auto* text = document.ok() ? document->find_string(name) : nullptr;
  return text == nullptr ? std::string() : *text;
}

std::string times(std::int64_t count, std::string_view item, std::string_view separator) {
  std::string text;
  for (std::int64_t i = 0; i < count; ++i) text.append(i == 0 ? std::string_view{} : separator).append(item);
  return text;
}

void sized(const QuotaRow& row, std::int64_t value, const std::function<std::string(ProbeBench&, std::int64_t)>& ask,
           const std::string& error) {
  for (const auto amount : {value, value + 1}) {
    ProbeBench bench;
    if (value != row.value) bench.set(row, value);
    const auto answer = ask(bench, amount);
    if (amount == value) {
      EXPECT_EQ(answer.substr(0, 1), "{") << row.id << ": " << answer;
      EXPECT_EQ(bench.rejections(row), 0) << row.id;
    } else {
      EXPECT_EQ(answer, error) << row.id;
      EXPECT_GE(bench.rejections(row), 1) << row.id;
    }
  }
}

void counted(const QuotaRow& row, std::int64_t value, const std::function<void(ProbeBench&)>& prepare,
             const std::function<std::string(ProbeBench&, std::int64_t)>& make, const std::string& error) {
  ProbeBench bench;
  bench.set(row, value);
  if (prepare) prepare(bench);
  for (std::int64_t i = 1; i <= value; ++i) {
    const auto answer = make(bench, i);
    EXPECT_EQ(answer.substr(0, 1), "{") << row.id << ": " << answer;
  }
  EXPECT_EQ(bench.rejections(row), 0) << row.id;
  EXPECT_EQ(make(bench, value + 1), error) << row.id;
  EXPECT_GE(bench.rejections(row), 1) << row.id;
}

void rate_of_operations(const QuotaRow& row) {
  ProbeBench bench;
  constexpr std::int64_t rate = 4;
  bench.set(row, rate);
  const ApiAdmission admission(&bench.world.quotas, all_services());
  const auto burst = row.burst == 0 ? rate : std::max<std::int64_t>(1, row.burst * rate / row.value);
  int operations = 0;
  for (const auto* service : all_services()) {
    for (const auto& operation : service->operations) {
      if (admission.row_of(operation) != &row) continue;
      // Every operation of the row finds the bucket full, empties it, and is refused.
      ++operations;
      bench.world.advance(seconds(100));
      for (std::int64_t i = 0; i < burst; ++i)
        EXPECT_EQ(header_of(send_empty(bench, *service, operation), quota_header), "") << row.id << " " << operation.name;
      const auto before = bench.rejections(row);
      const auto refused = send_empty(bench, *service, operation);
      EXPECT_EQ(header_of(refused, quota_header), row.id) << operation.name;
      EXPECT_EQ(refused.status, row.error->http_status) << row.id;
      EXPECT_NE(refused.body.find(row.message), std::string::npos) << refused.body;
      const bool is_query = service->target_prefix.empty() && supports(*service, Protocol::Query);
      const auto& code = is_query && !row.error->query_name.empty() ? row.error->query_name : row.error->name;
      EXPECT_TRUE(refused.body.find(code) != std::string::npos || header_of(refused, "x-amzn-errortype") == code) << refused.body;
      EXPECT_EQ(bench.rejections(row), before + 1) << row.id;
      bench.world.advance(seconds(1));
      EXPECT_EQ(header_of(send_empty(bench, *service, operation), quota_header), "") << row.id << " refills";
    }
  }
  EXPECT_GT(operations, 0) << row.id;
}

}  // namespace surgetank
