#include "windtunnel/prediction/step_correlation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

// Invocations with one call between two computations, whose times are `shared` and `own` parts of chance.
class Invocations {
 public:
  Invocations(std::size_t count, double shared) {
    call_.kind = "aws";
    call_.name = "A.Call";
    Random random(7);
    for (std::size_t i = 0; i < count; ++i) {
      const double common = random.fraction();
      const auto time = [&] {
        return milliseconds(5) + microseconds(static_cast<std::int64_t>(10'000 * (shared * common + (1 - shared) * random.fraction())));
      };
      all.push_back({.span = &invoke_, .acts = {{.span = &call_, .gap = time(), .time = time()}}, .rest = time()});
    }
  }
  std::vector<RecordedInvocation> all;

 private:
  windtunnel::RecordedSpan invoke_;
  windtunnel::RecordedSpan call_;
};

TEST(StepCorrelation, IsNoneOfIndependentTimesAndNearlyOneOfCommonOnes) {
  EXPECT_NEAR(correlation_of_steps(Invocations(2'000, 0).all, 1), 0, 0.03);
  EXPECT_EQ(correlation_of_steps(Invocations(2'000, 1).all, 1), 0.95);
  const double half = correlation_of_steps(Invocations(2'000, 0.5).all, 1);
  EXPECT_NEAR(half, 0.5, 0.08);
}

TEST(StepCorrelation, OfFewInvocationsNothingIsKnown) { EXPECT_EQ(correlation_of_steps(Invocations(39, 1).all, 1), 0); }

// The whole of an invocation varies as much as its steps do together.
TEST(StepCorrelation, StepsThatAreSlowTogetherMakeSlowerInvocationsOfTheSameMean) {
  auto profile = testing::one_function({});
  std::vector<Duration> times;
  for (int i = 0; i <= 1'000; ++i) times.push_back(milliseconds(10) + microseconds(i * 20));
  const auto time = Distribution::recorded(times);
  profile.functions[0].steps = {{.kind = StepKind::Compute, .time = time}, {.kind = StepKind::Compute, .time = time}};
  const auto apart = predict(profile, testing::constant(50, seconds(1'000)), {});
  profile.functions[0].slow_together = 0.999999;
  const auto together = predict(profile, testing::constant(50, seconds(1'000)), {});
  EXPECT_NEAR(apart.total.latency.mean_ms, 40, 0.3);
  EXPECT_NEAR(together.total.latency.mean_ms, 40, 0.3);
  EXPECT_NEAR(together.total.latency.p99_ms, 2 * 29.8, 0.7);
  EXPECT_NEAR(apart.total.latency.p99_ms, 60 - 20 * std::sqrt(2 * 0.01), 0.7);  // of the sum of two even distributions
}

}  // namespace
}  // namespace surgetank::prediction
