#include "kernel/host_policy.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

TEST(HostPolicy, OnlyLocalAndConfiguredNamesAreOwn) {
  const HostPolicy policy({"Build.example", "*.apps.example"});
  for (const auto* host : {"localhost", "LOCALHOST:4566", "a1b2.execute-api.localhost:4566", "127.0.0.1:4566", "[::1]:4566",
                           "build.example:80", "x.apps.example"})
    EXPECT_TRUE(policy.is_own(host)) << host;
  for (const auto* host : {"", ":4566", "evil.example", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example", "127.0.0.2",
                           ".localhost", "apps.example", "x.build.example", "localhost@evil.example", "[::2]:4566"})
    EXPECT_FALSE(policy.is_own(host)) << host;
}

Sender sender(const std::vector<std::pair<std::string, std::string>>& headers) {
  return sender_of(make_http_request("POST", "/", headers, {}));
}

TEST(HostPolicy, PagesAreForeignUnlessThisHostAndPortServedThem) {
  EXPECT_EQ(sender({{"Host", "localhost:4566"}}), Sender::Program);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Sec-Fetch-Site", "none"}}), Sender::Program);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Origin", "http://localhost:4566"}}), Sender::OwnPage);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Sec-Fetch-Site", "same-origin"}}), Sender::OwnPage);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Origin", "http://localhost:3000"}}), Sender::ForeignPage);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "same-origin"}}),
            Sender::ForeignPage);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Origin", "null"}}), Sender::ForeignPage);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Sec-Fetch-Site", "cross-site"}}), Sender::ForeignPage);
  EXPECT_EQ(sender({{"Host", "localhost:4566"}, {"Sec-Fetch-Site", "same-site"}}), Sender::ForeignPage);
}

}  // namespace
}  // namespace surgetank
