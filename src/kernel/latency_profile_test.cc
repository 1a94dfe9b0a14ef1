#include "kernel/latency_profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace surgetank {
namespace {

template <class Row>
std::vector<std::int64_t> samples_of(const Row& row, int count) {
  Random random(7);
  std::vector<std::int64_t> all;
  for (int i = 0; i < count; ++i) all.push_back(sample(row, random).us);
  std::sort(all.begin(), all.end());
  return all;
}

std::int64_t at(const std::vector<std::int64_t>& sorted, double part) {
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

TEST(LatencyProfile, SamplesHaveTheMedianAndThe99thPercentileOfTheirRow) {
  for (const auto& row : latency_rows()) {
    const auto all = samples_of(row, 100'000);
    EXPECT_NEAR(static_cast<double>(at(all, 0.5)) / static_cast<double>(row.p50.us), 1.0, 0.02) << row.id;
    EXPECT_NEAR(static_cast<double>(at(all, 0.99)) / static_cast<double>(row.p99.us), 1.0, 0.05) << row.id;
    EXPECT_GT(all.front(), 0) << row.id;
  }
}

TEST(LatencyProfile, ColdStartsHaveTheQuantilesThatWereMeasured) {
  for (const auto& row : cold_start_rows()) {
    const auto all = samples_of(row, 100'000);
    const double points[] = {0.1, 0.5, 0.75, 0.9, 0.95, 0.99};
    for (std::size_t i = 0; i < std::size(points); ++i)
      EXPECT_NEAR(static_cast<double>(at(all, points[i])) / static_cast<double>(row.quantiles[i].us), 1.0, 0.08)
          << row.runtime << points[i];
    EXPECT_LE(all.back(), row.quantiles[6].us);
    EXPECT_TRUE(std::is_sorted(std::begin(row.quantiles), std::end(row.quantiles))) << row.runtime;
  }
}

TEST(LatencyProfile, OneSeedGivesOneSequence) {
  Random a(3);
  Random b(3);
  const auto& row = *find_latency("sqs", "SendMessage");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sample(row, a), sample(row, b));
}

TEST(LatencyProfile, ARuntimeThatWasNotMeasuredIsLikeItsNearestVersion) {
  EXPECT_EQ(find_cold_start("nodejs22.x", "arm64")->runtime, "nodejs22.x");
  EXPECT_EQ(find_cold_start("nodejs18.x", "x86_64")->runtime, "nodejs20.x");
  EXPECT_EQ(find_cold_start("python3.99", "x86_64")->runtime, "python3.14");
  EXPECT_EQ(find_cold_start("provided.al2023", "x86_64")->architecture, "x86_64");
  EXPECT_EQ(find_cold_start("cobol1", "x86_64"), nullptr);
}

TEST(LatencyProfile, WhatIsNotKnownTakesNoTime) {
  EXPECT_EQ(find_latency("iam", "CreateRole"), nullptr);
  EXPECT_EQ(find_latency("sqs", "Send"), nullptr);
  ASSERT_NE(find_latency("secretsmanager", "GetSecretValue"), nullptr);
}

}  // namespace
}  // namespace surgetank
