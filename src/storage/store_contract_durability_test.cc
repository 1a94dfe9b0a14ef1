// The part of the contract of storage/store.h that is about what is durable, when one is told of it, and what a new start finds.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

#include "storage/store_contract_fixture_test.h"

namespace surgetank {
namespace {

class StoreSequences : public StoreContract {};

TEST_P(StoreSequences, SequencesGrowAndDurableNeverPassesCommitted) {
  Sequence last = store->last_committed();
  for (int i = 0; i < 50; ++i) {
    const auto sequence = put("a", std::to_string(i));
    EXPECT_GT(sequence, last);
    EXPECT_LE(store->last_durable(), store->last_committed());
    EXPECT_GE(store->last_committed(), sequence);
    last = sequence;
  }
  wait_until_durable(last);
  EXPECT_GE(store->last_durable(), last);
}

TEST_P(StoreSequences, CommittingAReaderReturnsTheSequenceThatItsSnapshotSaw) {
  const auto written = put("a", "1");
  const auto reader = store->begin();
  EXPECT_EQ(reader->get("a"), "1");
  put("a", "2");
  EXPECT_EQ(store->commit(*reader), written);
}

// What such an operation answers may come from a lane's memory.
TEST_P(StoreSequences, CommittingWhatNeitherReadNorWroteWaitsForWhatWasCommittedBefore) {
  const auto written = put("a", "1");
  const auto idle = store->begin();
  EXPECT_GE(store->commit(*idle), written);
}

TEST_P(StoreSequences, CallbacksRunOnceEachInSequenceOrder) {
  constexpr int commits = 500;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> order;
  std::vector<int> waited;  // those that did not run inside on_durable()
  const auto caller = std::this_thread::get_id();
  bool registering = true;
  for (int i = 0; i < commits; ++i) {
    const auto sequence = put("k" + std::to_string(i), "v");
    store->on_durable(sequence, [&, i, sequence] {
      EXPECT_GE(store->last_durable(), sequence);
      const std::lock_guard lock(mutex);
      order.push_back(i);
      if (!registering || std::this_thread::get_id() != caller) waited.push_back(i);
      changed.notify_one();
    });
  }
  {
    const std::lock_guard lock(mutex);
    registering = false;
  }
  backend->settle(*store);
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return order.size() >= commits; }));
  }
  wait_until_durable(put("end", "v"));
  ASSERT_EQ(order.size(), static_cast<std::size_t>(commits));
  EXPECT_TRUE(std::is_sorted(waited.begin(), waited.end()));
  std::sort(order.begin(), order.end());
  for (int i = 0; i < commits; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST_P(StoreSequences, TheCallbackOfWhatIsDurableAlreadyRunsInsideTheCall) {
  const auto sequence = put("a", "1");
  wait_until_durable(sequence);
  const auto caller = std::this_thread::get_id();
  bool called = false;
  store->on_durable(sequence, [&] { called = std::this_thread::get_id() == caller; });
  EXPECT_TRUE(called);
}

TEST_P(StoreSequences, ACallbackMayUseTheStore) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  const auto sequence = put("a", "1");
  store->on_durable(sequence, [&] {
    put("b", "from a callback");
    store->on_durable(sequence, [&] {
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_one();
    });
  });
  backend->settle(*store);
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return done; }));
  EXPECT_EQ(get("b"), "from a callback");
}

// What only the backends on disk promise.
class DurableStoreContract : public StoreContract {};

TEST_P(DurableStoreContract, ReopeningKeepsTheDataAndTheSequence) {
  for (int i = 0; i < 100; ++i) put("k" + std::to_string(i), std::string(1000, 'v'));
  const auto last = put("last", "1");
  wait_until_durable(last);
  reopen();
  EXPECT_EQ(get("last"), "1");
  EXPECT_EQ(rows(*store->begin(), "k", "l").size(), 100u);
  EXPECT_GE(store->last_durable(), last);
  EXPECT_GT(put("next", "1"), last);
}

TEST_P(DurableStoreContract, ClosingAcknowledgesWhatIsCommitted) {
  int acknowledged = 0;
  for (int i = 0; i < 20; ++i) store->on_durable(put("k" + std::to_string(i), "v"), [&] { ++acknowledged; });
  store.reset();
  EXPECT_EQ(acknowledged, 20);
}

INSTANTIATE_TEST_SUITE_P(Backends, StoreSequences, testing::Values("Memory", "MemoryManual", "Rocks", "RocksUnsynced"), backend_name);
INSTANTIATE_TEST_SUITE_P(Backends, DurableStoreContract, testing::Values("Rocks", "RocksUnsynced"), backend_name);

}  // namespace
}  // namespace surgetank
