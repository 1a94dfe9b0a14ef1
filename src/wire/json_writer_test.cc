#include "wire/json_writer.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

std::string json_string_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonWriter, PlacesCommas) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("a").begin_array().integer(1).number(2).string("x").boolean(false).null().begin_object().end_object().end_array();
  json.key("b").raw("[1]").key("c").begin_object().key("d").integer(-5).end_object().end_object();
  EXPECT_EQ(out, R"({"a":[1,2.0,"x",false,null,{}],"b":[1],"c":{"d":-5}})");
}

TEST(JsonString, EscapesAtEveryPositionOfAWord) {
  for (std::size_t before = 0; before < 20; ++before) {
    for (const char special : {'"', '\\', '\n', '\x1f', '\x7f', ' '}) {
      const auto text = std::string(before, 'a') + special + std::string(10, 'b');
      const auto back = parse_json(json_string_of(text));
      ASSERT_TRUE(back.ok());
      EXPECT_EQ(*back->as_string(), text);
    }
  }
  EXPECT_EQ(json_string_of("\b\f\n\r\t\x01"), R"("\b\f\n\r\t\u0001")");
}

TEST(JsonString, InvalidUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(json_string_of("a\xC3\xA9z"), "\"a\xC3\xA9z\"");
  EXPECT_EQ(json_string_of("a\xC3"), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string_of("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
  for (int byte = 0; byte < 256; ++byte) EXPECT_TRUE(is_valid_utf8(json_string_of(std::string(9, static_cast<char>(byte)))));
}

TEST(JsonDouble, IsTheShortestTextThatReadsBack) {
  const auto text = [](double value) {
    std::string out;
    append_json_double(out, value);
    return out;
  };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(3), "3.0");
  EXPECT_EQ(text(-0.0), "-0.0");
  EXPECT_EQ(text(1e100), "1e+100");
  EXPECT_EQ(text(123456789.125), "123456789.125");
}

}  // namespace
}  // namespace surgetank
