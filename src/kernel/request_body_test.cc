#include "kernel/request_body.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace surgetank {
namespace {

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::optional<std::string>> plain(const std::string& encoding, std::string body, std::size_t limit = 1000) {
  return uncompressed_body(make_http_request("POST", "/", {{"Content-Encoding", encoding}}, std::move(body)), limit);
}

TEST(RequestBody, GzipIsUndoneAndPlainBodiesAreLeftAlone) {
  EXPECT_EQ(**plain("gzip", gzip("hello")), "hello");
  EXPECT_EQ(**plain("GZIP", gzip("hello") + gzip(" world")), "hello world");
  EXPECT_EQ(**plain("gzip", gzip("")), "");
  EXPECT_EQ(*plain("identity", "hello"), std::nullopt);
  EXPECT_EQ(*plain("gzip", ""), std::nullopt);
}

TEST(RequestBody, WhatGrowsBeyondTheLimitIsRefused) {
  const auto bomb = gzip(std::string(50'000'000, 'a'));
  ASSERT_LT(bomb.size(), 100'000U);
  EXPECT_EQ(plain("gzip", bomb, 1'000'000).error().code, &body_errors::too_large);
  EXPECT_EQ(**plain("gzip", gzip(std::string(1000, 'a'))), std::string(1000, 'a'));
  EXPECT_EQ(plain("gzip", gzip(std::string(1001, 'a'))).error().code, &body_errors::too_large);
  EXPECT_EQ(plain("identity", std::string(1001, 'a')).error().code, &body_errors::too_large);
}

TEST(RequestBody, DamagedAndUnknownEncodingsAreRefused) {
  EXPECT_EQ(plain("gzip", "not gzip").error().code, &body_errors::damaged);
  const auto whole = gzip("hello hello hello");
  for (std::size_t cut = 1; cut < whole.size(); ++cut)
    EXPECT_EQ(plain("gzip", whole.substr(0, cut)).error().code, &body_errors::damaged) << cut;
  EXPECT_EQ(plain("gzip", whole + "x").error().code, &body_errors::damaged);
  EXPECT_EQ(plain("br", "x").error().code, &body_errors::unsupported_encoding);
}

}  // namespace
}  // namespace surgetank
