#include "storage/rocks_file_guard.h"

#include <rocksdb/file_system.h>

#include <set>
#include <utility>

#include "storage/rocks_manifest_check.h"

namespace surgetank {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class GuardedLog;

// The logs that are open, of which only the newest is written to.
struct OpenLogs {
  std::mutex mutex;
  std::set<GuardedLog*> logs;
};

class GuardedLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  GuardedLog(std::string path, std::unique_ptr<rocksdb::FSWritableFile> file, FailureLatch& latch, std::shared_ptr<OpenLogs> open)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), latch_(latch), open_(std::move(open)) {
    const std::lock_guard lock(open_->mutex);
    open_->logs.insert(this);
  }
  GuardedLog(const GuardedLog&) = delete;
  GuardedLog& operator=(const GuardedLog&) = delete;
  ~GuardedLog() override { leave(); }

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    before_append();
    return guard([&] { return FSWritableFileOwnerWrapper::Append(data, options, debug); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    before_append();
    return guard([&] { return FSWritableFileOwnerWrapper::Append(data, options, info, debug); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Truncate(size, options, debug); });
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    // RocksDB is done with it: what it held is in a table.
    leave();
    // Closed even after a failure, or the descriptor would leak.
    const auto status = FSWritableFileOwnerWrapper::Close(options, debug);
    return guard([&] { return status; });
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Flush(options, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    unsynced_ = false;  // before: what is appended during the sync may not be covered
    return guard([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    unsynced_ = false;
    return guard([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  void before_append() {
    unsynced_ = true;
    if (std::exchange(has_bytes_, true)) return;
    const std::lock_guard lock(open_->mutex);
    for (auto* log : open_->logs) {
      if (log != this && log->unsynced_) log->Sync(IOOptions(), nullptr);
    }
  }
  void leave() {
    const std::lock_guard lock(open_->mutex);
    open_->logs.erase(this);
  }
  template <class Operation>
  IOStatus guard(const Operation& operation) {
    if (latch_.is_set()) return IOStatus::OK();
    const auto status = operation();
    if (!status.ok()) latch_.set(path_ + ": " + status.ToString());
    return IOStatus::OK();
  }

  const std::string path_;
  FailureLatch& latch_;
  const std::shared_ptr<OpenLogs> open_;
  bool has_bytes_ = false;  // appends are made one at a time
  std::atomic<bool> unsynced_{false};
};

// Sees a manifest only as RocksDB writes it: records appended, then synced, by one thread at a time.
class GuardedManifest final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  GuardedManifest(std::unique_ptr<rocksdb::FSWritableFile> file, std::unique_ptr<rocksdb::FSWritableFile> note)
      : FSWritableFileOwnerWrapper(std::move(file)), note_(std::move(note)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const auto status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    if (status.ok()) bytes_ += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    const auto status = FSWritableFileOwnerWrapper::Append(data, options, info, debug);
    if (status.ok()) bytes_ += data.size();
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const auto status = FSWritableFileOwnerWrapper::Sync(options, debug);
    return status.ok() ? note_synced(options, debug) : status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const auto status = FSWritableFileOwnerWrapper::Fsync(options, debug);
    return status.ok() ? note_synced(options, debug) : status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const auto note_status = note_->Close(options, debug);
    const auto status = FSWritableFileOwnerWrapper::Close(options, debug);
    return status.ok() ? note_status : status;
  }

 private:
  IOStatus note_synced(const IOOptions& options, IODebugContext* debug) {
    const auto status = note_->Append(synced_note_entry(bytes_), options, debug);
    return status.ok() ? note_->Sync(options, debug) : status;
  }

  const std::unique_ptr<rocksdb::FSWritableFile> note_;
  std::uint64_t bytes_ = 0;
};

class GuardedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  GuardedFileSystem(std::shared_ptr<rocksdb::FileSystem> disk, FailureLatch& latch) : FileSystemWrapper(std::move(disk)), latch_(latch) {}
  const char* Name() const override { return "GuardedFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options, std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override {
    auto status = FileSystemWrapper::NewWritableFile(path, options, result, debug);
    if (!status.ok()) return status;
    if (path.ends_with(".log")) *result = std::make_unique<GuardedLog>(path, std::move(*result), latch_, open_logs_);
    const auto note_path = synced_note_path(path);
    if (!note_path) return status;
    // The directory is synced before CURRENT names this manifest, so the note is there whenever the manifest counts.
    std::unique_ptr<rocksdb::FSWritableFile> note;
    status = FileSystemWrapper::NewWritableFile(*note_path, options, &note, debug);
    if (status.ok()) *result = std::make_unique<GuardedManifest>(std::move(*result), std::move(note));
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    const auto status = FileSystemWrapper::DeleteFile(path, options, debug);
    const auto note_path = synced_note_path(path);
    // A note without a manifest is only litter.
    if (status.ok() && note_path) FileSystemWrapper::DeleteFile(*note_path, options, debug).PermitUncheckedError();
    return status;
  }

 private:
  FailureLatch& latch_;
  const std::shared_ptr<OpenLogs> open_logs_ = std::make_shared<OpenLogs>();
};

}  // namespace

void FailureLatch::set(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (set_) return;
  reason_ = reason;
  set_ = true;
}

std::string FailureLatch::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

std::shared_ptr<rocksdb::FileSystem> guard_files(std::shared_ptr<rocksdb::FileSystem> disk, FailureLatch& latch) {
  return std::make_shared<GuardedFileSystem>(std::move(disk), latch);
}

}  // namespace surgetank
