#include "net/http_response_parser.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

enum class End { Open, Closed };

std::string read_answer(const std::string& bytes, std::size_t step, End end = End::Open, AnswerTo method = AnswerTo::OtherMethod,
                        const HttpResponseLimits& limits = {}) {
  HttpResponseParser parser(limits, method);
  std::size_t used = 0;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const auto piece = std::string_view(bytes).substr(at, step);
    const auto taken = parser.feed(piece);
    used += taken;
    if (taken < piece.size()) break;
  }
  if (end == End::Closed) parser.end_of_connection();
  switch (parser.state()) {
    case HttpResponseParser::State::Head: return "head";
    case HttpResponseParser::State::Body: return "body " + parser.body();
    case HttpResponseParser::State::Failed: return (parser.is_too_large() ? "large: " : "bad: ") + std::string(parser.fault_text());
    case HttpResponseParser::State::Complete: break;
  }
  std::string seen = std::to_string(parser.status());
  for (const auto& [name, value] : parser.headers()) seen += " " + name + "=" + value;
  return seen + " {" + parser.body() + "}" + (parser.keeps_alive() ? "" : " close") + (used < bytes.size() ? " +rest" : "");
}

TEST(HttpResponseParser, ReadsWhatServersSend) {
  struct Case {
    std::string bytes, expected;
    End end = End::Open;
    AnswerTo method = AnswerTo::OtherMethod;
  };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const Case cases[] = {
      {ok + "Content-Length: 2\r\n\r\nhi", "200 Content-Length=2 {hi}"},
      {"HTTP/1.1 204\r\n\r\n", "204 {}"},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", "304 Content-Length=7 {}"},
      {ok + "Content-Length: 7\r\n\r\n", "200 Content-Length=7 {}", End::Open, AnswerTo::Head},
      {ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: x\r\n\r\n", "200 Transfer-Encoding=chunked {hi}"},
      {ok + "\r\nuntil the end", "200 {until the end} close", End::Closed},
      {ok + "\r\nuntil the end", "body until the end"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 Content-Length=1 {x} close"},
      {ok + "Connection: close\r\nContent-Length: 0\r\n\r\n", "200 Connection=close Content-Length=0 {} close"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + ok + "Content-Length: 1\r\n\r\nx",
       "200 Content-Length=1 {x}"},
      {ok + "Content-Length: 1\r\n\r\nxHTTP", "200 Content-Length=1 {x} +rest"},
      {ok + "Content-Length: 5\r\n\r\nabc", "bad: the connection ended inside a body", End::Closed},
      {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "bad: the connection ended inside a body", End::Closed},
      {ok, "bad: the connection ended inside the head of an answer", End::Closed},
      {"", "bad: the connection ended without an answer", End::Closed},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(read_answer(c.bytes, std::max<std::size_t>(c.bytes.size(), 1), c.end, c.method), c.expected);
    if (c.expected.ends_with("+rest")) continue;
    EXPECT_EQ(read_answer(c.bytes, 1, c.end, c.method), c.expected);
  }
}

TEST(HttpResponseParser, RefusesAmbiguousAndMalformedAnswers) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string cases[] = {
      "HTTP/2.0 200 OK\r\n\r\n",
      "ICY 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1  200 OK\r\n\r\n",
      "HTTP/1.1 200 O\x01K\r\n\r\n",
      "HTTP/1.1 101 Switching\r\n\r\n",
      "HTTP/1.1 099 Low\r\n\r\n",
      "HTTP/1.1 200 OK\n\n",
      ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ok + "X : y\r\n\r\n",
      ok + "X: a\r\n b\r\n\r\n",
      ok + "Content-Length: x\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
  };
  for (const auto& bytes : cases) {
    EXPECT_EQ(read_answer(bytes, bytes.size()).substr(0, 4), "bad:") << bytes;
    EXPECT_EQ(read_answer(bytes, 1), read_answer(bytes, bytes.size()));
  }
}

TEST(HttpResponseParser, LimitsHold) {
  HttpResponseLimits limits;
  limits.body_bytes = 4;
  limits.head_bytes = 60;
  limits.headers = 2;
  limits.interim_responses = 1;
  const auto read = [&](const std::string& bytes) { return read_answer(bytes, bytes.size(), End::Open, AnswerTo::OtherMethod, limits); };
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(read(ok + "Content-Length: 4\r\n\r\nabcd"), "200 Content-Length=4 {abcd}");
  EXPECT_EQ(read(ok + "Content-Length: 5\r\n\r\n").substr(0, 6), "large:");
  EXPECT_EQ(read(ok + "\r\nabcde").substr(0, 6), "large:");
  EXPECT_EQ(read(ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n").substr(0, 6), "large:");
  EXPECT_EQ(read(ok + "A: b\r\nC: d\r\nE: f\r\n\r\n"), "bad: the answer has too many headers");
  EXPECT_EQ(read(ok + "A: " + std::string(60, 'x')), "bad: the head of the answer is too large");
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(read(interim + interim), "bad: too many interim answers");
}

}  // namespace
}  // namespace surgetank
