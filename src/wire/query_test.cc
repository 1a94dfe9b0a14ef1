#include "wire/query.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace surgetank {
namespace {

struct Tag {
  String Key = {};
  Opt<String> Value = {};
};
SURGE_SHAPE(Tag, Key, Value)

struct Request {
  Opt<String> RoleName = {};
  Opt<Integer> DurationSeconds = {};
  Opt<bool> Force = {};
  Opt<double> Ratio = {};
  Opt<Instant> Since = {};
  Opt<Blob> Data = {};
  List<Tag> Tags = {};
  List<String> AttributeNames = {};
  Map<String> Attributes = {};
  Opt<List<Integer>> Numbers = {};
  Opt<Tag> Nested = {};
};
SURGE_SHAPE(Request, RoleName, DurationSeconds, Force, Ratio, Since, Data, Tags, AttributeNames, Attributes, Numbers, Nested)
SURGE_BINDINGS(Request, {.member = "AttributeNames", .item_name = "AttributeName", .items_form = ItemsForm::Flattened})

struct Needy {
  String Name = {};
  Tag Must = {};
};
SURGE_SHAPE(Needy, Name, Must)

template <class T = Request>
Result<T> read(std::string_view form) {
  T out;
  auto result = read_query(form, *shape_of<T>(), &out);
  if (!result.ok()) return std::move(result.error());
  return out;
}

TEST(ReadQuery, ReadsScalars) {
  const auto request =
      read("Action=X&Version=1&RoleName=a+b%21&DurationSeconds=900&Force=True&Ratio=0.5&Since=2023-11-14T22%3A13%3A20Z&Data=aGk%3D");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->RoleName, "a b!");
  EXPECT_EQ(request->DurationSeconds, 900);
  EXPECT_EQ(request->Force, true);
  EXPECT_EQ(request->Ratio, 0.5);
  EXPECT_EQ(request->Since, Instant{1'700'000'000'000'000});
  EXPECT_EQ(request->Data->bytes, "hi");
}

TEST(ReadQuery, ListItemsComeInTheOrderOfTheirNumbersWhateverTheirName) {
  for (const auto* form : {"Tags.member.10.Key=c&Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.2.Value=v",
                           "Tags.Tag.10.Key=c&Tags.Tag.2.Key=b&Tags.Tag.1.Key=a&Tags.Tag.2.Value=v",
                           "Tags.10.Key=c&Tags.2.Key=b&Tags.1.Key=a&Tags.2.Value=v"}) {
    const auto request = read(form);
    ASSERT_TRUE(request.ok()) << request.error().message;
    ASSERT_EQ(request->Tags.size(), 3U) << form;
    EXPECT_EQ(request->Tags[0].Key, "a");
    EXPECT_EQ(request->Tags[1].Value, "v");
    EXPECT_EQ(request->Tags[2].Key, "c");
  }
}

TEST(ReadQuery, AFlattenedListMayBeSpelledByTheNameOfItsItems) {
  EXPECT_EQ(read("AttributeName.1=A&AttributeName.2=B")->AttributeNames, (List<String>{"A", "B"}));
  EXPECT_EQ(read("AttributeNames.member.1=A")->AttributeNames, (List<String>{"A"}));
}

TEST(ReadQuery, MapsHaveEntriesWithKeyAndValue) {
  const Map<String> expected = {{"a", "1"}, {"b", "2"}};
  EXPECT_EQ(read("Attributes.entry.1.key=a&Attributes.entry.1.value=1&Attributes.entry.2.key=b&Attributes.entry.2.value=2")->Attributes,
            expected);
  EXPECT_EQ(read("Attributes.1.Name=a&Attributes.1.Value=1&Attributes.2.Name=b&Attributes.2.Value=2")->Attributes, expected);
  EXPECT_FALSE(read("Attributes.entry.1.key=a").ok());
  EXPECT_FALSE(read("Attributes.entry.1.value=a").ok());
  EXPECT_FALSE(read("Attributes.1.Name=a&Attributes.1.Value=1&Attributes.2.Name=a&Attributes.2.Value=2").ok());
}

TEST(ReadQuery, AnEmptyListIsTold) {
  EXPECT_TRUE(read("Numbers=")->Numbers.has_value());
  EXPECT_FALSE(read("")->Numbers.has_value());
  EXPECT_FALSE(read("Numbers=5").ok());
}

TEST(ReadQuery, MissingMembersAreToldByPath) {
  EXPECT_EQ(read<Needy>("Must.Key=a").error().code, &wire::missing_member);
  EXPECT_EQ(read<Needy>("Must.Key=a").error().message, "Name");
  EXPECT_EQ(read<Needy>("Name=a").error().message, "Must");
  EXPECT_EQ(read<Needy>("Name=a&Must.Value=v").error().message, "Must.Key");
  EXPECT_EQ(read("Tags.member.1.Key=a&Tags.member.7.Value=b").error().message, "Tags.2.member.Key");
}

TEST(ReadQuery, WhatDoesNotConvertIsMalformed) {
  for (const auto* form : {"DurationSeconds=abc", "DurationSeconds=5.5", "DurationSeconds=", "Force=yes", "Ratio=inf", "Since=today",
                           "Data=%21", "RoleName=%ff", "RoleName=%zz", "RoleName.x=1", "Tags.member.x.Key=a", "Tags.member.01.Key=a",
                           "Tags.member.-1.Key=a", "Tags.a.1.Key=a&Tags.b.1.Key=b", "Numbers.member.1.x=1"}) {
    const auto request = read(form);
    ASSERT_FALSE(request.ok()) << form;
    EXPECT_EQ(request.error().code, &wire::malformed_input) << form;
  }
  EXPECT_EQ(read("DurationSeconds=abc").error().message, "The value of the parameter DurationSeconds can not be converted to Integer");
}

struct Deep {
  Opt<String> Name = {};
  List<Deep> Children = {};
};
SURGE_SHAPE(Deep, Name, Children)

TEST(ReadQuery, ParametersAndDepthAreLimited) {
  std::string form;
  for (std::size_t i = 0; i < query_max_parameters; ++i) form += "a=b&";
  EXPECT_TRUE(parse_form(form).ok());
  EXPECT_EQ(parse_form(form + "a=b").error().code, &wire::too_complex);
  const auto nested = [](int depth) {
    std::string name;
    for (int i = 0; i < depth; ++i) name += "Children.1.";
    return name + "Name=x";
  };
  EXPECT_TRUE(read<Deep>(nested(10)).ok());
  EXPECT_EQ(read<Deep>(nested(1000)).error().code, &wire::too_complex);
}

TEST(ParseForm, KeepsOrderAndToleratesEmptyParts) {
  const auto parameters = parse_form("&b=1&&a&c=x=y&");
  ASSERT_TRUE(parameters.ok());
  EXPECT_EQ(*parameters, (FormParameters{{"b", "1"}, {"a", ""}, {"c", "x=y"}}));
  EXPECT_EQ(*find_parameter(*parameters, "c"), "x=y");
  EXPECT_EQ(find_parameter(*parameters, "d"), nullptr);
}

TEST(WriteQueryResponse, WrapsTheResult) {
  Request reply{.RoleName = "a<b", .Ratio = 2, .Since = Instant{1'700'000'000'000'000}};
  reply.Tags = {{.Key = "k", .Value = "v"}};
  reply.AttributeNames = {"A", "B"};
  reply.Attributes = {{"x", "1"}};
  EXPECT_EQ(
      write_query_response("GetRole", "https://iam.amazonaws.com/doc/2010-05-08/", *shape_of<Request>(), &reply, "id-1"),
      "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><RoleName>a&lt;b</RoleName><Ratio>2.0</Ratio>"
      "<Since>2023-11-14T22:13:20Z</Since><Tags><member><Key>k</Key><Value>v</Value></member></Tags>"
      "<AttributeName>A</AttributeName><AttributeName>B</AttributeName>"
      "<Attributes><entry><key>x</key><value>1</value></entry></Attributes></GetRoleResult>"
      "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetRoleResponse>");
  EXPECT_EQ(write_query_response("DeleteRole", "x", *shape_of<Empty>(), nullptr, "id"),
            "<DeleteRoleResponse xmlns=\"x\"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteRoleResponse>");
}

struct Queue {
  Map<String> Attributes = {};
  Map<String> Tags = {};
};
SURGE_SHAPE(Queue, Attributes, Tags)
SURGE_BINDINGS(
    Queue,
    {.member = "Attributes", .item_name = "Attribute", .items_form = ItemsForm::Flattened, .key_name = "Name", .value_name = "Value"},
    {.member = "Tags", .key_name = "Key"})

TEST(WriteQueryResponse, KeysAndValuesOfAMapMayHaveOtherNames) {
  Queue queue{.Attributes = {{"a", "1"}, {"b", "2"}}, .Tags = {{"k", "v"}}};
  EXPECT_EQ(write_query_response("GetQueue", "x", *shape_of<Queue>(), &queue, "id"),
            "<GetQueueResponse xmlns=\"x\"><GetQueueResult><Attribute><Name>a</Name><Value>1</Value></Attribute>"
            "<Attribute><Name>b</Name><Value>2</Value></Attribute><Tags><entry><Key>k</Key><value>v</value></entry></Tags></GetQueueResult>"
            "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetQueueResponse>");
  const auto read_back = read<Queue>(
      "Attribute.1.Name=a&Attribute.1.Value=1&Attribute.2.Name=b&Attribute.2.Value=2&Tags.entry.1.Key=k&"
      "Tags.entry.1.value=v");
  ASSERT_TRUE(read_back.ok());
  EXPECT_EQ(read_back->Attributes, queue.Attributes);
  EXPECT_EQ(read_back->Tags, queue.Tags);
}

}  // namespace
}  // namespace surgetank
