#include "storage/rocks_log_guard.h"

#include <rocksdb/file_system.h>

#include <utility>

namespace surgetank {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class GuardedLog final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  GuardedLog(std::string path, std::unique_ptr<rocksdb::FSWritableFile> file, FailureLatch& latch)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), latch_(latch) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Append(data, options, debug); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Append(data, options, info, debug); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Truncate(size, options, debug); });
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    // Closed even then, or the descriptor would leak.
    const auto status = FSWritableFileOwnerWrapper::Close(options, debug);
    return guard([&] { return status; });
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Flush(options, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return guard([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  template <class Operation>
  IOStatus guard(const Operation& operation) {
    if (latch_.is_set()) return IOStatus::OK();
    const auto status = operation();
    if (!status.ok()) latch_.set(path_ + ": " + status.ToString());
    return IOStatus::OK();
  }

  const std::string path_;
  FailureLatch& latch_;
};

class GuardedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  GuardedFileSystem(std::shared_ptr<rocksdb::FileSystem> disk, FailureLatch& latch) : FileSystemWrapper(std::move(disk)), latch_(latch) {}
  const char* Name() const override { return "GuardedFileSystem"; }
  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options, std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override {
    auto status = FileSystemWrapper::NewWritableFile(path, options, result, debug);
    if (status.ok() && path.ends_with(".log")) *result = std::make_unique<GuardedLog>(path, std::move(*result), latch_);
    return status;
  }

 private:
  FailureLatch& latch_;
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

std::shared_ptr<rocksdb::FileSystem> guard_logs(std::shared_ptr<rocksdb::FileSystem> disk, FailureLatch& latch) {
  return std::make_shared<GuardedFileSystem>(std::move(disk), latch);
}

}  // namespace surgetank
