#include "storage/rocks_store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "storage/data_directory.h"
#include "storage/durable_queue.h"
#include "storage/rocks_file_guard.h"
#include "storage/rocks_log_check.h"
#include "storage/rocks_log_reader.h"
#include "storage/rocks_manifest_check.h"
#include "storage/rocks_options.h"
#include "storage/rocks_txn.h"
#include "storage/sync_pacer.h"

namespace surgetank {
namespace {

// A fuller disk is looked at again after this many bytes of commits; a commit that would be refused looks every time.
constexpr std::uint64_t free_space_check_interval_bytes = std::uint64_t{1} << 20;
// has_room() looks before a commit does, so that a refusal comes before anything was changed.
constexpr std::uint64_t early_check_interval_bytes = free_space_check_interval_bytes / 2;
constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
using SteadyClock = std::chrono::steady_clock;

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
  bool has_room() override;

 private:
  struct Progress {
    std::uint64_t commits = 0;  // since opening
    Sequence sequence = 0;
  };
  void flush_until_stopped();
  // Lets the next group of commits come together; false if there is nothing (more) to do.
  bool wait_for_commits(std::uint64_t synced_commits, std::uint64_t gather_until, const SyncPacer::Gathering& gathering);
  bool wait_until_commits(std::unique_lock<std::mutex>& lock, std::uint64_t number, SteadyClock::time_point deadline);
  // Writes and syncs everything committed so far and returns up to where that is; nothing if it failed.
  std::optional<Progress> sync_log();
  // False if the store failed meanwhile.
  bool acknowledge(Sequence durable);
  // Sets the latch and reports to the owner what set it first, once.
  void fail(const std::string& message);
  // Refuses what the disk has no room for; the bytes of keys and values.
  std::size_t check_room(const WriteSet& own);
  void look_at_disk();
  bool is_durable(Sequence sequence) const { return sequence <= last_durable(); }

  const RocksStoreOptions options_;
  FailureLatch failure_;
  std::atomic<bool> failure_reported_{false};
  DataDirectory directory_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> database_;

  // Sequences are RocksDB's own: monotonic over restarts, and a snapshot knows its own.
  std::atomic<Sequence> durable_{0};

  std::mutex commit_mutex_;  // makes writing a batch, counting it and reading its sequence one step
  std::atomic<std::uint64_t> commits_{0};
  // The flusher sleeps until commits_ is this. It sets this and then looks at commits_; a committer raises commits_ and then looks
  // at this; both in the one order of sequentially consistent operations, so one of them sees the other.
  std::atomic<std::uint64_t> wake_at_{never};

  std::atomic<std::uint64_t> bytes_since_room_check_{free_space_check_interval_bytes};
  std::atomic<std::uint64_t> free_bytes_{0};

  std::mutex mutex_;  // guards waiting_ and stopping_; durable_ is raised under it
  std::condition_variable something_to_do_;
  DurableQueue waiting_;
  bool stopping_ = false;
  SyncPacer pacer_;  // the flusher's
  std::thread flusher_;
};

RocksStore::RocksStore(RocksStoreOptions options) : options_(std::move(options)), directory_(DataDirectory::open(options_.directory)) {
  const auto path = directory_.path() + "/db";
  env_ = rocksdb::NewCompositeEnv(guard_files(options_.file_system ? options_.file_system : rocksdb::FileSystem::Default(), failure_));
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
  durable_ = database_->GetLatestSequenceNumber();
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
  if (!own->has_writes()) return own->seen_sequence();
  const auto bytes = check_room(own->own());

  constexpr std::size_t bytes_around_a_row = 16;
  constexpr std::size_t bytes_around_a_batch = 64;
  rocksdb::WriteBatch batch(bytes + bytes_around_a_row * own->own().writes().size() + bytes_around_a_batch);
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
    if (status.ok()) ++commits_;
  }
  if (!status.ok() || failure_.is_set()) {
    fail("commit: " + status.ToString());
    throw StorageError("cannot commit: " + failure_.reason());
  }
  if (commits_ >= wake_at_) {
    // Taking the lock makes sure that the flusher is not just between looking and sleeping.
    { const std::lock_guard lock(mutex_); }
    something_to_do_.notify_one();
  }
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

Sequence RocksStore::last_durable() const { return options_.durability == Durability::Unsynced ? last_committed() : durable_.load(); }

void RocksStore::flush_until_stopped() {
  Progress synced;
  std::uint64_t gather_until = 0;
  SyncPacer::Gathering gathering;
  while (wait_for_commits(synced.commits, gather_until, gathering)) {
    const auto start = SteadyClock::now();
    const auto progress = sync_log();
    if (!progress) return;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start);
    pacer_.synced(progress->commits - synced.commits, microseconds(took.count()));
    gathering = pacer_.next();
    gather_until = gathering.commits == 0 ? 0 : commits_ + gathering.commits;
    synced = *progress;
    if (!acknowledge(synced.sequence)) return;
  }
}

bool RocksStore::wait_for_commits(std::uint64_t synced_commits, std::uint64_t gather_until, const SyncPacer::Gathering& gathering) {
  std::unique_lock lock(mutex_);
  if (!wait_until_commits(lock, synced_commits + 1, SteadyClock::time_point::max())) return false;
  if (commits_ < gather_until && !stopping_) {
    wait_until_commits(lock, gather_until, SteadyClock::now() + std::chrono::microseconds(gathering.at_most.us));
    const auto missing = gather_until - std::min<std::uint64_t>(gather_until, commits_);
    pacer_.gathered(gathering.commits, gathering.commits - std::min(gathering.commits, missing));
  }
  return !failure_.is_set();
}

// True if there are that many; false at the deadline, or when the store stops or has failed.
bool RocksStore::wait_until_commits(std::unique_lock<std::mutex>& lock, std::uint64_t number, SteadyClock::time_point deadline) {
  wake_at_ = number;
  const auto ready = [&] { return stopping_ || commits_ >= number; };
  if (deadline == SteadyClock::time_point::max()) {
    something_to_do_.wait(lock, ready);
  } else {
    something_to_do_.wait_until(lock, deadline, ready);
  }
  wake_at_ = never;
  return commits_ >= number;
}

std::optional<RocksStore::Progress> RocksStore::sync_log() {
  Progress progress;
  {
    const std::lock_guard lock(commit_mutex_);
    progress = {commits_, database_->GetLatestSequenceNumber()};
  }
  const auto status = database_->FlushWAL(true);
  if (status.ok() && !failure_.is_set()) return progress;
  fail("syncing the log: " + status.ToString());
  return std::nullopt;
}

bool RocksStore::acknowledge(Sequence durable) {
  std::vector<DurableQueue::Done> done;
  {
    const std::lock_guard lock(mutex_);
    durable_ = durable;
    done = waiting_.take(durable);
  }
  for (auto& call : done) {
    // A failed write leaves the state of the log unknown, also for what was written before it.
    if (failure_.is_set()) return false;
    call();
  }
  return true;
}

void RocksStore::fail(const std::string& message) {
  failure_.set(message);
  if (failure_reported_.exchange(true)) return;
  const auto reason = failure_.reason();
  log_line(LogLevel::Error, "storage", "failed, nothing more is acknowledged: " + reason);
  if (options_.on_failure) options_.on_failure(reason);
}

std::size_t RocksStore::check_room(const WriteSet& own) {
  std::size_t bytes = 0;
  bool erases = false;
  for (const auto& [key, value] : own.writes()) {
    bytes += key.size() + (value ? value->size() : 0);
    erases = erases || !value;
  }
  const auto least = options_.least_free_bytes;
  const auto allowed = [&] { return free_bytes_ >= least || (erases && free_bytes_ >= least / 4); };
  if (bytes_since_room_check_.fetch_add(bytes) < free_space_check_interval_bytes && allowed()) return bytes;
  look_at_disk();
  bytes_since_room_check_ = bytes;
  if (!allowed())
    throw StorageError("the disk of " + directory_.path() + " is nearly full: " + std::to_string(free_bytes_ >> 20) + " MiB free");
  return bytes;
}

void RocksStore::look_at_disk() {
  bytes_since_room_check_ = 0;
  std::uint64_t free_bytes = 0;
  const auto status = env_->GetFileSystem()->GetFreeSpace(directory_.path(), rocksdb::IOOptions(), &free_bytes, nullptr);
  // A disk that cannot tell is taken to have room; writing will show.
  free_bytes_ = status.ok() ? free_bytes : options_.least_free_bytes;
}

bool RocksStore::has_room() {
  const auto has_enough = [&] { return free_bytes_ >= options_.least_free_bytes; };
  if (bytes_since_room_check_ < early_check_interval_bytes && has_enough()) return true;
  look_at_disk();
  return has_enough();
}

}  // namespace

std::unique_ptr<Store> open_rocks_store(RocksStoreOptions options) { return std::make_unique<RocksStore>(std::move(options)); }

}  // namespace surgetank

#if defined(__SANITIZE_THREAD__)
// Debian's library is not instrumented, so ThreadSanitizer takes its atomics for races, also where we read what it has published:
// the rows of a scan lie in its memory. Our own code is checked.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:librocksdb\nrace:surgetank::RocksTxn::scan\nrace:surgetank::RocksTxn::get";
}
#endif
