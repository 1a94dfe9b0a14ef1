#include "windtunnel/prediction/knee.h"

#include <gtest/gtest.h>

#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

TEST(KneeRules, IsWhereTheConcurrencyEnds) {
  const auto profile = testing::one_function(Distribution::constant(milliseconds(500)));
  int probes = 0;
  const auto knee = find_knee(profile, {}, {.thresholds = {.failed_share = 0.001}}, [&](const Probe&) { ++probes; });
  ASSERT_TRUE(knee.rate);
  // Random arrivals of 2,000 a second would need all of the 1,000 executions on average.
  EXPECT_GT(*knee.rate, 1'700);
  EXPECT_LT(*knee.rate, 2'000);
  ASSERT_TRUE(knee.bottleneck);
  EXPECT_EQ(knee.bottleneck->id, "lambda.concurrent-executions");
  EXPECT_EQ(static_cast<std::size_t>(probes), knee.probes.size());
}

TEST(KneeRules, IsWhereProcessorsMakeItSlow) {
  auto profile = testing::one_function(Distribution::constant(milliseconds(10)));
  profile.functions[0].steps[0].cpu_share = 1;
  profile.host = {.processors = 2, .processes = 10'000};
  const auto knee = find_knee(profile, {.place = Place::This}, {.thresholds = {.p99_ms = 200}});
  ASSERT_TRUE(knee.rate);
  EXPECT_GT(*knee.rate, 160);
  EXPECT_LT(*knee.rate, 200);
}

TEST(KneeRules, AQueueThatGrowsIsNotSustained) {
  auto profile = testing::one_queue(Distribution::constant(milliseconds(100)));
  profile.mappings[0].maximum_concurrency = 2;
  const auto knee = find_knee(profile, {}, {});
  ASSERT_TRUE(knee.rate);
  EXPECT_GT(*knee.rate, 150);
  EXPECT_LT(*knee.rate, 220);
  EXPECT_EQ(knee.bottleneck->id, "Jobs.MaximumConcurrency");
}

TEST(KneeRules, AnApplicationThatAlwaysFailsHasNone) {
  auto profile = testing::one_function(Distribution::constant(milliseconds(500)));
  profile.functions[0].failure_share = 1;
  EXPECT_FALSE(find_knee(profile, {}, {}).rate);
}

TEST(KneeRules, TheSearchEndsAtTheHighestRateAsked) {
  const auto profile = testing::one_function(Distribution::constant(milliseconds(1)));
  const auto knee = find_knee(profile, {}, {.highest_rate = 100});
  EXPECT_EQ(knee.rate, 100);
  EXPECT_TRUE(knee.is_highest_asked);
}

}  // namespace
}  // namespace surgetank::prediction
