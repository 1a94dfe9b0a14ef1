#include "app/waterfall.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

Span span_of(std::string id, std::string parent, std::string kind, std::int64_t start, std::int64_t length) {
  Span span;
  span.trace_root = "1-5759e988-bd862e3fe1be46a994272793";
  span.id = std::move(id);
  span.parent = std::move(parent);
  span.kind = std::move(kind);
  span.name = "name of " + span.kind;
  span.start = Instant{start};
  span.length = microseconds(length);
  return span;
}

Trace example() {
  return {span_of("a", "", "gateway", 0, 100'000), span_of("b", "a", "invoke", 10'000, 80'000), span_of("c", "b", "aws", 20'000, 40'000)};
}

TEST(Waterfall, ChildrenStandBelowAndInsideTheirParents) {
  const auto text = waterfall(example(), 120);
  EXPECT_NE(text.find("gateway"), std::string::npos);
  EXPECT_LT(text.find("gateway"), text.find("  invoke"));
  EXPECT_LT(text.find("  invoke"), text.find("    aws"));
  EXPECT_NE(text.find("100.00 ms"), std::string::npos);
}

TEST(Waterfall, SpansWithoutTheirParentAreShownAtTheTop) {
  const auto text = waterfall({span_of("c", "gone", "aws", 0, 10)}, 100);
  EXPECT_NE(text.find("\naws "), std::string::npos);
}

TEST(Waterfall, ACycleOfParentsEnds) {
  auto trace = example();
  trace[0].parent = "c";
  EXPECT_NE(waterfall(trace, 100), "");
}

TEST(WhereTheTimeWent, CountsPerRequestAndSharesOfTheWhole) {
  const auto shares = where_the_time_went({example(), example()});
  ASSERT_EQ(shares.size(), 3U);
  EXPECT_EQ(shares[0].kind, "gateway");
  EXPECT_EQ(shares[0].count, 2U);
  EXPECT_DOUBLE_EQ(shares[0].per_request, 1);
  EXPECT_DOUBLE_EQ(shares[2].share_of_total, 0.4);
  EXPECT_NE(time_table(shares).find("40.0%"), std::string::npos);
}

TEST(Traces, SurviveTheirJson) {
  auto trace = example();
  trace[1].fault = "timed \"out\"";
  trace[1].attributes = {{"environment", "e1"}};
  const auto back = traces_from_json(traces_to_json({trace}));
  ASSERT_EQ(back.size(), 1U);
  ASSERT_EQ(back[0].size(), 3U);
  EXPECT_EQ(back[0][1].fault, "timed \"out\"");
  EXPECT_EQ(back[0][1].attributes, trace[1].attributes);
  EXPECT_EQ(back[0][2].length.us, 40'000);
  EXPECT_TRUE(traces_from_json("nonsense").empty());
}

}  // namespace
}  // namespace surgetank
