#include "net/http_request_writer.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/http_chars.h"

namespace surgetank {
namespace {

constexpr std::array clients_fields = {std::string_view("connection"), std::string_view("content-length"), std::string_view("expect"),
                                       std::string_view("keep-alive"), std::string_view("te"),             std::string_view("trailer"),
                                       std::string_view("transfer-encoding"), std::string_view("upgrade")};

bool is_clients(std::string_view name) {
  return std::any_of(clients_fields.begin(), clients_fields.end(),
                     [&](std::string_view field) { return equals_ignoring_case(field, name); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

}  // namespace

std::string_view why_unsendable(const HttpClientRequest& request) {
  if (request.method.empty() || !all_in(request.method, CharClass::Token)) return "the method is malformed";
  std::size_t hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !all_in(name, CharClass::Token)) return "a header name is malformed";
    if (!all_in(value, CharClass::FieldValue)) return "a header value holds control characters";
    if (equals_ignoring_case(name, "host") && ++hosts > 1) return "Host is repeated";
  }
  return {};
}

void append_request_head(std::string& out, const HttpClientRequest& request, const HttpUrl& url, ClientPersistence persistence) {
  out.append(request.method);
  out.push_back(' ');
  out.append(url.target);
  out.append(" HTTP/1.1\r\n");
  const auto host = std::find_if(request.headers.begin(), request.headers.end(),
                                 [](const auto& header) { return equals_ignoring_case(header.first, "host"); });
  append_field(out, "Host", host == request.headers.end() ? url.authority : host->second);
  for (const auto& [name, value] : request.headers)
    if (!equals_ignoring_case(name, "host") && !is_clients(name)) append_field(out, name, value);
  const bool usually_has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || usually_has_body) append_field(out, "Content-Length", std::to_string(request.body.size()));
  if (persistence == ClientPersistence::Close) append_field(out, "Connection", "close");
  out.append("\r\n");
}

}  // namespace surgetank
