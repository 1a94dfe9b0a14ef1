#include <gtest/gtest.h>

#include <cmath>

#include "base/text.h"
#include "windtunnel/report/html.h"
#include "windtunnel/report/plot.h"

namespace surgetank::windtunnel {
namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST(ReportHtml, TextIsEscapedWhereverItGoesIn) {
  const std::string evil = "<script>alert('x' & \"y\")</script>\x01";
  Table rows{.columns = {{.title = evil}}, .rows = {{Cell(evil, Tone::Bad)}}};
  LinePlot plot{.title = evil, .caption = evil};
  plot.series = {{.name = evil, .points = {{0, 1}, {1, 2}}}, {.name = evil, .points = {{0, 1}, {1, 2}}}};
  plot.marks = {{0.5, evil}};
  plot.limit = {{2, evil}};
  BarPlot bars{.title = evil, .caption = evil, .measure = Measure::Number, .bars = {{.name = evil, .value = 1, .text = evil}}};
  Page page{.title = evil, .subtitle = evil, .parts = {}, .footer = evil};
  page.parts = {section(evil, evil, {paragraph(evil), preformatted(evil), bullet_list({evil}), details(evil, {}), link(evil, evil)}),
                figures({{.name = evil, .value = evil, .detail = evil}}), table(rows), line_plot(plot), bar_plot(bars)};
  const auto document = render(page);
  EXPECT_FALSE(contains(document, "<script"));
  EXPECT_FALSE(contains(document, "alert('x'"));
  EXPECT_FALSE(contains(document, "\x01"));
  EXPECT_TRUE(contains(document, "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;"));
}

TEST(ReportHtml, ADocumentFetchesNothing) {
  const auto document = render({.title = "t", .parts = {line_plot({.title = "p"})}});
  for (const auto* part : {"<script", "<link", "url(", "@import", "src="}) EXPECT_FALSE(contains(document, part)) << part;
}

TEST(ReportHtml, LinksOfOtherSchemesStayText) {
  EXPECT_EQ(link("javascript:alert(1)", "x").markup, "x");
  EXPECT_EQ(link("docs/findings.md", "x").markup, "<a href=\"docs/findings.md\">x</a>");
  EXPECT_EQ(link("https://a/?b=1&c", "x").markup, "<a href=\"https://a/?b=1&amp;c\">x</a>");
}

TEST(ReportMeasure, ShowsThreeDigitsThatCount) {
  EXPECT_EQ(measure_text(1234567, Measure::Number), "1,234,567");
  EXPECT_EQ(measure_text(0, Measure::Number), "0");
  EXPECT_EQ(measure_text(12.345, Measure::Milliseconds), "12.3 ms");
  EXPECT_EQ(measure_text(2500, Measure::Milliseconds), "2.5 s");
  EXPECT_EQ(measure_text(0.25, Measure::Milliseconds), "250 µs");
  EXPECT_EQ(measure_text(0.0031, Measure::Share), "0.31 %");
  EXPECT_EQ(measure_text(1, Measure::Share), "100 %");
  EXPECT_EQ(measure_text(1500000, Measure::Bytes), "1.5 MB");
  EXPECT_EQ(measure_text(0.00123, Measure::Dollars), "$0.00123");
  EXPECT_EQ(measure_text(-1234, Measure::Number), "-1,234");
  EXPECT_EQ(measure_text(NAN, Measure::Number), "-");
}

TEST(ReportPlot, TicksAreRound) {
  EXPECT_EQ(round_ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(round_ticks(0, 470, 5), (std::vector<double>{0, 100, 200, 300, 400}));
}

TEST(ReportPlot, DrawsALineForEachSeriesAndNamesThem) {
  LinePlot plot{.title = "Latency", .y = Measure::Milliseconds};
  plot.series = {{.name = "p50", .points = {{0, 1}, {1, 2}, {2, 3}}}, {.name = "p99", .points = {{0, 10}, {1, 20}, {2, 30}}}};
  const auto markup = line_plot(plot).markup;
  EXPECT_EQ(count(markup, "class=\"series\""), 2U);
  EXPECT_EQ(count(markup, "</i>"), 2U);
  EXPECT_TRUE(contains(markup, "<title>1 s\np50: 2 ms\np99: 20 ms</title>"));
}

TEST(ReportPlot, WhatIsNotFiniteLeavesAGap) {
  LinePlot plot{.title = "x"};
  plot.series = {{.name = "a", .points = {{0, 1}, {1, 2}, {2, NAN}, {3, 1}, {4, 2}}}};
  EXPECT_EQ(count(line_plot(plot).markup, "M"), 2U);
}

TEST(ReportPlot, LongSeriesAreThinnedAndKeepTheirPeak) {
  LinePlot plot{.title = "x"};
  plot.series = {{.name = "a", .points = {}}};
  for (int index = 0; index < 100'000; ++index) plot.series[0].points.emplace_back(index, index == 77'777 ? 4000 : 1);
  const auto markup = line_plot(plot).markup;
  EXPECT_LT(markup.size(), 120'000U);
  EXPECT_TRUE(contains(markup, " 16.0L")) << "the peak touches the top";
}

TEST(ReportPlot, NothingOddEscapesAsANumber) {
  for (const auto scale : {LinePlot::Scale::Linear, LinePlot::Scale::Logarithmic}) {
    for (const auto& points : {Series{.name = "a", .points = {}}, Series{.name = "a", .points = {{5, 0}}},
                               Series{.name = "a", .points = {{0, -3}, {1, -3}}}, Series{.name = "a", .points = {{0, INFINITY}}}}) {
      LinePlot plot{.title = "x", .scale = scale, .series = {points}};
      const auto markup = line_plot(plot).markup;
      EXPECT_FALSE(contains(markup, "nan") || contains(markup, "inf")) << markup;
    }
  }
  EXPECT_TRUE(contains(line_plot({.title = "x"}).markup, "No data"));
  EXPECT_FALSE(contains(bar_plot({.title = "x", .bars = {{.name = "a", .value = NAN}}}).markup, "nan"));
}

}  // namespace
}  // namespace surgetank::windtunnel
