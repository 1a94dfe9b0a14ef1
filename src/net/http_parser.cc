#include "net/http_parser.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "net/http_body.h"
#include "net/http_chars.h"
#include "net/http_head.h"

namespace surgetank {
namespace {

constexpr std::size_t most_method_bytes = 32;
constexpr std::size_t version_bytes = 8;                                          // HTTP/1.1
constexpr std::size_t first_line_extra = most_method_bytes + 2 + version_bytes + 2;  // spaces and CRLF
constexpr std::size_t kept_pending_bytes = 4096;  // a larger buffer for a head that came in pieces is given back

// A piece of the head, as an offset: the bytes may still move.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
  std::string_view in(std::string_view head) const { return head.substr(begin, size); }
};
struct FieldSpan {
  Span name;
  Span value;
};

Span span_of(std::string_view part, std::string_view head) {
  return {static_cast<std::uint32_t>(part.data() - head.data()), static_cast<std::uint32_t>(part.size())};
}

constexpr HttpFault malformed(std::string_view text) { return {400, text}; }

}  // namespace

struct HttpRequestParser::Impl {
  explicit Impl(const HttpLimits& l)
      : limits(l),
        lines({l.target_bytes + first_line_extra, l.head_bytes}),
        body({l.body_bytes, l.chunk_line_bytes, l.trailer_bytes, l.headers}) {}

  std::size_t feed_head(std::string_view bytes);
  bool scan(std::string_view head);
  void handle_start_line(std::string_view line, std::string_view head);
  void handle_target(std::string_view text, std::string_view head);
  void handle_version(std::string_view text);
  void handle_field_line(std::string_view line, std::string_view head);
  void handle_known_field(const HttpHeader& field, std::string_view head);
  void handle_host(std::string_view value, std::string_view head);
  void finish_head(std::string_view head);
  void check_framing(std::string_view head);
  void build_request(std::string_view head);
  void sync_with_body();
  void fail(HttpFault why) {
    state = State::Failed;
    fault = why;
  }
  void restart();

  HttpLimits limits;
  State state = State::Head;
  HttpFault fault;
  LineFinder lines;
  BodyDecoder body;
  std::string pending;  // a head that came in pieces, so far
  std::vector<FieldSpan> fields;

  bool start_line_seen = false;
  bool empty_line_seen = false;
  Span method;
  Span target;
  std::optional<Span> authority;  // of an absolute-form target
  HttpVersion version = HttpVersion::Http11;
  std::optional<Span> host;
  std::optional<std::uint64_t> content_length;
  std::size_t transfer_encodings = 0;
  bool unknown_coding = false;
  bool wants_close = false;
  Expectation expectation = Expectation::None;
  bool unknown_expectation = false;
  HttpRequest request;
};

std::size_t HttpRequestParser::Impl::feed_head(std::string_view bytes) {
  if (pending.empty()) {
    if (!scan(bytes)) {
      if (state == State::Head) pending.assign(bytes);
      return bytes.size();
    }
    const auto used = lines.end();
    finish_head(bytes.substr(0, used));
    return used;
  }
  const auto before = pending.size();
  pending.append(bytes);
  if (!scan(pending)) return bytes.size();
  const auto used = lines.end() - before;
  finish_head(std::string_view(pending).substr(0, lines.end()));
  pending.clear();
  if (pending.capacity() > kept_pending_bytes) pending = {};
  return used;
}

// True when the empty line that ends the head has been found.
bool HttpRequestParser::Impl::scan(std::string_view head) {
  // What is not HTTP at all (a TLS hello, say) is refused at its first byte, not at the first line end that happens to come by.
  if (!head.empty() && head.front() != '\r' && !is_in(head.front(), CharClass::Token)) fail(malformed("not an HTTP request"));
  while (state == State::Head) {
    switch (lines.next(head)) {
      case LineFinder::Found::NeedMore: return false;
      case LineFinder::Found::FirstLineTooLong: fail({414, "the request line is too long"}); break;
      case LineFinder::Found::TooLong: fail({431, "the request head is too large"}); break;
      case LineFinder::Found::BareLineFeed: fail(malformed("a line does not end in CR LF")); break;
      case LineFinder::Found::Line: {
        const auto line = head.substr(lines.begin(), lines.size());
        if (start_line_seen && line.empty()) return true;
        if (start_line_seen)
          handle_field_line(line, head);
        else
          handle_start_line(line, head);
      }
    }
  }
  return false;
}

void HttpRequestParser::Impl::handle_start_line(std::string_view line, std::string_view head) {
  if (line.empty() && !empty_line_seen) {
    empty_line_seen = true;
    lines.skip_line_for_limits();
    return;
  }
  start_line_seen = true;
  const auto space = line.find(' ');
  const auto last_space = line.rfind(' ');
  if (space == std::string_view::npos || space == 0 || space == last_space) return fail(malformed("the request line is malformed"));
  const auto name = line.substr(0, space);
  if (!all_in(name, CharClass::Token)) return fail(malformed("the method is malformed"));
  if (name.size() > most_method_bytes || name == "CONNECT") return fail({501, "the method is not supported"});
  method = span_of(name, head);
  handle_version(line.substr(last_space + 1));
  if (state == State::Head) handle_target(line.substr(space + 1, last_space - space - 1), head);
}

void HttpRequestParser::Impl::handle_version(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != version_bytes || !text.starts_with("HTTP/") || !digit(text[5]) || text[6] != '.' || !digit(text[7]))
    return fail(malformed("the HTTP version is malformed"));
  if (text == "HTTP/1.1")
    version = HttpVersion::Http11;
  else if (text == "HTTP/1.0")
    version = HttpVersion::Http10;
  else
    fail({505, "only HTTP/1.1 and HTTP/1.0 are supported"});
}

void HttpRequestParser::Impl::handle_target(std::string_view text, std::string_view head) {
  if (text.size() > limits.target_bytes) return fail({414, "the request target is too long"});
  if (text.empty() || !all_in(text, CharClass::Target)) return fail(malformed("the request target is malformed"));
  if (text == "*") return fail({501, "the request target * is not supported"});
  if (text.front() != '/') {
    const auto scheme_end = text.find("://");
    const auto scheme = text.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
    if (!equals_ignoring_case(scheme, "http") && !equals_ignoring_case(scheme, "https"))
      return fail(malformed("the request target is neither a path nor an http URL"));
    const auto after_scheme = text.substr(scheme_end + 3);
    const auto slash = std::min(after_scheme.find('/'), after_scheme.size());
    const auto name = after_scheme.substr(0, slash);
    if (name.empty() || !all_in(name, CharClass::Host)) return fail(malformed("the host in the request target is malformed"));
    authority = span_of(name, head);
    text = after_scheme.substr(slash);
  }
  target = span_of(text, head);  // may be empty after an authority: "/" then
}

void HttpRequestParser::Impl::handle_field_line(std::string_view line, std::string_view head) {
  if (line.front() == ' ' || line.front() == '\t') return fail(malformed("a header is folded over lines"));
  if (fields.size() == limits.headers) return fail({431, "the request has too many headers"});
  const auto field = parse_field_line(line);
  if (!field) return fail(malformed("a header line is malformed"));
  fields.push_back({span_of(field->name, head), span_of(field->value, head)});
  handle_known_field(*field, head);
}

void HttpRequestParser::Impl::handle_known_field(const HttpHeader& field, std::string_view head) {
  switch (field.name.size()) {
    case 4:
      if (equals_ignoring_case(field.name, "host")) handle_host(field.value, head);
      break;
    case 6:
      if (equals_ignoring_case(field.name, "expect")) {
        if (equals_ignoring_case(field.value, "100-continue"))
          expectation = Expectation::Continue;
        else
          unknown_expectation = true;
      }
      break;
    case 10:
      if (equals_ignoring_case(field.name, "connection") && list_holds(field.value, "close")) wants_close = true;
      break;
    case 14:
      if (equals_ignoring_case(field.name, "content-length")) {
        const auto length = parse_content_length(field.value);
        if (content_length || !length) return fail(malformed("Content-Length is malformed or repeated"));
        content_length = length;
      }
      break;
    case 17:
      if (equals_ignoring_case(field.name, "transfer-encoding")) {
        ++transfer_encodings;
        if (!equals_ignoring_case(field.value, "chunked")) unknown_coding = true;
      }
      break;
    default: break;
  }
}

void HttpRequestParser::Impl::handle_host(std::string_view value, std::string_view head) {
  if (host) return fail(malformed("Host is repeated"));
  if (value.empty() || !all_in(value, CharClass::Host)) return fail(malformed("Host is malformed"));
  host = span_of(value, head);
}

void HttpRequestParser::Impl::finish_head(std::string_view head) {
  check_framing(head);
  if (state == State::Failed) return;
  build_request(head);
  if (transfer_encodings > 0)
    body.begin_chunked();
  else
    body.begin_length(content_length.value_or(0));
  if (version == HttpVersion::Http10 || body.state() == BodyDecoder::State::Complete) expectation = Expectation::None;
  sync_with_body();
}

void HttpRequestParser::Impl::check_framing(std::string_view head) {
  if (transfer_encodings > 0) {
    if (content_length) return fail(malformed("both Content-Length and Transfer-Encoding are given"));
    if (version == HttpVersion::Http10) return fail(malformed("Transfer-Encoding is not allowed in HTTP/1.0"));
    if (transfer_encodings > 1) return fail(malformed("Transfer-Encoding is repeated"));
    if (unknown_coding) return fail({501, "the only supported Transfer-Encoding is chunked"});
  }
  if (version == HttpVersion::Http11 && !host) return fail(malformed("Host is missing"));
  if (authority && host && !equals_ignoring_case(authority->in(head), host->in(head)))
    return fail(malformed("Host differs from the host in the request target"));
  if (unknown_expectation && version == HttpVersion::Http11) return fail({417, "the only supported expectation is 100-continue"});
  if (content_length.value_or(0) > limits.body_bytes) return fail({413, "the request body is too large"});
}

void HttpRequestParser::Impl::build_request(std::string_view bytes) {
  request.head = std::make_unique_for_overwrite<char[]>(bytes.size());
  std::memcpy(request.head.get(), bytes.data(), bytes.size());
  const std::string_view head(request.head.get(), bytes.size());
  request.method = method.in(head);
  request.target = target.size == 0 ? std::string_view("/") : target.in(head);
  const auto question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string_view::npos) request.query = request.target.substr(question + 1);
  request.headers.reserve(fields.size());
  for (const auto& field : fields) request.headers.push_back({field.name.in(head), field.value.in(head)});
}

void HttpRequestParser::Impl::sync_with_body() {
  switch (body.state()) {
    case BodyDecoder::State::Reading: state = State::Body; break;
    case BodyDecoder::State::Complete: state = State::Complete; break;
    case BodyDecoder::State::Failed:
      fail({body.fault() == BodyDecoder::Fault::TooLarge ? 413 : 400, body.fault_text()});
      break;
  }
}

void HttpRequestParser::Impl::restart() {
  state = State::Head;
  lines.restart();
  fields.clear();
  start_line_seen = empty_line_seen = false;
  authority.reset();
  host.reset();
  content_length.reset();
  transfer_encodings = 0;
  unknown_coding = wants_close = unknown_expectation = false;
  expectation = Expectation::None;
  request = {};
}

HttpRequestParser::HttpRequestParser(const HttpLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
HttpRequestParser::~HttpRequestParser() = default;
HttpRequestParser::HttpRequestParser(HttpRequestParser&&) noexcept = default;
HttpRequestParser& HttpRequestParser::operator=(HttpRequestParser&&) noexcept = default;

std::size_t HttpRequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  if (impl_->state == State::Head && !bytes.empty()) used = impl_->feed_head(bytes);
  if (impl_->state == State::Body && used < bytes.size()) {
    used += impl_->body.feed(bytes.substr(used), impl_->request.body);
    impl_->sync_with_body();
  }
  return used;
}

HttpRequestParser::State HttpRequestParser::state() const { return impl_->state; }
bool HttpRequestParser::at_start() const { return impl_->state == State::Head && impl_->pending.empty(); }
const HttpRequest& HttpRequestParser::request() const { return impl_->request; }
HttpVersion HttpRequestParser::version() const { return impl_->version; }
Persistence HttpRequestParser::persistence() const {
  return impl_->wants_close || impl_->version == HttpVersion::Http10 ? Persistence::Close : Persistence::KeepAlive;
}
Expectation HttpRequestParser::expectation() const { return impl_->expectation; }
std::size_t HttpRequestParser::body_received() const { return impl_->state == State::Head ? 0 : impl_->body.received(); }
const HttpFault& HttpRequestParser::fault() const { return impl_->fault; }

HttpRequest HttpRequestParser::take() {
  SURGE_ASSERT(impl_->state == State::Complete, "a request is taken when it is complete");
  HttpRequest request = std::move(impl_->request);
  impl_->restart();
  return request;
}

}  // namespace surgetank
