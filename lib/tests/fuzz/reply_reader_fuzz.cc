// Any bytes, in any pieces: the reader neither crashes nor exceeds its limits, and how the bytes were cut does not matter.
// The first input byte chooses the size of the pieces.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "reply_reader.h"

using surgetank::function_runtime::Reply;
using surgetank::function_runtime::ReplyReader;

namespace {

struct Outcome {
  std::vector<Reply> replies;
  bool is_malformed = false;
};

Outcome read_all(std::string_view stream, std::size_t piece_bytes) {
  Outcome outcome;
  ReplyReader reader;
  while (!stream.empty()) {
    std::string_view piece = stream.substr(0, piece_bytes);
    stream.remove_prefix(piece.size());
    while (!piece.empty()) {
      const ReplyReader::Progress progress = reader.feed(piece);
      if (progress == ReplyReader::Progress::Malformed) {
        outcome.is_malformed = true;
        return outcome;
      }
      if (progress == ReplyReader::Progress::Complete) outcome.replies.push_back(reader.take());
    }
  }
  if (reader.is_between_replies()) return outcome;
  outcome.is_malformed = reader.end_of_stream() == ReplyReader::Progress::Malformed;
  if (!outcome.is_malformed) outcome.replies.push_back(reader.take());
  return outcome;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read_all(stream, size);
  const Outcome pieces = read_all(stream, std::size_t{data[0]} + 1);
  require(whole.is_malformed == pieces.is_malformed && whole.replies.size() == pieces.replies.size());
  for (std::size_t index = 0; index < whole.replies.size(); ++index) {
    const Reply& reply = whole.replies[index];
    require(reply.status == pieces.replies[index].status && reply.body == pieces.replies[index].body);
    require(reply.headers == pieces.replies[index].headers && reply.afterwards == pieces.replies[index].afterwards);
    require(reply.status >= 200 && reply.body.size() <= ReplyReader::max_body_bytes);
    require(reply.headers.size() <= ReplyReader::max_header_lines);
  }
  return 0;
}
