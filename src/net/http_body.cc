#include "net/http_body.h"

#include <algorithm>

#include "net/http_chars.h"
#include "net/http_head.h"

namespace surgetank {
namespace {

// Memory for a body is taken as its bytes arrive, not as the client announces them; from here on in one piece.
constexpr std::size_t trusted_bytes = std::size_t{1} << 20;
constexpr std::size_t most_size_digits = 15;  // 60 bits: cannot overflow

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void BodyDecoder::begin(Kind kind) {
  kind_ = kind;
  step_ = Step::SizeLine;
  state_ = State::Reading;
  fault_ = Fault::None;
  remaining_ = 0;
  received_ = trailer_bytes_ = trailer_fields_ = 0;
  line_.clear();
}

void BodyDecoder::begin_empty() { begin_length(0); }

void BodyDecoder::begin_length(std::uint64_t bytes) {
  begin(Kind::Length);
  remaining_ = bytes;
  if (bytes == 0) state_ = State::Complete;
}

void BodyDecoder::begin_chunked() { begin(Kind::Chunked); }
void BodyDecoder::begin_until_close() { begin(Kind::UntilClose); }

void BodyDecoder::fail(Fault fault, std::string_view text) {
  state_ = State::Failed;
  fault_ = fault;
  fault_text_ = text;
}

void BodyDecoder::end_of_connection() {
  if (state_ != State::Reading) return;
  if (kind_ == Kind::UntilClose)
    state_ = State::Complete;
  else
    fail(Fault::Malformed, "the connection ended inside a body");
}

std::size_t BodyDecoder::feed(std::string_view bytes, std::string& out) {
  if (state_ != State::Reading) return 0;
  switch (kind_) {
    case Kind::Length: {
      const auto used = feed_data(bytes, out);
      if (remaining_ == 0) state_ = State::Complete;
      return used;
    }
    case Kind::Chunked: return feed_chunked(bytes, out);
    case Kind::UntilClose: break;
  }
  const auto used = std::min(bytes.size(), limits_.body_bytes - received_);
  out.append(bytes.substr(0, used));
  received_ += used;
  if (used < bytes.size()) fail(Fault::TooLarge, "the body is larger than the limit");
  return used;
}

std::size_t BodyDecoder::feed_data(std::string_view bytes, std::string& out) {
  const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), remaining_));
  if (remaining_ <= trusted_bytes || received_ >= trusted_bytes) {
    const auto wanted = out.size() + static_cast<std::size_t>(remaining_);
    if (out.capacity() < wanted && kind_ == Kind::Length) out.reserve(wanted);
  }
  out.append(bytes.substr(0, used));
  received_ += used;
  remaining_ -= used;
  return used;
}

std::size_t BodyDecoder::feed_chunked(std::string_view bytes, std::string& out) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ == State::Reading) {
    const auto rest = bytes.substr(used);
    switch (step_) {
      case Step::Data:
        used += feed_data(rest, out);
        if (remaining_ == 0) step_ = Step::DataEnd;
        break;
      case Step::DataEnd:
        if (take_line(rest, used, 2, "a chunk is longer than its size")) {
          if (!line_.empty()) return fail(Fault::Malformed, "a chunk is longer than its size"), used;
          step_ = Step::SizeLine;
        }
        break;
      case Step::SizeLine:
        if (take_line(rest, used, limits_.chunk_line_bytes, "a chunk size line is too long")) handle_size_line();
        break;
      case Step::TrailerLine:
        if (take_line(rest, used, limits_.trailer_bytes - trailer_bytes_, "the trailer fields are too long")) handle_trailer_line();
        break;
    }
  }
  return used;
}

bool BodyDecoder::take_line(std::string_view bytes, std::size_t& used, std::size_t limit, std::string_view too_long) {
  const auto feed = bytes.find('\n');
  const auto end = feed == std::string_view::npos ? bytes.size() : feed + 1;
  const auto room = limit > line_.size() ? limit - line_.size() : 0;
  if (end > room) {
    used += room;
    fail(Fault::Malformed, too_long);
    return false;
  }
  line_.append(bytes.substr(0, end));
  used += end;
  if (feed == std::string_view::npos) return false;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') {
    fail(Fault::Malformed, "a line of the chunked body does not end in CR LF");
    return false;
  }
  line_.resize(line_.size() - 2);
  return true;
}

void BodyDecoder::handle_size_line() {
  const std::string line = std::move(line_);
  line_.clear();
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < line.size() && hex_value(line[digits]) >= 0) {
    if (digits >= most_size_digits) return fail(Fault::Malformed, "a chunk size has too many digits");
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
    ++digits;
  }
  const auto extension = std::string_view(line).substr(digits);
  if (digits == 0 || (!extension.empty() && extension.front() != ';') || !all_in(extension, CharClass::FieldValue))
    return fail(Fault::Malformed, "a chunk size is malformed");
  if (size > limits_.body_bytes - received_) return fail(Fault::TooLarge, "the body is larger than the limit");
  remaining_ = size;
  step_ = size == 0 ? Step::TrailerLine : Step::Data;
}

void BodyDecoder::handle_trailer_line() {
  const std::string line = std::move(line_);
  line_.clear();
  if (line.empty()) {
    state_ = State::Complete;
    return;
  }
  trailer_bytes_ += line.size() + 2;
  if (++trailer_fields_ > limits_.trailer_fields) return fail(Fault::Malformed, "too many trailer fields");
  if (!parse_field_line(line)) return fail(Fault::Malformed, "a trailer field is malformed");
}

}  // namespace surgetank
