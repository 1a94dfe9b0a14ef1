#include "windtunnel/recording/prices.h"

#include <gtest/gtest.h>

#include <set>

namespace surgetank::windtunnel {
namespace {

TEST(Prices, EveryPriceHasADateAndAUnitAndIsThereOnce) {
  std::set<std::string> ids;
  for (const auto& price : price_table().prices) {
    EXPECT_TRUE(ids.insert(price.id).second) << price.id;
    EXPECT_GT(price.dollars, 0) << price.id;
    EXPECT_FALSE(price.per.empty()) << price.id;
    EXPECT_EQ(price.seen.size(), price.verified ? 10U : 0U) << price.id;
    EXPECT_EQ(price.verified, !price.source.empty()) << price.id;
  }
}

TEST(Prices, AnInvocationCostsItsRequestAndItsGigabyteSeconds) {
  EXPECT_NEAR(invocation_dollars(1024, 1000), 0.0000002 + 0.0000166667, 1e-12);
  EXPECT_NEAR(invocation_dollars(256, 100), 0.0000002 + 0.0000166667 / 40, 1e-12);
  EXPECT_FALSE(database_hour("db.unknown").has_value());
  EXPECT_EQ(*database_hour("db.t4g.micro"), 0.016);
}

}  // namespace
}  // namespace surgetank::windtunnel
