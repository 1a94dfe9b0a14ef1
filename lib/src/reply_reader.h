#pragma once
// Reads HTTP/1.1 replies out of a byte stream, in pieces of any size.
//
// What it is   An incremental parser (RFC 9112) for the client side of a kept-alive, possibly pipelined connection:
//              status line, header lines, and a body framed by Content-Length, by chunks, or by the end of the stream.
// Who owns it  RuntimeConnection; one reader for the life of a connection. Pure: it does no input or output.
// What fails   Bytes that break the framing rules or the limits: feed() says Malformed, problem() says what, and the
//              stream is of no more use, since nobody knows where the next reply would begin. Strict where leniency is
//              how two parsers come to disagree: lone LF, folded headers, space before a colon, a Content-Length next to
//              a Transfer-Encoding, any coding but `chunked`.
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surgetank::function_runtime {

enum class ConnectionUse { KeepAlive, Close };

struct Reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, values without outer white space
  std::string body;
  ConnectionUse afterwards = ConnectionUse::KeepAlive;

  // The first value of this header (name in lower case), empty if it was not sent.
  std::string_view header(std::string_view name) const;
};

class ReplyReader {
 public:
  static constexpr std::size_t max_head_bytes = 64 * 1024;  // status line, headers and trailers together
  static constexpr std::size_t max_header_lines = 100;
  static constexpr std::size_t max_body_bytes = 32 * 1024 * 1024;
  static constexpr std::size_t max_chunk_line_bytes = 256;
  static constexpr int max_informational_replies = 8;  // 1xx before the real one

  enum class Progress { NeedMore, Complete, Malformed };

  // Takes bytes from the front of `bytes`, which it shortens; it stops after the last byte of a reply, so what is left
  // then belongs to the next one. Complete: call take().
  Progress feed(std::string_view& bytes);

  // The peer closed the stream. Complete if that is what ends the body; Malformed in the middle of a reply.
  Progress end_of_stream();

  // True if not one byte of the next reply has been seen.
  bool is_between_replies() const { return state_ == State::StatusLine && head_bytes_ == 0 && informational_replies_ == 0; }

  // The complete reply; the reader is then ready for the next one.
  Reply take();

  const std::string& problem() const { return problem_; }

 private:
  enum class State { StatusLine, HeaderLine, SizedBody, BodyUntilClose, ChunkSize, ChunkData, ChunkEnd, Trailer, Complete, Malformed };

  bool take_line(std::string_view& bytes, std::size_t limit);  // true when line_ holds a whole line
  void fail(std::string_view problem);
  void on_line();
  void on_status_line();
  void on_header_line();
  void on_end_of_head();
  void on_chunk_size_line();
  void on_trailer_line();
  void take_body(std::string_view& bytes);
  bool read_framing(std::string_view& content_length);  // from the headers; false after fail()

  State state_ = State::StatusLine;
  Reply reply_;
  std::string line_;
  std::string problem_;
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_left_ = 0;  // of the sized body or the current chunk
  int informational_replies_ = 0;
  int minor_version_ = 1;
  bool is_chunked_ = false;
};

}  // namespace surgetank::function_runtime
