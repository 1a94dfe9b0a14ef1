#include "kernel/admin_http.h"

#include <utility>

#include "base/text.h"
#include "kernel/host_policy.h"
#include "wire/json_writer.h"
#include "wire/sha256.h"

namespace surgetank {
namespace {

bool path_matches(const AdminRoute& route, std::string_view path) {
  const std::string_view pattern = route.path;
  if (pattern.size() < 2 || pattern.substr(pattern.size() - 2) != "/*") return path == pattern;
  return path.substr(0, pattern.size() - 1) == pattern.substr(0, pattern.size() - 1);
}

bool method_matches(const AdminRoute& route, std::string_view method) {
  return method == route.method || (method == "HEAD" && route.method == "GET");
}

HttpResponse json_response(std::string body) {
  return {.status = 200, .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, .body = std::move(body)};
}

}  // namespace

HttpResponse json_message(int status, std::string_view text) {
  HttpResponse response{.status = status, .headers = {{"Content-Type", "application/json"}}, .body = {}};
  JsonWriter(response.body).begin_object().key("message").string(text).end_object();
  return response;
}

AdminHttp::AdminHttp(Secret<std::string> token, std::vector<AdminRoute> routes) : token_(std::move(token)), routes_(std::move(routes)) {}

bool AdminHttp::claims(std::string_view path) {
  constexpr std::string_view own = "/_surgetank/";
  constexpr std::string_view localstack = "/_localstack/";
  return path.substr(0, own.size()) == own || path.substr(0, localstack.size()) == localstack;
}

bool AdminHttp::authorized(const HttpRequest& request) const {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = request.header("authorization").value_or("");
  if (token_.reveal().empty() || !equals_ignoring_case(header.substr(0, scheme.size()), scheme)) return false;
  return equal_in_constant_time(header.substr(scheme.size()), token_.reveal());
}

void AdminHttp::serve(HttpRequest request, HttpReply reply) const {
  const AdminRoute* other_method = nullptr;
  for (const auto& route : routes_) {
    if (!path_matches(route, request.path)) continue;
    if (!method_matches(route, request.method)) {
      other_method = &route;
      continue;
    }
    // A public GET shows nothing secret, changes nothing, and no foreign page can read its answer.
    const bool harmless = route.access == AdminRoute::Access::Public && route.method == "GET";
    if (!harmless && sender_of(request) == Sender::ForeignPage) return reply(json_message(403, "Requests of other web pages are refused."));
    if (route.access == AdminRoute::Access::Token && !authorized(request)) {
      auto response = json_message(401, "This needs the header Authorization: Bearer <admin token>; the token is in the data directory.");
      response.headers.emplace_back("WWW-Authenticate", "Bearer");
      return reply(std::move(response));
    }
    return route.handler(std::move(request), std::move(reply));
  }
  if (other_method == nullptr) return reply(json_message(404, "There is nothing at " + std::string(request.path) + "."));
  auto response = json_message(405, std::string(request.path) + " takes " + other_method->method + ".");
  response.headers.emplace_back("Allow", other_method->method);
  reply(std::move(response));
}

std::vector<AdminRoute> health_routes(HealthSource source) {
  const auto services_json = [services = source.services](JsonWriter& json, std::string_view state) {
    json.key("services").begin_object();
    for (const auto& service : services) json.key(service).string(state);
    json.end_object();
  };
  auto health = [services_json, version = source.version, uptime = source.uptime](const HttpRequest&, HttpReply reply) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("status").string("ok").key("version").string(version);
    if (uptime) json.key("uptime_seconds").number(uptime().seconds());
    services_json(json, "running");
    json.end_object();
    reply(json_response(std::move(body)));
  };
  auto compatible = [services_json, version = source.version](const HttpRequest&, HttpReply reply) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    services_json(json, "running");
    json.key("edition").string("surgetank").key("version").string(version).end_object();
    reply(json_response(std::move(body)));
  };
  std::vector<AdminRoute> routes;
  routes.push_back({.method = "GET", .path = "/_surgetank/health", .access = AdminRoute::Access::Public, .handler = std::move(health)});
  routes.push_back(
      {.method = "GET", .path = "/_localstack/health", .access = AdminRoute::Access::Public, .handler = std::move(compatible)});
  return routes;
}

}  // namespace surgetank
