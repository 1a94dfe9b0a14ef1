#pragma once
// A strict, incremental HTTP/1.1 response parser for the clients. The same framing rules as http_parser.h; interim (1xx) answers are
// skipped, 101 is a fault. One parser reads one response. One owner, one thread; never throws but bad_alloc.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_body.h"
#include "net/http_head.h"

namespace surgetank {

struct HttpResponseLimits {
  std::size_t head_bytes = 64 * 1024;  // each head, interim ones too
  std::size_t headers = 256;
  std::size_t interim_responses = 16;
  std::size_t body_bytes = 10 * 1024 * 1024;
};

class HttpResponseParser {
 public:
  enum class State : std::uint8_t { Head, Body, Complete, Failed };
  HttpResponseParser(const HttpResponseLimits& limits, AnswerTo method);

  // As HttpRequestParser::feed(); after Complete, bytes that are left over mean that the connection is out of step.
  std::size_t feed(std::string_view bytes);
  void end_of_connection();
  State state() const { return state_; }
  bool at_start() const { return !begun_; }  // no byte of an answer has been seen

  // Valid from Body on.
  int status() const { return status_; }
  std::vector<std::pair<std::string, std::string>>& headers() { return headers_; }
  std::string& body() { return body_bytes_; }  // what has arrived; the owner may take it piece by piece
  bool keeps_alive() const;                    // valid when Complete: the connection may be used again

  // Valid in Failed.
  bool is_too_large() const { return too_large_; }
  std::string_view fault_text() const { return fault_text_; }

 private:
  void feed_head(std::string_view bytes, std::size_t& used);
  bool handle_line(std::string_view line);  // true at the end of a head
  void handle_status_line(std::string_view line);
  void handle_field_line(std::string_view line);
  void finish_head();
  void sync_with_body();
  void fail(std::string_view text);

  HttpResponseLimits limits_;
  AnswerTo method_;
  State state_ = State::Head;
  LineFinder lines_;
  BodyDecoder body_;
  std::string head_;
  bool begun_ = false;
  bool status_line_seen_ = false;
  bool http11_ = true;
  bool wants_close_ = false;
  bool until_close_ = false;
  bool too_large_ = false;
  int status_ = 0;
  std::size_t interim_ = 0;
  std::optional<std::uint64_t> content_length_;
  std::size_t transfer_encodings_ = 0;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string body_bytes_;
  std::string_view fault_text_;
};

}  // namespace surgetank
