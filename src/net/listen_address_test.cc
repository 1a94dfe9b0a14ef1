#include "net/listen_address.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

TEST(ListenAddress, AcceptedFormsReadBackAsTheirText) {
  const std::pair<const char*, const char*> cases[] = {
      {"127.0.0.1:4566", "127.0.0.1:4566"}, {":4566", "0.0.0.0:4566"},       {"localhost:0", "127.0.0.1:0"},
      {"[::1]:0", "[::1]:0"},               {"0.0.0.0:65535", "0.0.0.0:65535"}, {"unix:/run/s.sock", "unix:/run/s.sock"},
      {"[::]:80", "[::]:80"},               {"unix:relative", "unix:relative"}};
  for (const auto& [text, canonical] : cases) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(to_text(*address), canonical);
    EXPECT_EQ(*parse_listen_address(canonical), *address);
  }
}

TEST(ListenAddress, AnythingElseIsAnErrorThatQuotesTheText) {
  const std::string long_path = "unix:/" + std::string(107, 'x');
  for (const std::string& text : {std::string(), std::string("4566"), std::string("127.0.0.1"), std::string("127.0.0.1:"),
                           std::string("127.0.0.1:65536"), std::string("127.0.0.1:-0"), std::string("127.0.0.1:4566x"),
                           std::string("example.com:80"), std::string("::1:80"), std::string("[::1]"), std::string("[127.0.0.1]:80"),
                           std::string("127.1:80"), std::string("unix:"), std::string("unix:/a\0b", 9), long_path}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_NE(address.error().message.find(text), std::string::npos);
  }
}

TEST(ListenAddress, OnlyLoopbackAndUnixSocketsAreLoopback) {
  for (const auto* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "unix:/x"})
    EXPECT_TRUE(parse_listen_address(text)->is_loopback()) << text;
  for (const auto* text : {":1", "10.0.0.1:1", "[::]:1", "[::ffff:127.0.0.1]:1"})
    EXPECT_FALSE(parse_listen_address(text)->is_loopback()) << text;
}

}  // namespace
}  // namespace surgetank
