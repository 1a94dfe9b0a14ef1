#include "storage/rocks_store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "storage/data_directory.h"
#include "storage/durable_queue.h"
#include "storage/rocks_log_check.h"
#include "storage/rocks_log_guard.h"
#include "storage/rocks_log_reader.h"
#include "storage/rocks_manifest_check.h"
#include "storage/rocks_options.h"
#include "storage/rocks_txn.h"

namespace surgetank {
namespace {

// A fuller disk is looked at again after this many bytes of commits; a commit that would be refused looks every time.
constexpr std::uint64_t free_space_check_interval_bytes = std::uint64_t{1} << 20;

class RocksStore final : public Store {
 public:
  explicit RocksStore(RocksStoreOptions options);
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;
  ~RocksStore() override;

  std::unique_ptr<Txn> begin() override { return std::make_unique<RocksTxn>(*database_); }
  Sequence commit(Txn& txn) override;
  void on_durable(Sequence sequence, UniqueFunction<void()> done) override;
  Sequence last_committed() const override { return database_->GetLatestSequenceNumber(); }
  Sequence last_durable() const override;

 private:
  void flush_until_stopped();
  void wake_flusher(Sequence committed);
  // Writes and syncs everything committed so far and returns up to where that is; nothing if it failed.
  std::optional<Sequence> sync_log();
  // Sets the latch and reports to the owner what set it first, once.
  void fail(const std::string& message);
  void check_room(const WriteSet& own);
  bool is_durable(Sequence sequence) const { return sequence <= last_durable(); }

  const RocksStoreOptions options_;
  FailureLatch failure_;
  std::atomic<bool> failure_reported_{false};
  DataDirectory directory_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> database_;

  // Sequences are RocksDB's own: monotonic over restarts, and a snapshot knows its own.
  std::atomic<Sequence> committed_{0};
  std::atomic<Sequence> durable_{0};

  // Makes writing a batch and reading its sequence one step.
  std::mutex commit_mutex_;

  std::atomic<std::uint64_t> bytes_since_room_check_{free_space_check_interval_bytes};
  std::atomic<std::uint64_t> free_bytes_{0};

  std::mutex mutex_;  // guards waiting_ and stopping_; durable_ is raised under it
  std::condition_variable something_to_do_;
  DurableQueue waiting_;
  bool stopping_ = false;
  std::atomic<bool> flusher_sleeps_{false};
  std::thread flusher_;
};

RocksStore::RocksStore(RocksStoreOptions options) : options_(std::move(options)), directory_(DataDirectory::open(options_.directory)) {
  const auto path = directory_.path() + "/db";
  env_ = rocksdb::NewCompositeEnv(guard_logs(options_.file_system ? options_.file_system : rocksdb::FileSystem::Default(), failure_));
  make_directories(path);
  check_manifest(path);
  check_logs(path, options_.log_damage);
  const auto rocks = rocks_options(options_, env_.get(), [this](const std::string& message) { fail(message); });
  rocksdb::DB* database = nullptr;
  if (const auto status = rocksdb::DB::Open(rocks, path, &database); !status.ok()) {
    throw StorageError("cannot open the store in " + directory_.path() + ": " + status.ToString());
  }
  database_.reset(database);
  // Recovery has written what it replayed to table files and synced them.
  committed_ = durable_ = database_->GetLatestSequenceNumber();
  if (options_.durability == Durability::Synced) {
    flusher_ = std::thread([this] { flush_until_stopped(); });
  } else {
    log_line(LogLevel::Warning, "storage", "DURABILITY IS OFF: acknowledged data is lost when this machine loses power or crashes");
  }
}

RocksStore::~RocksStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  something_to_do_.notify_all();
  if (flusher_.joinable()) flusher_.join();
  if (options_.durability == Durability::Unsynced && !failure_.is_set()) database_->SyncWAL().PermitUncheckedError();
  if (const auto status = database_->Close(); !status.ok() && !failure_.is_set()) {
    log_line(LogLevel::Error, "storage", "closing: " + status.ToString());
  }
}

Sequence RocksStore::commit(Txn& txn) {
  auto* own = dynamic_cast<RocksTxn*>(&txn);
  SURGE_ASSERT(own != nullptr && &own->database() == database_.get(), "a transaction of another store");
  own->finish();
  if (!own->has_writes()) return own->snapshot_sequence();
  check_room(own->own());

  rocksdb::WriteBatch batch;
  // For check_logs(): everything up to here was synced before this record was written.
  batch.PutLogData(log_watermark(durable_.load()));
  for (const auto& [key, value] : own->own().writes()) {
    const auto status = value ? batch.Put(key, *value) : batch.Delete(key);
    if (!status.ok()) throw StorageError("cannot write: " + status.ToString());
  }
  rocksdb::Status status;
  Sequence sequence = 0;
  {
    const std::lock_guard lock(commit_mutex_);
    if (failure_.is_set()) throw StorageError("the store has failed and accepts no more writes");
    status = database_->Write(rocksdb::WriteOptions(), &batch);
    sequence = database_->GetLatestSequenceNumber();
  }
  if (!status.ok() || failure_.is_set()) {
    fail("commit: " + status.ToString());
    throw StorageError("cannot commit: " + failure_.reason());
  }
  wake_flusher(sequence);
  return sequence;
}

void RocksStore::on_durable(Sequence sequence, UniqueFunction<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_durable(sequence)) {
      waiting_.add(sequence, std::move(done));
      return;
    }
  }
  done();
}

Sequence RocksStore::last_durable() const {
  return options_.durability == Durability::Unsynced ? last_committed() : durable_.load();
}

// The flusher announces that it sleeps and then looks at committed_; a committer raises committed_ and then looks whether it
// sleeps. Both in the one order of sequentially consistent operations, so one of them sees the other.
void RocksStore::wake_flusher(Sequence committed) {
  auto seen = committed_.load();
  while (seen < committed && !committed_.compare_exchange_weak(seen, committed)) {
  }
  if (!flusher_sleeps_.load()) return;
  {
    const std::lock_guard lock(mutex_);
  }
  something_to_do_.notify_one();
}

void RocksStore::flush_until_stopped() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      flusher_sleeps_ = true;
      something_to_do_.wait(lock, [this] { return stopping_ || (committed_.load() > durable_.load() && !failure_.is_set()); });
      flusher_sleeps_ = false;
      if (failure_.is_set() || committed_.load() <= durable_.load()) return;
    }
    const auto target = sync_log();
    if (!target) return;
    std::vector<DurableQueue::Done> done;
    {
      const std::lock_guard lock(mutex_);
      // A failed write leaves the state of the log unknown, also for what was written before it.
      if (failure_.is_set()) return;
      durable_ = *target;
      done = waiting_.take(*target);
    }
    for (auto& call : done) {
      if (failure_.is_set()) return;
      call();
    }
  }
}

std::optional<Sequence> RocksStore::sync_log() {
  const Sequence target = database_->GetLatestSequenceNumber();
  const auto status = database_->FlushWAL(true);
  if (status.ok() && !failure_.is_set()) return target;
  fail("syncing the log: " + status.ToString());
  return std::nullopt;
}

void RocksStore::fail(const std::string& message) {
  failure_.set(message);
  if (failure_reported_.exchange(true)) return;
  const auto reason = failure_.reason();
  log_line(LogLevel::Error, "storage", "failed, nothing more is acknowledged: " + reason);
  if (options_.on_failure) options_.on_failure(reason);
}

void RocksStore::check_room(const WriteSet& own) {
  std::uint64_t bytes = 0;
  bool erases = false;
  for (const auto& [key, value] : own.writes()) {
    bytes += key.size() + (value ? value->size() : 0);
    erases = erases || !value;
  }
  const auto least = options_.least_free_bytes;
  const auto allowed = [&] { return free_bytes_ >= least || (erases && free_bytes_ >= least / 4); };
  if (bytes_since_room_check_.fetch_add(bytes) < free_space_check_interval_bytes && allowed()) return;
  std::uint64_t free_bytes = 0;
  const auto status = env_->GetFileSystem()->GetFreeSpace(directory_.path(), rocksdb::IOOptions(), &free_bytes, nullptr);
  // A disk that cannot tell is taken to have room; writing will show.
  free_bytes_ = status.ok() ? free_bytes : least;
  bytes_since_room_check_ = bytes;
  if (!allowed()) throw StorageError("the disk of " + directory_.path() + " is nearly full: " + std::to_string(free_bytes >> 20) + " MiB free");
}

}  // namespace

std::unique_ptr<Store> open_rocks_store(RocksStoreOptions options) { return std::make_unique<RocksStore>(std::move(options)); }

}  // namespace surgetank
