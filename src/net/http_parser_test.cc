#include "net/http_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace surgetank {
namespace {

using std::string_literals::operator""s;

// Everything that a connection would see, as text: each request, then the fault or what is unfinished.
std::string transcript(const std::string& bytes, const std::vector<std::size_t>& cuts, const HttpLimits& limits = {}) {
  HttpRequestParser parser(limits);
  std::string seen;
  std::size_t begin = 0;
  const auto feed = [&](std::string_view piece) {
    while (!piece.empty() || parser.state() == HttpRequestParser::State::Complete) {
      piece.remove_prefix(parser.feed(piece));
      if (parser.state() == HttpRequestParser::State::Failed) return;
      if (parser.state() != HttpRequestParser::State::Complete) {
        EXPECT_TRUE(piece.empty());
        return;
      }
      seen += parser.version() == HttpVersion::Http11 ? "1.1" : "1.0";
      seen += parser.persistence() == Persistence::Close ? " close" : "";
      seen += parser.expectation() == Expectation::Continue ? " continue" : "";
      const auto request = parser.take();
      seen += " " + std::string(request.method) + " " + std::string(request.target) + " [" + std::string(request.path) + "|" +
              std::string(request.query) + "]";
      for (const auto& header : request.headers) seen += " " + std::string(header.name) + "=" + std::string(header.value);
      seen += " {" + request.body + "}\n";
    }
  };
  for (const auto cut : cuts) {
    feed(std::string_view(bytes).substr(begin, cut - begin));
    begin = cut;
  }
  feed(std::string_view(bytes).substr(begin));
  if (parser.state() == HttpRequestParser::State::Failed)
    seen += std::to_string(parser.fault().status) + " " + std::string(parser.fault().text);
  else
    seen += parser.at_start() ? "idle" : parser.state() == HttpRequestParser::State::Body ? "body" : "head";
  return seen;
}

std::string whole(const std::string& bytes, const HttpLimits& limits = {}) { return transcript(bytes, {}, limits); }

std::vector<std::size_t> every_byte(const std::string& bytes) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < bytes.size(); ++i) cuts.push_back(i);
  return cuts;
}

struct Vector {
  std::string name;
  std::string bytes;
  int status;  // of the refusal, after exactly `requests` good requests
  int requests = 0;
};

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";

// Request smuggling and malformed framing: each is refused; nothing after the fault is ever read as a request.
std::vector<Vector> framing_vectors() {
  return {
      {"CL and TE", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"TE and CL", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
      {"CL with TE gzip", post + "Transfer-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {"TE gzip alone", post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {"TE xchunked", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"TE chunked, identity", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 501},
      {"TE identity", post + "Transfer-Encoding: identity\r\n\r\n", 501},
      {"TE gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"TE chunked, chunked", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501},
      {"TE with parameter", post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", 501},
      {"TE quoted", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501},
      {"TE empty", post + "Transfer-Encoding:\r\n\r\n", 501},
      {"TE vertical tab", post + "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n", 400},
      {"TE twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"TE twice, identity second", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400},
      {"TE space before colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      {"TE folded", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
      {"TE in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"CL differing", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400},
      {"CL repeated", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde", 400},
      {"CL list", post + "Content-Length: 5, 5\r\n\r\nabcde", 400},
      {"CL sign", post + "Content-Length: +5\r\n\r\nabcde", 400},
      {"CL negative", post + "Content-Length: -1\r\n\r\n", 400},
      {"CL hex", post + "Content-Length: 0x5\r\n\r\nabcde", 400},
      {"CL inner space", post + "Content-Length: 1 0\r\n\r\n0123456789", 400},
      {"CL empty", post + "Content-Length:\r\n\r\n", 400},
      {"CL decimal point", post + "Content-Length: 5.0\r\n\r\nabcde", 400},
      {"CL overflow", post + "Content-Length: 18446744073709551617\r\n\r\na", 400},
      {"CL space before colon", post + "Content-Length : 5\r\n\r\nabcde", 400},
      {"CL over the limit", post + "Content-Length: 70167212\r\n\r\n", 413},
      {"folded header", get + "X: a\r\n b\r\n\r\n", 400},
      {"folded with tab", get + "X: a\r\n\tb\r\n\r\n", 400},
      {"first header folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"bare LF ends the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"bare LF ends a header", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
      {"bare LF ends the head", get + "\n", 400},
      {"CR CR LF", get + "X: b\r\r\n\r\n", 400},
      {"bare CR in a value", get + "X: a\rb\r\n\r\n", 400},
      {"bare CR hides a header", get + "X: a\rContent-Length: 5\r\n\r\n", 400},
      {"NUL in a value", get + "X: a\0b\r\n\r\n"s, 400},
      {"NUL in a name", get + "X\0Y: b\r\n\r\n"s, 400},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"DEL in a value", get + "X: a\x7f\r\n\r\n", 400},
      {"control character in a value", get + "X: a\x01\r\n\r\n", 400},
      {"space in a name", get + "X Y: b\r\n\r\n", 400},
      {"tab before colon", get + "X\t: b\r\n\r\n", 400},
      {"empty name", get + ": b\r\n\r\n", 400},
      {"no colon", get + "Content-Length\r\n\r\n", 400},
      {"obs-text in a name", get + "X\xff: b\r\n\r\n", 400},
      {"parenthesis in a name", get + "X(): b\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", get + "Host: a\r\n\r\n", 400},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"Host with user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"Host with space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
  };
}

std::vector<Vector> chunk_vectors() {
  return {
      {"chunk size not hex", chunked + "g\r\n", 400},
      {"chunk size empty", chunked + "\r\n0\r\n\r\n", 400},
      {"chunk size sign", chunked + "+1\r\na\r\n0\r\n\r\n", 400},
      {"chunk size 0x", chunked + "0x1\r\na\r\n0\r\n\r\n", 400},
      {"chunk size leading space", chunked + " 1\r\na\r\n0\r\n\r\n", 400},
      {"chunk size trailing space", chunked + "1 \r\na\r\n0\r\n\r\n", 400},
      {"chunk size underscore", chunked + "1_0\r\na\r\n0\r\n\r\n", 400},
      {"chunk size overflow", chunked + "10000000000000001\r\na\r\n0\r\n\r\n", 400},
      {"chunk size wraps 64 bits", chunked + "ffffffffffffffff\r\na\r\n0\r\n\r\n", 400},
      {"chunk size zeros without end", chunked + std::string(300, '0'), 400},
      {"chunk over the body limit", chunked + "42eaaac\r\n", 413},
      {"chunk line ends in LF", chunked + "1\na\r\n0\r\n\r\n", 400},
      {"chunk line bare CR", chunked + "1\r\r\na\r\n0\r\n\r\n", 400},
      {"chunk data ends in LF", chunked + "1\r\na\n0\r\n\r\n", 400},
      {"chunk data too long", chunked + "1\r\nab\r\n0\r\n\r\n", 400},
      {"chunk data followed by size", chunked + "1\r\na0\r\n\r\n", 400},
      {"extension with NUL", chunked + "1;a\0b\r\na\r\n0\r\n\r\n"s, 400},
      {"extension too long", chunked + "1;" + std::string(300, 'e') + "\r\na\r\n0\r\n\r\n", 400},
      {"extension hides a line", chunked + "1;a\rb\r\na\r\n0\r\n\r\n", 400},
      {"trailer malformed", chunked + "0\r\nX y\r\n\r\n", 400},
      {"trailer folded", chunked + "0\r\nX: y\r\n z\r\n\r\n", 400},
      {"trailer bare LF", chunked + "0\r\nX: y\n\r\n", 400},
      {"trailers too long", chunked + "0\r\nX: " + std::string(9000, 'y') + "\r\n\r\n", 400},
      {"last line bare LF", chunked + "0\r\n\n", 400},
  };
}

std::vector<Vector> request_line_vectors() {
  const std::string host = "\r\nHost: a\r\n\r\n";
  return {
      {"two spaces", "GET  / HTTP/1.1" + host, 400},
      {"space in the target", "GET /a b HTTP/1.1" + host, 400},
      {"tab for space", "GET\t/\tHTTP/1.1" + host, 400},
      {"leading space", " GET / HTTP/1.1" + host, 400},
      {"no version", "GET /" + host, 400},
      {"only a method", "GET" + host, 400},
      {"lower-case version", "GET / http/1.1" + host, 400},
      {"version too short", "GET / HTTP/1." + host, 400},
      {"version with more digits", "GET / HTTP/1.10" + host, 400},
      {"version then space", "GET / HTTP/1.1 " + host, 400},
      {"version 1.2", "GET / HTTP/1.2" + host, 505},
      {"version 0.9", "GET / HTTP/0.9" + host, 505},
      {"version 2.0", "GET / HTTP/2.0" + host, 505},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"a TLS hello", "\x16\x03\x01\x02\x00\x01"s, 400},
      {"method with brackets", "G(T) / HTTP/1.1" + host, 400},
      {"method too long", std::string(33, 'A') + " / HTTP/1.1" + host, 501},
      {"CONNECT", "CONNECT a:443 HTTP/1.1" + host, 501},
      {"OPTIONS *", "OPTIONS * HTTP/1.1" + host, 501},
      {"relative target", "GET a/b HTTP/1.1" + host, 400},
      {"fragment", "GET /a#b HTTP/1.1" + host, 400},
      {"raw UTF-8 in the target", "GET /\xc3\xa9 HTTP/1.1" + host, 400},
      {"other scheme", "GET ftp://a/ HTTP/1.1" + host, 400},
      {"absolute form, other host", "GET http://b/ HTTP/1.1" + host, 400},
      {"absolute form, other port", "GET http://a:81/ HTTP/1.1" + host, 400},
      {"absolute form with user", "GET http://u@a/ HTTP/1.1" + host, 400},
      {"absolute form without host", "GET http:///x HTTP/1.1" + host, 400},
      {"absolute form, query without path", "GET http://a?x HTTP/1.1" + host, 400},
      {"two empty lines before", "\r\n\r\nGET / HTTP/1.1" + host, 400},
      {"bare LF before", "\nGET / HTTP/1.1" + host, 400},
      {"unknown expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417},
      {"target too long", "GET /" + std::string(16 * 1024, 'x') + " HTTP/1.1" + host, 414},
      {"request line without end", std::string(20000, 'x'), 414},
      {"header too long", get + "X: " + std::string(66000, 'x') + "\r\n\r\n", 431},
      {"header without end", get + std::string(66000, 'x'), 431},
      {"second request malformed", get + "\r\nGET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400, 1},
      {"body then garbage", post + "Content-Length: 1\r\n\r\na\x01GET / HTTP/1.1" + host, 400, 1},
  };
}

class HttpRefusal : public testing::TestWithParam<Vector> {};

TEST_P(HttpRefusal, IsRefusedWithItsStatusHoweverTheBytesArrive) {
  const auto& vector = GetParam();
  const std::string after = vector.bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto seen = whole(after);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), vector.requests) << seen;
  EXPECT_EQ(seen.find("smuggled"), std::string::npos) << seen;
  EXPECT_EQ(seen.substr(seen.rfind('\n') + 1, 4), std::to_string(vector.status) + " ") << seen;
  EXPECT_EQ(transcript(after, every_byte(after)), seen);
}

std::string vector_name(const testing::TestParamInfo<Vector>& info) {
  std::string name;
  for (const char c : info.param.name) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name + "_" + std::to_string(info.index);
}
INSTANTIATE_TEST_SUITE_P(Framing, HttpRefusal, testing::ValuesIn(framing_vectors()), vector_name);
INSTANTIATE_TEST_SUITE_P(Chunks, HttpRefusal, testing::ValuesIn(chunk_vectors()), vector_name);
INSTANTIATE_TEST_SUITE_P(RequestLine, HttpRefusal, testing::ValuesIn(request_line_vectors()), vector_name);

TEST(HttpRequestParser, ReadsWhatClientsSend) {
  const std::pair<std::string, std::string> cases[] = {
      {get + "\r\n", "1.1 GET / [/|] Host=a {}\nidle"},
      {"\r\n" + get + "\r\n", "1.1 GET / [/|] Host=a {}\nidle"},
      {"GET /a%20b?x=1&y=? HTTP/1.1\r\nhOST:  a:80\t \r\nX-Empty:\r\n\r\n",
       "1.1 GET /a%20b?x=1&y=? [/a%20b|x=1&y=?] hOST=a:80 X-Empty= {}\nidle"},
      {"GET http://A/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "1.1 GET /p?q [/p|q] Host=a {}\nidle"},
      {"GET https://a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "1.1 GET / [/|] Host=a:1 {}\nidle"},
      {"GET / HTTP/1.0\r\n\r\n", "1.0 close GET / [/|] {}\nidle"},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "1.0 close GET / [/|] Connection=keep-alive {}\nidle"},
      {get + "Connection: Upgrade, Close\r\n\r\n", "1.1 close GET / [/|] Host=a Connection=Upgrade, Close {}\nidle"},
      {get + "X: \xc3\xa9\r\n\r\n", "1.1 GET / [/|] Host=a X=\xc3\xa9 {}\nidle"},
      {post + "Content-Length: 3\r\n\r\nabc" + get + "\r\n",
       "1.1 POST / [/|] Host=a Content-Length=3 {abc}\n1.1 GET / [/|] Host=a {}\nidle"},
      {post + "Content-Length: 0\r\n\r\n", "1.1 POST / [/|] Host=a Content-Length=0 {}\nidle"},
      {post + "Content-Length: 9\r\n\r\nabc", "body"},
      {get + "X: a", "head"},
      {chunked + "3\r\nabc\r\nA;ext=\"1\"\r\n0123456789\r\n00\r\nTrailer: x\r\nContent-Length: 5\r\n\r\n" + get + "\r\n",
       "1.1 POST / [/|] Host=a Transfer-Encoding=chunked {abc0123456789}\n1.1 GET / [/|] Host=a {}\nidle"},
      {post + "tRANSFER-eNCODING: Chunked\r\n\r\n0\r\n\r\n", "1.1 POST / [/|] Host=a tRANSFER-eNCODING=Chunked {}\nidle"},
      {post + "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
       "1.1 continue POST / [/|] Host=a Expect=100-Continue Content-Length=1 {x}\nidle"},
      {post + "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n", "1.1 POST / [/|] Host=a Expect=100-continue Content-Length=0 {}\nidle"},
      {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
       "1.0 close POST / [/|] Expect=100-continue Content-Length=1 {x}\nidle"},
      {"M-SEARCH /{a}|\"b\" HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "1.1 M-SEARCH /{a}|\"b\" [/{a}|\"b\"|] Host=[::1]:80 {}\nidle"},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_EQ(whole(bytes), expected);
    EXPECT_EQ(transcript(bytes, every_byte(bytes)), expected);
  }
}

TEST(HttpRequestParser, LimitsAreExact) {
  HttpLimits limits;
  limits.target_bytes = 10;
  limits.headers = 3;
  limits.body_bytes = 5;
  const std::string end = " HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(whole("GET /234567890x" + end, limits).substr(0, 3), "414");
  EXPECT_EQ(whole("GET /" + std::string(99, 'x') + end, limits).substr(0, 3), "414");
  EXPECT_EQ(whole("GET /234567890" + end, limits), "1.1 GET /234567890 [/234567890|] Host=a {}\nidle");
  EXPECT_EQ(whole(get + "A: 1\r\nB: 2\r\n\r\n", limits), "1.1 GET / [/|] Host=a A=1 B=2 {}\nidle");
  EXPECT_EQ(whole(get + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits).substr(0, 3), "431");
  EXPECT_EQ(whole(post + "Content-Length: 5\r\n\r\nabcde", limits), "1.1 POST / [/|] Host=a Content-Length=5 {abcde}\nidle");
  EXPECT_EQ(whole(post + "Content-Length: 6\r\n\r\n", limits).substr(0, 3), "413");
  EXPECT_EQ(whole(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", limits), "1.1 POST / [/|] Host=a Transfer-Encoding=chunked {abcde}\nidle");
  EXPECT_EQ(whole(chunked + "3\r\nabc\r\n3\r\n", limits).substr(0, 3), "413");
  const std::string head = get + "\r\n";
  limits.head_bytes = head.size();
  EXPECT_EQ(whole(head, limits), "1.1 GET / [/|] Host=a {}\nidle");
  limits.head_bytes = head.size() - 1;
  EXPECT_EQ(whole(head, limits).substr(0, 3), "431");
}

TEST(HttpRequestParser, ViewsSurviveMovingTheRequestAndReusingTheParser) {
  HttpRequestParser parser(HttpLimits{});
  const std::string bytes = "GET /path?query HTTP/1.1\r\nHost: a\r\nX: value\r\n\r\n";
  ASSERT_EQ(parser.feed(bytes), bytes.size());
  auto first = parser.take();
  ASSERT_EQ(parser.feed(std::string(bytes.size(), 'G')), bytes.size());
  const auto moved = std::move(first);
  EXPECT_EQ(moved.path, "/path");
  EXPECT_EQ(moved.query, "query");
  EXPECT_EQ(moved.header("x"), "value");
}

TEST(HttpRequestParser, ALargeBodyGrowsAsItArrivesNotAsItIsAnnounced) {
  HttpRequestParser parser(HttpLimits{});
  parser.feed(post + "Content-Length: 60000000\r\n\r\n");
  EXPECT_LT(parser.request().body.capacity(), 1000U);
  std::size_t fed = 0;
  const std::string piece(65536, 'x');
  while (parser.state() == HttpRequestParser::State::Body) fed += parser.feed(piece);
  EXPECT_EQ(fed, 60000000U);
  EXPECT_EQ(parser.take().body.size(), 60000000U);
}

// Random pieces of random mixtures of good and bad fragments: any cut gives the same transcript.
TEST(HttpRequestParser, AnyCutGivesTheSameTranscript) {
  Random random(11);
  const HttpLimits narrow{.head_bytes = 40, .target_bytes = 4, .headers = 2, .body_bytes = 4, .trailer_bytes = 8};
  std::vector<std::string> parts = {get,    post,   chunked, "\r\n",        "\n", "Content-Length: 3\r\n\r\nabc", "3\r\nabc\r\n", "0\r\n",
                                    "X: y", "\r\n", "\r",    "Host: a\r\n", " ",  "GET / HTTP/1.1\r\n",           "\t",           "x"};
  for (const auto& vectors : {framing_vectors(), chunk_vectors(), request_line_vectors()})
    for (const auto& vector : vectors)
      if (vector.bytes.size() < 300) parts.push_back(vector.bytes);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (auto n = random.below(6) + 1; n > 0; --n) bytes += parts[random.below(random.below(2) == 0 ? 16 : parts.size())];
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; (at += 1 + random.below(9)) < bytes.size();) cuts.push_back(at);
    const HttpLimits limits = random.chance(30) ? narrow : HttpLimits{};
    ASSERT_EQ(transcript(bytes, cuts, limits), whole(bytes, limits)) << bytes;
  }
}

}  // namespace
}  // namespace surgetank
