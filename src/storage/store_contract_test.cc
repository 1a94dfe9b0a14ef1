// The contract of storage/store.h, checked on every backend.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include "base/random.h"
#include "storage/store_contract_fixture_test.h"

namespace surgetank {
namespace {

TEST_P(StoreContract, CommittedWritesAreVisibleAtOnceToLaterTransactions) {
  put("a", "1");
  EXPECT_EQ(get("a"), "1");
  put("a", "2");
  EXPECT_EQ(get("a"), "2");
  EXPECT_EQ(get("b"), std::nullopt);
}

TEST_P(StoreContract, UncommittedWritesAreNeverVisibleToOthers) {
  {
    const auto txn = store->begin();
    txn->put("a", "1");
    EXPECT_EQ(get("a"), std::nullopt);
  }
  EXPECT_EQ(get("a"), std::nullopt);
}

TEST_P(StoreContract, ATransactionSeesTheStateAtItsFirstRead) {
  put("a", "old");
  put("b", "old");
  const auto txn = store->begin();
  EXPECT_EQ(txn->get("b"), "old");
  put("a", "new");
  put("c", "new");
  {
    const auto eraser = store->begin();
    eraser->erase("b");
    store->commit(*eraser);
  }
  EXPECT_EQ(txn->get("a"), "old");
  EXPECT_EQ(txn->get("b"), "old");
  EXPECT_EQ(txn->get("c"), std::nullopt);
  EXPECT_EQ(rows(*txn, "", ""), (Rows{{"a", "old"}, {"b", "old"}}));
  EXPECT_EQ(rows(*store->begin(), "", ""), (Rows{{"a", "new"}, {"c", "new"}}));
}

TEST_P(StoreContract, ATransactionReadsItsOwnWrites) {
  put("a", "1");
  put("b", "1");
  const auto txn = store->begin();
  txn->put("a", "2");
  txn->erase("b");
  txn->put("c", "2");
  EXPECT_EQ(txn->get("a"), "2");
  EXPECT_EQ(txn->get("b"), std::nullopt);
  EXPECT_EQ(txn->get("c"), "2");
  txn->put("b", "3");
  txn->erase("c");
  EXPECT_EQ(txn->get("b"), "3");
  EXPECT_EQ(txn->get("c"), std::nullopt);
}

TEST_P(StoreContract, AScanMergesOwnWritesAndErasesInByteOrder) {
  for (const char* key : {"b", "d", "f", "h"}) put(key, "stored");
  const auto txn = store->begin();
  txn->put("a", "own");
  txn->put("c", "own");
  txn->put("d", "own");
  txn->erase("f");
  txn->erase("g");
  txn->put("i", "own");
  EXPECT_EQ(rows(*txn, "a", "i"), (Rows{{"a", "own"}, {"b", "stored"}, {"c", "own"}, {"d", "own"}, {"h", "stored"}}));
  EXPECT_EQ(rows(*txn, "b", "d"), (Rows{{"b", "stored"}, {"c", "own"}}));
  EXPECT_EQ(rows(*txn, "ba", "ba"), Rows{});
  EXPECT_EQ(rows(*txn, "d", "b"), Rows{});
}

TEST_P(StoreContract, AScanStopsWhenTheVisitorSaysSo) {
  for (int i = 0; i < 200; ++i) put("k" + std::to_string(1000 + i), "v");
  int visited = 0;
  const auto txn = store->begin();
  txn->put("k1000a", "own");
  txn->scan("k", "l", [&](std::string_view, std::string_view) { return ++visited < 70; });
  EXPECT_EQ(visited, 70);
  EXPECT_EQ(rows(*txn, "k", "l").size(), 201u);
}

TEST_P(StoreContract, AVisitorMayReadButNotWrite) {
  put("a", "1");
  put("b", "2");
  const auto txn = store->begin();
  txn->scan("", "", [&](std::string_view key, std::string_view value) {
    EXPECT_EQ(txn->get(key), value);
    EXPECT_EQ(rows(*txn, "", "").size(), 2u);
    EXPECT_THROW(txn->put("c", "3"), InternalError);
    EXPECT_THROW(txn->erase("a"), InternalError);
    return true;
  });
  txn->put("c", "3");
  store->commit(*txn);
  EXPECT_EQ(get("c"), "3");
}

TEST_P(StoreContract, AnEmptyEndIsNoEnd) {
  put("a", "1");
  put("\xff\xff", "2");
  const auto txn = store->begin();
  EXPECT_EQ(rows(*txn, "", prefix_end("")).size(), 2u);
  EXPECT_EQ(rows(*txn, "\xff", prefix_end("\xff")), (Rows{{"\xff\xff", "2"}}));
}

TEST_P(StoreContract, KeysAndValuesHoldAnyBytes) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string zero("\0", 1);
  put(zero, all);
  put(all, zero);
  put("", "empty key");
  put("empty value", "");
  EXPECT_EQ(get(zero), all);
  EXPECT_EQ(get(all), zero);
  EXPECT_EQ(get(""), "empty key");
  EXPECT_EQ(get("empty value"), "");
  EXPECT_EQ(rows(*store->begin(), "", ""), (Rows{{"", "empty key"}, {zero, all}, {all, zero}, {"empty value", ""}}));
}

TEST_P(StoreContract, KeysSortAsUnsignedBytes) {
  for (const char* key : {"\x7f", "\x80", "\xff", "\x01"}) put(key, key);
  std::string order;
  store->begin()->scan("", "", [&](std::string_view key, std::string_view) {
    order += key;
    return true;
  });
  EXPECT_EQ(order, "\x01\x7f\x80\xff");
}

TEST_P(StoreContract, LargeValuesAndLargeTransactionsAreKeptWhole) {
  const std::string large(std::size_t{12} << 20, 'x');
  const auto txn = store->begin();
  txn->put("large", large);
  for (int i = 0; i < 5000; ++i) txn->put("many/" + std::to_string(i), std::to_string(i));
  wait_until_durable(store->commit(*txn));
  EXPECT_EQ(get("large"), large);
  EXPECT_EQ(rows(*store->begin(), "many/", prefix_end("many/")).size(), 5000u);
}

TEST_P(StoreContract, HasWritesTellsWhetherAnythingWasPutOrErased) {
  const auto txn = store->begin();
  EXPECT_FALSE(txn->has_writes());
  txn->get("a");
  rows(*txn, "", "");
  EXPECT_FALSE(txn->has_writes());
  txn->erase("a");
  EXPECT_TRUE(txn->has_writes());
  const auto other = store->begin();
  other->put("a", "1");
  EXPECT_TRUE(other->has_writes());
}

TEST_P(StoreContract, ATransactionIsCommittedAtMostOnce) {
  const auto txn = store->begin();
  txn->put("a", "1");
  store->commit(*txn);
  EXPECT_THROW(store->commit(*txn), InternalError);
  EXPECT_THROW(txn->put("a", "2"), InternalError);
  EXPECT_THROW(txn->get("a"), InternalError);
}

TEST_P(StoreContract, ATransactionOfAnotherStoreIsRefused) {
  const auto other_backend = make_backend("Memory");
  const auto other = other_backend->open();
  const auto txn = other->begin();
  txn->put("a", "1");
  EXPECT_THROW(store->commit(*txn), InternalError);
}

// Each writer moves amounts between its own accounts; readers must always see the same total.
TEST_P(StoreContract, TransactionsAreAtomicAmongConcurrentCommittersAndReaders) {
  constexpr int writers = 4;
  constexpr int accounts = 5;
  constexpr int transfers = 150;
  constexpr int start = 1000;
  const auto account = [](int writer, int index) { return "acc/" + std::to_string(writer) + "/" + std::to_string(index); };
  for (int writer = 0; writer < writers; ++writer) {
    for (int index = 0; index < accounts; ++index) put(account(writer, index), std::to_string(start));
  }
  std::atomic<int> acknowledged{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      Random random(static_cast<std::uint64_t>(writer));
      for (int i = 0; i < transfers; ++i) {
        const auto from = account(writer, static_cast<int>(random.below(accounts)));
        const auto to = account(writer, static_cast<int>(random.below(accounts)));
        const auto txn = store->begin();
        txn->put(from, std::to_string(std::stoi(*txn->get(from)) - 7));
        txn->put(to, std::to_string(std::stoi(*txn->get(to)) + 7));
        store->on_durable(store->commit(*txn), [&] { ++acknowledged; });
      }
    });
  }
  std::thread reader([&] {
    do {
      int total = 0;
      const auto txn = store->begin();
      txn->scan("acc/", prefix_end("acc/"), [&](std::string_view, std::string_view value) {
        total += std::stoi(std::string(value));
        return true;
      });
      EXPECT_EQ(total, writers * accounts * start);
    } while (!stop);
  });
  for (auto& thread : threads) thread.join();
  stop = true;
  reader.join();
  wait_until_durable(put("end", ""));
  EXPECT_EQ(acknowledged, writers * transfers);
}

TEST_P(StoreContract, AgreesWithAnOrderedMapOnRandomOperations) {
  Random random(42);
  std::map<std::string, std::string> model;
  const auto random_key = [&] { return std::string(1, static_cast<char>('a' + random.below(3))) + std::to_string(random.below(20)); };
  for (int round = 0; round < 300; ++round) {
    auto expected = model;
    auto txn = store->begin();
    for (auto steps = random.below(12); steps > 0; --steps) {
      const auto key = random_key();
      if (random.chance(60)) {
        const auto value = random.hex(random.below(30));
        txn->put(key, value);
        expected[key] = value;
      } else {
        txn->erase(key);
        expected.erase(key);
      }
      const auto probe = random_key();
      const auto found = expected.find(probe);
      EXPECT_EQ(txn->get(probe), found == expected.end() ? std::nullopt : std::optional(found->second));
    }
    const auto from = random_key();
    const auto to = random_key();
    Rows in_range;
    for (auto row = expected.lower_bound(from); row != expected.end() && row->first < to; ++row) in_range.emplace_back(*row);
    EXPECT_EQ(rows(*txn, from, to), in_range);
    if (random.chance(70)) {
      store->commit(*txn);
      model = expected;
    }
    if (backend->survives_reopening() && random.chance(2)) {
      txn.reset();
      reopen();
    }
  }
  EXPECT_EQ(rows(*store->begin(), "", ""), Rows(model.begin(), model.end()));
}

INSTANTIATE_TEST_SUITE_P(Backends, StoreContract, testing::Values("Memory", "MemoryManual", "Rocks", "RocksUnsynced"), backend_name);

}  // namespace
}  // namespace surgetank
