#include "net/http_response_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "net/http_chars.h"

namespace surgetank {
namespace {

constexpr std::array server_fields = {std::string_view("connection"), std::string_view("content-length"), std::string_view("date"),
                                      std::string_view("keep-alive"), std::string_view("transfer-encoding"), std::string_view("upgrade"),
                                      std::string_view("trailer")};

bool is_servers(std::string_view name) {
  return std::any_of(server_fields.begin(), server_fields.end(),
                     [&](std::string_view field) { return field.size() == name.size() && equals_ignoring_case(field, name); });
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_content_length(std::string& out, const HttpResponse& response, AnswerTo method) {
  if (response.status == 204) return;
  std::uint64_t length = response.body.size();
  if (length == 0 && (method == AnswerTo::Head || response.status == 304)) {
    const auto given = std::find_if(response.headers.begin(), response.headers.end(),
                                    [](const auto& header) { return equals_ignoring_case(header.first, "content-length"); });
    const auto stated = given == response.headers.end() ? std::nullopt : parse_content_length(given->second);
    if (!stated && response.status == 304) return;
    length = stated.value_or(0);
  }
  out.append("Content-Length: ");
  append_number(out, length);
  out.append("\r\n");
}

}  // namespace

bool is_sendable(const HttpResponse& response) {
  if (response.status < 200 || response.status > 999) return false;
  return std::all_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return !header.first.empty() && all_in(header.first, CharClass::Token) && all_in(header.second, CharClass::FieldValue);
  });
}

bool has_body(const HttpResponse& response, AnswerTo method) {
  return method != AnswerTo::Head && response.status != 204 && response.status != 304;
}

void append_head(std::string& out, const HttpResponse& response, AnswerTo method, Persistence persistence, std::string_view date) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.push_back(' ');
  out.append(reason_phrase(response.status));
  out.append("\r\n");
  for (const auto& [name, value] : response.headers) {
    if (is_servers(name)) continue;
    out.append(name);
    out.append(": ");
    out.append(value);
    out.append("\r\n");
  }
  append_content_length(out, response, method);
  out.append("Date: ");
  out.append(date);
  out.append(persistence == Persistence::Close ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 424: return "Failed Dependency";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

}  // namespace surgetank
