// Fuzzes the HTTP request and response parsers, URLs and listen addresses. Beyond not crashing: any cut of the same bytes must give the
// same messages and the same fault, and no message may hold what the parser promises to refuse.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "net/http_parser.h"
#include "net/http_response_parser.h"
#include "net/http_url.h"
#include "net/listen_address.h"

namespace {

using namespace surgetank;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

bool is_plain(std::string_view text) {
  for (const char c : text)
    if (c == '\r' || c == '\n' || c == '\0') return false;
  return true;
}

void add_request(std::string& seen, const HttpRequest& request) {
  require(request.target.starts_with('/'), "a target in origin form");
  std::size_t lengths = 0;
  std::size_t codings = 0;
  for (const auto& header : request.headers) {
    require(is_plain(header.name) && is_plain(header.value), "a header without line ends");
    lengths += equals_ignoring_case(header.name, "content-length") ? 1 : 0;
    codings += equals_ignoring_case(header.name, "transfer-encoding") ? 1 : 0;
    seen.append(header.name).append("=").append(header.value).append(";");
  }
  require(lengths + codings <= 1, "one framing header");
  seen.append(request.method).append(" ").append(request.target).append("{").append(request.body).append("}\n");
}

std::string read_requests(std::string_view bytes, std::size_t step, const HttpLimits& limits) {
  HttpRequestParser parser(limits);
  std::string seen;
  while (!bytes.empty() && parser.state() != HttpRequestParser::State::Failed) {
    auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && parser.state() != HttpRequestParser::State::Failed) {
      piece.remove_prefix(parser.feed(piece));
      if (parser.state() == HttpRequestParser::State::Complete) add_request(seen, parser.take());
    }
  }
  if (parser.state() == HttpRequestParser::State::Failed) seen += std::to_string(parser.fault().status) + std::string(parser.fault().text);
  return seen;
}

std::string read_response(std::string_view bytes, std::size_t step, AnswerTo method) {
  HttpResponseLimits limits;
  limits.head_bytes = 512;
  limits.body_bytes = 512;
  HttpResponseParser parser(limits, method);
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    if (parser.feed(piece) < piece.size()) break;
  }
  parser.end_of_connection();
  std::string seen = std::to_string(static_cast<int>(parser.state())) + std::string(parser.fault_text());
  if (parser.state() != HttpResponseParser::State::Complete) return seen;
  require(parser.body().size() <= 512, "a body within the limit");
  for (const auto& [name, value] : parser.headers()) seen += name + "=" + value + ";";
  return seen + std::to_string(parser.status()) + parser.body();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t step = 1 + data[1] % 16;
  HttpLimits limits;
  if ((data[0] & 4) != 0) {
    limits.head_bytes = 200;
    limits.target_bytes = 20;
    limits.headers = 4;
    limits.body_bytes = 30;
    limits.chunk_line_bytes = 16;
    limits.trailer_bytes = 40;
  }
  switch (data[0] & 3) {
    case 0:
    case 1: {
      const bool same = read_requests(bytes, size, limits) == read_requests(bytes, step, limits);
      require(same, "requests depend on how the bytes arrive");
      break;
    }
    case 2: {
      const auto method = (data[0] & 8) != 0 ? AnswerTo::Head : AnswerTo::OtherMethod;
      require(read_response(bytes, size, method) == read_response(bytes, step, method), "an answer depends on how the bytes arrive");
      break;
    }
    default:
      if (const auto url = parse_http_url(bytes); url.ok())
        require(is_plain(url->target) && is_plain(url->authority), "a URL without line ends");
      if (const auto address = parse_listen_address(bytes); address.ok())
        require(*parse_listen_address(to_text(*address)) == *address, "an address that reads back");
  }
  return 0;
}
