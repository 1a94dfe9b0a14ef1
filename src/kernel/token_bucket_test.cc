#include "kernel/token_bucket.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

TEST(TokenBucket, RefillsContinuouslyAndNeverAboveItsBurst) {
  TokenBucket bucket({.tokens = 10, .per = seconds(1), .burst = 3});
  Instant now{5'000'000};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(now));
  EXPECT_FALSE(bucket.take(now));
  EXPECT_FALSE(bucket.take(now + milliseconds(99)));
  EXPECT_TRUE(bucket.take(now + milliseconds(100)));
  now = now + hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(now));
  EXPECT_FALSE(bucket.take(now));
}

TEST(TokenBucket, ARefusedRequestCostsNothing) {
  TokenBucket bucket({.tokens = 1, .per = seconds(1), .burst = 1});
  const Instant now{5'000'000};
  EXPECT_TRUE(bucket.take(now));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(bucket.take(now));
  EXPECT_TRUE(bucket.take(now + seconds(1)));
}

TEST(TokenBucket, MayBeSlowerThanOneASecond) {
  TokenBucket bucket({.tokens = 1, .per = seconds(5), .burst = 1});
  const Instant now{5'000'000};
  EXPECT_TRUE(bucket.take(now));
  EXPECT_FALSE(bucket.take(now + milliseconds(4999)));
  EXPECT_TRUE(bucket.take(now + seconds(5)));
}

TEST(TokenBucket, AdmitsItsRateUnderTenfoldOverload) {
  constexpr std::int64_t rate = 700;
  TokenBucket bucket({.tokens = rate, .per = seconds(1), .burst = rate / 10});
  Instant now{5'000'000};
  std::int64_t admitted = 0;
  for (std::int64_t i = 0; i < 60 * 10 * rate; ++i) {
    admitted += bucket.take(now) ? 1 : 0;
    now = now + microseconds(1'000'000 / (10 * rate));
  }
  EXPECT_NEAR(static_cast<double>(admitted), 60.0 * rate, 60.0 * rate / 100);
}

TEST(TokenBucket, AChangedRateHoldsFromNowOn) {
  TokenBucket bucket({.tokens = 1, .per = seconds(1), .burst = 1});
  const Instant now{5'000'000};
  EXPECT_TRUE(bucket.take(now));
  bucket.set_rate({.tokens = 1000, .per = seconds(1), .burst = 1000});
  EXPECT_TRUE(bucket.take(now + milliseconds(10)));
}

}  // namespace
}  // namespace surgetank
