#include "sim/sqs_workload.h"

#include <gtest/gtest.h>

namespace surgetank::sim {
namespace {

TEST(SqsSimulation, AHundredSeedsFindNothing) {
  std::uint64_t delivered = 0;
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 1000; seed < 1120; ++seed) {
    SqsWorkload workload;
    const auto result = run(workload, seed, 400, {});
    ASSERT_FALSE(result.failure) << "seed " << seed << ": " << *result.failure;
    delivered += workload.delivered();
    crashes += result.crashes;
  }
  EXPECT_GT(crashes, 500U);
  EXPECT_GT(delivered, 20'000U);
}

// The harness must be able to fail: messages that vanish from the store are found out.
void run_until_crash(SqsWorkload& workload, World& world) {
  const auto before = world.crashes();
  while (world.crashes() == before)
    if (world.step()) workload.crashed();  // what is in memory is forgotten
}

TEST(SqsSimulation, ALostMessageIsNoticed) {
  SqsWorkload workload;
  World world(5, workload.services(), {.crash_percent = 2, .sync_percent = 100});
  for (int i = 0; i < 300; ++i) {
    workload.step(world);
    if (world.step()) workload.crashed();
  }
  world.settle();
  auto txn = world.store().begin();
  std::vector<std::string> keys;
  txn->scan("sqs/i", "sqs/j", [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  ASSERT_FALSE(keys.empty());
  for (const auto& key : keys) txn->erase(key);
  world.store().commit(*txn);
  world.settle();
  run_until_crash(workload, world);
  ASSERT_FALSE(workload.failure()) << *workload.failure();
  workload.verify(world);
  ASSERT_TRUE(workload.failure());
}

}  // namespace
}  // namespace surgetank::sim
