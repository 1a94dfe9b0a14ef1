#include "storage/memory_store.h"

#include <algorithm>

#include "base/assert.h"
#include "storage/write_set.h"

namespace surgetank {

class MemoryTxn final : public Txn {
 public:
  MemoryTxn(MemoryStore& store, Sequence snapshot, std::uint64_t life) : store_(store), snapshot_(snapshot), life_(life) {}
  MemoryTxn(const MemoryTxn&) = delete;
  MemoryTxn& operator=(const MemoryTxn&) = delete;
  ~MemoryTxn() override { store_.end_snapshot(snapshot_, life_); }

  std::optional<std::string> get(std::string_view key) override {
    SURGE_ASSERT(!finished_, "read after commit");
    if (const auto* own = own_.find(key)) return *own;
    return store_.read(key, snapshot_, life_);
  }
  void put(std::string_view key, std::string_view value) override {
    SURGE_ASSERT(!finished_ && !visiting_, "write after commit or from inside a scan");
    own_.put(key, value);
  }
  void erase(std::string_view key) override {
    SURGE_ASSERT(!finished_ && !visiting_, "write after commit or from inside a scan");
    own_.erase(key);
  }
  void scan(std::string_view from, std::string_view to, const Visit& visit) override;
  bool has_writes() const override { return !own_.empty(); }

 private:
  friend class MemoryStore;
  class Cursor;

  MemoryStore& store_;
  const Sequence snapshot_;
  const std::uint64_t life_;
  WriteSet own_;
  bool visiting_ = false;
  bool finished_ = false;
};

// Reads ahead a few rows at a time, so that `visit` runs outside the store's lock.
class MemoryTxn::Cursor final : public RowCursor {
 public:
  Cursor(const MemoryTxn& txn, std::string_view from, std::string_view to) : txn_(txn), to_(to) { fill(from); }
  bool valid() const override { return index_ < rows_.size(); }
  std::string_view key() const override { return rows_[index_].first; }
  std::string_view value() const override { return rows_[index_].second; }
  void next() override {
    if (++index_ < rows_.size()) return;
    const std::string after = rows_.back().first + '\0';
    fill(after);
  }

 private:
  void fill(std::string_view from) {
    rows_ = txn_.store_.read_rows(from, to_, txn_.snapshot_, txn_.life_);
    index_ = 0;
  }

  const MemoryTxn& txn_;
  std::string to_;
  MemoryStore::Rows rows_;
  std::size_t index_ = 0;
};

void MemoryTxn::scan(std::string_view from, std::string_view to, const Visit& visit) {
  SURGE_ASSERT(!finished_, "read after commit");
  struct Visiting {
    explicit Visiting(bool& to_set) : flag(to_set), before(to_set) { flag = true; }
    ~Visiting() { flag = before; }
    bool& flag;
    bool before;
  } visiting(visiting_);
  Cursor cursor(*this, from, to);
  scan_with_own_writes(own_, cursor, from, to, visit);
}

std::unique_ptr<Txn> MemoryStore::begin() {
  const std::lock_guard lock(mutex_);
  live_snapshots_.insert(committed_);
  return std::make_unique<MemoryTxn>(*this, committed_, life_);
}

Sequence MemoryStore::commit(Txn& txn) {
  auto* own = dynamic_cast<MemoryTxn*>(&txn);
  SURGE_ASSERT(own != nullptr && &own->store_ == this, "a transaction of another store");
  SURGE_ASSERT(!own->finished_ && !own->visiting_, "committed twice or from inside a scan");
  std::vector<DurableQueue::Done> done;
  Sequence sequence = own->snapshot_;
  {
    const std::lock_guard lock(mutex_);
    own->finished_ = true;
    check_life(own->life_);
    if (own->own_.empty()) return sequence;
    if (!failure_.empty()) throw StorageError(failure_);
    sequence = ++committed_;
    for (const auto& [key, value] : own->own_.writes()) {
      auto& versions = rows_[key];
      if (!versions.empty() || !value) garbage_.emplace_back(sequence, key);
      versions.push_back({sequence, value});
    }
    if (durability_ == MemoryDurability::Automatic) {
      durable_ = committed_;
      done = waiting_.take(durable_);
    }
    collect_garbage();
  }
  for (auto& call : done) call();
  return sequence;
}

void MemoryStore::on_durable(Sequence sequence, UniqueFunction<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (sequence > durable_) {
      waiting_.add(sequence, std::move(done));
      return;
    }
  }
  done();
}

Sequence MemoryStore::last_committed() const {
  const std::lock_guard lock(mutex_);
  return committed_;
}

Sequence MemoryStore::last_durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

void MemoryStore::sync() { sync_up_to(last_committed()); }

void MemoryStore::sync_up_to(Sequence sequence) {
  std::vector<DurableQueue::Done> done;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_.empty()) return;
    durable_ = std::max(durable_, std::min(sequence, committed_));
    done = waiting_.take(durable_);
    collect_garbage();
  }
  for (auto& call : done) call();
}

void MemoryStore::crash() { crash_keeping(0); }

void MemoryStore::crash_keeping(Sequence kept) {
  const std::lock_guard lock(mutex_);
  kept = std::clamp(kept, durable_, committed_);
  waiting_.clear();
  ++life_;
  live_snapshots_.clear();
  failure_.clear();
  for (auto row = rows_.begin(); row != rows_.end();) {
    auto& versions = row->second;
    while (!versions.empty() && versions.back().sequence > kept) versions.pop_back();
    row = versions.empty() ? rows_.erase(row) : std::next(row);
  }
  while (!garbage_.empty() && garbage_.back().first > kept) garbage_.pop_back();
  committed_ = kept;
  durable_ = kept;
  collect_garbage();
}

bool MemoryStore::has_room() {
  const std::lock_guard lock(mutex_);
  return !is_disk_full_;
}

void MemoryStore::fill_disk() {
  const std::lock_guard lock(mutex_);
  is_disk_full_ = true;
}

void MemoryStore::free_disk() {
  const std::lock_guard lock(mutex_);
  is_disk_full_ = false;
}

void MemoryStore::fail(std::string message) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(message);
}

std::size_t MemoryStore::version_count() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [key, versions] : rows_) count += versions.size();
  return count;
}

void MemoryStore::end_snapshot(Sequence snapshot, std::uint64_t life) {
  const std::lock_guard lock(mutex_);
  if (life != life_) return;
  live_snapshots_.erase(live_snapshots_.find(snapshot));
  collect_garbage();
}

void MemoryStore::check_life(std::uint64_t life) const {
  if (life != life_) throw StorageError("the store crashed after this transaction began");
}

const std::optional<std::string>* MemoryStore::visible(const Versions& versions, Sequence snapshot) {
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->sequence <= snapshot) return &version->value;
  }
  return nullptr;
}

std::optional<std::string> MemoryStore::read(std::string_view key, Sequence snapshot, std::uint64_t life) const {
  const std::lock_guard lock(mutex_);
  check_life(life);
  const auto row = rows_.find(key);
  if (row == rows_.end()) return std::nullopt;
  const auto* value = visible(row->second, snapshot);
  return value == nullptr ? std::nullopt : *value;
}

MemoryStore::Rows MemoryStore::read_rows(std::string_view from, std::string_view to, Sequence snapshot, std::uint64_t life) const {
  constexpr std::size_t most_rows = 32;
  constexpr std::size_t enough_bytes = 256 * 1024;
  Rows rows;
  std::size_t bytes = 0;
  const std::lock_guard lock(mutex_);
  check_life(life);
  for (auto row = rows_.lower_bound(from); row != rows_.end() && (to.empty() || row->first < to); ++row) {
    const auto* value = visible(row->second, snapshot);
    if (value == nullptr || !*value) continue;
    rows.emplace_back(row->first, **value);
    bytes += row->first.size() + (*value)->size();
    if (rows.size() == most_rows || bytes >= enough_bytes) break;
  }
  return rows;
}

// What neither a live snapshot nor a crash can ask for any more is dropped.
void MemoryStore::collect_garbage() {
  const auto floor = live_snapshots_.empty() ? durable_ : std::min(durable_, *live_snapshots_.begin());
  while (!garbage_.empty() && garbage_.front().first <= floor) {
    prune(garbage_.front().second, floor);
    garbage_.pop_front();
  }
}

void MemoryStore::prune(const std::string& key, Sequence floor) {
  const auto row = rows_.find(key);
  if (row == rows_.end()) return;
  auto& versions = row->second;
  const auto above = std::find_if(versions.begin(), versions.end(), [&](const Version& version) { return version.sequence > floor; });
  if (above == versions.begin()) return;
  const auto newest_kept = std::prev(above);
  versions.erase(versions.begin(), newest_kept->value ? newest_kept : above);
  if (versions.empty()) rows_.erase(row);
}

std::unique_ptr<MemoryStore> make_memory_store(MemoryDurability durability) { return std::make_unique<MemoryStore>(durability); }

}  // namespace surgetank
