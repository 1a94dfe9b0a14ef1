#include "windtunnel/prediction/costs.h"

#include <gtest/gtest.h>

#include "windtunnel/prediction/test_profiles.h"
#include "windtunnel/recording/prices.h"

namespace surgetank::prediction {
namespace {

double cost_of(const std::vector<CostLine>& lines, std::string_view what) {
  for (const auto& line : lines)
    if (line.what == what) return line.dollars_per_hour;
  return -1;
}

TEST(Costs, AreThoseOfTheUseForAnHour) {
  auto profile = testing::one_function(Distribution::constant(milliseconds(100)));
  profile.functions[0].memory_mb = 1'024;
  profile.databases.push_back({.name = "Database", .instance_class = "db.t4g.micro"});
  profile.databases.push_back({.name = "Other", .instance_class = "db.r6g.16xlarge"});
  const auto traffic = testing::constant(100, seconds(100), windtunnel::Traffic::Arrivals::Even);
  const auto outcome = predict(profile, traffic, {});
  const double an_hour = 100 * 3'600;
  EXPECT_NEAR(cost_of(outcome.costs, "API Gateway: requests"), an_hour * windtunnel::price_of("apigateway.http-request"), 1e-6);
  EXPECT_NEAR(cost_of(outcome.costs, "Lambda: requests"), an_hour * windtunnel::price_of("lambda.request"), 1e-6);
  EXPECT_NEAR(cost_of(outcome.costs, "Lambda: time of functions"), an_hour * 0.1 * windtunnel::price_of("lambda.gb-second"), 1e-4);
  EXPECT_EQ(cost_of(outcome.costs, "RDS: db.t4g.micro"), windtunnel::price_of("rds.hour.db.t4g.micro"));
  EXPECT_EQ(cost_of(outcome.costs, "RDS: db.r6g.16xlarge (not in the price table)"), 0);
}

TEST(Costs, AQueueIsPaidForByItsRequestsAndLargerBatchesCostLess) {
  auto small = testing::one_queue(Distribution::constant(milliseconds(20)), 1);
  auto large = testing::one_queue(Distribution::constant(milliseconds(20)), 10);
  large.mappings[0].window = seconds(5);
  const auto traffic = testing::constant(50, seconds(100));
  const auto one_by_one = predict(small, traffic, {});
  const auto by_tens = predict(large, traffic, {});
  EXPECT_GT(cost_of(one_by_one.costs, "SQS: requests"), cost_of(by_tens.costs, "SQS: requests"));
  EXPECT_GT(cost_of(one_by_one.costs, "Lambda: requests"), 5 * cost_of(by_tens.costs, "Lambda: requests"));
}

}  // namespace
}  // namespace surgetank::prediction
