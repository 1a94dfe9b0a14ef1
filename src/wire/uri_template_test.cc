#include "wire/uri_template.h"

#include <gtest/gtest.h>

#include "base/assert.h"

namespace surgetank {
namespace {

std::optional<UriLabels> match(std::string_view text, std::string_view path) { return UriTemplate::parse(text).match(path); }

TEST(UriTemplate, LabelsTakeOneDecodedSegment) {
  const auto labels =
      match("/2015-03-31/functions/{FunctionName}/invocations", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax:f%20g/invocations");
  ASSERT_TRUE(labels);
  EXPECT_EQ(*labels, (UriLabels{{"FunctionName", "arn:aws:lambda:x:f g"}}));
  EXPECT_EQ(match("/a/{B}", "/a/x+y%2Fz"), (UriLabels{{"B", "x+y/z"}}));
  EXPECT_FALSE(match("/a/{B}", "/a/x/y"));
  EXPECT_FALSE(match("/a/{B}", "/a/"));
  EXPECT_FALSE(match("/a/{B}/c", "/a//c"));
  EXPECT_FALSE(match("/a/{B}", "/a/%zz"));
  EXPECT_FALSE(match("/a/{B}", "/A/x"));
  EXPECT_FALSE(match("/a", "a"));
}

TEST(UriTemplate, ATrailingSlashIsIgnoredOnBothSides) {
  EXPECT_TRUE(match("/2015-03-31/functions/", "/2015-03-31/functions"));
  EXPECT_TRUE(match("/2015-03-31/functions", "/2015-03-31/functions/"));
  EXPECT_FALSE(match("/2015-03-31/functions", "/2015-03-31/functions//"));
  EXPECT_TRUE(match("/", "/"));
  EXPECT_FALSE(match("/", "/a"));
}

TEST(UriTemplate, AGreedyLabelTakesAtLeastOneSegment) {
  EXPECT_EQ(match("/{Bucket}/{Key+}", "/b/a/b%20c//d/"), (UriLabels{{"Bucket", "b"}, {"Key", "a/b c//d/"}}));
  EXPECT_FALSE(match("/{Bucket}/{Key+}", "/b"));
  EXPECT_FALSE(match("/{Bucket}/{Key+}", "/b/"));
  EXPECT_EQ(match("/a/{Rest+}/z", "/a/b/c/z"), (UriLabels{{"Rest", "b/c"}}));
  EXPECT_FALSE(match("/a/{Rest+}/z", "/a/z"));
}

TEST(UriTemplate, LiteralsAreMoreSpecificThanLabelsThanGreedyLabels) {
  const auto compare = [](std::string_view a, std::string_view b) {
    return UriTemplate::parse(a).compare_specificity(UriTemplate::parse(b));
  };
  EXPECT_TRUE(compare("/a/b", "/a/{B}") > 0);
  EXPECT_TRUE(compare("/a/{B}", "/a/{B+}") > 0);
  EXPECT_TRUE(compare("/{A}/b", "/a/{B}") < 0);
  EXPECT_TRUE(compare("/a/{B}", "/a/{C}") == 0);
}

TEST(UriTemplate, MalformedTemplatesAssert) {
  for (const auto* text : {"a", "/{}", "/{a", "/{a+}/{b+}"}) EXPECT_THROW(UriTemplate::parse(text), InternalError) << text;
}

}  // namespace
}  // namespace surgetank
