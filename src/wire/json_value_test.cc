#include "wire/json_value.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace surgetank {
namespace {

TEST(JsonValue, KeepsOrderAndTheTextOfNumbers) {
  const std::string text = R"({"z":1.10,"a":[12345678901234567890123,-0,1E5,true,false,null],"s":"x\"y"})";
  const auto value = parse_json(text);
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(to_json(*value), text);
  EXPECT_TRUE(check_json(text).ok());
}

TEST(JsonValue, LookupsAnswerNothingForOtherKinds) {
  const auto value = *parse_json(R"({"a":{"b":[1,"x"]},"n":5.0,"f":0.5,"t":true})");
  EXPECT_EQ(value.find_path({"a", "b"})->as_array()->size(), 2U);
  EXPECT_EQ(value.find_path({"a", "c"}), nullptr);
  EXPECT_EQ(value.find_path({"n", "c"}), nullptr);
  EXPECT_EQ(value.find("n")->as_integer(), 5);
  EXPECT_EQ(value.find("f")->as_integer(), std::nullopt);
  EXPECT_EQ(value.find("f")->as_double(), 0.5);
  EXPECT_EQ(value.find("t")->as_boolean(), true);
  EXPECT_EQ(value.find("t")->as_string(), nullptr);
  EXPECT_EQ(value.find_string("n"), nullptr);
}

TEST(JsonValue, ARepeatedNameKeepsItsFirstPlaceAndItsLastValue) {
  EXPECT_EQ(to_json(*parse_json(R"({"a":1,"b":2,"a":3,"c":4,"b":5,"a":6})")), R"({"a":6,"b":5,"c":4})");
}

TEST(JsonValue, SetReplacesOrAppends) {
  auto value = JsonValue::object();
  value.set("a", JsonValue::integer(1));
  value.set("b", JsonValue::string("x"));
  value.set("a", JsonValue::number(0.5));
  EXPECT_EQ(to_json(value), R"({"a":0.5,"b":"x"})");
}

TEST(JsonValue, DecodesEscapes) {
  EXPECT_EQ(*parse_json(R"("\u0041\u00e9\u20ac\ud83d\ude00\/\b")")->as_string(), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80/\b");
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(*parse_json(R"("\ud800")")->as_string(), replacement);
  EXPECT_EQ(*parse_json(R"("\udc00x")")->as_string(), replacement + "x");
  EXPECT_EQ(*parse_json(R"("\ud800\u0041")")->as_string(), replacement + "A");
  EXPECT_EQ(*parse_json(R"("\ud800\n")")->as_string(), replacement + "\n");
}

TEST(JsonValue, MalformedTextIsRefused) {
  for (const auto* text : {"",      " ",       "{",         "[",           "[1",     "[1,]",  "[,1]", "{\"a\"}",  "{\"a\":}", "{\"a\":1,}",
                           "{a:1}", "01",      "1.",        ".5",          "-",      "+1",    "1e",   "1e+",      "tru",      "nulls",
                           "\"",    "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "[1] 2", "'a'",  "\"\xff\"", "NaN",      "\"\\"}) {
    EXPECT_FALSE(parse_json(text).ok()) << text;
    EXPECT_FALSE(check_json(text).ok()) << text;
  }
  EXPECT_EQ(parse_json("[1 2]").error().message, "Unexpected token in JSON at position 3: expected ',' or ']'");
}

TEST(JsonValue, DepthAndNodesAreLimited) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(64)).ok());
  EXPECT_EQ(parse_json(nested(65)).error().code, &wire::too_complex);
  EXPECT_EQ(check_json(nested(100'000)).error().code, &wire::too_complex);
  EXPECT_TRUE(parse_json("[1,2,3]", {.max_nodes = 4}).ok());
  EXPECT_EQ(parse_json("[1,2,3]", {.max_nodes = 3}).error().code, &wire::too_complex);
}

}  // namespace
}  // namespace surgetank
