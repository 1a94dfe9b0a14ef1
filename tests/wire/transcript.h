#pragma once
// Wire transcripts as data: the text of a .http file taken apart (README.md describes the format). Pure; any thread.
// A text that is no transcript throws TranscriptError, which says the line.
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace surgetank::wiretest {

class TranscriptError : public std::runtime_error {
 public:
  TranscriptError(std::size_t line, const std::string& text) : std::runtime_error("line " + std::to_string(line) + ": " + text) {}
};

using TranscriptHeaders = std::vector<std::pair<std::string, std::string>>;

struct Directive {
  std::size_t line = 0;
  std::string name;      // "advance"
  std::string argument;  // "2h"
};

struct TranscriptExchange {
  std::size_t line = 0;  // of its ###
  std::string title;
  std::vector<Directive> directives;
  std::string method;  // GET, POST, ... or CALL, CALL-JSON, CALL-QUERY, CALL-CBOR
  std::string target;  // path and query, or the operation
  TranscriptHeaders headers;
  std::string body;
  int status = 0;
  TranscriptHeaders expected_headers;
  std::optional<std::string> expected_body;  // nullopt: not looked at
};

std::vector<TranscriptExchange> parse_transcript(std::string_view text);

}  // namespace surgetank::wiretest
