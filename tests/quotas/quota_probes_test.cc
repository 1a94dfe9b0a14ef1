// Every quota of every service: below it passes, beyond it the exact error. That no row is without a probe is checked where the
// probes are compiled (probe_check.h); here that the tables are those of the services.
#include <gtest/gtest.h>

#include <set>

#include "probe_bench.h"

namespace surgetank {
namespace {

std::vector<std::span<const Probe>> all_probes() {
  return {lambda_probes(), apigateway_probes(), sqs_probes(), cloudformation_probes(), identity_probes(), other_probes()};
}

TEST(QuotaProbes, EveryRowOfEveryServiceHasOne) {
  std::multiset<std::string_view> probed;
  for (const auto& list : all_probes())
    for (const auto& probe : list) probed.insert(probe.id);
  std::size_t rows = 0;
  for (const auto* service : all_services()) {
    for (const auto& row : service->quotas) {
      ++rows;
      EXPECT_EQ(probed.count(row.id), 1U) << row.id;
    }
  }
  EXPECT_EQ(probed.size(), rows);
}

struct NamedProbe {
  Probe probe;
  const QuotaRow* row;
};
std::vector<NamedProbe> named_probes() {
  std::vector<NamedProbe> all;
  for (const auto& list : all_probes())
    for (const auto& probe : list)
      for (const auto* service : all_services())
        for (const auto& row : service->quotas)
          if (row.id == probe.id) all.push_back({probe, &row});
  return all;
}

class QuotaProbe : public testing::TestWithParam<NamedProbe> {};
TEST_P(QuotaProbe, WithinItPassesAndBeyondItIsTheExactError) { GetParam().probe.run(*GetParam().row); }

std::string test_name(const testing::TestParamInfo<NamedProbe>& info) {
  std::string name(info.param.probe.id);
  for (char& c : name)
    if (c == '.' || c == '-') c = '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(Registry, QuotaProbe, testing::ValuesIn(named_probes()), test_name);

TEST(QuotaRows, HaveTheValuesOfTheServersRegion) {
  const auto value = [](const std::string& region, std::string_view id) {
    const Quotas quotas(quota_tables(all_services()), {.region = region});
    return quotas.value(*quotas.find(id));
  };
  EXPECT_EQ(value("us-east-1", "sqs.fifo-high-throughput-requests"), 70'000);
  EXPECT_EQ(value("us-east-2", "sqs.fifo-high-throughput-requests"), 19'000);
  EXPECT_EQ(value("ap-southeast-2", "sqs.fifo-high-throughput-requests"), 9'000);
  EXPECT_EQ(value("eu-west-2", "sqs.fifo-high-throughput-requests"), 4'500);
  EXPECT_EQ(value("eu-north-1", "sqs.fifo-high-throughput-requests"), 2'400);
  EXPECT_EQ(value("eu-west-1", "apigateway.throttle-rate"), 10'000);
  EXPECT_EQ(value("eu-south-1", "apigateway.throttle-rate"), 2'500);
  EXPECT_EQ(value("us-east-1", "logs.filter-log-events"), 25);
  EXPECT_EQ(value("eu-central-1", "logs.filter-log-events"), 5);
  EXPECT_EQ(value("eu-west-1", "logs.filter-log-events"), 10);
  EXPECT_EQ(value("us-east-1", "logs.get-log-events"), 25);
  EXPECT_EQ(value("eu-west-1", "logs.get-log-events"), 10);
  EXPECT_EQ(value("eu-west-3", "logs.get-log-events"), 30);
  EXPECT_EQ(value("eu-west-3", "lambda.concurrent-executions"), 1'000);
  for (const auto* service : all_services())
    for (const auto& row : service->quotas) EXPECT_EQ(value_in(row, "us-east-1"), row.value) << row.id;
}

TEST(QuotaRows, AreWellFormed) {
  for (const auto* service : all_services()) {
    for (const auto& row : service->quotas) {
      EXPECT_TRUE(row.id.starts_with(std::string(service->name) + ".")) << row.id;
      EXPECT_FALSE(row.name.empty() || row.unit.empty()) << row.id;
      EXPECT_GT(row.value, 0) << row.id;
      EXPECT_NE(row.error, nullptr) << row.id;
    }
  }
}

}  // namespace
}  // namespace surgetank
