#include "windtunnel/load/traffic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/text.h"
#include "windtunnel/load/traffic_file.h"

namespace surgetank::windtunnel {
namespace {

Traffic even(std::initializer_list<const char*> phases) {
  Traffic traffic;
  traffic.arrivals = Traffic::Arrivals::Even;
  for (const auto* text : phases) traffic.phases.push_back(*parse_phase(text));
  return traffic;
}

std::vector<ArrivalSchedule::Arrival> all(const Traffic& traffic) {
  ArrivalSchedule schedule(traffic);
  std::vector<ArrivalSchedule::Arrival> arrivals;
  while (const auto arrival = schedule.next()) arrivals.push_back(*arrival);
  return arrivals;
}

TEST(Traffic, EvenArrivalsOfAConstantRateAreEquallyFarApart) {
  const auto arrivals = all(even({"2s@4"}));
  ASSERT_EQ(arrivals.size(), 8U);
  for (std::size_t index = 0; index < arrivals.size(); ++index)
    EXPECT_EQ(arrivals[index].at.us, static_cast<std::int64_t>(index) * 250'000);
}

TEST(Traffic, ARateBelowOneCarriesOverToTheNextPhase) {
  const auto arrivals = all(even({"3s@0.5", "2s@1"}));  // 1.5 + 2 expected: at 0, 1, 2 and 3 expected
  ASSERT_EQ(arrivals.size(), 4U);
  EXPECT_EQ(arrivals[1].at.us, 2'000'000);
  EXPECT_EQ(arrivals[2].at.us, 3'500'000);
  EXPECT_EQ(arrivals[2].phase, 1U);
}

TEST(Traffic, EveryShapeHasAsManyArrivalsInEveryStretchAsItsRateSays) {
  const auto traffic = even({"10s@100..500", "10s@50^900/2s", "20s@10~400/5s", "5s@0", "10s@300..20"});
  const auto arrivals = all(traffic);
  EXPECT_NEAR(static_cast<double>(arrivals.size()), traffic.expected(), 1.5);
  std::size_t counted = 0;
  double expected = 0;
  for (std::int64_t ms = 0; ms < traffic.length().ms(); ms += 100) {
    std::size_t within = 0;
    while (counted < arrivals.size() && arrivals[counted].at < milliseconds(ms + 100)) {
      ++counted;
      ++within;
    }
    double area = 0;
    for (int step = 0; step < 1000; ++step) area += traffic.rate_at(microseconds(ms * 1000 + step * 100 + 50)) * 1e-4;
    expected += area;
    EXPECT_NEAR(static_cast<double>(within), area, 2.1) << "at " << ms << " ms";
    EXPECT_NEAR(static_cast<double>(counted), expected, 2.1) << "until " << ms << " ms";
  }
}

TEST(Traffic, ArrivalsAreInOrderAndWithinTheirPhase) {
  auto traffic = even({"1s@1000..0", "1s@0..1000", "2s@500~1000/1s", "1s@0^100/500ms"});
  traffic.arrivals = Traffic::Arrivals::Poisson;
  Duration last;
  for (const auto& arrival : all(traffic)) {
    EXPECT_GE(arrival.at, last);
    last = arrival.at;
    const Duration begin = arrival.phase < 3 ? seconds(static_cast<std::int64_t>(arrival.phase)) : seconds(4);
    EXPECT_GE(arrival.at, begin);
    EXPECT_LE(arrival.at, begin + traffic.phases[arrival.phase].length);
  }
}

TEST(Traffic, PoissonArrivalsHaveTheMeanAndTheSpreadOfAPoissonProcess) {
  auto traffic = even({"1000s@20"});
  traffic.arrivals = Traffic::Arrivals::Poisson;
  traffic.seed = 42;
  std::vector<int> per_second(1000);
  for (const auto& arrival : all(traffic)) ++per_second[std::min<std::size_t>(999, static_cast<std::size_t>(arrival.at.us / 1'000'000))];
  double sum = 0;
  double squares = 0;
  for (const int n : per_second) {
    sum += n;
    squares += static_cast<double>(n) * n;
  }
  const double mean = sum / 1000;
  EXPECT_NEAR(mean, 20, 0.6);                          // 4 standard errors
  EXPECT_NEAR(squares / 1000 - mean * mean, 20, 3.6);  // variance equals the mean
}

TEST(Traffic, TheSameSeedGivesTheSameInstants) {
  auto traffic = even({"10s@100"});
  traffic.arrivals = Traffic::Arrivals::Poisson;
  const auto first = all(traffic);
  const auto second = all(traffic);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t index = 0; index < first.size(); ++index) EXPECT_EQ(first[index].at, second[index].at);
  traffic.seed = 2;
  EXPECT_NE(all(traffic).front().at, first.front().at);
}

TEST(TrafficText, PhasesReadBackAsWritten) {
  for (const auto* text : {"30s@50", "1m30s@50..500", "1m@100^1000/5s", "24m@20~200/12m", "500ms@0.5"}) {
    const auto phase = parse_phase(text);
    ASSERT_TRUE(phase.ok()) << text << ": " << phase.error().message;
    EXPECT_EQ(phase_text(*phase), text);
  }
}

TEST(TrafficText, WhatIsNoPhaseIsRefusedWithAnExample) {
  for (const auto* text : {"", "30s", "@5", "30s@", "30s@-1", "30x@5", "0s@5", "9d@1", "30s@2000000", "30s@1..", "30s@1^5", "5s@1^5/6s",
                           "5s@1~5/0s", "30s@nan", "30s@inf", "1e99s@1"}) {
    const auto phase = parse_phase(text);
    EXPECT_FALSE(phase.ok()) << text;
    EXPECT_TRUE(phase.ok() || contains(phase.error().message, "as in") || contains(phase.error().message, ": ")) << text;
  }
}

TEST(TrafficText, SpansHaveUnits) {
  EXPECT_EQ(parse_span("1m30s"), seconds(90));
  EXPECT_EQ(parse_span("1.5h"), minutes(90));
  EXPECT_EQ(parse_span("7"), seconds(7));
  EXPECT_EQ(parse_span("20us"), microseconds(20));
  for (const auto* text : {"", "s", "1x", "-1s", "1s5", "99999999999999999999d", "1..5s"})
    EXPECT_EQ(parse_span(text), std::nullopt) << text;
}

TEST(TrafficFile, ReadsPhasesInBothForms) {
  stack::Problems problems("load.yaml");
  const auto traffic = read_traffic_file(
      "target: http://localhost/\n"
      "traffic:\n"
      "  arrivals: even\n"
      "  seed: 9\n"
      "  phases:\n"
      "    - 10s@50\n"
      "    - {name: up, length: 20s, rate: 50, peak: 100}\n"
      "    - {shape: wave, length: 60s, rate: 1, peak: 5, period: 30s}\n",
      problems);
  ASSERT_TRUE(traffic) << join(problems.lines(), "\n");
  ASSERT_EQ(traffic->phases.size(), 3U);
  EXPECT_EQ(traffic->phases[1].shape, TrafficPhase::Shape::Ramp);
  EXPECT_EQ(traffic->phases[1].name, "up");
  EXPECT_EQ(traffic->seed, 9U);
  EXPECT_EQ(traffic->arrivals, Traffic::Arrivals::Even);
  EXPECT_EQ(traffic->length(), seconds(90));
}

TEST(TrafficFile, SaysWhatIsWrongAndWhere) {
  stack::Problems problems("load.yaml");
  EXPECT_FALSE(
      read_traffic_file("traffic:\n  arrivals: regular\n  phase: []\n  phases:\n    - 10s@x\n    - {rat: 5, length: 1s}\n", problems));
  const auto lines = problems.lines();
  ASSERT_EQ(lines.size(), 4U) << join(lines, "\n");
  EXPECT_EQ(lines[0], "load.yaml:2:13: unknown arrivals `regular`; Supported: poisson, even");
  EXPECT_TRUE(lines[1].starts_with("load.yaml:3:3: traffic has no `phase`; did you mean `phases`?")) << lines[1];
}

TEST(TrafficFile, TooMuchIsRefused) {
  std::string text = "traffic:\n  phases:\n";
  for (int index = 0; index < 1001; ++index) text += "  - 1s@1\n";
  stack::Problems many("load.yaml");
  EXPECT_FALSE(read_traffic_file(text, many));
  stack::Problems days("load.yaml");
  EXPECT_FALSE(read_traffic_file("traffic: {phases: [5d@1, 5d@1]}", days));
  stack::Problems none("load.yaml");
  EXPECT_FALSE(read_traffic_file("traffic: {phases: [5s@0]}", none));
  stack::Problems empty("load.yaml");
  EXPECT_FALSE(read_traffic_file("traffic: {}", empty));
}

}  // namespace
}  // namespace surgetank::windtunnel
