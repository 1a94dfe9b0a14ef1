#include <gtest/gtest.h>

#include "sim/secrets_workload.h"
#include "sim/workload.h"

namespace surgetank::sim {
namespace {

TEST(Simulation, SmokeSeedsFindNothing) {
  for (const auto& name : workload_names()) {
    std::uint64_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      const auto workload = make_workload(name);
      const auto result = run(*workload, seed, 400, {});
      ASSERT_FALSE(result.failure) << name << " seed " << seed << ": " << *result.failure;
      crashes += result.crashes;
    }
    EXPECT_GT(crashes, 100U) << name << ": without crashes nothing was tested";
  }
}

TEST(Simulation, OneSeedIsOneHistory) {
  const auto first = make_workload("secrets");
  const auto second = make_workload("secrets");
  const auto a = run(*first, 7, 400, {});
  const auto b = run(*second, 7, 400, {});
  EXPECT_EQ(a.digest, b.digest);
  EXPECT_EQ(a.operations, b.operations);
  EXPECT_EQ(a.virtual_time, b.virtual_time);
  const auto third = make_workload("secrets");
  EXPECT_NE(run(*third, 8, 400, {}).digest, a.digest);
}

// The harness must be able to fail: a store that forgets acknowledged writes is found out.
TEST(Simulation, ALostAcknowledgedWriteIsNoticed) {
  SecretsWorkload workload;
  World world(3, workload.services(), {.crash_percent = 0, .sync_percent = 100});
  for (int i = 0; i < 100; ++i) {
    workload.step(world);
    world.step();
  }
  world.settle();
  auto txn = world.store().begin();
  std::vector<std::string> keys;
  txn->scan("secretsmanager/secret/", prefix_end("secretsmanager/secret/"), [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  ASSERT_FALSE(keys.empty());
  txn->erase(keys.front());
  world.store().commit(*txn);
  world.settle();
  workload.verify(world);
  ASSERT_TRUE(workload.failure());
}

}  // namespace
}  // namespace surgetank::sim
