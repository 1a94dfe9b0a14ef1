#pragma once
// The store of tests and simulations: everything in memory, deterministic, and able to crash.
// - Durability is Manual (moved on by sync(), so that a test decides what a crash loses) or Automatic (at commit).
// - crash() forgets what is committed but not durable, drops the callbacks that wait, and invalidates open transactions;
//   crash_keeping() models the crash in which a prefix of the unsynced log happened to reach the disk.
// - fail() models the disk that fails: commits throw from then on and nothing is acknowledged again.
// A transaction sees the state at its begin(). Committing one without writes returns the sequence of that state, so a reply
// that waits for it never shows what a crash can still take back.
// Thread safe. Callbacks run on the thread that calls sync(), on_durable() or commit(), outside the store's lock.
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/durable_queue.h"
#include "storage/store.h"

namespace surgetank {

enum class MemoryDurability : unsigned char { Manual, Automatic };

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(MemoryDurability durability) : durability_(durability) {}
  ~MemoryStore() override = default;

  std::unique_ptr<Txn> begin() override;
  Sequence commit(Txn& txn) override;
  void on_durable(Sequence sequence, UniqueFunction<void()> done) override;
  Sequence last_committed() const override;
  Sequence last_durable() const override;
  bool has_room() override;

  // Makes everything committed (or committed up to `sequence`) durable and runs the callbacks that waited for it.
  void sync();
  void sync_up_to(Sequence sequence);
  void crash();
  // `kept` is clamped to [last_durable(), last_committed()].
  void crash_keeping(Sequence kept);
  void fail(std::string message);
  // has_room() says no from now on until free_disk(); commits go on.
  void fill_disk();
  void free_disk();
  // Stored versions of all keys; for tests of the clean-up.
  std::size_t version_count() const;

 private:
  friend class MemoryTxn;
  struct Version {
    Sequence sequence;
    std::optional<std::string> value;  // none: erased
  };
  using Versions = std::vector<Version>;  // oldest first, never empty

  void end_snapshot(Sequence snapshot, std::uint64_t life);
  void check_life(std::uint64_t life) const;
  std::optional<std::string> read(std::string_view key, Sequence snapshot, std::uint64_t life) const;
  using Rows = std::vector<std::pair<std::string, std::string>>;
  Rows read_rows(std::string_view from, std::string_view to, Sequence snapshot, std::uint64_t life) const;
  static const std::optional<std::string>* visible(const Versions& versions, Sequence snapshot);
  void collect_garbage();
  void prune(const std::string& key, Sequence floor);

  const MemoryDurability durability_;
  mutable std::mutex mutex_;
  std::map<std::string, Versions, std::less<>> rows_;
  std::deque<std::pair<Sequence, std::string>> garbage_;  // keys with a superseded or erased version, by the sequence that made it so
  std::multiset<Sequence> live_snapshots_;
  DurableQueue waiting_;
  Sequence committed_ = 0;
  Sequence durable_ = 0;
  std::uint64_t life_ = 0;  // number of crashes so far
  std::string failure_;
  bool is_disk_full_ = false;
};

std::unique_ptr<MemoryStore> make_memory_store(MemoryDurability durability = MemoryDurability::Automatic);

}  // namespace surgetank
