#include "reply_reader.h"

#include <algorithm>
#include <charconv>

namespace surgetank::function_runtime {
namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }

char lower(char character) { return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character; }

bool is_token_character(char character) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return is_digit(character) || (lower(character) >= 'a' && lower(character) <= 'z') || others.find(character) != others.npos;
}

bool is_value_character(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view white_space = " \t";
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

bool list_contains(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equals_ignoring_case(trim(list.substr(0, comma)), word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// The whole of `text` as an unsigned number; false for anything else, a sign and white space included.
bool read_number(std::string_view text, int base, std::size_t& number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return !text.empty() && result.ec == std::errc() && result.ptr == text.data() + text.size();
}

}  // namespace

std::string_view Reply::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? std::string_view{} : std::string_view(found->second);
}

ReplyReader::Progress ReplyReader::feed(std::string_view& bytes) {
  while (state_ != State::Complete && state_ != State::Malformed && !bytes.empty()) {
    if (state_ == State::SizedBody || state_ == State::BodyUntilClose || state_ == State::ChunkData) {
      take_body(bytes);
    } else if (take_line(bytes, state_ == State::ChunkSize || state_ == State::ChunkEnd ? max_chunk_line_bytes : max_head_bytes)) {
      on_line();
      line_.clear();
    }
  }
  if (state_ == State::Malformed) return Progress::Malformed;
  return state_ == State::Complete ? Progress::Complete : Progress::NeedMore;
}

ReplyReader::Progress ReplyReader::end_of_stream() {
  if (state_ == State::BodyUntilClose) state_ = State::Complete;
  if (state_ == State::Complete) return Progress::Complete;
  fail("the connection ended in the middle of a reply");
  return Progress::Malformed;
}

Reply ReplyReader::take() {
  Reply reply = std::move(reply_);
  *this = ReplyReader{};
  return reply;
}

void ReplyReader::fail(std::string_view problem) {
  if (state_ == State::Malformed) return;
  state_ = State::Malformed;
  problem_ = problem;
}

bool ReplyReader::take_line(std::string_view& bytes, std::size_t limit) {
  const std::size_t end = bytes.find('\n');
  const std::size_t length = end == bytes.npos ? bytes.size() : end + 1;
  const bool belongs_to_head = state_ == State::StatusLine || state_ == State::HeaderLine || state_ == State::Trailer;
  const std::size_t used = belongs_to_head ? head_bytes_ : line_.size();
  if (length > limit - std::min(used, limit)) {
    fail(belongs_to_head ? "the head of a reply is too large" : "the size line of a chunk is too long");
    return false;
  }
  line_ += bytes.substr(0, length);
  if (belongs_to_head) head_bytes_ += length;
  bytes.remove_prefix(length);
  if (end == bytes.npos) return false;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') {
    fail("a line does not end with CR LF");
    return false;
  }
  line_.resize(line_.size() - 2);
  return true;
}

void ReplyReader::on_line() {
  switch (state_) {
    case State::StatusLine: return on_status_line();
    case State::HeaderLine: return line_.empty() ? on_end_of_head() : on_header_line();
    case State::ChunkSize: return on_chunk_size_line();
    case State::Trailer: return on_trailer_line();
    case State::ChunkEnd:
      if (!line_.empty()) return fail("a chunk is longer than its size line says");
      state_ = State::ChunkSize;
      return;
    default: return;
  }
}

// "HTTP/1.1 200 OK"; the reason may be missing, with or without its space.
void ReplyReader::on_status_line() {
  const std::string_view line = line_;
  const bool is_well_formed = line.size() >= 12 && line.substr(0, 7) == "HTTP/1." && is_digit(line[7]) && line[8] == ' ' &&
                              line[9] >= '1' && line[9] <= '5' && is_digit(line[10]) && is_digit(line[11]) &&
                              (line.size() == 12 || line[12] == ' ') && std::all_of(line.begin(), line.end(), is_value_character);
  if (!is_well_formed) return fail("the status line is not one of HTTP/1");
  minor_version_ = line[7] - '0';
  reply_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  state_ = State::HeaderLine;
}

void ReplyReader::on_header_line() {
  const std::string_view line = line_;
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0) return fail("a header line has no name");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!std::all_of(name.begin(), name.end(), is_token_character)) return fail("a header name has a forbidden character");
  if (!std::all_of(value.begin(), value.end(), is_value_character)) return fail("a header value has a control character");
  if (reply_.headers.size() >= max_header_lines) return fail("a reply has too many header lines");
  std::string lower_name(name);
  std::transform(lower_name.begin(), lower_name.end(), lower_name.begin(), lower);
  reply_.headers.emplace_back(std::move(lower_name), value);
}

bool ReplyReader::read_framing(std::string_view& content_length) {
  const auto refuse = [this](std::string_view problem) {
    fail(problem);
    return false;
  };
  bool is_first_length = true;
  bool is_first_coding = true;
  for (const auto& [name, value] : reply_.headers) {
    if (name == "content-length") {
      if (!is_first_length && value != content_length) return refuse("two different Content-Length headers");
      content_length = value;
      is_first_length = false;
    } else if (name == "transfer-encoding") {
      if (!is_first_coding || !equals_ignoring_case(value, "chunked")) return refuse("a Transfer-Encoding other than chunked");
      if (minor_version_ == 0) return refuse("a Transfer-Encoding in HTTP/1.0");
      is_first_coding = false;
    } else if (name == "connection" && list_contains(value, "close")) {
      reply_.afterwards = ConnectionUse::Close;
    }
  }
  is_chunked_ = !is_first_coding;
  if (is_chunked_ && !is_first_length) return refuse("both Content-Length and Transfer-Encoding");
  return true;
}

void ReplyReader::on_end_of_head() {
  if (reply_.status == 101) return fail("the server switched protocols");
  if (reply_.status < 200) {
    if (++informational_replies_ > max_informational_replies) return fail("too many informational replies");
    reply_ = Reply{};
    state_ = State::StatusLine;
    return;
  }
  reply_.afterwards = minor_version_ == 0 ? ConnectionUse::Close : ConnectionUse::KeepAlive;
  std::string_view content_length;
  if (!read_framing(content_length)) return;
  if (reply_.status == 204 || reply_.status == 304) {
    state_ = State::Complete;
  } else if (is_chunked_) {
    state_ = State::ChunkSize;
  } else if (content_length.data() == nullptr) {
    reply_.afterwards = ConnectionUse::Close;
    state_ = State::BodyUntilClose;
  } else if (!read_number(content_length, 10, body_bytes_left_)) {
    fail("Content-Length is not a number");
  } else if (body_bytes_left_ > max_body_bytes) {
    fail("the body of a reply is too large");
  } else {
    reply_.body.reserve(body_bytes_left_);
    state_ = body_bytes_left_ == 0 ? State::Complete : State::SizedBody;
  }
}

void ReplyReader::on_chunk_size_line() {
  const std::string_view line = line_;
  const std::string_view size = trim(line.substr(0, std::min(line.find(';'), line.size())));
  if (!std::all_of(line.begin(), line.end(), is_value_character)) return fail("a chunk extension has a control character");
  if (!read_number(size, 16, body_bytes_left_)) return fail("the size of a chunk is not a number");
  if (body_bytes_left_ > max_body_bytes - reply_.body.size()) return fail("the body of a reply is too large");
  state_ = body_bytes_left_ == 0 ? State::Trailer : State::ChunkData;
}

// Trailers are read over: nothing of the Runtime API comes in one.
void ReplyReader::on_trailer_line() {
  if (line_.empty()) {
    state_ = State::Complete;
  } else if (line_.find(':') == line_.npos) {
    fail("a trailer line has no name");
  }
}

void ReplyReader::take_body(std::string_view& bytes) {
  if (state_ == State::BodyUntilClose) body_bytes_left_ = max_body_bytes - reply_.body.size();
  const std::size_t length = std::min(bytes.size(), body_bytes_left_);
  if (length == 0) return fail("the body of a reply is too large");
  reply_.body += bytes.substr(0, length);
  bytes.remove_prefix(length);
  body_bytes_left_ -= length;
  if (state_ == State::BodyUntilClose || body_bytes_left_ > 0) return;
  state_ = state_ == State::SizedBody ? State::Complete : State::ChunkEnd;
}

}  // namespace surgetank::function_runtime
