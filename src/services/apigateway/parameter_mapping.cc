#include "services/apigateway/parameter_mapping.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "services/apigateway/errors.h"
#include "wire/json_value.h"

namespace surgetank::apigateway {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// AWS: "Reserved headers"; prefixes end with '-'.
constexpr std::array<std::string_view, 22> reserved = {"access-control-",
                                                       "apigw-",
                                                       "authorization",
                                                       "connection",
                                                       "content-encoding",
                                                       "content-length",
                                                       "content-location",
                                                       "forwarded",
                                                       "keep-alive",
                                                       "origin",
                                                       "proxy-authenticate",
                                                       "proxy-authorization",
                                                       "te",
                                                       "trailers",
                                                       "transfer-encoding",
                                                       "upgrade",
                                                       "x-amz-",
                                                       "x-amzn-",
                                                       "x-forwarded-for",
                                                       "x-forwarded-host",
                                                       "x-forwarded-proto",
                                                       "via"};
constexpr std::size_t body_lookup_bytes = 100 * 1024;

struct MappingKey {
  enum class Action : unsigned char { Append, Overwrite, Remove } action = Action::Append;
  enum class Part : unsigned char { Header, Query, Path, StatusCode } part = Part::Header;
  std::string name;
};

bool is_reserved(std::string_view name) {
  const auto lower = to_lower(name);
  return std::any_of(reserved.begin(), reserved.end(),
                     [&](std::string_view entry) { return entry.back() == '-' ? lower.substr(0, entry.size()) == entry : lower == entry; });
}

std::optional<MappingKey> parse_key(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  MappingKey key;
  const auto action = text.substr(0, colon);
  if (action == "overwrite") {
    key.action = MappingKey::Action::Overwrite;
  } else if (action == "remove") {
    key.action = MappingKey::Action::Remove;
  } else if (action != "append") {
    return std::nullopt;
  }
  const auto place = text.substr(colon + 1);
  const auto dot = place.find('.');
  if (place == "path" || place == "statuscode") {
    if (key.action != MappingKey::Action::Overwrite) return std::nullopt;
    key.part = place == "path" ? MappingKey::Part::Path : MappingKey::Part::StatusCode;
    return key;
  }
  if (dot == std::string_view::npos || dot + 1 == place.size()) return std::nullopt;
  const auto part = place.substr(0, dot);
  if (part != "header" && part != "querystring") return std::nullopt;
  key.part = part == "header" ? MappingKey::Part::Header : MappingKey::Part::Query;
  key.name = place.substr(dot + 1);
  return key;
}

std::string json_path_text(std::string_view body, std::string_view path) {
  if (path.empty()) return std::string(body);
  const auto document = parse_json(body.substr(0, body_lookup_bytes));
  if (!document.ok()) return {};
  const JsonValue* at = &*document;
  for (const auto name : split(path.substr(1), '.')) {
    at = at->find(name);
    if (at == nullptr) return {};
  }
  const auto* text = at->as_string();
  return text != nullptr ? *text : to_json(*at);
}

std::string header_of(const HttpRequest& request, std::string_view name) {
  std::string out;
  for (const auto& header : request.headers)
    if (equals_ignoring_case(header.name, name)) out += (out.empty() ? "" : ",") + std::string(header.value);
  return out;
}

std::string pair_of(const Pairs& pairs, std::string_view name) {
  std::string out;
  for (const auto& [key, value] : pairs)
    if (key == name) out += (out.empty() ? "" : ",") + value;
  return out;
}

std::string request_variable(const Exchange& exchange, std::string_view name) {
  if (name.substr(0, 7) == "header.") return header_of(exchange.request, name.substr(7));
  if (name.substr(0, 12) == "querystring.") return pair_of(query_parameters(exchange.query), name.substr(12));
  if (name == "path") return exchange.path;
  if (name.substr(0, 5) == "path.") return pair_of(exchange.match.path_parameters, name.substr(5));
  if (name.substr(0, 4) == "body") return json_path_text(exchange.request.body, name.substr(4));
  return {};
}

std::string response_variable(const HttpResponse& response, std::string_view name) {
  if (name.substr(0, 7) == "header.") {
    for (const auto& [key, value] : response.headers)
      if (equals_ignoring_case(key, name.substr(7))) return value;
  }
  if (name.substr(0, 4) == "body") return json_path_text(response.body, name.substr(4));
  return {};
}

// One variable without its '$'.
std::string variable(const Exchange& exchange, const HttpResponse* response, std::string_view name) {
  if (name.substr(0, 8) == "request.") return request_variable(exchange, name.substr(8));
  if (name.substr(0, 8) == "context.") return context_variable(exchange, name.substr(8));
  if (name.substr(0, 15) == "stageVariables.") return pair_of(exchange.stage->variables, name.substr(15));
  if (response != nullptr && name.substr(0, 9) == "response.") return response_variable(*response, name.substr(9));
  return {};
}

bool is_variable_start(std::string_view text) {
  return text.substr(0, 9) == "$request." || text.substr(0, 9) == "$context." || text.substr(0, 16) == "$stageVariables." ||
         text.substr(0, 10) == "$response.";
}

// "$request.header.x" as a whole, or "${request.header.x}" anywhere inside.
std::string evaluate(const Exchange& exchange, const HttpResponse* response, std::string_view text) {
  if (is_variable_start(text)) return variable(exchange, response, text.substr(1));
  std::string out;
  for (;;) {
    const auto start = text.find("${");
    const auto end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) return out + std::string(text);
    out += text.substr(0, start);
    out += variable(exchange, response, text.substr(start + 2, end - start - 2));
    text.remove_prefix(end + 1);
  }
}

void apply(const MappingKey& key, const std::string& value, Pairs& pairs) {
  const auto same = [&](const auto& pair) {
    return key.part == MappingKey::Part::Header ? equals_ignoring_case(pair.first, key.name) : pair.first == key.name;
  };
  if (key.action != MappingKey::Action::Append) std::erase_if(pairs, same);
  if (key.action != MappingKey::Action::Remove) pairs.emplace_back(key.name, value);
}

bool is_hop_by_hop(std::string_view name) {
  constexpr std::array<std::string_view, 9> names = {"connection",          "keep-alive", "proxy-authenticate",
                                                     "proxy-authorization", "te",         "trailer",
                                                     "transfer-encoding",   "upgrade",    "content-length"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view entry) { return equals_ignoring_case(entry, name); });
}

// The integration's URI with {variables} and ${stageVariables.x} filled in.
std::string filled_uri(const Exchange& exchange) {
  auto uri = *exchange.integration().integrationUri;
  for (const auto& [name, value] : exchange.match.path_parameters)
    uri = replace_all(std::move(uri), "{" + name + "}", percent_encode(value, "/"));
  for (const auto& [name, value] : exchange.stage->variables) uri = replace_all(std::move(uri), "${stageVariables." + name + "}", value);
  return uri;
}

Result<Unit> check_mapping(const String& key_text, const String& value, std::string_view where) {
  const auto key = parse_key(key_text);
  if (!key) return Error{&BadRequestException, "Invalid mapping expression specified in " + std::string(where) + ": " + key_text};
  if (key->part == MappingKey::Part::Header && is_reserved(key->name))
    return Error{&BadRequestException, "Operations on header " + key->name + " are restricted"};
  if (!value.empty() && value.front() == '$' && !is_variable_start(value) && value.substr(0, 2) != "${")
    return Error{&BadRequestException, "Invalid mapping expression specified in " + std::string(where) + ": " + value};
  return Unit{};
}

}  // namespace

Result<Unit> check_mappings(const Integration& integration) {
  for (const auto& [key, value] : integration.requestParameters) SURGE_CHECK(check_mapping(key, value, "requestParameters"));
  for (const auto& [status, mappings] : integration.responseParameters) {
    const auto code = parse_integer(status);
    if (!code || *code < 200 || *code > 599) return Error{&BadRequestException, "Invalid status code " + status + " in responseParameters"};
    for (const auto& [key, value] : mappings) SURGE_CHECK(check_mapping(key, value, "responseParameters"));
  }
  return Unit{};
}

ProxyRequest proxy_request(const Exchange& exchange) {
  const auto& integration = exchange.integration();
  ProxyRequest out;
  const auto method = integration.integrationMethod.value_or("ANY");
  out.method = method == "ANY" ? std::string(exchange.request.method) : method;
  out.url = filled_uri(exchange);
  out.query = query_parameters(exchange.query);
  for (const auto& header : exchange.request.headers) {
    const bool forwarded =
        is_hop_by_hop(header.name) || equals_ignoring_case(header.name, "host") || equals_ignoring_case(header.name, "x-amzn-trace-id");
    if (!forwarded) out.headers.emplace_back(header.name, header.value);
  }
  out.headers.emplace_back("Forwarded",
                           "by=127.0.0.1;for=" + exchange.request.peer_address + ";host=" + exchange.domain_name + ";proto=http");
  out.headers.emplace_back("Via", "HTTP/1.1 AmazonAPIGateway");
  out.headers.emplace_back("X-Amzn-Trace-Id", trace_header(exchange.trace));
  for (const auto& [key_text, value] : integration.requestParameters) {
    const auto key = *parse_key(key_text);
    const auto text = evaluate(exchange, nullptr, value);
    if (key.part == MappingKey::Part::Header) apply(key, text, out.headers);
    if (key.part == MappingKey::Part::Query) apply(key, text, out.query);
    if (key.part == MappingKey::Part::Path) {
      const auto scheme = out.url.find("://");
      out.url = out.url.substr(0, out.url.find('/', scheme + 3)) + text;
    }
  }
  return out;
}

void map_response(const Exchange& exchange, HttpResponse& response) {
  std::erase_if(response.headers, [](const auto& header) { return is_hop_by_hop(header.first); });
  const auto& all = exchange.integration().responseParameters;
  const auto found = all.find(std::to_string(response.status));
  if (found == all.end()) return;
  const HttpResponse original = response;
  for (const auto& [key_text, value] : found->second) {
    const auto key = *parse_key(key_text);
    const auto text = evaluate(exchange, &original, value);
    if (key.part == MappingKey::Part::Header) apply(key, text, response.headers);
    if (key.part == MappingKey::Part::StatusCode) response.status = static_cast<int>(parse_integer(text).value_or(response.status));
  }
}

}  // namespace surgetank::apigateway
