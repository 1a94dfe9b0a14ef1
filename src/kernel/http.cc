#include "kernel/http.h"

#include <cstring>
#include <stdexcept>

#include "base/text.h"

namespace surgetank {
namespace {

void require_printable(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) throw std::invalid_argument("control character in an HTTP head");
}

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  for (const auto& h : headers)
    if (equals_ignoring_case(h.name, name)) return h.value;
  return std::nullopt;
}

HttpRequest make_http_request(std::string_view method, std::string_view target,
                              const std::vector<std::pair<std::string, std::string>>& headers, std::string body) {
  std::size_t size = method.size() + target.size();
  for (const auto& [name, value] : headers) size += name.size() + value.size();
  HttpRequest request;
  request.head = std::make_unique<char[]>(size + 1);
  char* at = request.head.get();
  const auto keep = [&at](std::string_view text) {
    require_printable(text);
    std::memcpy(at, text.data(), text.size());
    const std::string_view kept(at, text.size());
    at += text.size();
    return kept;
  };
  request.method = keep(method);
  request.target = keep(target);
  const auto question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string_view::npos) request.query = request.target.substr(question + 1);
  for (const auto& [name, value] : headers) {
    const auto kept_name = keep(name);
    request.headers.push_back({kept_name, keep(value)});
  }
  request.body = std::move(body);
  return request;
}

}  // namespace surgetank
