#include "net/http_url.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

TEST(HttpUrl, TakesApartWhatClientsAreGiven) {
  struct Case {
    std::string url, origin, authority, target;
  };
  const Case cases[] = {
      {"http://Example.com", "http example.com 80", "Example.com", "/"},
      {"HTTP://a:8080/p/q?x=1#", "", "", ""},
      {"https://a/p?q", "https a 443", "a", "/p?q"},
      {"http://a?q", "http a 80", "a", "/?q"},
      {"http://[::1]:8080/x", "http ::1 8080", "[::1]:8080", "/x"},
      {"unix:/run/a.sock:/p?q=:/", "unix:/run/a.sock", "localhost", "/p?q=:/"},
      {"unix:/run/a.sock", "unix:/run/a.sock", "localhost", "/"},
      {"http://a:0/", "", "", ""},
      {"http://a:70000/", "", "", ""},
      {"http://a:/", "", "", ""},
      {"http:///p", "", "", ""},
      {"http://a b/", "", "", ""},
      {"http://[::1/", "", "", ""},
      {"http://u@a/", "", "", ""},
      {"http://a/\r\nX: y", "", "", ""},
      {"http://a/\xc3\xa9", "", "", ""},
      {"//a/", "", "", ""},
      {"unix:", "", "", ""},
      {"unix:/x:/a b", "", "", ""},
      {"", "", "", ""},
  };
  for (const auto& c : cases) {
    const auto url = parse_http_url(c.url);
    EXPECT_EQ(url.ok(), !c.origin.empty()) << c.url;
    if (!url.ok()) continue;
    EXPECT_EQ(url->origin(), c.origin);
    EXPECT_EQ(url->authority, c.authority);
    EXPECT_EQ(url->target, c.target);
  }
}

}  // namespace
}  // namespace surgetank
