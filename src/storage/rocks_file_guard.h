#pragma once
// What stands between RocksDB 7.8 and the disk. Internal to rocks_store. Thread safe.
//
// Logs: keeps RocksDB from seeing a write-ahead log fail. When one thread's log write fails while another is about to sync, the
// library meets its own assertion, which Debian's build has compiled in, and the process aborts instead of stopping in order.
// So the first failed operation on a log sets the latch, and from then on logs are not touched any more and every operation on
// them "succeeds": on disk it is as if the machine had stopped there. The store looks at the latch after each write and sync and
// acknowledges nothing once it is set. A log gets its first bytes only when all earlier ones are synced, so that a power loss
// never leaves a later commit without an earlier one.
//
// Manifests: notes how far each was synced (rocks_manifest_check.h). Their failures, and those of all other files, pass through.
#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace rocksdb {
class FileSystem;
}

namespace surgetank {

// Set once, by whoever sees the first failure.
class FailureLatch {
 public:
  bool is_set() const { return set_.load(); }
  void set(const std::string& reason);
  std::string reason() const;

 private:
  std::atomic<bool> set_{false};
  mutable std::mutex mutex_;
  std::string reason_;
};

// `latch` must outlive the result.
std::shared_ptr<rocksdb::FileSystem> guard_files(std::shared_ptr<rocksdb::FileSystem> disk, FailureLatch& latch);

}  // namespace surgetank
