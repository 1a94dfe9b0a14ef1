#include "services/lambda/event_pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "services/lambda/event_source_filter.h"

namespace surgetank::lambda {
namespace {

bool matches(std::string_view pattern, std::string_view document) {
  const auto compiled = EventPattern::compile(pattern);
  EXPECT_TRUE(compiled.ok()) << pattern << ": " << (compiled.ok() ? "" : compiled.error().message);
  const auto value = parse_json(document);
  EXPECT_TRUE(value.ok()) << document;
  return compiled.ok() && value.ok() && compiled->matches(*value);
}

std::string fault_of(std::string_view pattern) {
  const auto compiled = EventPattern::compile(pattern);
  return compiled.ok() ? "fine" : compiled.error().message;
}

TEST(EventPattern, MembersAreAndedAndValuesOred) {
  constexpr auto pattern = R"({"kind":["order","return"],"item":{"color":["red"]}})";
  EXPECT_TRUE(matches(pattern, R"({"kind":"return","item":{"color":"red","size":3}})"));
  EXPECT_FALSE(matches(pattern, R"({"kind":"return","item":{"color":"blue"}})"));
  EXPECT_FALSE(matches(pattern, R"({"kind":"gift","item":{"color":"red"}})"));
  EXPECT_FALSE(matches(pattern, R"({"kind":"order","item":"red"})"));
  EXPECT_FALSE(matches(pattern, R"({"kind":"order"})"));
}

TEST(EventPattern, ScalarsAreEqualAsTheyAreWritten) {
  EXPECT_TRUE(matches(R"({"a":[300]})", R"({"a":300})"));
  EXPECT_FALSE(matches(R"({"a":[300]})", R"({"a":300.0})"));
  EXPECT_FALSE(matches(R"({"a":[300]})", R"({"a":"300"})"));
  EXPECT_TRUE(matches(R"({"a":[null]})", R"({"a":null})"));
  EXPECT_FALSE(matches(R"({"a":[null]})", R"({})"));
  EXPECT_TRUE(matches(R"({"a":[""]})", R"({"a":""})"));
  EXPECT_TRUE(matches(R"({"a":[true]})", R"({"a":true})"));
  EXPECT_FALSE(matches(R"({"a":[true]})", R"({"a":"true"})"));
}

TEST(EventPattern, TextOperators) {
  EXPECT_TRUE(matches(R"({"a":[{"prefix":"ab"}]})", R"({"a":"abc"})"));
  EXPECT_FALSE(matches(R"({"a":[{"prefix":"ab"}]})", R"({"a":"ABC"})"));
  EXPECT_TRUE(matches(R"({"a":[{"prefix":{"equals-ignore-case":"aB"}}]})", R"({"a":"ABC"})"));
  EXPECT_TRUE(matches(R"({"a":[{"suffix":".png"}]})", R"({"a":"x.png"})"));
  EXPECT_FALSE(matches(R"({"a":[{"suffix":".png"}]})", R"({"a":"png"})"));
  EXPECT_TRUE(matches(R"({"a":[{"suffix":{"equals-ignore-case":".PNG"}}]})", R"({"a":"x.pNg"})"));
  EXPECT_TRUE(matches(R"({"a":[{"equals-ignore-case":"Alice"}]})", R"({"a":"aLICE"})"));
  EXPECT_FALSE(matches(R"({"a":[{"prefix":"1"}]})", R"({"a":12})"));
}

TEST(EventPattern, Wildcards) {
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"dir/*/file*.txt"}]})", R"({"a":"dir/x/y/file7.txt"})"));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"dir/*/file*.txt"}]})", R"({"a":"dir/file7.txt"})"));
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"*"}]})", R"({"a":""})"));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"a*a"}]})", R"({"a":"a"})"));
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"a*b"})"));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"a\\*b"}]})", R"({"a":"axb"})"));
  EXPECT_NE(fault_of(R"({"a":[{"wildcard":"a**b"}]})"), "fine");
}

TEST(EventPattern, AnythingBut) {
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":"z"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":"y"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":"x"}]})", R"({"a":"x"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":[1,2]}]})", R"({"a":2})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":"x"}]})", R"({"b":"x"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":{"prefix":["x","y"]}}]})", R"({"a":"yes"})"));
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":{"prefix":"x"}}]})", R"({"a":"yes"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":{"suffix":"s"}}]})", R"({"a":"yes"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":{"equals-ignore-case":["YES"]}}]})", R"({"a":"yes"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":{"wildcard":"y*"}}]})", R"({"a":"yes"})"));
}

TEST(EventPattern, NumericRanges) {
  constexpr auto range = R"({"a":[{"numeric":[">",0,"<=",5]}]})";
  EXPECT_FALSE(matches(range, R"({"a":0})"));
  EXPECT_TRUE(matches(range, R"({"a":0.001})"));
  EXPECT_TRUE(matches(range, R"({"a":5.0})"));
  EXPECT_FALSE(matches(range, R"({"a":5.1})"));
  EXPECT_FALSE(matches(range, R"({"a":"3"})"));
  EXPECT_TRUE(matches(R"({"a":[{"numeric":["=",300]}]})", R"({"a":3.0e2})"));
  EXPECT_TRUE(matches(R"({"a":[{"numeric":["<",-1]}]})", R"({"a":-2})"));
  EXPECT_NE(fault_of(R"({"a":[{"numeric":[">",5,"<",1]}]})"), "fine");
  EXPECT_NE(fault_of(R"({"a":[{"numeric":["<",5,">",1]}]})"), "fine");
  EXPECT_NE(fault_of(R"({"a":[{"numeric":["!=",5]}]})"), "fine");
  EXPECT_NE(fault_of(R"({"a":[{"numeric":["=",6e9]}]})"), "fine");
}

TEST(EventPattern, ExistenceIsOfLeaves) {
  EXPECT_TRUE(matches(R"({"a":[{"exists":true}]})", R"({"a":null})"));
  EXPECT_FALSE(matches(R"({"a":[{"exists":true}]})", R"({"a":{"b":1}})"));
  EXPECT_FALSE(matches(R"({"a":[{"exists":true}]})", R"({"a":[]})"));
  EXPECT_TRUE(matches(R"({"a":[{"exists":false}]})", R"({"b":1})"));
  EXPECT_FALSE(matches(R"({"a":[{"exists":false}]})", R"({"a":""})"));
  EXPECT_TRUE(matches(R"({"a":{"b":[{"exists":false}]}})", R"({})"));
  EXPECT_TRUE(matches(R"({"a":["x",{"exists":false}]})", R"({"b":1})"));
}

TEST(EventPattern, OneOfSeveralObjects) {
  constexpr auto pattern = R"({"kind":["o"],"$or":[{"a":[1]},{"b":{"c":[2]}}]})";
  EXPECT_TRUE(matches(pattern, R"({"kind":"o","a":1})"));
  EXPECT_TRUE(matches(pattern, R"({"kind":"o","b":{"c":2}})"));
  EXPECT_FALSE(matches(pattern, R"({"kind":"o","b":{"c":3}})"));
  EXPECT_FALSE(matches(pattern, R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"$or":["x"]})", R"({"$or":"x"})")) << "of other elements it is a name like any";
}

TEST(EventPattern, ListsInTheDocumentMatchByOneElement) {
  EXPECT_TRUE(matches(R"({"a":["x"]})", R"({"a":["w","x"]})"));
  EXPECT_FALSE(matches(R"({"a":["x"]})", R"({"a":[]})"));
  EXPECT_TRUE(matches(R"({"a":{"b":[1],"c":[2]}})", R"({"a":[{"b":1,"c":3},{"b":1,"c":2}]})"));
  EXPECT_FALSE(matches(R"({"a":{"b":[1],"c":[2]}})", R"({"a":[{"b":1,"c":3},{"b":2,"c":2}]})"));
}

TEST(EventPattern, AddressBlocks) {
  EXPECT_TRUE(matches(R"({"ip":[{"cidr":"10.0.0.0/24"}]})", R"({"ip":"10.0.0.255"})"));
  EXPECT_FALSE(matches(R"({"ip":[{"cidr":"10.0.0.0/24"}]})", R"({"ip":"10.0.1.0"})"));
  EXPECT_FALSE(matches(R"({"ip":[{"cidr":"10.0.0.0/24"}]})", R"({"ip":"10.0.0"})"));
  EXPECT_TRUE(matches(R"({"ip":[{"cidr":"2001:db8::/32"}]})", R"({"ip":"2001:db8:1::7"})"));
  EXPECT_FALSE(matches(R"({"ip":[{"cidr":"2001:db8::/32"}]})", R"({"ip":"2001:db9::"})"));
  EXPECT_NE(fault_of(R"({"ip":[{"cidr":"10.0.0.0/33"}]})"), "fine");
}

TEST(EventPattern, WhatIsNoPatternIsRefused) {
  for (const auto* pattern : {"", "[]", "{}", R"({"a":"b"})", R"({"a":1})", R"({"a":[]})", R"({"a":{}})", R"({"a":[{"foo":1}]})",
                              R"({"a":[{"prefix":"x","suffix":"y"}]})", R"({"a":[{}]})", R"({"a":[["x"]]})", R"({"a":[{"prefix":1}]})",
                              R"({"a":[{"exists":"yes"}]})", R"({"a":[{"anything-but":[]}]})", R"({"a":[{"anything-but":[null]}]})",
                              R"({"a":[{"prefix":["x"]}]})", "{\"a\":[\"b\"]"}) {
    EXPECT_EQ(fault_of(pattern).substr(0, 34), "Invalid filter pattern definition.") << pattern;
  }
}

std::string message(std::string_view body) {
  ReceivedMessage message;
  message.MessageId = "m";
  message.Body = body;
  message.Attributes = {{"ApproximateReceiveCount", "1"}};
  auto& kind = message.MessageAttributes["kind"];
  kind.StringValue = "order";
  kind.DataType = "String";
  return event_record(message, "arn:aws:sqs:us-east-1:000000000000:q", "us-east-1");
}

bool passes(std::vector<std::string> patterns, std::string_view body) {
  const auto filters = EventFilters::compile(patterns);
  EXPECT_TRUE(filters.ok());
  return filters.ok() && filters->pass(message(body));
}

TEST(EventFilters, AJsonBodyIsMatchedAsJsonAndTextAsText) {
  EXPECT_TRUE(passes({R"({"body":{"a":[1]}})"}, R"({"a":1})"));
  EXPECT_FALSE(passes({R"({"body":{"a":[1]}})"}, R"({"a":2})"));
  EXPECT_FALSE(passes({R"({"body":{"a":[1]}})"}, "a text"));
  EXPECT_TRUE(passes({R"({"body":[{"prefix":"a "}]})"}, "a text"));
  EXPECT_FALSE(passes({R"({"body":[{"prefix":"{"}]})"}, R"({"a":1})"));
  EXPECT_TRUE(passes({}, "anything"));
}

TEST(EventFilters, AttributesAreMatchedAndPatternsAreOred) {
  EXPECT_TRUE(passes({R"({"messageAttributes":{"kind":{"stringValue":["order"]}}})"}, "x"));
  EXPECT_FALSE(passes({R"({"messageAttributes":{"kind":{"stringValue":["gift"]}}})"}, "x"));
  EXPECT_TRUE(passes({R"({"messageAttributes":{"kind":{"stringValue":["gift"]}}})", R"({"body":["x"]})"}, "x"));
  EXPECT_TRUE(passes({R"({"attributes":{"ApproximateReceiveCount":["1"]}})"}, R"({"a":1})"));
}

}  // namespace
}  // namespace surgetank::lambda
