#include "wire/json.h"

#include <gtest/gtest.h>

#include <cmath>

#include "wire/errors.h"

namespace surgetank {
namespace {

struct Item {
  String Id = {};
  Opt<Integer> Count = {};
  List<Item> Children = {};
};
SURGE_SHAPE(Item, Id, Count, Children)

struct Kitchen {
  Opt<String> Text = {};
  Opt<Integer> Whole = {};
  Opt<double> Real = {};
  Opt<bool> Flag = {};
  Opt<Instant> When = {};
  Opt<Blob> Bytes = {};
  Opt<Document> Anything = {};
  List<Item> Items = {};
  Map<String> Labels = {};
  Opt<List<String>> Names = {};
  Opt<Map<Integer>> Counts = {};
  List<Opt<String>> Sparse = {};
  Map<List<Integer>> Grid = {};
  Opt<Item> One = {};
};
SURGE_SHAPE(Kitchen, Text, Whole, Real, Flag, When, Bytes, Anything, Items, Labels, Names, Counts, Sparse, Grid, One)

struct Bound {
  String FunctionName = {};
  Opt<String> Password = {};
  Opt<Instant> CreatedAt = {};
  Opt<String> Note = {};
};
SURGE_SHAPE(Bound, FunctionName, Password, CreatedAt, Note)
SURGE_BINDINGS(Bound, {.member = "FunctionName", .location = Location::Label, .wire_name = "name"},
               {.member = "Password", .sensitivity = Sensitivity::Sensitive},
               {.member = "CreatedAt", .wire_name = "createdAt", .timestamp_form = TimestampForm::Iso8601})

template <class T>
Result<T> read(std::string_view text) {
  T out{};
  auto result = read_json(text, *shape_of<T>(), &out);
  if (!result.ok()) return std::move(result.error());
  return out;
}
template <class T>
std::string error_of(std::string_view text) {
  const auto result = read<T>(text);
  return result.ok() ? "no error" : result.error().message;
}
template <class T>
std::string written(const T& value) {
  std::string out;
  write_json(*shape_of<T>(), &value, out);
  return out;
}

TEST(ReadJson, ReadsEveryKindOfMember) {
  const auto kitchen = read<Kitchen>(
      R"( {"Text":"a\u00e9\ud83d\ude00\n","Whole":-9223372036854775808,"Real":1.5e3,"Flag":false,"When":1700000000.25,"Bytes":"aGk=",)"
      R"("Anything": {"a" : [1, 2.0, "x"]} ,"Items":[{"Id":"1","Count":2,"Children":[{"Id":"1.1"}]},{"Id":"2"}],)"
      R"("Labels":{"k":"v","":"empty"},"Names":[],"Counts":{},"Sparse":["a",null],"Grid":{"g":[1,2]},"One":{"Id":"o"}} )");
  ASSERT_TRUE(kitchen.ok()) << kitchen.error().message;
  EXPECT_EQ(kitchen->Text, "a\xC3\xA9\xF0\x9F\x98\x80\n");
  EXPECT_EQ(kitchen->Whole, INT64_MIN);
  EXPECT_EQ(kitchen->Real, 1500.0);
  EXPECT_EQ(kitchen->Flag, false);
  EXPECT_EQ(kitchen->When, Instant{1'700'000'000'250'000});
  EXPECT_EQ(kitchen->Bytes->bytes, "hi");
  EXPECT_EQ(kitchen->Anything->json, R"({"a" : [1, 2.0, "x"]})");
  ASSERT_EQ(kitchen->Items.size(), 2U);
  EXPECT_EQ(kitchen->Items[0].Children[0].Id, "1.1");
  EXPECT_EQ(kitchen->Labels.at(""), "empty");
  EXPECT_TRUE(kitchen->Names && kitchen->Names->empty());
  EXPECT_TRUE(kitchen->Counts && kitchen->Counts->empty());
  EXPECT_EQ(kitchen->Sparse, (List<Opt<String>>{"a", std::nullopt}));
  EXPECT_EQ(kitchen->Grid.at("g"), (List<Integer>{1, 2}));
  EXPECT_EQ(kitchen->One->Id, "o");
}

TEST(ReadJson, NullAndAbsentAreTheSameAndBlankTextIsAnEmptyObject) {
  for (const auto* text : {"", " \n", "{}", R"({"Text":null,"Items":null,"Labels":null,"Anything":null})"}) {
    const auto kitchen = read<Kitchen>(text);
    ASSERT_TRUE(kitchen.ok()) << text;
    EXPECT_FALSE(kitchen->Text || kitchen->Anything);
    EXPECT_TRUE(kitchen->Items.empty());
  }
}

TEST(ReadJson, TimestampsMayBeText) {
  EXPECT_EQ(read<Kitchen>(R"({"When":"2023-11-14T22:13:20Z"})")->When, Instant{1'700'000'000'000'000});
  EXPECT_EQ(read<Kitchen>(R"({"When":"Tue, 14 Nov 2023 22:13:20 GMT"})")->When, Instant{1'700'000'000'000'000});
  EXPECT_EQ(error_of<Kitchen>(R"({"When":"yesterday"})"), "STRING_VALUE can not be converted to Timestamp");
  EXPECT_EQ(error_of<Kitchen>(R"({"When":1e300})"), "NUMBER_VALUE can not be converted to Timestamp");
}

TEST(ReadJson, NumbersConvertOnlyWithoutLoss) {
  EXPECT_EQ(read<Kitchen>(R"({"Whole":5.0})")->Whole, 5);
  EXPECT_EQ(read<Kitchen>(R"({"Whole":5e2})")->Whole, 500);
  EXPECT_EQ(error_of<Kitchen>(R"({"Whole":5.5})"), "DECIMAL_VALUE can not be converted to Integer");
  EXPECT_EQ(error_of<Kitchen>(R"({"Whole":9223372036854775808})"), "DECIMAL_VALUE can not be converted to Integer");
  EXPECT_EQ(read<Kitchen>(R"({"Real":18446744073709551616})")->Real, 18446744073709551616.0);
  EXPECT_TRUE(std::isnan(*read<Kitchen>(R"({"Real":"NaN"})")->Real));
  EXPECT_EQ(read<Kitchen>(R"({"Real":"-Infinity"})")->Real, -INFINITY);
  EXPECT_EQ(error_of<Kitchen>(R"({"Real":"1.5"})"), "STRING_VALUE can not be converted to Double");
}

TEST(ReadJson, WrongTypesAreNamedAsAwsNamesThem) {
  EXPECT_EQ(error_of<Kitchen>(R"({"Whole":"5"})"), "STRING_VALUE can not be converted to Integer");
  EXPECT_EQ(error_of<Kitchen>(R"({"Text":5})"), "NUMBER_VALUE can not be converted to String");
  EXPECT_EQ(error_of<Kitchen>(R"({"Text":5.5})"), "DECIMAL_VALUE can not be converted to String");
  EXPECT_EQ(error_of<Kitchen>(R"({"Text":true})"), "TRUE_VALUE can not be converted to String");
  EXPECT_EQ(error_of<Kitchen>(R"({"Text":{}})"), "Start of structure or map found where not expected.");
  EXPECT_EQ(error_of<Kitchen>(R"({"Text":[]})"), "Start of list found where not expected.");
  EXPECT_EQ(error_of<Kitchen>(R"({"Items":"x"})"), "Expected list or null");
  EXPECT_EQ(error_of<Kitchen>(R"({"Labels":[]})"), "Expected map or null");
  EXPECT_EQ(error_of<Kitchen>(R"({"One":[]})"), "Expected structure or null");
  EXPECT_EQ(error_of<Kitchen>("[]"), "Start of list found where not expected.");
  EXPECT_EQ(error_of<Kitchen>(R"({"Bytes":"no base64!"})"), "Invalid base64 in a Blob");
  EXPECT_EQ(error_of<Kitchen>(R"({"Items":[null]})"), "NULL_VALUE can not be an element of a list or map");
  EXPECT_EQ(read<Kitchen>(R"({"Whole":"5"})").error().code, &wire::serialization_error);
}

TEST(ReadJson, TheFirstMissingMemberIsToldByItsPath) {
  const auto result = read<Item>("{}");
  EXPECT_EQ(result.error().code, &wire::missing_member);
  EXPECT_EQ(result.error().message, "Id");
  EXPECT_EQ(error_of<Item>(R"({"Id":null})"), "Id");
  EXPECT_EQ(error_of<Kitchen>(R"({"Items":[{"Id":"1"},{"Id":"2","Children":[{}]}]})"), "Items.2.member.Children.1.member.Id");
  EXPECT_EQ(error_of<Kitchen>(R"({"One":{"Count":1}})"), "One.Id");
}

TEST(ReadJson, UnknownMembersAreIgnoredButMustBeJson) {
  EXPECT_EQ(read<Item>(R"({"New":{"deep":[{"a":1e999}]},"Id":"x","Also":12345678901234567890123})")->Id, "x");
  for (const auto* text : {R"({"New":tru,"Id":"x"})", R"({"New":[1,],"Id":"x"})", R"({"New":{"a"},"Id":"x"})", R"({"New":01,"Id":"x"})",
                           R"({"New":"a":"b","Id":"x"})"})
    EXPECT_EQ(read<Item>(text).error().code, &wire::serialization_error) << text;
}

TEST(ReadJson, MalformedTextIsRefused) {
  for (const auto* text : {"{",
                           "}",
                           "{\"Id\":\"x\"",
                           "{\"Id\":\"x\"}}",
                           "{\"Id\":\"x\"} {}",
                           "{\"Id\":\"x\",}",
                           "{\"Id\" \"x\"}",
                           "{Id:\"x\"}",
                           "{\"Id\":\"x\x01\"}",
                           "{\"Id\":\"\\q\"}",
                           "{\"Id\":\"\\ud800\"}",
                           "{\"Id\":\"\\udc00\"}",
                           "{\"Id\":\"\xff\"}",
                           "{\"Id\":nul}",
                           "{\"Id\":\"x\",\"Count\":1x}",
                           "{\"Id\":\"x\",\"Count\":-}",
                           "5",
                           "\"x\"",
                           "null",
                           "{\"Id\":\"x\"]"})
    EXPECT_FALSE(read<Item>(text).ok()) << text;
}

TEST(ReadJson, ARepeatedMemberOrKeyIsRefused) {
  EXPECT_FALSE(read<Item>(R"({"Id":"x","Id":"y"})").ok());
  EXPECT_FALSE(read<Kitchen>(R"({"Grid":{"a":[1],"a":[2]}})").ok());
  EXPECT_TRUE(read<Item>(R"({"Id":"x","Other":1,"Other":2})").ok());
}

std::string nested_items(int depth) {
  std::string text = R"({"Id":"x"})";
  for (int i = 1; i < depth; ++i) text = R"({"Id":"x","Children":[)" + text + "]}";
  return text;
}

TEST(ReadJson, DepthIsLimitedInKnownAndUnknownMembers) {
  EXPECT_TRUE(read<Item>(nested_items(32)).ok());  // an object and a list each
  const auto too_deep = read<Item>(nested_items(33));
  EXPECT_EQ(too_deep.error().code, &wire::too_complex);
  const auto unknown = [](std::size_t depth) { return R"({"Id":"x","New":)" + std::string(depth, '[') + std::string(depth, ']') + "}"; };
  EXPECT_TRUE(read<Item>(unknown(63)).ok());
  EXPECT_EQ(read<Item>(unknown(64)).error().code, &wire::too_complex);
}

TEST(ReadJson, TextsLargerThanTheKeptScratchAreRead) {
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(read<Item>(R"({"Id":")" + large + R"("})")->Id, large);
  EXPECT_EQ(read<Item>(R"({"Id":"small"})")->Id, "small");
}

TEST(ReadJson, BodyOnlyLeavesTheMembersOfOtherPlacesAlone) {
  Bound bound;
  ASSERT_TRUE(read_json(R"({"FunctionName":"ignored","Note":"n"})", *shape_of<Bound>(), &bound, JsonMembers::BodyOnly).ok());
  EXPECT_EQ(bound.FunctionName, "");
  EXPECT_EQ(bound.Note, "n");
  EXPECT_EQ(read<Bound>(R"({"FunctionName":"f","createdAt":"2023-11-14T22:13:20Z"})")->CreatedAt, Instant{1'700'000'000'000'000});
}

TEST(WriteJson, LeavesOutWhatIsAbsentAndEmptyPlainContainers) {
  EXPECT_EQ(written(Kitchen{}), "{}");
  Kitchen kitchen;
  kitchen.Names.emplace();
  kitchen.Counts.emplace();
  kitchen.Sparse = {std::nullopt, "x"};
  kitchen.Grid["empty"];
  EXPECT_EQ(written(kitchen), R"({"Names":[],"Counts":{},"Sparse":[null,"x"],"Grid":{"empty":[]}})");
}

TEST(WriteJson, WritesEveryKindOfMember) {
  Kitchen kitchen{.Text = "q\"\\\x01\xff", .Whole = -7, .Real = 2, .Flag = true, .When = Instant{1'700'000'000'000'000}};
  kitchen.Bytes = Blob{"hi"};
  kitchen.Anything = Document{R"({"a": 1})"};
  kitchen.Items = {{.Id = "1", .Count = 2}};
  kitchen.Labels = {{"k", "v"}};
  EXPECT_EQ(written(kitchen),
            "{\"Text\":\"q\\\"\\\\\\u0001\xEF\xBF\xBD\",\"Whole\":-7,\"Real\":2.0,\"Flag\":true,\"When\":1700000000,"
            "\"Bytes\":\"aGk=\",\"Anything\":{\"a\": 1},\"Items\":[{\"Id\":\"1\",\"Count\":2}],\"Labels\":{\"k\":\"v\"}}");
}

TEST(WriteJson, EpochSecondsHaveUpToThreeDecimals) {
  const auto text = [](std::int64_t us) {
    std::string out;
    append_epoch_seconds(out, Instant{us});
    return out;
  };
  EXPECT_EQ(text(1'700'000'000'000'000), "1700000000");
  EXPECT_EQ(text(1'700'000'000'500'000), "1700000000.5");
  EXPECT_EQ(text(1'700'000'000'123'999), "1700000000.123");
  EXPECT_EQ(text(1'700'000'000'020'000), "1700000000.02");
  EXPECT_EQ(text(1'700'000'000'007'000), "1700000000.007");
  EXPECT_EQ(text(1'700'000'000'000'999), "1700000000");
  EXPECT_EQ(text(-1'500'000), "-1.5");
  EXPECT_EQ(text(0), "0");
}

TEST(WriteJson, NonFiniteNumbersAreWords) {
  EXPECT_EQ(written(Kitchen{.Real = NAN}), R"({"Real":"NaN"})");
  EXPECT_EQ(written(Kitchen{.Real = -INFINITY}), R"({"Real":"-Infinity"})");
  EXPECT_EQ(written(Kitchen{.Real = 1e21}), R"({"Real":1e+21})");
}

TEST(WriteJson, BindingsNamePlaceFormAndSecrecy) {
  const Bound bound{.FunctionName = "f", .Password = "hunter2", .CreatedAt = Instant{1'700'000'000'250'000}};
  EXPECT_EQ(written(bound), R"({"FunctionName":"f","Password":"hunter2","createdAt":"2023-11-14T22:13:20.250Z"})");
  std::string out;
  write_json(*shape_of<Bound>(), &bound, out, JsonMembers::BodyOnly);
  EXPECT_EQ(out, R"({"Password":"hunter2","createdAt":"2023-11-14T22:13:20.250Z"})");
  out.clear();
  write_json_redacted(*shape_of<Bound>(), &bound, out);
  EXPECT_EQ(out, R"({"FunctionName":"f","Password":"***","createdAt":"2023-11-14T22:13:20.250Z"})");
}

}  // namespace
}  // namespace surgetank
