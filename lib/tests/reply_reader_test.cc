#include "reply_reader.h"

#include <gtest/gtest.h>

namespace surgetank::function_runtime {
namespace {

using Progress = ReplyReader::Progress;

// One reply from `stream`, fed in pieces of `piece_bytes`; fails the test if there is none.
Reply read_one(std::string_view stream, std::size_t piece_bytes) {
  ReplyReader reader;
  while (!stream.empty()) {
    std::string_view piece = stream.substr(0, piece_bytes);
    const std::size_t offered = piece.size();
    const Progress progress = reader.feed(piece);
    stream.remove_prefix(offered - piece.size());
    if (progress == Progress::Complete) return reader.take();
    if (progress == Progress::Malformed) break;
  }
  ADD_FAILURE() << "no reply: " << reader.problem();
  return {};
}

std::string problem_of(std::string_view stream) {
  ReplyReader reader;
  return reader.feed(stream) == Progress::Malformed ? reader.problem() : "";
}

TEST(ReplyReader, ReadsAReplyCutAtAnyByte) {
  constexpr std::string_view sized =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id:  7 \r\nContent-Length: 9\r\n\r\n{\"n\":  1}";
  constexpr std::string_view chunked =
      "HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\nlambda-runtime-aws-request-id: 7\r\n\r\n"
      "4;note=\"x\"\r\n{\"n\"\r\n005\r\n:  1}\r\n0\r\nX-Trailer: y\r\n\r\n";
  for (const std::string_view stream : {sized, chunked}) {
    for (std::size_t piece_bytes = 1; piece_bytes <= stream.size(); ++piece_bytes) {
      const Reply reply = read_one(stream, piece_bytes);
      ASSERT_EQ(reply.status, 200) << piece_bytes;
      ASSERT_EQ(reply.body, "{\"n\":  1}") << piece_bytes;
      ASSERT_EQ(reply.header("lambda-runtime-aws-request-id"), "7") << piece_bytes;
      ASSERT_EQ(reply.afterwards, ConnectionUse::KeepAlive);
    }
  }
}

TEST(ReplyReader, StopsAfterTheLastByteSoThatPipelinedRepliesCanFollow) {
  std::string_view stream = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull";
  ReplyReader reader;
  ASSERT_EQ(reader.feed(stream), Progress::Complete);
  EXPECT_EQ(reader.take().status, 202);
  EXPECT_TRUE(reader.is_between_replies());
  ASSERT_EQ(reader.feed(stream), Progress::Complete);
  EXPECT_EQ(reader.take().body, "null");
  EXPECT_TRUE(stream.empty());
}

TEST(ReplyReader, RepliesWithoutABodyEndWithTheirHead) {
  EXPECT_EQ(read_one("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", 1000).body, "");
  EXPECT_EQ(read_one("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 1).status, 202);
}

TEST(ReplyReader, InformationalRepliesAreReadOverUpToALimit) {
  const std::string informational = "HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n";
  const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1";
  const Reply read = read_one(informational + informational + reply, 3);
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.headers.size(), 1u);
  std::string many;
  for (int count = 0; count <= ReplyReader::max_informational_replies; ++count) many += informational;
  EXPECT_EQ(problem_of(many + reply), "too many informational replies");
}

TEST(ReplyReader, ABodyWithoutFramingEndsWithTheConnection) {
  std::string_view stream = "HTTP/1.1 200 OK\r\n\r\nnull";
  ReplyReader reader;
  ASSERT_EQ(reader.feed(stream), Progress::NeedMore);
  ASSERT_EQ(reader.end_of_stream(), Progress::Complete);
  const Reply reply = reader.take();
  EXPECT_EQ(reply.body, "null");
  EXPECT_EQ(reply.afterwards, ConnectionUse::Close);
}

TEST(ReplyReader, TheEndOfTheConnectionInsideAReplyIsAnError) {
  for (const std::string_view start : {"H", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1", "HTTP/1.1 100 Continue\r\n\r\n",
                                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"}) {
    std::string_view stream = start;
    ReplyReader reader;
    ASSERT_EQ(reader.feed(stream), Progress::NeedMore);
    EXPECT_FALSE(reader.is_between_replies());
    EXPECT_EQ(reader.end_of_stream(), Progress::Malformed);
  }
}

TEST(ReplyReader, TheConnectionIsNotKeptWhenThePeerSaysSoOrIsHttp10) {
  EXPECT_EQ(read_one("HTTP/1.1 202 A\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n", 99).afterwards, ConnectionUse::Close);
  EXPECT_EQ(read_one("HTTP/1.0 202 A\r\nContent-Length: 0\r\n\r\n", 99).afterwards, ConnectionUse::Close);
  EXPECT_EQ(read_one("HTTP/1.1 202 A\r\nConnection: closed\r\nContent-Length: 0\r\n\r\n", 99).afterwards, ConnectionUse::KeepAlive);
}

TEST(ReplyReader, RefusesAmbiguousFraming) {
  const auto problem = [](const std::string& headers) { return problem_of("HTTP/1.1 200 OK\r\n" + headers + "\r\n1"); };
  EXPECT_EQ(problem("Content-Length: 1\r\n"), "");
  EXPECT_EQ(problem("Content-Length: 1\r\nContent-Length: 1\r\n"), "");
  EXPECT_EQ(problem("Content-Length: 1\r\nContent-Length: 2\r\n"), "two different Content-Length headers");
  EXPECT_EQ(problem("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), "both Content-Length and Transfer-Encoding");
  EXPECT_EQ(problem("Transfer-Encoding: xchunked\r\n"), "a Transfer-Encoding other than chunked");
  EXPECT_EQ(problem("Transfer-Encoding: gzip, chunked\r\n"), "a Transfer-Encoding other than chunked");
  EXPECT_EQ(problem("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "a Transfer-Encoding other than chunked");
  EXPECT_EQ(problem_of("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), "a Transfer-Encoding in HTTP/1.0");
  for (const char* length : {"", "-1", "+1", "0x1", "1,1", "1 1", "99999999999999999999"}) {
    EXPECT_EQ(problem("Content-Length: " + std::string(length) + "\r\n"), "Content-Length is not a number") << length;
  }
}

TEST(ReplyReader, RefusesMalformedLines) {
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n1"), "a line does not end with CR LF");
  EXPECT_EQ(problem_of("\n"), "a line does not end with CR LF");
  for (const std::string_view line : {"HTTP/2 200\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1 600 x\r\n", "HTTP/1.1  200\r\n",
                                      "http/1.1 200 OK\r\n", "\r\n"}) {
    EXPECT_EQ(problem_of(line), "the status line is not one of HTTP/1") << line;
  }
  EXPECT_EQ(problem_of("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "the server switched protocols");
  const std::string head = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(problem_of(head + "no colon\r\n"), "a header line has no name");
  EXPECT_EQ(problem_of(head + ": value\r\n"), "a header line has no name");
  EXPECT_EQ(problem_of(head + "Content-Length : 1\r\n"), "a header name has a forbidden character");
  EXPECT_EQ(problem_of(head + "A: b\r\n folded: x\r\n"), "a header name has a forbidden character");
  EXPECT_EQ(problem_of(head + "A: b\rc\r\n"), "a header value has a control character");
}

TEST(ReplyReader, RefusesMalformedChunks) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* size : {"", "g", "-1", "0x1", "1 1", "11111111111111111"}) {
    EXPECT_EQ(problem_of(head + size + "\r\n"), "the size of a chunk is not a number") << size;
  }
  EXPECT_EQ(problem_of(head + "1\r\nab\r\n"), "a chunk is longer than its size line says");
  EXPECT_EQ(problem_of(head + "1;" + std::string(ReplyReader::max_chunk_line_bytes, 'x')), "the size line of a chunk is too long");
  EXPECT_EQ(problem_of(head + "0\r\nno colon\r\n"), "a trailer line has no name");
}

TEST(ReplyReader, LimitsTheHead) {
  std::string many_lines = "HTTP/1.1 200 OK\r\n";
  for (std::size_t count = 0; count <= ReplyReader::max_header_lines; ++count) many_lines += "A: b\r\n";
  EXPECT_EQ(problem_of(many_lines), "a reply has too many header lines");
  const std::string long_line = "HTTP/1.1 200 OK\r\nA: ";
  const std::string just_fits = long_line + std::string(ReplyReader::max_head_bytes - long_line.size(), 'x');
  EXPECT_EQ(problem_of(just_fits), "");
  EXPECT_EQ(problem_of(just_fits + "x"), "the head of a reply is too large");
  std::string trailers = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  while (trailers.size() <= ReplyReader::max_head_bytes + 64) trailers += "A: b\r\n";
  EXPECT_EQ(problem_of(trailers), "the head of a reply is too large");
}

TEST(ReplyReader, LimitsTheBodyHoweverItIsFramed) {
  const std::size_t limit = ReplyReader::max_body_bytes;
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(limit + 1) + "\r\n\r\n"), "the body of a reply is too large");
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2000000\r\n"), "the body of a reply is too large");
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\n\r\n" + std::string(limit + 1, 'x')), "the body of a reply is too large");
  EXPECT_EQ(problem_of("HTTP/1.1 200 OK\r\n\r\n" + std::string(limit, 'x')), "");
}

}  // namespace
}  // namespace surgetank::function_runtime
