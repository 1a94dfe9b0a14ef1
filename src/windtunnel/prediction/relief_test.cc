// The bottleneck is the limit whose raising helps most, whatever refuses.
#include <gtest/gtest.h>

#include "windtunnel/prediction/knee.h"
#include "windtunnel/prediction/relief_search.h"
#include "windtunnel/prediction/test_profiles.h"

namespace surgetank::prediction {
namespace {

using testing::constant;
using testing::one_function;
using testing::one_queue;

Outcome relieved(const Profile& profile, double rate, const Conditions& conditions, const ReliefRules& rules = {}) {
  const auto traffic = constant(rate, seconds(60));
  auto outcome = predict(profile, traffic, conditions);
  find_relief(profile, traffic, conditions, rules, outcome);
  return outcome;
}

std::vector<std::string> ids(const Relief& relief) {
  std::vector<std::string> all;
  for (const auto& limit : relief.limits) all.push_back(limit.id);
  return all;
}

using Names = std::vector<std::string>;

Profile with_statement(const Distribution& time) {
  auto profile = one_function(Distribution::constant(milliseconds(5)));
  profile.databases.push_back({.name = "Database", .instance_class = "db.t4g.large"});
  profile.functions[0].steps.push_back({.kind = StepKind::DatabaseStatement, .target = "Database", .time = time, .cpu_share = 1});
  return profile;
}

TEST(ReliefRule, ProcessorsOfADatabaseAreNamedAlthoughTheConcurrencyRefuses) {
  const auto profile = with_statement(Distribution::constant(milliseconds(20)));  // two processors: 100 a second
  const Conditions conditions{.quota_values = {{"lambda.concurrent-executions", 100}}};
  const auto outcome = relieved(profile, 150, conditions);
  EXPECT_GT(outcome.total.throttled, outcome.total.requests / 5);
  EXPECT_EQ(ids(outcome.relief), Names{"Database.processors"});
  ASSERT_TRUE(outcome.bottleneck);
  EXPECT_EQ(outcome.bottleneck->id, "Database.processors");
  EXPECT_EQ(outcome.bottleneck->refused, 0U);
}

TEST(ReliefRule, ConnectionsAreNamedWhereTheyAreWhatIsMissing) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  profile.databases.push_back({.name = "Database"});  // db.t4g.micro: 78
  auto& steps = profile.functions[0].steps;
  steps.insert(steps.begin(), {.kind = StepKind::DatabaseConnect, .target = "Database", .time = Distribution::constant(milliseconds(5))});
  const auto outcome = relieved(profile, 220, {});
  EXPECT_GT(outcome.total.failed, 0U);
  EXPECT_EQ(ids(outcome.relief), Names{"Database.connections"});
  EXPECT_LT(outcome.relief.trials[0].figures.lost_share, outcome.relief.as_it_is.lost_share / 10);
}

TEST(ReliefRule, TheConcurrencyIsNamedWhereNothingElseBinds) {
  const auto profile = one_function(Distribution::constant(milliseconds(500)));
  const auto outcome = relieved(profile, 300, {.warm_up = seconds(20), .quota_values = {{"lambda.concurrent-executions", 100}}});
  EXPECT_EQ(outcome.relief.finding, ReliefFinding::Helps);
  EXPECT_EQ(outcome.bottleneck->id, "lambda.concurrent-executions");
}

TEST(ReliefRule, WhatBindsOnceTheFirstIsRaisedFollows) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  profile.functions[0].reserved_concurrency = 60;
  profile.databases.push_back({.name = "Database"});
  auto& steps = profile.functions[0].steps;
  steps.insert(steps.begin(), {.kind = StepKind::DatabaseConnect, .target = "Database", .time = Distribution::constant(milliseconds(5))});
  const auto outcome = relieved(profile, 220, {});
  EXPECT_EQ(ids(outcome.relief), (Names{"Work.ReservedConcurrentExecutions", "Database.connections"}));
}

TEST(ReliefRule, TwoLimitsThatBindTogetherAreNamedTogether) {
  auto profile = one_function(Distribution::constant(milliseconds(500)));
  profile.functions[0].reserved_concurrency = 78;
  profile.databases.push_back({.name = "Database"});  // 78 connections
  auto& steps = profile.functions[0].steps;
  steps.insert(steps.begin(), {.kind = StepKind::DatabaseConnect, .target = "Database", .time = Distribution::constant(milliseconds(5))});
  const auto outcome = relieved(profile, 250, {});
  EXPECT_EQ(outcome.relief.finding, ReliefFinding::Together);
  EXPECT_EQ(ids(outcome.relief), (Names{"Work.ReservedConcurrentExecutions", "Database.connections"}));
  EXPECT_EQ(outcome.bottleneck->id, "Work.ReservedConcurrentExecutions");
}

TEST(ReliefRule, WhereNothingIsMetThereIsNoBottleneck) {
  const auto outcome = relieved(one_function(Distribution::constant(milliseconds(100))), 50, {});
  EXPECT_EQ(outcome.relief.finding, ReliefFinding::NothingMet);
  EXPECT_TRUE(outcome.relief.trials.empty());
  EXPECT_FALSE(outcome.bottleneck);
}

TEST(ReliefRule, ALimitThatIsNearlyUsedUpAndHelpsNobodyIsNoBottleneck) {
  const auto outcome = relieved(one_function(Distribution::constant(milliseconds(500))), 1'800, {});
  EXPECT_EQ(outcome.relief.finding, ReliefFinding::NothingHelps);
  EXPECT_FALSE(outcome.bottleneck);
}

TEST(ReliefRule, PatienceIsNamedOnlyWhereNoCapacityHelps) {
  auto slow = one_function(Distribution::constant(seconds(5)));
  slow.functions[0].timeout = seconds(3);
  EXPECT_EQ(relieved(slow, 10, {}).bottleneck->id, "Work.timeout");
  auto busy = one_function(Distribution::constant(milliseconds(20)));
  busy.functions[0].steps[0].cpu_share = 1;
  busy.functions[0].timeout = seconds(3);
  busy.host = {.processors = 1, .processes = 1'000};
  EXPECT_EQ(relieved(busy, 80, {.place = Place::This}).bottleneck->id, "host.processors");
}

TEST(ReliefRule, AMappingThatLeavesMessagesBehindIsTheBottleneck) {
  auto profile = one_queue(Distribution::constant(milliseconds(500)), 10);
  profile.mappings[0].maximum_concurrency = 4;
  EXPECT_EQ(relieved(profile, 120, {.longest_tail = seconds(60)}).bottleneck->id, "Jobs.MaximumConcurrency");
}

TEST(ReliefRule, TheSameSeedGivesTheSameAnswer) {
  const auto profile = with_statement(Distribution::exponential(milliseconds(20)));
  const Conditions conditions{.seed = 7, .quota_values = {{"lambda.concurrent-executions", 100}}};
  const auto first = relieved(profile, 150, conditions);
  const auto again = relieved(profile, 150, conditions);
  ASSERT_EQ(first.relief.trials.size(), again.relief.trials.size());
  for (std::size_t i = 0; i < first.relief.trials.size(); ++i) {
    EXPECT_EQ(first.relief.trials[i].figures.lost, again.relief.trials[i].figures.lost);
    EXPECT_EQ(first.relief.trials[i].figures.p99_ms, again.relief.trials[i].figures.p99_ms);
  }
}

TEST(ReliefRule, APredictionThatIsTooLargeIsNotRepeatedAndSaysSo) {
  const auto profile = one_function(Distribution::constant(milliseconds(500)));
  const Conditions conditions{.quota_values = {{"lambda.concurrent-executions", 100}}};
  const auto outcome = relieved(profile, 300, conditions, {.most_events = 1'000});
  EXPECT_EQ(outcome.relief.finding, ReliefFinding::NotTried);
  EXPECT_NE(outcome.relief.remark, "");
  EXPECT_TRUE(outcome.bottleneck);
}

TEST(ReliefRule, TheKneeNamesTheProcessorsOfTheDatabase) {
  const auto profile = with_statement(Distribution::constant(milliseconds(20)));
  const auto knee = find_knee(profile, {.quota_values = {{"lambda.concurrent-executions", 100}}}, {.thresholds = {.p99_ms = 300}});
  ASSERT_TRUE(knee.bottleneck);
  EXPECT_EQ(knee.bottleneck->id, "Database.processors");
}

constexpr RegionalQuota later_regions[] = {{.regions = "eu-south-1", .value = 25}};
constexpr QuotaRow rows[] = {{.id = "apigateway.throttle-rate",
                              .name = "Throttle rate",
                              .algorithm = QuotaAlgorithm::TokenBucket,
                              .value = 100,
                              .burst = 10,
                              .regional = later_regions}};

TEST(RegionRule, QuotasAreThoseOfTheProfilesRegionUnlessTheConditionsSayAnother) {
  auto profile = one_function(Distribution::constant(milliseconds(5)));
  const auto served = [&](const std::string& region) {
    const auto outcome = predict(profile, constant(80, seconds(60)), {.quota_tables = {rows}, .region = region});
    return static_cast<double>(outcome.total.succeeded) / 60;
  };
  EXPECT_NEAR(served(""), 80, 4);
  EXPECT_NEAR(served("eu-south-1"), 25, 1);
  profile.region = "eu-south-1";
  EXPECT_NEAR(served(""), 25, 1);
  EXPECT_NEAR(served("us-east-1"), 80, 4);
}

}  // namespace
}  // namespace surgetank::prediction
