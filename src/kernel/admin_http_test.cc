#include "kernel/admin_http.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

constexpr auto token = "0123456789abcdef";

std::vector<AdminRoute> routes() {
  const auto say = [](const std::string& text) {
    return [text](const HttpRequest&, HttpReply reply) { reply({.status = 200, .headers = {}, .body = text}); };
  };
  auto out = health_routes({.version = "1.2", .services = {"lambda", "logs"}, .uptime = [] { return milliseconds(1500); }});
  out.push_back({.method = "POST", .path = "/_surgetank/reset", .handler = say("reset")});
  out.push_back({.method = "GET", .path = "/_surgetank/console/*", .access = AdminRoute::Access::Public, .handler = say("console")});
  return out;
}

HttpResponse served(std::string_view method, std::string_view path, std::vector<std::pair<std::string, std::string>> headers = {}) {
  const AdminHttp admin(Secret<std::string>(token), routes());
  headers.emplace_back("Host", "localhost:4566");
  HttpResponse out{.status = -1, .headers = {}, .body = {}};
  admin.serve(make_http_request(method, path, headers, {}), [&out](HttpResponse response) { out = std::move(response); });
  return out;
}

TEST(AdminHttp, HealthIsPublic) {
  EXPECT_EQ(served("GET", "/_surgetank/health").body,
            R"({"status":"ok","version":"1.2","uptime_seconds":1.5,"services":{"lambda":"running","logs":"running"}})");
  EXPECT_EQ(served("GET", "/_localstack/health").body,
            R"({"services":{"lambda":"running","logs":"running"},"edition":"surgetank","version":"1.2"})");
  EXPECT_EQ(served("HEAD", "/_surgetank/health").status, 200);
  EXPECT_EQ(served("GET", "/_surgetank/console/js/app.js").body, "console");
}

TEST(AdminHttp, OtherRoutesNeedTheToken) {
  EXPECT_EQ(served("POST", "/_surgetank/reset").status, 401);
  EXPECT_EQ(served("POST", "/_surgetank/reset", {{"Authorization", "Bearer 0123456789abcdee"}}).status, 401);
  EXPECT_EQ(served("POST", "/_surgetank/reset", {{"Authorization", "Bearer "}}).status, 401);
  EXPECT_EQ(served("POST", "/_surgetank/reset", {{"Authorization", token}}).status, 401);
  EXPECT_EQ(served("POST", "/_surgetank/reset", {{"Authorization", std::string("bearer ") + token}}).body, "reset");
}

TEST(AdminHttp, WithoutATokenNobodyGetsIn) {
  const AdminHttp admin(Secret<std::string>(""), routes());
  int status = 0;
  admin.serve(make_http_request("POST", "/_surgetank/reset", {{"Authorization", "Bearer "}}, {}),
              [&](const HttpResponse& r) { status = r.status; });
  EXPECT_EQ(status, 401);
}

TEST(AdminHttp, ForeignPagesMayNotActEvenWithTheToken) {
  EXPECT_EQ(
      served("POST", "/_surgetank/reset", {{"Authorization", std::string("Bearer ") + token}, {"Origin", "http://evil.example"}}).status,
      403);
  EXPECT_EQ(served("GET", "/_surgetank/health", {{"Sec-Fetch-Site", "cross-site"}}).status, 200);
}

TEST(AdminHttp, WrongPathsAndMethodsAreSaid) {
  EXPECT_EQ(served("GET", "/_surgetank/nothing").status, 404);
  EXPECT_EQ(served("GET", "/_surgetank/nothing").body, R"({"message":"There is nothing at /_surgetank/nothing."})");
  const auto wrong = served("GET", "/_surgetank/reset");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.back(), (std::pair<std::string, std::string>("Allow", "POST")));
}

}  // namespace
}  // namespace surgetank
