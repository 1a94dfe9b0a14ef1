#include "json_text.h"

#include <gtest/gtest.h>

namespace surgetank::function_runtime {
namespace {

TEST(JsonText, EscapesQuotesBackslashesAndControlCharacters) {
  EXPECT_EQ(json_string("a\"b\\c\nd\x01\x7F"), R"("a\"b\\c\nd\u0001\u007f")");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(json_string(""), R"("")");
}

TEST(JsonText, KeepsWellFormedUtf8) {
  constexpr std::string_view text = "h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8D\xB5";
  EXPECT_EQ(json_string(text), "\"" + std::string(text) + "\"");
}

TEST(JsonText, ReplacesEveryByteThatIsNotUtf8) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(json_string("\xFF"), "\"" + replacement + "\"");
  EXPECT_EQ(json_string("a\xC3"), "\"a" + replacement + "\"");                                            // cut short
  EXPECT_EQ(json_string("\xC0\xAF"), "\"" + replacement + replacement + "\"");                            // overlong slash
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"" + replacement + replacement + replacement + "\"");          // a surrogate
  EXPECT_EQ(json_string("\xE2\x82z"), "\"" + replacement + replacement + "z\"");
  EXPECT_EQ(json_string("\xF4\x90\x80\x80").size(), 2 + 4 * replacement.size());                          // above U+10FFFF
}

TEST(JsonText, ErrorDocumentHasTheThreeMembersLambdaExpects) {
  EXPECT_EQ(error_document("no \"table\"", "Config.Missing"),
            R"({"errorMessage":"no \"table\"","errorType":"Config.Missing","stackTrace":[]})");
}

}  // namespace
}  // namespace surgetank::function_runtime
