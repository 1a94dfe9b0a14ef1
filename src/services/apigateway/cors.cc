#include "services/apigateway/cors.h"

#include <algorithm>

#include "base/text.h"

namespace surgetank::apigateway {
namespace {

// "https://*.example.com" stands for every name below; a lone * for every origin.
bool origin_matches(std::string_view pattern, std::string_view origin) {
  if (pattern == "*") return true;
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return equals_ignoring_case(pattern, origin);
  const auto head = pattern.substr(0, star);
  const auto tail = pattern.substr(star + 1);
  return origin.size() >= head.size() + tail.size() && equals_ignoring_case(origin.substr(0, head.size()), head) &&
         equals_ignoring_case(origin.substr(origin.size() - tail.size()), tail);
}

std::optional<std::string> allowed_origin(const Cors& cors, std::string_view origin) {
  for (const auto& pattern : cors.allowOrigins)
    if (origin_matches(pattern, origin)) return pattern == "*" ? std::string("*") : std::string(origin);
  return std::nullopt;
}

std::string list(const List<String>& values) { return join(values, ","); }

void add_origin(const Cors& cors, const std::string& origin, HttpResponse& response) {
  response.headers.emplace_back("access-control-allow-origin", origin);
  if (cors.allowCredentials.value_or(false)) response.headers.emplace_back("access-control-allow-credentials", "true");
  if (!cors.exposeHeaders.empty()) response.headers.emplace_back("access-control-expose-headers", list(cors.exposeHeaders));
  if (origin != "*") response.headers.emplace_back("vary", "origin");
}

}  // namespace

std::optional<HttpResponse> preflight(const Cors& cors, const HttpRequest& request) {
  const auto origin = request.header("origin");
  if (request.method != "OPTIONS" || !origin || !request.header("access-control-request-method")) return std::nullopt;
  HttpResponse response;
  response.status = 204;
  const auto allowed = allowed_origin(cors, *origin);
  if (!allowed) return response;
  add_origin(cors, *allowed, response);
  if (!cors.allowMethods.empty()) response.headers.emplace_back("access-control-allow-methods", list(cors.allowMethods));
  if (!cors.allowHeaders.empty()) response.headers.emplace_back("access-control-allow-headers", list(cors.allowHeaders));
  if (cors.maxAge) response.headers.emplace_back("access-control-max-age", std::to_string(*cors.maxAge));
  return response;
}

void apply_cors(const Cors& cors, const HttpRequest& request, HttpResponse& response) {
  std::erase_if(response.headers, [](const auto& header) { return to_lower(header.first).substr(0, 15) == "access-control-"; });
  const auto origin = request.header("origin");
  if (!origin) return;
  if (const auto allowed = allowed_origin(cors, *origin)) add_origin(cors, *allowed, response);
}

}  // namespace surgetank::apigateway
