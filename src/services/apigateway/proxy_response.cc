#include "services/apigateway/proxy_response.h"

#include "base/text.h"
#include "wire/json_value.h"

namespace surgetank::apigateway {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Scalars count as text, as AWS converts them.
std::optional<std::string> scalar_text(const JsonValue& value) {
  if (const auto* text = value.as_string()) return *text;
  if (const auto* number = value.as_number_text()) return *number;
  if (const auto boolean = value.as_boolean()) return *boolean ? "true" : "false";
  return std::nullopt;
}

std::optional<int> status_of(const JsonValue& value) {
  std::optional<std::int64_t> status = value.as_integer();
  if (const auto* text = value.as_string()) status = parse_integer(*text);
  if (!status || *status < 100 || *status > 599) return std::nullopt;
  return static_cast<int>(*status);
}

bool add_headers(const JsonValue* headers, Headers& out) {
  if (headers == nullptr || headers->is_null()) return true;
  const auto* fields = headers->as_object();
  if (fields == nullptr) return false;
  for (const auto& field : *fields) {
    const auto text = scalar_text(field.value);
    if (!text) return false;
    out.emplace_back(to_lower(field.name), *text);
  }
  return true;
}

bool add_multiple(const JsonValue* headers, Headers& out) {
  if (headers == nullptr || headers->is_null()) return true;
  const auto* fields = headers->as_object();
  if (fields == nullptr) return false;
  for (const auto& field : *fields) {
    const auto* values = field.value.as_array();
    if (values == nullptr) return false;
    // A name given both ways takes the values of multiValueHeaders.
    std::erase_if(out, [&](const auto& header) { return equals_ignoring_case(header.first, field.name); });
    for (const auto& value : *values) {
      const auto text = scalar_text(value);
      if (!text) return false;
      out.emplace_back(to_lower(field.name), *text);
    }
  }
  return true;
}

bool add_cookies(const JsonValue* cookies, Headers& out) {
  if (cookies == nullptr || cookies->is_null()) return true;
  const auto* values = cookies->as_array();
  if (values == nullptr) return false;
  for (const auto& value : *values) {
    const auto* text = value.as_string();
    if (text == nullptr) return false;
    out.emplace_back("set-cookie", *text);
  }
  return true;
}

bool set_body(const JsonValue& answer, HttpResponse& response) {
  const auto* body = answer.find("body");
  if (body == nullptr || body->is_null()) return true;
  const auto text = scalar_text(*body);
  if (!text) return false;
  const auto* encoded = answer.find("isBase64Encoded");
  if (encoded == nullptr || encoded->as_boolean() != true) {
    response.body = *text;
    return true;
  }
  auto bytes = from_base64(*text);
  if (!bytes) return false;
  response.body = std::move(*bytes);
  return true;
}

bool has_header(const Headers& headers, std::string_view name) {
  for (const auto& header : headers)
    if (header.first == name) return true;
  return false;
}

}  // namespace

std::optional<HttpResponse> response_2_0(std::string_view function_answer) {
  const auto answer = parse_json(function_answer);
  if (!answer.ok()) return std::nullopt;
  HttpResponse response;
  const auto* status = answer->find("statusCode");
  if (status == nullptr) {
    const auto* text = answer->as_string();
    response.body = text != nullptr ? *text : std::string(function_answer);
    response.headers.emplace_back("content-type", "application/json");
    return response;
  }
  const auto code = status_of(*status);
  const bool valid = code && add_headers(answer->find("headers"), response.headers) &&
                     add_cookies(answer->find("cookies"), response.headers) && set_body(*answer, response);
  if (!valid) return std::nullopt;
  response.status = *code;
  if (!has_header(response.headers, "content-type")) response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
  return response;
}

std::optional<HttpResponse> response_1_0(std::string_view function_answer) {
  const auto answer = parse_json(function_answer);
  if (!answer.ok() || !answer->is_object()) return std::nullopt;
  const auto* status = answer->find("statusCode");
  const auto code = status == nullptr ? std::nullopt : status_of(*status);
  HttpResponse response;
  const bool valid = code && add_headers(answer->find("headers"), response.headers) &&
                     add_multiple(answer->find("multiValueHeaders"), response.headers) && set_body(*answer, response);
  if (!valid) return std::nullopt;
  response.status = *code;
  if (!has_header(response.headers, "content-type")) response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
  return response;
}

}  // namespace surgetank::apigateway
