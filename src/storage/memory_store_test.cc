#include "storage/memory_store.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

class MemoryStoreTest : public testing::Test {
 protected:
  Sequence put(const std::string& key, const std::string& value) {
    const auto txn = store.begin();
    txn->put(key, value);
    return store.commit(*txn);
  }
  Sequence erase(const std::string& key) {
    const auto txn = store.begin();
    txn->erase(key);
    return store.commit(*txn);
  }
  std::optional<std::string> get(const std::string& key) { return store.begin()->get(key); }

  MemoryStore store{MemoryDurability::Manual};
};

TEST_F(MemoryStoreTest, NothingIsDurableBeforeSync) {
  bool durable = false;
  const auto sequence = put("a", "1");
  store.on_durable(sequence, [&] { durable = true; });
  EXPECT_FALSE(durable);
  EXPECT_EQ(store.last_durable(), 0u);
  store.sync();
  EXPECT_TRUE(durable);
  EXPECT_EQ(store.last_durable(), sequence);
}

TEST_F(MemoryStoreTest, SyncUpToRunsOnlyTheCallbacksItCovers) {
  std::string order;
  const auto first = put("a", "1");
  const auto second = put("b", "1");
  store.on_durable(second, [&] { order += "b"; });
  store.on_durable(first, [&] { order += "a"; });
  store.sync_up_to(first);
  EXPECT_EQ(order, "a");
  store.sync();
  EXPECT_EQ(order, "ab");
}

TEST_F(MemoryStoreTest, ACrashForgetsWhatIsNotDurable) {
  put("kept", "1");
  put("changed", "old");
  put("erased", "1");
  store.sync();
  put("changed", "new");
  put("added", "1");
  erase("erased");
  bool called = false;
  store.on_durable(store.last_committed(), [&] { called = true; });
  store.crash();
  EXPECT_EQ(get("kept"), "1");
  EXPECT_EQ(get("changed"), "old");
  EXPECT_EQ(get("erased"), "1");
  EXPECT_EQ(get("added"), std::nullopt);
  EXPECT_EQ(store.last_committed(), store.last_durable());
  put("later", "1");
  store.sync();
  EXPECT_FALSE(called);
}

TEST_F(MemoryStoreTest, ACrashMayKeepAPrefixOfTheUnsyncedCommits) {
  put("a", "1");
  const auto second = put("b", "1");
  put("c", "1");
  store.crash_keeping(second);
  EXPECT_EQ(get("b"), "1");
  EXPECT_EQ(get("c"), std::nullopt);
  EXPECT_EQ(store.last_durable(), second);
}

TEST_F(MemoryStoreTest, TransactionsOfBeforeACrashAreRefused) {
  put("a", "1");
  const auto txn = store.begin();
  txn->put("b", "1");
  store.crash();
  EXPECT_THROW(txn->get("a"), StorageError);
  EXPECT_THROW(txn->scan("", "", [](std::string_view, std::string_view) { return true; }), StorageError);
  EXPECT_THROW(store.commit(*txn), StorageError);
  EXPECT_EQ(get("b"), std::nullopt);
}

TEST_F(MemoryStoreTest, AfterAFailureCommitsThrowAndNothingIsAcknowledged) {
  bool called = false;
  store.on_durable(put("a", "1"), [&] { called = true; });
  store.fail("disk gone");
  EXPECT_THROW(put("b", "1"), StorageError);
  store.sync();
  EXPECT_FALSE(called);
  EXPECT_EQ(get("a"), "1");
}

TEST_F(MemoryStoreTest, SupersededVersionsAreDroppedOnceNobodyCanAskForThem) {
  for (int i = 0; i < 100; ++i) put("a", std::to_string(i));
  EXPECT_EQ(store.version_count(), 100u);
  auto reader = store.begin();
  store.sync();
  EXPECT_EQ(store.version_count(), 1u);
  for (int i = 0; i < 10; ++i) put("a", std::to_string(i));
  erase("a");
  store.sync();
  EXPECT_EQ(reader->get("a"), "99");
  EXPECT_EQ(store.version_count(), 12u);
  reader.reset();
  EXPECT_EQ(store.version_count(), 0u);
  EXPECT_EQ(get("a"), std::nullopt);
}

}  // namespace
}  // namespace surgetank
