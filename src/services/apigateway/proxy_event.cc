#include "services/apigateway/proxy_event.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "wire/json_writer.h"

namespace surgetank::apigateway {
namespace {

// 12/Mar/2020:19:03:58 +0000
std::string request_time(Instant t) {
  constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto c = calendar(t);
  char text[64];
  std::snprintf(text, sizeof text, "%02d/%s/%04d:%02d:%02d:%02d +0000", c.day, months[static_cast<std::size_t>(c.month - 1)], c.year,
                c.hour, c.minute, c.second);
  return text;
}

// Headers that the gateway adds to what the client sent, as AWS's edge does.
std::vector<std::pair<std::string, std::string>> forwarded_headers(const Exchange& exchange) {
  const auto& request = exchange.request;
  std::vector<std::pair<std::string, std::string>> out;
  std::string forwarded_for;
  for (const auto& header : request.headers) {
    if (equals_ignoring_case(header.name, "x-forwarded-for")) {
      forwarded_for += (forwarded_for.empty() ? "" : ", ") + std::string(header.value);
      continue;
    }
    const bool ours = equals_ignoring_case(header.name, "x-amzn-trace-id") || equals_ignoring_case(header.name, "x-forwarded-port") ||
                      equals_ignoring_case(header.name, "x-forwarded-proto") || equals_ignoring_case(header.name, "connection") ||
                      equals_ignoring_case(header.name, "transfer-encoding") || equals_ignoring_case(header.name, "content-length");
    if (!ours) out.emplace_back(header.name, header.value);
  }
  if (!request.body.empty() || request.header("content-length")) out.emplace_back("Content-Length", std::to_string(request.body.size()));
  out.emplace_back("X-Amzn-Trace-Id", "Root=" + exchange.trace.root);
  out.emplace_back("X-Forwarded-For", forwarded_for.empty() ? request.peer_address : forwarded_for + ", " + request.peer_address);
  const auto host = request.header("host").value_or("");
  const auto colon = host.rfind(':');
  out.emplace_back("X-Forwarded-Port", colon == std::string_view::npos ? "80" : std::string(host.substr(colon + 1)));
  out.emplace_back("X-Forwarded-Proto", "http");
  return out;
}

// Values of one name joined, names in order.
std::map<std::string, std::string> joined(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : pairs) {
    const auto [at, fresh] = out.emplace(name, value);
    if (!fresh) at->second += "," + value;
  }
  return out;
}

void write_map(JsonWriter& json, const std::map<std::string, std::string>& map) {
  json.begin_object();
  for (const auto& [name, value] : map) json.key(name).string(value);
  json.end_object();
}

void write_body(JsonWriter& json, const HttpRequest& request) {
  const bool text = is_text(request.header("content-type").value_or(""));
  if (!request.body.empty()) json.key("body").string(text ? request.body : to_base64(request.body));
  json.key("isBase64Encoded").boolean(!request.body.empty() && !text);
}

void write_cookies(JsonWriter& json, const HttpRequest& request) {
  bool any = false;
  for (const auto& header : request.headers) {
    if (!equals_ignoring_case(header.name, "cookie")) continue;
    if (!any) json.key("cookies").begin_array();
    any = true;
    for (const auto part : split(header.value, ';'))
      if (!trim(part).empty()) json.string(trim(part));
  }
  if (any) json.end_array();
}

void write_request_context(JsonWriter& json, const Exchange& exchange) {
  const auto& request = exchange.request;
  json.key("requestContext").begin_object();
  json.key("accountId").string(exchange.api->account).key("apiId").string(exchange.api->api_id);
  json.key("domainName").string(exchange.domain_name);
  json.key("domainPrefix").string(exchange.domain_name.substr(0, exchange.domain_name.find('.')));
  json.key("http").begin_object();
  json.key("method").string(request.method).key("path").string(percent_decode(exchange.path, PlusMeaning::Plus).value_or(exchange.path));
  json.key("protocol").string("HTTP/1.1").key("sourceIp").string(request.peer_address);
  json.key("userAgent").string(request.header("user-agent").value_or("")).end_object();
  json.key("requestId").string(exchange.request_id).key("routeKey").string(exchange.match.route->route_key);
  json.key("stage").string(exchange.stage->name).key("time").string(request_time(exchange.started));
  json.key("timeEpoch").integer(exchange.started.ms()).end_object();
}

using MultiMap = std::map<std::string, std::vector<std::string>>;

MultiMap grouped(const std::vector<std::pair<std::string, std::string>>& pairs) {
  MultiMap out;
  for (const auto& [name, value] : pairs) out[name].push_back(value);
  return out;
}

// Format 1.0 has each map twice: the last value of a name, and all of them.
void write_both(JsonWriter& json, std::string_view single, std::string_view multiple, const MultiMap& map) {
  if (map.empty()) {
    json.key(single).null().key(multiple).null();
    return;
  }
  json.key(single).begin_object();
  for (const auto& [name, values] : map) json.key(name).string(values.back());
  json.end_object().key(multiple).begin_object();
  for (const auto& [name, values] : map) {
    json.key(name).begin_array();
    for (const auto& value : values) json.string(value);
    json.end_array();
  }
  json.end_object();
}

void write_pairs_or_null(JsonWriter& json, std::string_view name, const std::vector<std::pair<std::string, std::string>>& pairs) {
  json.key(name);
  if (pairs.empty()) {
    json.null();
    return;
  }
  json.begin_object();
  for (const auto& [key, value] : pairs) json.key(key).string(value);
  json.end_object();
}

void write_request_context_1_0(JsonWriter& json, const Exchange& exchange) {
  const auto& request = exchange.request;
  json.key("requestContext").begin_object();
  json.key("accountId").string(exchange.api->account).key("apiId").string(exchange.api->api_id);
  json.key("domainName").string(exchange.domain_name);
  json.key("domainPrefix").string(exchange.domain_name.substr(0, exchange.domain_name.find('.')));
  json.key("extendedRequestId").string(exchange.request_id).key("httpMethod").string(request.method);
  json.key("identity").begin_object();
  for (const auto* name : {"accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
                           "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId"})
    json.key(name).null();
  json.key("sourceIp").string(request.peer_address).key("user").null();
  json.key("userAgent").string(request.header("user-agent").value_or("")).key("userArn").null().end_object();
  json.key("path").string(exchange.path).key("protocol").string("HTTP/1.1").key("requestId").string(exchange.request_id);
  json.key("requestTime").string(request_time(exchange.started)).key("requestTimeEpoch").integer(exchange.started.ms());
  json.key("resourceId").string(exchange.match.route->route_key).key("resourcePath");
  const auto& key = exchange.match.route->route_key;
  json.string(key.substr(key.find(' ') + 1)).key("stage").string(exchange.stage->name).end_object();
}

}  // namespace

bool is_text(std::string_view content_type) {
  const auto type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  constexpr std::array<std::string_view, 5> text_types = {"application/json", "application/xml", "application/javascript",
                                                          "application/x-www-form-urlencoded", "application/graphql"};
  if (type.empty() || type.substr(0, 5) == "text/" || std::find(text_types.begin(), text_types.end(), type) != text_types.end())
    return true;
  const auto ends_with = [&type](std::string_view suffix) {
    return type.size() > suffix.size() && type.substr(type.size() - suffix.size()) == suffix;
  };
  return ends_with("+json") || ends_with("+xml");
}

std::string event_2_0(const Exchange& exchange) {
  const auto& request = exchange.request;
  std::string out;
  out.reserve(1024 + request.body.size() * 2);
  JsonWriter json(out);
  json.begin_object().key("version").string("2.0").key("routeKey").string(exchange.match.route->route_key);
  json.key("rawPath")
      .string(percent_decode(exchange.path, PlusMeaning::Plus).value_or(exchange.path))
      .key("rawQueryString")
      .string(exchange.query);
  write_cookies(json, request);
  auto headers = forwarded_headers(exchange);
  std::erase_if(headers, [](const auto& header) { return equals_ignoring_case(header.first, "cookie"); });
  for (auto& header : headers) header.first = to_lower(header.first);
  json.key("headers");
  write_map(json, joined(headers));
  if (!exchange.query.empty()) {
    json.key("queryStringParameters");
    write_map(json, joined(query_parameters(exchange.query)));
  }
  write_request_context(json, exchange);
  if (!exchange.match.path_parameters.empty()) write_pairs_or_null(json, "pathParameters", exchange.match.path_parameters);
  if (!exchange.stage->variables.empty()) write_pairs_or_null(json, "stageVariables", exchange.stage->variables);
  write_body(json, request);
  json.end_object();
  return out;
}

std::string event_1_0(const Exchange& exchange) {
  const auto& request = exchange.request;
  std::string out;
  out.reserve(2048 + request.body.size() * 2);
  JsonWriter json(out);
  const auto& key = exchange.match.route->route_key;
  json.begin_object().key("version").string("1.0").key("resource").string(key.substr(key.find(' ') + 1)).key("path").string(exchange.path);
  json.key("httpMethod").string(request.method);
  write_both(json, "headers", "multiValueHeaders", grouped(forwarded_headers(exchange)));
  write_both(json, "queryStringParameters", "multiValueQueryStringParameters", grouped(query_parameters(exchange.query)));
  write_request_context_1_0(json, exchange);
  write_pairs_or_null(json, "pathParameters", exchange.match.path_parameters);
  write_pairs_or_null(json, "stageVariables", exchange.stage->variables);
  if (request.body.empty()) json.key("body").null();
  write_body(json, request);
  json.end_object();
  return out;
}

}  // namespace surgetank::apigateway
