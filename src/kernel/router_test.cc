#include "kernel/router.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace surgetank {
namespace {

Result<Empty> nothing(Call&, const Empty&) { return Empty{}; }

constexpr Protocol json11[] = {Protocol::Json11};
constexpr Protocol three[] = {Protocol::RpcV2Cbor, Protocol::Json10, Protocol::Query};
constexpr Protocol query[] = {Protocol::Query};
constexpr Protocol rest[] = {Protocol::RestJson};

constexpr Operation secret_operations[] = {op<nothing>("GetSecret", Access::Read), op<nothing>("PurgeSecret", Access::Internal)};
constexpr Operation metric_operations[] = {op<nothing>("PutMetric", Access::Write)};
constexpr Operation user_operations[] = {op<nothing>("ListUsers", Access::Read), op<nothing>("GetThing", Access::Read)};
constexpr Operation token_operations[] = {op<nothing>("GetThing", Access::Read)};
constexpr Operation function_operations[] = {
    op<nothing>("GetFunction", Access::Read).rest("GET", "/2015-03-31/functions/{Name}"),
    op<nothing>("ListFunctions", Access::Read).rest("GET", "/2015-03-31/functions"),
    op<nothing>("Invoke", Access::Read).rest("POST", "/2015-03-31/functions/{Name}/invocations"),
    op<nothing>("GetSettings", Access::Read).rest("GET", "/2015-03-31/functions/settings"),
    op<nothing>("GetTags", Access::Read).rest("GET", "/tags/{Arn+}"),
    op<nothing>("GetOwnTags", Access::Read).rest("GET", "/tags/own/{Key}"),
    op<nothing>("Sweep", Access::Internal).rest("POST", "/sweep"),
};
constexpr Operation gateway_operations[] = {
    op<nothing>("ReadTags", Access::Read).rest("GET", "/tags/{Arn+}"),
    op<nothing>("GetApi", Access::Read).rest("GET", "/v2/apis/{Id}"),
};

constexpr Service secrets{.name = "secrets",
                          .signing_name = "secretsmanager",
                          .target_prefix = "secretsmanager",
                          .protocols = json11,
                          .operations = secret_operations};
constexpr Service metrics{.name = "metrics",
                          .signing_name = "monitoring",
                          .target_prefix = "GraniteServiceVersion20100801",
                          .api_version = "2010-08-01",
                          .protocols = three,
                          .operations = metric_operations};
constexpr Service users{
    .name = "users", .signing_name = "iam", .api_version = "2010-05-08", .protocols = query, .operations = user_operations};
constexpr Service tokens{
    .name = "tokens", .signing_name = "sts", .api_version = "2011-06-15", .protocols = query, .operations = token_operations};
constexpr Service functions{.name = "functions", .signing_name = "lambda", .protocols = rest, .operations = function_operations};
constexpr Service gateway{.name = "gateway", .signing_name = "apigateway", .protocols = rest, .operations = gateway_operations};
constexpr const Service* services[] = {&secrets, &metrics, &users, &tokens, &functions, &gateway};

using Headers = std::vector<std::pair<std::string, std::string>>;
constexpr auto form_type = "application/x-www-form-urlencoded; charset=utf-8";

std::optional<CredentialScope> scoped(std::string_view service) {
  return CredentialScope{.access_key_id = "test", .date = "20231114", .region = "us-east-1", .service = std::string(service)};
}

Route routed(std::string_view method, std::string_view target, const Headers& headers, const std::string& body = {},
             const std::optional<CredentialScope>& scope = std::nullopt) {
  static const Router router{services};
  const auto request = make_http_request(method, target, headers, body);
  return router.route(request, request.body, scope);
}

// "service.Operation over protocol" or the fault.
std::string name_of(const Route& route) {
  static constexpr std::string_view protocols[] = {"json10", "json11", "query", "rest", "cbor"};
  const std::string over = " over " + std::string(protocols[static_cast<int>(route.protocol)]);
  if (route.operation == nullptr) return std::string(route.fault->code->name) + over + ": " + route.fault->message;
  return std::string(route.service->name) + "." + std::string(route.operation->name) + over;
}

TEST(Router, TargetNamesServiceAndOperationWhateverElseIsSent) {
  const Headers headers{
      {"Host", "lambda.localhost"}, {"X-Amz-Target", "secretsmanager.GetSecret"}, {"Content-Type", "application/x-amz-json-1.1"}};
  EXPECT_EQ(name_of(routed("POST", "/", headers, "{}", scoped("lambda"))), "secrets.GetSecret over json11");
}

TEST(Router, TargetsArePosted) {
  const Headers headers{{"X-Amz-Target", "secretsmanager.GetSecret"}, {"Content-Type", "application/x-amz-json-1.1"}};
  EXPECT_EQ(routed("GET", "/", headers).operation, nullptr);
}

TEST(Router, JsonRepliesSpeakTheVersionThatTheServiceHas) {
  const Headers headers{{"X-Amz-Target", "GraniteServiceVersion20100801.PutMetric"}, {"Content-Type", "application/x-amz-json-1.1"}};
  EXPECT_EQ(name_of(routed("POST", "/", headers, "{}")), "metrics.PutMetric over json10");
}

TEST(Router, TargetWithoutJsonContentTypeIsRefused) {
  const Headers headers{{"X-Amz-Target", "secretsmanager.GetSecret"}, {"Content-Type", "text/plain"}};
  EXPECT_EQ(name_of(routed("POST", "/", headers, "{}")),
            "UnknownOperationException over json11: A request with X-Amz-Target needs the content type application/x-amz-json-1.1.");
}

TEST(Router, UnknownTargetsAreNamed) {
  Headers headers{{"X-Amz-Target", "secretsmanager.Frobnicate"}, {"Content-Type", "application/x-amz-json-1.1"}};
  EXPECT_EQ(name_of(routed("POST", "/", headers)),
            "UnknownOperationException over json11: The operation Frobnicate of service secrets is not supported by Surgetank yet. See "
            "docs/services.");
  headers[0].second = "DynamoDB_20120810.GetItem";
  headers[1].second = "application/x-amz-json-1.0";
  EXPECT_EQ(name_of(routed("POST", "/", headers, "{}", scoped("dynamodb"))),
            "UnknownOperationException over json10: The operation GetItem of service dynamodb is not supported by Surgetank yet. See "
            "docs/services.");
  EXPECT_EQ(routed("POST", "/", headers).fault->message,
            "The operation GetItem of service DynamoDB_20120810 is not supported by Surgetank yet. See docs/services.");
}

TEST(Router, InternalOperationsDoNotExistForClients) {
  const Headers headers{{"X-Amz-Target", "secretsmanager.PurgeSecret"}, {"Content-Type", "application/x-amz-json-1.1"}};
  EXPECT_EQ(routed("POST", "/", headers).operation, nullptr);
  EXPECT_EQ(routed("POST", "/sweep", {}, "{}", scoped("lambda")).operation, nullptr);
}

TEST(Router, CborPathNamesServiceAndOperation) {
  const Headers headers{{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}};
  EXPECT_EQ(name_of(routed("POST", "/service/GraniteServiceVersion20100801/operation/PutMetric", headers)), "metrics.PutMetric over cbor");
  EXPECT_EQ(name_of(routed("POST", "/service/com.amazonaws.cloudwatch.GraniteServiceVersion20100801/operation/PutMetric", headers)),
            "metrics.PutMetric over cbor");
  EXPECT_EQ(
      name_of(routed("POST", "/service/GraniteServiceVersion20100801/operation/Nope", headers)),
      "UnknownOperationException over cbor: The operation Nope of service metrics is not supported by Surgetank yet. See docs/services.");
  EXPECT_EQ(routed("POST", "/service/secretsmanager/operation/GetSecret", headers).operation, nullptr);  // has no CBOR
  EXPECT_EQ(routed("POST", "/service/GraniteServiceVersion20100801/operation/PutMetric", {{"smithy-protocol", "rpc-v2-json"}}).fault->code,
            &router_errors::unsupported_media_type);
}

TEST(Router, QueryActionIsReadFromFormOrUrl) {
  EXPECT_EQ(name_of(routed("POST", "/", {{"Content-Type", form_type}}, "Action=ListUsers&Version=2010-05-08", scoped("iam"))),
            "users.ListUsers over query");
  EXPECT_EQ(name_of(routed("GET", "/?Action=ListUsers&Version=2010-05-08", {}, "", scoped("iam"))), "users.ListUsers over query");
  EXPECT_EQ(name_of(routed("POST", "/", {{"Content-Type", form_type}}, "Version=2010-08-01&Action=PutMetric", scoped("monitoring"))),
            "metrics.PutMetric over query");
}

TEST(Router, ScopeThenHostThenVersionTellQueryServicesApart) {
  EXPECT_EQ(name_of(routed("GET", "/?Action=GetThing", {}, "", scoped("sts"))), "tokens.GetThing over query");
  EXPECT_EQ(name_of(routed("GET", "/?Action=GetThing", {{"Host", "sts.us-east-1.localhost:4566"}})), "tokens.GetThing over query");
  EXPECT_EQ(name_of(routed("GET", "/?Action=GetThing&Version=2011-06-15", {{"Host", "localhost"}})), "tokens.GetThing over query");
  EXPECT_EQ(name_of(routed("GET", "/?Action=GetThing&Version=2010-05-08", {{"Host", "localhost"}})), "users.GetThing over query");
  EXPECT_EQ(routed("GET", "/?Action=GetThing", {{"Host", "localhost"}}).operation, nullptr);
}

TEST(Router, UnknownQueryActionsAreNamed) {
  EXPECT_EQ(name_of(routed("GET", "/?Action=Publish&Version=2010-03-31", {}, "", scoped("sns"))),
            "InvalidAction over query: The operation Publish (version 2010-03-31) of service sns is not supported by Surgetank yet. See "
            "docs/services.");
  EXPECT_EQ(name_of(routed("GET", "/?Action=ListUsers&Version=1999-01-01", {}, "", scoped("iam"))),
            "InvalidAction over query: The operation ListUsers (version 1999-01-01) of service users is not supported by Surgetank yet. "
            "See docs/services.");
}

TEST(Router, FormInABodyOfAnotherTypeIsNoAction) {
  EXPECT_EQ(routed("POST", "/", {{"Content-Type", "application/json"}}, "Action=ListUsers&Version=2010-05-08", scoped("iam")).operation,
            nullptr);
}

TEST(Router, MostSpecificRestPathWins) {
  EXPECT_EQ(name_of(routed("GET", "/2015-03-31/functions/settings", {}, "", scoped("lambda"))), "functions.GetSettings over rest");
  EXPECT_EQ(name_of(routed("GET", "/2015-03-31/functions/other", {}, "", scoped("lambda"))), "functions.GetFunction over rest");
  EXPECT_EQ(name_of(routed("GET", "/2015-03-31/functions/", {}, "", scoped("lambda"))), "functions.ListFunctions over rest");
  EXPECT_EQ(name_of(routed("GET", "/tags/own/a", {}, "", scoped("lambda"))), "functions.GetOwnTags over rest");
  EXPECT_EQ(name_of(routed("GET", "/tags/own/a/b", {}, "", scoped("lambda"))), "functions.GetTags over rest");
}

TEST(Router, LabelsAreDecoded) {
  const auto route = routed("POST", "/2015-03-31/functions/a%3Ab%2Fc/invocations", {}, "", scoped("lambda"));
  ASSERT_EQ(name_of(route), "functions.Invoke over rest");
  ASSERT_EQ(route.labels.size(), 1U);
  EXPECT_EQ(route.labels[0].second, "a:b/c");
}

TEST(Router, SigningNameDecidesBetweenServicesWithTheSamePath) {
  EXPECT_EQ(name_of(routed("GET", "/tags/arn", {}, "", scoped("apigateway"))), "gateway.ReadTags over rest");
  EXPECT_EQ(name_of(routed("GET", "/tags/arn", {}, "", scoped("lambda"))), "functions.GetTags over rest");
  EXPECT_EQ(name_of(routed("GET", "/tags/arn", {{"Host", "apigateway.us-east-1.localhost"}})), "gateway.ReadTags over rest");
}

TEST(Router, PathOfAnotherServiceIsFoundSoThatTheScopeCanBeRefused) {
  EXPECT_EQ(name_of(routed("GET", "/v2/apis/x", {}, "", scoped("lambda"))), "gateway.GetApi over rest");
  EXPECT_EQ(name_of(routed("GET", "/v2/apis/x", {}, "", scoped("dynamodb"))), "gateway.GetApi over rest");
}

TEST(Router, UnknownPathsAreNamed) {
  EXPECT_EQ(name_of(routed("DELETE", "/2015-03-31/nothing", {}, "", scoped("lambda"))),
            "UnknownOperationException over rest: The operation DELETE /2015-03-31/nothing of service functions is not supported by "
            "Surgetank yet. "
            "See docs/services.");
  EXPECT_EQ(name_of(routed("PUT", "/bucket/key", {}, "", scoped("s3"))),
            "NotImplemented over query: The operation PUT /bucket/key of service s3 is not supported by Surgetank yet. See docs/services.");
  EXPECT_EQ(name_of(routed("GET", "/", {{"Host", "localhost"}})),
            "UnknownOperationException over rest: The operation GET / is not supported by Surgetank yet. See docs/services.");
}

TEST(Router, HostsAndFormsAreTakenApart) {
  EXPECT_EQ(host_without_port("localhost:4566"), "localhost");
  EXPECT_EQ(host_without_port("[::1]:4566"), "[::1]");
  EXPECT_EQ(host_without_port("[::1"), "[::1");
  EXPECT_EQ(form_value("a=1&Action=x%20y+z&Action=w", "Action"), "x y z");
  EXPECT_EQ(form_value("Actions=1&a", "Action"), std::nullopt);
  EXPECT_EQ(form_value("Action=%zz", "Action"), std::nullopt);
}

}  // namespace
}  // namespace surgetank
