#include "kernel/quotas.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

constexpr ErrorCode slow{"ThrottlingException", 400};
constexpr QuotaRow rows[] = {
    {.id = "a.rate",
     .name = "Rate",
     .algorithm = QuotaAlgorithm::TokenBucket,
     .value = 100,
     .new_account = 10,
     .burst = 50,
     .unit = "per second",
     .adjustable = QuotaAdjustable::Yes,
     .error = &slow,
     .message = "Rate exceeded"},
    {.id = "a.size",
     .name = "Size",
     .algorithm = QuotaAlgorithm::Cap,
     .scope = QuotaScope::Request,
     .value = 1000,
     .unit = "bytes",
     .error = &slow,
     .message = "Too large: {amount} are more than {value}"},
    {.id = "a.purges",
     .name = "Purges",
     .algorithm = QuotaAlgorithm::Window,
     .scope = QuotaScope::Queue,
     .value = 1,
     .per = seconds(60),
     .unit = "per minute",
     .error = &slow,
     .message = "Purged already"},
};
constexpr RegionalQuota regions[] = {{.regions = "eu-west-1 eu-west-2", .value = 20}, {.regions = "*", .value = 10}};
constexpr QuotaRow regional_rows[] = {{.id = "c.rate",
                                       .name = "Rate",
                                       .algorithm = QuotaAlgorithm::TokenBucket,
                                       .value = 100,
                                       .burst = 50,
                                       .error = &slow,
                                       .message = "",
                                       .regional = regions}};
constexpr QuotaRow more_rows[] = {
    {.id = "b.concurrency", .name = "Concurrency", .algorithm = QuotaAlgorithm::Concurrency, .value = 7, .error = &slow, .message = ""}};
const Quotas::Owner owner{"000000000000", "us-east-1"};
const Instant start{1'000'000'000};

std::int64_t admitted(Quotas& quotas, const QuotaRow& row, const Quotas::Owner& whose, Instant now, int requests) {
  std::int64_t count = 0;
  for (int i = 0; i < requests; ++i) count += quotas.take(row, whose, now) ? 1 : 0;
  return count;
}

TEST(Quotas, ABucketHoldsItsBurstAndRefillsAtItsRate) {
  Quotas quotas({rows, more_rows});
  EXPECT_EQ(admitted(quotas, rows[0], owner, start, 200), 50);
  EXPECT_EQ(admitted(quotas, rows[0], owner, start + milliseconds(100), 200), 10);
}

TEST(Quotas, AccountsRegionsAndResourcesHaveBucketsOfTheirOwn) {
  Quotas quotas({rows, more_rows});
  EXPECT_EQ(admitted(quotas, rows[0], owner, start, 200), 50);
  EXPECT_EQ(admitted(quotas, rows[0], {"000000000000", "eu-west-1"}, start, 200), 50);
  EXPECT_EQ(admitted(quotas, rows[0], {"000000000001", "us-east-1"}, start, 200), 50);
  EXPECT_EQ(admitted(quotas, rows[0], {"000000000000", "us-east-1", "q"}, start, 200), 50);
}

TEST(Quotas, AWindowBeginsWithItsFirst) {
  Quotas quotas({rows, more_rows});
  EXPECT_TRUE(quotas.take(rows[2], owner, start));
  EXPECT_FALSE(quotas.take(rows[2], owner, start + seconds(59)));
  EXPECT_TRUE(quotas.take(rows[2], owner, start + seconds(60)));
}

TEST(Quotas, AChangedValueHoldsAtOnceAndBringsItsBurst) {
  Quotas quotas({rows, more_rows});
  admitted(quotas, rows[0], owner, start, 200);
  quotas.set(rows[0], 1000);
  EXPECT_EQ(quotas.value(rows[0]), 1000);
  EXPECT_EQ(admitted(quotas, rows[0], owner, start + seconds(10), 2000), 500);
  quotas.reset(rows[0]);
  EXPECT_EQ(admitted(quotas, rows[0], owner, start + seconds(20), 2000), 50);
}

TEST(Quotas, ZeroAdmitsNothing) {
  Quotas quotas({rows, more_rows});
  quotas.set(rows[0], 0);
  EXPECT_EQ(admitted(quotas, rows[0], owner, start, 10), 0);
}

TEST(Quotas, AProfileLeavesWhatTheUserHasSet) {
  Quotas quotas({rows, more_rows});
  quotas.set(more_rows[0], 9);
  quotas.use_profile(QuotaProfile::AwsNewAccount);
  EXPECT_EQ(quotas.value(rows[0]), 10);
  EXPECT_EQ(quotas.value(more_rows[0]), 9);
  quotas.use_profile(QuotaProfile::None);
  EXPECT_EQ(quotas.value(rows[0]), Quotas::unlimited);
  EXPECT_EQ(quotas.value(rows[1]), 1000);  // formats stay
  EXPECT_EQ(admitted(quotas, rows[0], owner, start, 10'000), 10'000);
}

TEST(Quotas, ValuesOfAFileStandInForTheProfilesUntilAnotherProfileIsChosen) {
  Quotas quotas({rows, more_rows}, {.profile = QuotaProfile::AwsNewAccount, .values = {{"b.concurrency", 3}}});
  EXPECT_EQ(quotas.value(rows[0]), 10);
  EXPECT_EQ(quotas.value(more_rows[0]), 3);
  EXPECT_EQ(quotas.profile_value(more_rows[0]), 7);
  quotas.set(more_rows[0], 5);
  quotas.reset(more_rows[0]);
  EXPECT_EQ(quotas.value(more_rows[0]), 3);
  quotas.use_profile(QuotaProfile::Aws);
  EXPECT_EQ(quotas.value(more_rows[0]), 7);
}

TEST(Quotas, ARowMayHaveAnotherValueInTheServersRegionAndItsBurstFollows) {
  const auto& row = regional_rows[0];
  Quotas near({regional_rows}, {.region = "eu-west-2"});
  EXPECT_EQ(near.value(row), 20);
  EXPECT_EQ(near.aws_value(row), 20);
  EXPECT_EQ(admitted(near, row, owner, start, 100), 10);
  Quotas far({regional_rows}, {.region = "sa-east-1"});
  EXPECT_EQ(far.value(row), 10);
  Quotas own({regional_rows}, {.values = {{"c.rate", 33}}, .region = "sa-east-1"});
  EXPECT_EQ(own.value(row), 33);  // what the user says beats the region
  Quotas home({regional_rows}, {.profile = QuotaProfile::AwsNewAccount, .region = "eu-west-1"});
  EXPECT_EQ(home.value(row), 20);
}

TEST(Quotas, ARefusalTellsTheValueInForceAndItsQuota) {
  Quotas quotas({rows, more_rows});
  quotas.set(rows[1], 10);
  const auto refused = check_quota(&quotas, rows[1], std::int64_t{11});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "Too large: 11 are more than 10");
  EXPECT_EQ(refused.error().quota, &rows[1]);
  EXPECT_TRUE(check_quota(&quotas, rows[1], std::int64_t{10}).ok());
  EXPECT_TRUE(check_quota(nullptr, rows[1], std::int64_t{1000}).ok());
  EXPECT_FALSE(check_quota(nullptr, rows[1], std::int64_t{1001}).ok());
}

TEST(Quotas, ABucketMayHaveTheRateOfItsOwnersSettings) {
  Quotas quotas({rows, more_rows});
  const auto admits = [&](TokenRate rate, Instant now) {
    int count = 0;
    for (int i = 0; i < 100; ++i) count += quotas.take(rows[0], owner, rate, now) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(admits({.tokens = 2, .per = seconds(1), .burst = 3}, start), 3);
  EXPECT_EQ(admits({.tokens = 2, .per = seconds(1), .burst = 3}, start + seconds(1)), 2);
  EXPECT_EQ(admits({.tokens = 20, .per = seconds(1), .burst = 30}, start + seconds(3)), 30);
  EXPECT_EQ(admits({.tokens = 0, .per = seconds(1), .burst = 3}, start + seconds(9)), 0);
}

TEST(Quotas, UsePeaksAndRejectionsAreCounted) {
  Quotas quotas({rows, more_rows});
  admitted(quotas, rows[0], owner, start, 60);
  EXPECT_TRUE(quotas.fits(rows[1], 900));
  EXPECT_FALSE(quotas.fits(rows[1], 1001));
  quotas.in_use(more_rows[0], 5);
  quotas.in_use(more_rows[0], 2);
  const auto use = quotas.use(start + seconds(1));
  ASSERT_EQ(use.size(), 4U);
  EXPECT_EQ(use[0].now, 50);
  EXPECT_EQ(use[0].peak, 50);
  EXPECT_EQ(use[0].rejections, 10);
  EXPECT_EQ(use[1].peak, 900);
  EXPECT_EQ(use[1].rejections, 1);
  EXPECT_EQ(use[3].now, 2);
  EXPECT_EQ(use[3].peak, 5);
  quotas.forget_use();
  EXPECT_EQ(quotas.use(start + seconds(1))[3].peak, 2);
}

}  // namespace
}  // namespace surgetank
