#pragma once
// A disk that fails on purpose, under a store: real files, of which it knows what would survive a power loss.
// - lose_power() marks a moment. The process does not notice: what it writes from then on is accepted, and undone later; what
//   it takes for durable from then on does not count (ask has_power()). restore() makes the files what a machine finds after
//   that moment: bytes that were not synced are gone (or partly there, or garbage), and names that were created, renamed or
//   deleted in a directory that was not synced are as before.
// - fail_write(n, ...) makes the n-th write operation (append, truncate, sync, directory sync, create, rename, delete) fail.
// A file whose sync failed once never gets its unsynced bytes durable, whatever later syncs say: that is what Linux does.
// Thread safe. Files that exist already count as synced. Reads never fail.
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"

namespace surgetank {

// What is left of unsynced bytes: nothing, a random prefix of them, or anything (pages of zeros or garbage among them).
enum class UnsyncedBytes : unsigned char { Dropped, Torn, Corrupted };
enum class FaultKind : unsigned char { InputOutputError, NoSpace, ShortWrite };
enum class FaultLasting : unsigned char { Once, Forever };

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  // `attic` is an existing directory for the old versions of replaced and deleted files, on the same disk.
  FaultyFileSystem(std::string attic, std::uint64_t seed);

  void fail_write(std::uint64_t number, FaultKind kind, FaultLasting lasting);
  // Loses power when the `number`-th write operation is reached.
  void lose_power_at_write(std::uint64_t number);
  void lose_power();
  bool has_power() const;
  // What the disk says it has left from now on; other programs fill a disk and make room on it.
  void set_free_bytes(std::uint64_t free_bytes);
  // After lose_power(), once nobody uses the file system any more.
  void restore(UnsyncedBytes unsynced);

  std::uint64_t write_count() const;
  bool fault_happened() const;
  // Syncs (of files) that were made to fail.
  std::uint64_t failed_syncs() const;
  std::uint64_t undone_names() const;

  const char* Name() const override { return "FaultyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options, std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* free_bytes,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;

 private:
  friend class FaultyWritableFile;
  friend class FaultyDirectory;

  struct FileState {
    std::uint64_t size = 0;
    std::uint64_t synced_size = 0;
    bool sync_failed = false;
  };
  // A change of names that a directory sync would make durable.
  struct NameChange {
    enum class Kind : unsigned char { Created, Renamed, Deleted } kind;
    std::string path;
    std::string from = {};    // Renamed: the old name
    std::string backup = {};  // what had the name before, in the attic; empty: nothing
    std::shared_ptr<FileState> replaced = {};
  };
  enum class Operation : unsigned char { Append, Sync, Other };

  // The status of the next write operation; a non-ok one must be returned without doing it. `short_write` asks for half.
  rocksdb::IOStatus next_operation(Operation operation, bool* short_write = nullptr);
  std::string to_attic(const std::string& path);
  void undo(const NameChange& change);
  void damage_unsynced(const std::string& path, const FileState& state, UnsyncedBytes unsynced);
  std::shared_ptr<FileState> state_of(const std::string& path);
  void directory_synced(const std::string& directory);
  void power_is_lost();

  mutable std::mutex mutex_;
  const std::string attic_;
  Random random_;
  std::uint64_t writes_ = 0;
  std::uint64_t fail_at_ = 0;
  FaultKind fault_kind_ = FaultKind::InputOutputError;
  FaultLasting fault_lasting_ = FaultLasting::Once;
  std::uint64_t lose_power_at_ = 0;
  std::optional<std::uint64_t> free_bytes_;  // unset: as the real disk says
  bool fault_happened_ = false;
  bool power_ = true;
  std::uint64_t failed_syncs_ = 0;
  std::uint64_t undone_names_ = 0;
  std::uint64_t backups_ = 0;
  std::map<std::string, std::shared_ptr<FileState>> files_;
  std::vector<NameChange> changes_;  // not durable yet, oldest first
  std::size_t changes_before_loss_ = 0;
};

}  // namespace surgetank
