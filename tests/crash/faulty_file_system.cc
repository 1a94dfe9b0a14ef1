#include "faulty_file_system.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace surgetank {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string directory_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

}  // namespace

// Counts what is appended and what is synced, and never really syncs: the loss is simulated.
class FaultyWritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritableFile(FaultyFileSystem& owner, std::shared_ptr<FaultyFileSystem::FileState> state,
                     std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), owner_(owner), state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    bool short_write = false;
    const std::lock_guard lock(owner_.mutex_);
    auto status = owner_.next_operation(FaultyFileSystem::Operation::Append, &short_write);
    const Slice part(data.data(), status.ok() ? data.size() : short_write ? data.size() / 2 : 0);
    if (part.size() == 0 && !status.ok()) return status;
    const auto written = FSWritableFileOwnerWrapper::Append(part, options, debug);
    if (written.ok() && owner_.power_) state_->size += part.size();
    return status.ok() ? written : status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(owner_.mutex_);
    if (auto status = owner_.next_operation(FaultyFileSystem::Operation::Other); !status.ok()) return status;
    if (owner_.power_) {
      state_->size = size;
      state_->synced_size = std::min(state_->synced_size, size);
    }
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(owner_.mutex_);
    if (auto status = owner_.next_operation(FaultyFileSystem::Operation::Sync); !status.ok()) {
      state_->sync_failed = true;
      return status;
    }
    if (!state_->sync_failed && owner_.power_) state_->synced_size = state_->size;
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  FaultyFileSystem& owner_;
  std::shared_ptr<FaultyFileSystem::FileState> state_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(FaultyFileSystem& owner, std::string path, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), owner_(owner), path_(std::move(path)) {
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(owner_.mutex_);
    if (auto status = owner_.next_operation(FaultyFileSystem::Operation::Other); !status.ok()) return status;
    owner_.directory_synced(path_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug, const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultyFileSystem& owner_;
  std::string path_;
};

FaultyFileSystem::FaultyFileSystem(std::string attic, std::uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), attic_(std::move(attic)), random_(seed) {}

void FaultyFileSystem::fail_write(std::uint64_t number, FaultKind kind, FaultLasting lasting) {
  const std::lock_guard lock(mutex_);
  fail_at_ = number;
  fault_kind_ = kind;
  fault_lasting_ = lasting;
}

void FaultyFileSystem::lose_power_at_write(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  lose_power_at_ = number;
}

void FaultyFileSystem::set_free_bytes(std::uint64_t free_bytes) {
  const std::lock_guard lock(mutex_);
  free_bytes_ = free_bytes;
}

rocksdb::IOStatus FaultyFileSystem::GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* free_bytes,
                                                 rocksdb::IODebugContext* debug) {
  {
    const std::lock_guard lock(mutex_);
    if (free_bytes_) {
      *free_bytes = *free_bytes_;
      return rocksdb::IOStatus::OK();
    }
  }
  return rocksdb::FileSystemWrapper::GetFreeSpace(path, options, free_bytes, debug);
}

void FaultyFileSystem::lose_power() {
  const std::lock_guard lock(mutex_);
  power_is_lost();
}

void FaultyFileSystem::power_is_lost() {
  if (!power_) return;
  power_ = false;
  changes_before_loss_ = changes_.size();
}

bool FaultyFileSystem::has_power() const {
  const std::lock_guard lock(mutex_);
  return power_;
}

std::uint64_t FaultyFileSystem::write_count() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

bool FaultyFileSystem::fault_happened() const {
  const std::lock_guard lock(mutex_);
  return fault_happened_;
}

std::uint64_t FaultyFileSystem::failed_syncs() const {
  const std::lock_guard lock(mutex_);
  return failed_syncs_;
}

std::uint64_t FaultyFileSystem::undone_names() const {
  const std::lock_guard lock(mutex_);
  return undone_names_;
}

IOStatus FaultyFileSystem::next_operation(Operation operation, bool* short_write) {
  ++writes_;
  if (lose_power_at_ != 0 && writes_ >= lose_power_at_) power_is_lost();
  if (!power_) return IOStatus::OK();
  const bool fails = fail_at_ != 0 && (writes_ == fail_at_ || (writes_ > fail_at_ && fault_lasting_ == FaultLasting::Forever));
  if (!fails) return IOStatus::OK();
  fault_happened_ = true;
  if (operation == Operation::Sync) ++failed_syncs_;
  if (short_write != nullptr) *short_write = fault_kind_ == FaultKind::ShortWrite;
  return fault_kind_ == FaultKind::NoSpace ? IOStatus::NoSpace("injected") : IOStatus::IOError("injected");
}

std::shared_ptr<FaultyFileSystem::FileState> FaultyFileSystem::state_of(const std::string& path) {
  auto& state = files_[path];
  if (!state) {
    state = std::make_shared<FileState>();
    std::error_code missing;
    const auto size = std::filesystem::file_size(path, missing);
    if (!missing) state->size = state->synced_size = size;
  }
  return state;
}

std::string FaultyFileSystem::to_attic(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  auto backup = attic_ + "/" + std::to_string(++backups_);
  std::filesystem::rename(path, backup);
  return backup;
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = next_operation(Operation::Other); !status.ok()) return status;
  NameChange change{NameChange::Kind::Created, path};
  if (std::filesystem::exists(path)) {
    change.replaced = state_of(path);
    change.backup = to_attic(path);
  }
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (auto status = FileSystemWrapper::NewWritableFile(path, options, &file, debug); !status.ok()) return status;
  changes_.push_back(std::move(change));
  auto state = std::make_shared<FileState>();
  files_[path] = state;
  *result = std::make_unique<FaultyWritableFile>(*this, std::move(state), std::move(file));
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = next_operation(Operation::Other); !status.ok()) return status;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (auto status = FileSystemWrapper::ReopenWritableFile(path, options, &file, debug); !status.ok()) return status;
  *result = std::make_unique<FaultyWritableFile>(*this, state_of(path), std::move(file));
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const IOOptions& options, std::unique_ptr<rocksdb::FSDirectory>* result,
                                        IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  if (auto status = FileSystemWrapper::NewDirectory(path, options, &directory, debug); !status.ok()) return status;
  *result = std::make_unique<FaultyDirectory>(*this, path, std::move(directory));
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = next_operation(Operation::Other); !status.ok()) return status;
  NameChange change{NameChange::Kind::Renamed, to, from};
  if (std::filesystem::exists(to)) change.replaced = state_of(to);
  change.backup = to_attic(to);
  const auto state = state_of(from);
  if (auto status = FileSystemWrapper::RenameFile(from, to, options, debug); !status.ok()) return status;
  files_[to] = state;
  files_.erase(from);
  changes_.push_back(std::move(change));
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = next_operation(Operation::Other); !status.ok()) return status;
  if (!std::filesystem::exists(path)) return FileSystemWrapper::DeleteFile(path, options, debug);
  NameChange change{NameChange::Kind::Deleted, path};
  change.replaced = state_of(path);
  change.backup = to_attic(path);
  files_.erase(path);
  changes_.push_back(std::move(change));
  return IOStatus::OK();
}

void FaultyFileSystem::directory_synced(const std::string& directory) {
  if (!power_) return;
  std::erase_if(changes_, [&](const NameChange& change) {
    if (directory_of(change.path) != directory) return false;
    if (!change.backup.empty()) std::filesystem::remove(change.backup);
    return true;
  });
}

void FaultyFileSystem::undo(const NameChange& change) {
  ++undone_names_;
  if (change.kind == NameChange::Kind::Renamed) {
    std::filesystem::rename(change.path, change.from);
    files_[change.from] = files_[change.path];
  } else if (change.kind == NameChange::Kind::Created) {
    std::filesystem::remove(change.path);
  }
  files_.erase(change.path);
  if (change.backup.empty()) return;
  std::filesystem::rename(change.backup, change.path);
  files_[change.path] = change.replaced;
}

void FaultyFileSystem::restore(UnsyncedBytes unsynced) {
  const std::lock_guard lock(mutex_);
  // A journal makes name changes durable in order: a prefix of them has happened.
  const auto kept = unsynced == UnsyncedBytes::Dropped ? 0 : random_.below(changes_before_loss_ + 1);
  for (auto index = changes_.size(); index > kept; --index) undo(changes_[index - 1]);
  changes_.clear();
  for (const auto& [path, state] : files_) {
    if (state && std::filesystem::exists(path)) damage_unsynced(path, *state, unsynced);
  }
}

void FaultyFileSystem::damage_unsynced(const std::string& path, const FileState& state, UnsyncedBytes unsynced) {
  // Space that was allocated ahead of the written bytes is not part of the file.
  const auto size = std::min<std::uint64_t>(state.size, std::filesystem::file_size(path));
  const auto synced = std::min(state.synced_size, size);
  const auto loose = size - synced;
  if (unsynced == UnsyncedBytes::Dropped || loose == 0) {
    std::filesystem::resize_file(path, synced);
    return;
  }
  std::filesystem::resize_file(path, unsynced == UnsyncedBytes::Torn ? synced + random_.below(loose + 1) : size);
  if (unsynced == UnsyncedBytes::Torn) return;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  constexpr std::uint64_t sector = 512;
  for (auto sectors = 1 + random_.below(1 + loose / sector / 2); sectors > 0; --sectors) {
    const auto offset = (synced + random_.below(loose)) / sector * sector;
    const auto begin = std::max(offset, synced);
    const auto length = std::min(offset + sector, size) - begin;
    std::string bytes(length, '\0');
    if (random_.chance(40)) {
      for (auto& byte : bytes) byte = static_cast<char>(random_.next());
    }
    file.seekp(static_cast<std::streamoff>(begin));
    file << bytes;
  }
}

}  // namespace surgetank
