#include "sim/async_workload.h"

#include <gtest/gtest.h>

namespace surgetank::sim {
namespace {

// The workload must be able to fail: an accepted event that vanishes is found out.
TEST(AsyncWorkload, ALostEventIsNoticed) {
  AsyncWorkload workload;
  World world(5, workload.services(), {.crash_percent = 0, .sync_percent = 100});
  for (int i = 0; i < 50; ++i) {
    workload.step(world);
    world.step();
  }
  world.settle();
  std::vector<std::string> waiting;
  auto txn = world.store().begin();
  txn->scan("lambda/event/", prefix_end("lambda/event/"), [&waiting](std::string_view key, std::string_view) {
    waiting.emplace_back(key);
    return true;
  });
  ASSERT_FALSE(waiting.empty());
  for (const auto& key : waiting) txn->erase(key);
  world.store().commit(*txn);
  workload.verify(world);
  ASSERT_TRUE(workload.failure());
  EXPECT_NE(workload.failure()->find("it was accepted and is lost"), std::string::npos) << *workload.failure();
}

}  // namespace
}  // namespace surgetank::sim
