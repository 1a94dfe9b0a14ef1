#pragma once
// A store of every kind for the tests of the contract in storage/store.h: each test gets a new, empty one, and its directory goes with it.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/memory_store.h"
#include "storage/rocks_store.h"
#include "storage/store.h"

namespace surgetank {

using Rows = std::vector<std::pair<std::string, std::string>>;

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::unique_ptr<Store> open() = 0;
  // Called when the test wants durability to be reached; the durable backends get there by themselves.
  virtual void settle(Store&) {}
  virtual bool survives_reopening() const { return false; }
};

class MemoryBackend final : public Backend {
 public:
  explicit MemoryBackend(MemoryDurability durability) : durability_(durability) {}
  std::unique_ptr<Store> open() override { return make_memory_store(durability_); }
  void settle(Store& store) override { static_cast<MemoryStore&>(store).sync(); }

 private:
  MemoryDurability durability_;
};

class RocksBackend final : public Backend {
 public:
  explicit RocksBackend(Durability durability) : durability_(durability) {
    std::string pattern = (std::filesystem::temp_directory_path() / "surgetank-contract-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~RocksBackend() override { std::filesystem::remove_all(directory_); }
  std::unique_ptr<Store> open() override {
    RocksStoreOptions options;
    options.directory = directory_;
    options.durability = durability_;
    options.least_free_bytes = 0;
    return open_rocks_store(std::move(options));
  }
  bool survives_reopening() const override { return true; }

 private:
  Durability durability_;
  std::string directory_;
};

inline std::unique_ptr<Backend> make_backend(std::string_view name) {
  if (name == "Memory") return std::make_unique<MemoryBackend>(MemoryDurability::Automatic);
  if (name == "MemoryManual") return std::make_unique<MemoryBackend>(MemoryDurability::Manual);
  if (name == "Rocks") return std::make_unique<RocksBackend>(Durability::Synced);
  return std::make_unique<RocksBackend>(Durability::Unsynced);
}

class StoreContract : public testing::TestWithParam<const char*> {
 protected:
  StoreContract() : backend(make_backend(GetParam())), store(backend->open()) {}

  Sequence put(const std::string& key, const std::string& value) {
    const auto txn = store->begin();
    txn->put(key, value);
    return store->commit(*txn);
  }
  std::optional<std::string> get(const std::string& key) { return store->begin()->get(key); }
  static Rows rows(Txn& txn, std::string_view from, std::string_view to) {
    Rows found;
    txn.scan(from, to, [&](std::string_view key, std::string_view value) {
      found.emplace_back(key, value);
      return true;
    });
    return found;
  }
  void wait_until_durable(Sequence sequence) {
    backend->settle(*store);
    std::mutex mutex;
    std::condition_variable changed;
    bool durable = false;
    store->on_durable(sequence, [&] {
      const std::lock_guard lock(mutex);
      durable = true;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return durable; }));
  }
  void reopen() {
    store.reset();
    store = backend->open();
  }

  std::unique_ptr<Backend> backend;
  std::unique_ptr<Store> store;
};

inline std::string backend_name(const testing::TestParamInfo<const char*>& parameter) { return parameter.param; }

}  // namespace surgetank
