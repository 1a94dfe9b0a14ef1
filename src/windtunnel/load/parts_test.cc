// The small parts of the load generator: histogram, CSV, templates, thresholds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "windtunnel/load/csv.h"
#include "windtunnel/load/histogram.h"
#include "windtunnel/load/payload_template.h"
#include "windtunnel/load/threshold.h"
#include "wire/json_value.h"

namespace surgetank::windtunnel {
namespace {

TEST(LoadHistogram, QuantilesAreWithinOneInAHundredTwentyEighthOfTheRightValue) {
  Random random(7);
  std::vector<std::int64_t> values;
  Histogram histogram;
  for (int index = 0; index < 100'000; ++index) {
    const auto us = static_cast<std::int64_t>(std::exp(random.fraction() * 20));
    values.push_back(us);
    histogram.add(microseconds(us));
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto right = static_cast<double>(values[static_cast<std::size_t>(std::ceil(share * 100'000)) - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.quantile(share).us), right, right / 128 + 0.5) << share;
  }
  EXPECT_EQ(histogram.minimum().us, values.front());
  EXPECT_EQ(histogram.maximum().us, values.back());
}

TEST(LoadHistogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int us = 0; us < 128; ++us) histogram.add(microseconds(us));
  for (int us = 0; us < 128; ++us) EXPECT_EQ(histogram.quantile((us + 1) / 128.0).us, us);
}

TEST(LoadHistogram, OddValuesAreTakenAsTheNearestItKnows) {
  Histogram histogram;
  histogram.add(microseconds(-5));
  histogram.add(days(400));
  EXPECT_EQ(histogram.minimum().us, 0);
  EXPECT_EQ(histogram.maximum().us, (std::int64_t{1} << 40) - 1);
  EXPECT_EQ(histogram.quantile(1), histogram.maximum());
  EXPECT_EQ(Histogram().quantile(0.5).us, 0);
}

TEST(LoadHistogram, TwoAddUp) {
  Histogram one;
  Histogram two;
  one.add(milliseconds(1));
  two.add(milliseconds(3));
  one.add(two);
  EXPECT_EQ(one.count(), 2U);
  EXPECT_EQ(one.mean(), milliseconds(2));
  EXPECT_EQ(one.maximum(), milliseconds(3));
  EXPECT_EQ(one.cumulative().back().second, 2U);
}

TEST(LoadCsv, QuotedFieldsHoldCommasQuotesAndLineEnds) {
  const auto table = read_csv("\xEF\xBB\xBFname,city\r\n\"Doe, \"\"J\"\"\",\"a\nb\"\n\nx,\n");
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->rows(), 2U);
  EXPECT_EQ(table->at(0, 0), "Doe, \"J\"");
  EXPECT_EQ(table->at(0, 1), "a\nb");
  EXPECT_EQ(table->at(1, 1), "");
  EXPECT_EQ(table->column("city"), 1U);
}

TEST(LoadCsv, WhatIsBrokenNamesItsLine) {
  for (const auto& [text, message] : {std::pair{"a,b\n1\n", "line 2: 1 fields where the first line names 2 columns"},
                                      {"a\n\"x", "line 2: a quoted field does not end, or text follows its closing quote"},
                                      {"a\n\"x\"y\n", "line 2: a quoted field does not end, or text follows its closing quote"},
                                      {"a,a\n1,2\n", "line 1: two columns are called `a`"},
                                      {"a\n", "line 2: there are no rows below the names of the columns"}}) {
    const auto table = read_csv(text);
    ASSERT_FALSE(table.ok()) << text;
    EXPECT_EQ(table.error().message, message);
  }
}

std::string rendered(std::string_view text, Escape escape, std::uint64_t n, const CsvTable* csv = nullptr) {
  const auto compiled = PayloadTemplate::compile(text, escape, csv);
  EXPECT_TRUE(compiled.ok()) << (compiled.ok() ? "" : compiled.error().message);
  Random random(n + 1);
  RenderContext context{.n = n, .now = {1'700'000'000'123'000}, .random = random, .csv = csv};
  std::string out;
  if (compiled.ok()) compiled->render(context, out);
  return out;
}

TEST(LoadTemplate, FillsInItsPlaces) {
  EXPECT_EQ(rendered("a{{n}}b{{ n }}", Escape::None, 12), "a12b12");
  EXPECT_EQ(rendered("{{now}} {{iso}}", Escape::None, 0), "1700000000123 2023-11-14T22:13:20.123Z");
  EXPECT_EQ(rendered("{{{{n}} {{n}}", Escape::None, 3), "{{n}} 3");
  EXPECT_EQ(rendered("{{uuid}}", Escape::None, 0).size(), 36U);
  EXPECT_EQ(rendered("{{hex 16}}", Escape::None, 0).size(), 16U);
  EXPECT_EQ(rendered("{{pick only}}", Escape::None, 0), "only");
  std::size_t seen = 0;
  for (std::uint64_t n = 0; n < 200; ++n) {
    const auto value = parse_integer(rendered("{{random -1 1}}", Escape::None, n));
    ASSERT_TRUE(value && *value >= -1 && *value <= 1);
    seen |= std::size_t{1} << (*value + 1);
  }
  EXPECT_EQ(seen, 7U) << "both ends occur";
}

TEST(LoadTemplate, ValuesAreEscapedForWhereTheyStand) {
  const auto table = read_csv("name\n\"a\"\"b\\c d\"\nz\n");
  EXPECT_EQ(rendered("{{csv.name}}", Escape::None, 0, &*table), "a\"b\\c d");
  EXPECT_EQ(rendered("/x/{{csv.name}}", Escape::Url, 0, &*table), "/x/a%22b%5Cc%20d");
  const auto json = rendered("{\"name\":\"{{csv.name}}\"}", escape_of_body("{\"name\""), 2, &*table);
  ASSERT_TRUE(parse_json(json).ok()) << json;
  EXPECT_EQ(*parse_json(json)->find_string("name"), "a\"b\\c d") << "row 2 is row 0 again";
  EXPECT_EQ(rendered("{{csv.name}}", Escape::None, 1, &*table), "z");
}

TEST(LoadTemplate, SaysWhatIsWrong) {
  const auto table = read_csv("name\nx\n");
  for (const auto* text : {"{{", "{{}}", "{{nn}}", "{{n 1}}", "{{random}}", "{{random 5 1}}", "{{random 1 99999999999999999999}}",
                           "{{hex 0}}", "{{hex 100001}}", "{{pick}}", "{{csv.other}}"})
    EXPECT_FALSE(PayloadTemplate::compile(text, Escape::None, &*table).ok()) << text;
  EXPECT_FALSE(PayloadTemplate::compile("{{csv.name}}", Escape::None, nullptr).ok());
  EXPECT_TRUE(contains(PayloadTemplate::compile("{{uid}}", Escape::None, nullptr).error().message, "did you mean `uuid`?"));
}

TEST(LoadThreshold, ReadsMeasuresSubjectsAndLimits) {
  const auto p99 = parse_threshold("p99 < 500ms");
  ASSERT_TRUE(p99.ok());
  EXPECT_EQ(p99->measure, "p99");
  EXPECT_EQ(p99->limit, 500);
  const auto tail = parse_threshold("submit.p99.9<=1.5s");
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(tail->subject, "submit");
  EXPECT_EQ(tail->measure, "p99.9");
  EXPECT_EQ(tail->limit, 1500);
  EXPECT_DOUBLE_EQ(*quantile_of(tail->measure), 0.999);
  const auto failed = parse_threshold("failed<=0.5%");
  ASSERT_TRUE(failed.ok());
  EXPECT_DOUBLE_EQ(failed->limit, 0.005);
  EXPECT_EQ(failed->comparison, Threshold::Comparison::AtMost);
  EXPECT_EQ(parse_threshold("done.p99 < 10s")->subject, "done");
  for (const auto* text :
       {"", "p99", "p99 <", "p99 < 500", "p101 < 1s", "speed > 1", "failed < x", "failed < -1", "open < 1", "rate > nan"})
    EXPECT_FALSE(parse_threshold(text).ok()) << text;
}

TEST(LoadThreshold, WhatWasNotMeasuredIsNotMet) {
  const std::vector<Threshold> thresholds = {*parse_threshold("p99 < 500ms"), *parse_threshold("p50 < 500ms"),
                                             *parse_threshold("rate >= 10")};
  const auto verdicts = judge(thresholds, [](const Threshold& threshold) -> std::optional<double> {
    if (threshold.measure == "p99") return 500;
    if (threshold.measure == "rate") return 10;
    return std::nullopt;
  });
  EXPECT_FALSE(verdicts[0].is_met);
  EXPECT_FALSE(verdicts[1].is_met);
  EXPECT_TRUE(verdicts[2].is_met);
}

}  // namespace
}  // namespace surgetank::windtunnel
