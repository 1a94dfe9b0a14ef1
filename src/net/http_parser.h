#pragma once
// A strict, incremental HTTP/1.1 request parser (RFC 9110, RFC 9112). It accepts exactly one reading of a message or none: whatever
// two servers could frame differently (Content-Length with Transfer-Encoding, repeated Content-Length, folded lines, bare CR or LF,
// any coding but "chunked", ...) is a fault after which nothing more may be read from that connection.
//
// Feeding the same bytes in any pieces gives the same requests and the same fault. One owner, one thread. Never throws (but
// bad_alloc); memory is bounded by the limits. Decisions that the RFCs leave open:
// - one empty line before a request is skipped; HTTP/1.0 is answered and then closed (no keep-alive); other versions are 505;
// - absolute-form targets become origin form and must name the same host as Host; "*" and CONNECT are 501;
// - target bytes outside visible ASCII, and '#', are refused; percent escapes are not looked at;
// - Host is required once in HTTP/1.1 and must be a plausible host[:port]; header values may hold obs-text (0x80-0xFF);
// - chunk extensions and trailer fields are checked for syntax and size, then dropped.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "kernel/http.h"

namespace surgetank {

struct HttpLimits {
  std::size_t head_bytes = 64 * 1024;         // request line, headers and the empty line; over it: 431
  std::size_t target_bytes = 16 * 1024;       // over it: 414 (AWS front doors stop at 10,240 or 16 K)
  std::size_t headers = 100;                  // over it: 431
  std::size_t body_bytes = 70'167'211;        // over it: 413 (Lambda CreateFunction is the largest: 70,167,211 bytes)
  std::size_t chunk_line_bytes = 256;         // size and extensions of one chunk
  std::size_t trailer_bytes = 8 * 1024;       // all trailer fields together
};

// Why a message was refused. `text` is static, fit for the client to see.
struct HttpFault {
  int status = 0;  // 0: no fault. 400 413 414 417 431 501 505
  std::string_view text;
};

enum class HttpVersion : std::uint8_t { Http10, Http11 };
enum class Persistence : std::uint8_t { KeepAlive, Close };
enum class Expectation : std::uint8_t { None, Continue };

class HttpRequestParser {
 public:
  enum class State : std::uint8_t { Head, Body, Complete, Failed };

  explicit HttpRequestParser(const HttpLimits& limits);
  ~HttpRequestParser();
  HttpRequestParser(HttpRequestParser&&) noexcept;
  HttpRequestParser& operator=(HttpRequestParser&&) noexcept;

  // Consumes bytes up to the end of one request and returns how many (fewer than given only when Complete or Failed).
  // Once Complete it consumes nothing until take(); once Failed, never again.
  std::size_t feed(std::string_view bytes);
  State state() const;
  // True when no byte of the next request has been seen.
  bool at_start() const;

  // Valid in Body and Complete.
  const HttpRequest& request() const;
  HttpVersion version() const;
  Persistence persistence() const;   // what the client asked for
  Expectation expectation() const;   // Continue: the client waits for "100 Continue" (never for HTTP/1.0 or an empty body)
  std::size_t body_received() const;

  const HttpFault& fault() const;    // valid in Failed
  HttpRequest take();                // in Complete only; the parser is ready for the next request

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace surgetank
