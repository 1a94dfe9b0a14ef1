#include "wire/cbor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/text.h"
#include "wire/errors.h"

namespace surgetank {
namespace {

struct Point {
  String Name = {};
  Opt<double> Value = {};
  Opt<Instant> Timestamp = {};
};
SURGE_SHAPE(Point, Name, Value, Timestamp)

struct Data {
  Opt<String> Text = {};
  Opt<Integer> Whole = {};
  Opt<double> Real = {};
  Opt<bool> Flag = {};
  Opt<Blob> Bytes = {};
  Opt<Instant> When = {};
  Opt<Document> Anything = {};
  List<Point> Points = {};
  Map<Integer> Counts = {};
  List<Opt<String>> Sparse = {};
};
SURGE_SHAPE(Data, Text, Whole, Real, Flag, Bytes, When, Anything, Points, Counts, Sparse)

Result<Data> read(std::string_view hex) {
  Data out;
  auto result = read_cbor(*from_hex(hex), *shape_of<Data>(), &out);
  if (!result.ok()) return std::move(result.error());
  return out;
}
// A map with the one member `name`.
std::string member(std::string_view name, std::string_view value_hex) {
  std::string key;
  append_cbor_text(key, name);
  return "a1" + to_hex(key) + std::string(value_hex);
}
std::string written(const Data& data) {
  std::string out;
  write_cbor(*shape_of<Data>(), &data, out);
  return to_hex(out);
}
std::string error_of(std::string_view hex) {
  const auto result = read(hex);
  return result.ok() ? "no error" : result.error().message;
}

TEST(ReadCbor, IntegersOfAllWidths) {
  // RFC 8949, appendix A
  const std::vector<std::pair<std::string, std::int64_t>> examples = {{"00", 0},
                                                                      {"17", 23},
                                                                      {"1818", 24},
                                                                      {"1903e8", 1000},
                                                                      {"1a000f4240", 1'000'000},
                                                                      {"1b000000e8d4a51000", 1'000'000'000'000},
                                                                      {"1b7fffffffffffffff", INT64_MAX},
                                                                      {"20", -1},
                                                                      {"3863", -100},
                                                                      {"3903e7", -1000},
                                                                      {"3b7fffffffffffffff", INT64_MIN}};
  for (const auto& [hex, value] : examples) EXPECT_EQ(read(member("Whole", hex))->Whole, value) << hex;
  EXPECT_EQ(error_of(member("Whole", "1b8000000000000000")), "NUMBER_VALUE can not be converted to Integer");
  EXPECT_EQ(error_of(member("Whole", "3b8000000000000000")), "NUMBER_VALUE can not be converted to Integer");
  EXPECT_EQ(read(member("Whole", "f94400"))->Whole, 4);  // a float that is an integer
  EXPECT_EQ(error_of(member("Whole", "f93e00")), "DECIMAL_VALUE can not be converted to Integer");
}

TEST(ReadCbor, FloatsOfAllWidths) {
  const std::vector<std::pair<std::string, double>> examples = {{"f90000", 0.0},
                                                                {"f93c00", 1.0},
                                                                {"f93e00", 1.5},
                                                                {"f97bff", 65504.0},
                                                                {"f90001", 5.960464477539063e-8},
                                                                {"f90400", 0.00006103515625},
                                                                {"f9c400", -4.0},
                                                                {"fa47c35000", 100000.0},
                                                                {"fa7f7fffff", 3.4028234663852886e+38},
                                                                {"fb3ff199999999999a", 1.1},
                                                                {"fb7e37e43c8800759c", 1.0e+300},
                                                                {"f97c00", INFINITY},
                                                                {"f9fc00", -INFINITY},
                                                                {"18ff", 255.0},
                                                                {"3903e7", -1000.0},
                                                                {"1bffffffffffffffff", 18446744073709551615.0}};
  for (const auto& [hex, value] : examples) EXPECT_EQ(read(member("Real", hex))->Real, value) << hex;
  EXPECT_TRUE(std::isnan(*read(member("Real", "f97e00"))->Real));
}

TEST(ReadCbor, StringsArraysAndMapsOfIndefiniteLength) {
  EXPECT_EQ(read(member("Text", "7f657374726561646d696e67ff"))->Text, "streaming");
  EXPECT_EQ(read(member("Bytes", "5f42010243030405ff"))->Bytes->bytes, "\x01\x02\x03\x04\x05");
  EXPECT_EQ(read(member("Sparse", "9f6161f6f76162ff"))->Sparse, (List<Opt<String>>{"a", std::nullopt, std::nullopt, "b"}));
  EXPECT_EQ(read("bf" + member("Counts", "bf616101616202ff").substr(2) + "ff")->Counts, (Map<Integer>{{"a", 1}, {"b", 2}}));
  EXPECT_FALSE(read(member("Text", "7f4161ff")).ok()) << "a chunk of bytes in a text";
  EXPECT_FALSE(read(member("Text", "7f7f6161ffff")).ok()) << "a chunk of indefinite length";
}

TEST(ReadCbor, TimestampsAreTagOne) {
  EXPECT_EQ(read(member("When", "c11a514b67b0"))->When, Instant{1'363'896'240'000'000});
  EXPECT_EQ(read(member("When", "c1fb41d452d9ec200000"))->When, Instant{1'363'896'240'500'000});
  EXPECT_FALSE(read(member("When", "1a514b67b0")).ok());
  EXPECT_FALSE(read(member("When", "c1fb7e37e43c8800759c")).ok());
  EXPECT_FALSE(read(member("When", "c06161")).ok());
}

TEST(ReadCbor, NullUndefinedAndUnknownMembersAreIgnored) {
  EXPECT_FALSE(read(member("Text", "f6"))->Text);
  EXPECT_FALSE(read(member("Text", "f7"))->Text);
  for (const auto* value :
       {"00", "3903e7", "4101", "6161", "8201820203", "a16161a0", "c11a514b67b0", "f5", "f818", "9f01ff", "bf616101ff", "5f4101ff"})
    EXPECT_TRUE(read(member("New", value)).ok()) << value;
  Data data;
  EXPECT_TRUE(read_cbor("", *shape_of<Data>(), &data).ok());
}

TEST(ReadCbor, MissingMembersAndWrongTypesAreNamed) {
  EXPECT_EQ(error_of(member("Points", "82a1644e616d65616180a0")).substr(0, 8), "Expected");
  const auto missing = read(member("Points", "82a1644e616d656161a0"));
  EXPECT_EQ(missing.error().code, &wire::missing_member);
  EXPECT_EQ(missing.error().message, "Points.2.member.Name");
  EXPECT_EQ(error_of(member("Text", "01")), "NUMBER_VALUE can not be converted to String");
  EXPECT_EQ(error_of(member("Whole", "6131")), "STRING_VALUE can not be converted to Integer");
  EXPECT_EQ(error_of(member("Flag", "00")), "NUMBER_VALUE can not be converted to Boolean");
  EXPECT_EQ(error_of(member("Text", "a0")), "Start of structure or map found where not expected.");
  EXPECT_EQ(error_of(member("Anything", "01")), "Documents can not be read from CBOR");
  EXPECT_EQ(error_of("01"), "Expected structure or null");
  EXPECT_EQ(error_of("a2" + member("Whole", "01").substr(2) + member("Whole", "02").substr(2)),
            "Unexpected token: the member Whole occurs twice");
}

TEST(ReadCbor, CutOffOrMalformedBytesAreRefused) {
  const auto whole = member("Points", "81a2644e616d65616165") + "56616c7565fb3ff199999999999a";
  ASSERT_TRUE(read(whole).ok()) << error_of(whole);
  for (std::size_t length = 2; length < whole.size(); length += 2) EXPECT_FALSE(read(whole.substr(0, length)).ok()) << length;
  for (const auto* hex : {"ff", "1c", "a1", "a101", "bf", "a1ff", "a000"}) EXPECT_FALSE(read(hex).ok()) << hex;
  EXPECT_FALSE(read(member("Text", "61ff")).ok()) << "not UTF-8";
  EXPECT_FALSE(read(member("Text", "7bffffffffffffffff61")).ok()) << "longer than the body";
  EXPECT_FALSE(read(member("Sparse", "9bffffffffffffffff")).ok()) << "more elements than bytes";
  EXPECT_FALSE(read(member("Whole", "1f")).ok()) << "an integer has a length";
  EXPECT_FALSE(read(member("New", "ff")).ok()) << "a break is no value";
}

TEST(ReadCbor, DepthIsLimited) {
  const auto nested = [](int depth) {
    std::string arrays;
    for (int i = 0; i < depth; ++i) arrays += "81";
    return member("New", arrays + "00");
  };
  EXPECT_TRUE(read(nested(60)).ok());
  EXPECT_EQ(read(nested(70)).error().code, &wire::too_complex);
  std::string tags;
  for (int i = 0; i < 100; ++i) tags += "c1";
  EXPECT_EQ(read(member("When", tags + "00")).error().code, &wire::too_complex);
}

TEST(WriteCbor, UsesDefiniteLengthsAndLeavesOutWhatIsAbsent) {
  EXPECT_EQ(written({}), "a0");
  EXPECT_EQ(written({.Text = "a"}), member("Text", "6161"));
  EXPECT_EQ(written({.Whole = -1000}), member("Whole", "3903e7"));
  EXPECT_EQ(written({.Real = 1.1}), member("Real", "fb3ff199999999999a"));
  EXPECT_EQ(written({.Flag = true}), member("Flag", "f5"));
  EXPECT_EQ(written({.Bytes = Blob{"\x01"}}), member("Bytes", "4101"));
  EXPECT_EQ(written({.When = Instant{1'363'896'240'000'000}}), member("When", "c11a514b67b0"));
  EXPECT_EQ(written({.Points = {{.Name = "a"}}}), member("Points", "81a1644e616d656161"));
  EXPECT_EQ(written({.Counts = {{"a", 1}}}), member("Counts", "a1616101"));
  EXPECT_EQ(written({.Sparse = {std::nullopt, "b"}}), member("Sparse", "82f66162"));
}

TEST(WriteCbor, WhatIsWrittenReadsBack) {
  Data data{.Text = "t", .Whole = INT64_MIN, .Real = -0.0, .Flag = false, .Bytes = Blob{std::string(300, '\xff')}};
  data.When = Instant{1'700'000'000'123'000};
  data.Points = {{.Name = "p", .Value = 1e-300}, {.Name = ""}};
  const auto back = read(written(data));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(written(*back), written(data));
  EXPECT_EQ(back->When, data.When);
}

}  // namespace
}  // namespace surgetank
