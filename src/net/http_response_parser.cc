#include "net/http_response_parser.h"

#include "base/text.h"
#include "net/http_chars.h"

namespace surgetank {
namespace {

constexpr std::size_t chunk_line_bytes = 4096;  // of a peer that we chose to talk to
constexpr std::size_t trailer_bytes = 16 * 1024;
constexpr std::size_t trailer_fields = 100;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

HttpResponseParser::HttpResponseParser(const HttpResponseLimits& limits, AnswerTo method)
    : limits_(limits),
      method_(method),
      lines_({limits.head_bytes, limits.head_bytes}),
      body_({limits.body_bytes, chunk_line_bytes, trailer_bytes, trailer_fields}) {}

std::size_t HttpResponseParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  if (!bytes.empty()) begun_ = true;
  while (state_ == State::Head && used < bytes.size()) feed_head(bytes.substr(used), used);
  if (state_ == State::Body && used < bytes.size()) {
    used += body_.feed(bytes.substr(used), body_bytes_);
    sync_with_body();
  }
  return used;
}

void HttpResponseParser::end_of_connection() {
  if (state_ == State::Head) fail(begun_ ? "the connection ended inside the head of an answer" : "the connection ended without an answer");
  if (state_ != State::Body) return;
  body_.end_of_connection();
  sync_with_body();
}

bool HttpResponseParser::keeps_alive() const { return http11_ && !wants_close_ && !until_close_; }

// Reads to the end of one head (an interim answer has one of its own).
void HttpResponseParser::feed_head(std::string_view bytes, std::size_t& used) {
  const auto before = head_.size();
  head_.append(bytes);
  while (state_ == State::Head) {
    switch (lines_.next(head_)) {
      case LineFinder::Found::NeedMore: used += bytes.size(); return;
      case LineFinder::Found::FirstLineTooLong:
      case LineFinder::Found::TooLong: fail("the head of the answer is too large"); break;
      case LineFinder::Found::BareLineFeed: fail("a line of the answer does not end in CR LF"); break;
      case LineFinder::Found::Line:
        if (!handle_line(std::string_view(head_).substr(lines_.begin(), lines_.size()))) break;
        used += lines_.end() - before;
        head_.clear();
        lines_.restart();
        finish_head();
        return;
    }
  }
}

bool HttpResponseParser::handle_line(std::string_view line) {
  if (!status_line_seen_) {
    handle_status_line(line);
    return false;
  }
  if (line.empty()) return true;
  handle_field_line(line);
  return false;
}

void HttpResponseParser::handle_status_line(std::string_view line) {
  status_line_seen_ = true;
  const auto version = line.substr(0, 8);
  http11_ = version == "HTTP/1.1";
  if (!http11_ && version != "HTTP/1.0") return fail("the answer is not HTTP/1.1");
  const auto rest = line.substr(8);
  if (rest.size() < 4 || rest[0] != ' ' || !is_digit(rest[1]) || !is_digit(rest[2]) || !is_digit(rest[3]))
    return fail("the status line is malformed");
  const auto reason = rest.substr(4);
  if ((!reason.empty() && reason.front() != ' ') || !all_in(reason, CharClass::FieldValue)) return fail("the status line is malformed");
  status_ = (rest[1] - '0') * 100 + (rest[2] - '0') * 10 + (rest[3] - '0');
  if (status_ < 100 || status_ == 101) return fail("the status is not supported");
}

void HttpResponseParser::handle_field_line(std::string_view line) {
  const auto field = parse_field_line(line);
  if (!field) return fail("a header line of the answer is malformed");
  if (headers_.size() == limits_.headers) return fail("the answer has too many headers");
  headers_.emplace_back(field->name, field->value);
  if (equals_ignoring_case(field->name, "content-length")) {
    const auto length = parse_content_length(field->value);
    if (!length || content_length_) return fail("Content-Length is malformed or repeated");
    content_length_ = length;
  } else if (equals_ignoring_case(field->name, "transfer-encoding")) {
    ++transfer_encodings_;
    if (!equals_ignoring_case(field->value, "chunked")) fail("the only supported Transfer-Encoding is chunked");
  } else if (equals_ignoring_case(field->name, "connection") && list_holds(field->value, "close")) {
    wants_close_ = true;
  }
}

void HttpResponseParser::finish_head() {
  if (transfer_encodings_ > 0 && (content_length_ || transfer_encodings_ > 1 || !http11_))
    return fail("the framing of the answer is ambiguous");
  if (status_ < 200) {
    if (++interim_ > limits_.interim_responses) return fail("too many interim answers");
    status_line_seen_ = false;
    headers_.clear();
    content_length_.reset();
    transfer_encodings_ = 0;
    return;
  }
  if (method_ == AnswerTo::Head || status_ == 204 || status_ == 304) {
    body_.begin_empty();
  } else if (transfer_encodings_ > 0) {
    body_.begin_chunked();
  } else if (content_length_) {
    if (*content_length_ > limits_.body_bytes) {
      too_large_ = true;
      return fail("the body is larger than the limit");
    }
    body_.begin_length(*content_length_);
  } else {
    until_close_ = true;
    body_.begin_until_close();
  }
  sync_with_body();
}

void HttpResponseParser::sync_with_body() {
  switch (body_.state()) {
    case BodyDecoder::State::Reading: state_ = State::Body; break;
    case BodyDecoder::State::Complete: state_ = State::Complete; break;
    case BodyDecoder::State::Failed:
      too_large_ = body_.fault() == BodyDecoder::Fault::TooLarge;
      fail(body_.fault_text());
      break;
  }
}

void HttpResponseParser::fail(std::string_view text) {
  if (state_ == State::Failed) return;
  state_ = State::Failed;
  fault_text_ = text;
}

}  // namespace surgetank
