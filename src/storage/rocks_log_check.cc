#include "storage/rocks_log_check.h"

#include <dirent.h>
#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/wal_filter.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "storage/posix_file.h"
#include "storage/rocks_log_reader.h"

namespace surgetank {
namespace {

struct LogFile {
  std::uint64_t number = 0;
  std::string path;
};

// The first place from which on records are missing, and what lies behind it.
struct Gap {
  std::size_t file = 0;
  std::uint64_t offset = 0;
  std::optional<Sequence> first_missing;  // unknown if nothing was readable before
  std::optional<Sequence> first_behind;   // none: nothing readable behind, a torn tail
  bool was_synced = false;
};

std::vector<LogFile> list_logs(const std::string& path) {
  std::vector<LogFile> logs;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) {
    if (errno == ENOENT) return logs;
    throw_system_error("read directory", path);
  }
  constexpr std::string_view suffix = ".log";
  while (const auto* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (!name.ends_with(suffix)) continue;
    const auto number = parse_integer(name.substr(0, name.size() - suffix.size()));
    if (number && *number > 0) logs.push_back({static_cast<std::uint64_t>(*number), path + "/" + std::string(name)});
  }
  std::sort(logs.begin(), logs.end(), [](const LogFile& a, const LogFile& b) { return a.number < b.number; });
  return logs;
}

class GapFinder {
 public:
  std::optional<Gap> find(const std::vector<LogFile>& logs) {
    for (std::size_t file = 0; file < logs.size(); ++file) {
      RocksLogReader reader(logs[file].path);
      bool first_in_file = true;
      while (const auto item = reader.next()) {
        if (item->kind == LogItem::Kind::Unreadable || item->batch == LogItem::Batch::None) {
          open_gap(file, item->offset);
        } else {
          see_record(file, *item, first_in_file);
        }
        first_in_file = false;
      }
    }
    return gap_;
  }

 private:
  void open_gap(std::size_t file, std::uint64_t offset) {
    if (!gap_) gap_ = Gap{file, offset, expected_, std::nullopt, false};
  }

  void see_record(std::size_t file, const LogItem& record, bool first_in_file) {
    // A later log that goes on exactly where the readable part ended: an earlier start dropped the torn tail already.
    if (gap_ && !gap_->first_behind && first_in_file && expected_ && record.first == *expected_) gap_.reset();
    if (!gap_ && expected_ && record.first != *expected_) open_gap(file, record.offset);
    if (!gap_) {
      expected_ = record.first + record.count;
      return;
    }
    if (!gap_->first_behind) gap_->first_behind = record.first;
    const auto missing = gap_->first_missing.value_or(*gap_->first_behind - 1);
    if (record.watermark >= missing && record.watermark > 0) gap_->was_synced = true;
  }

  std::optional<Gap> gap_;
  std::optional<Sequence> expected_;
};

// Which log recovery would begin with: RocksDB tells it to a filter, here in an opening that changes nothing.
class FirstLogFilter final : public rocksdb::WalFilter {
 public:
  void ColumnFamilyLogNumberMap(const std::map<std::uint32_t, std::uint64_t>& first_log_of_family,
                                const std::map<std::string, std::uint32_t>&) override {
    for (const auto& [family, number] : first_log_of_family) first_log = std::max(first_log, number);
  }
  WalProcessingOption LogRecordFound(unsigned long long, const std::string&, const rocksdb::WriteBatch&, rocksdb::WriteBatch*,
                                     bool*) override {
    return WalProcessingOption::kStopReplay;
  }
  const char* Name() const override { return "FirstLogFilter"; }

  std::uint64_t first_log = 0;
};

class SilentLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

std::uint64_t first_needed_log(const std::string& path) {
  FirstLogFilter filter;
  rocksdb::Options options;
  options.wal_filter = &filter;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_open_files = 16;
  options.info_log = std::make_shared<SilentLog>();
  rocksdb::DB* database = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(options, path, &database);
  const std::unique_ptr<rocksdb::DB> owner(database);
  if (!status.ok()) throw StorageError("cannot inspect the store in " + path + ": " + status.ToString());
  return filter.first_log;
}

void cut(const std::vector<LogFile>& logs, const Gap& gap, const std::string& path) {
  {
    const auto file = open_file(logs[gap.file].path, O_WRONLY);
    if (::ftruncate(file.number(), static_cast<off_t>(gap.offset)) != 0) throw_system_error("cut", logs[gap.file].path);
    sync_file(file.number(), logs[gap.file].path);
  }
  for (std::size_t file = gap.file + 1; file < logs.size(); ++file) {
    if (::unlink(logs[file].path.c_str()) != 0) throw_system_error("remove", logs[file].path);
  }
  sync_directory(path);
}

std::string describe(const std::vector<LogFile>& logs, const Gap& gap) {
  return logs[gap.file].path + " at byte " + std::to_string(gap.offset);
}

}  // namespace

void check_logs(const std::string& path, LogDamage policy) {
  auto logs = list_logs(path);
  auto gap = GapFinder().find(logs);
  if (gap && gap->first_behind) {
    // Logs that are no longer needed may be incomplete in any way; they do not count.
    const auto first = first_needed_log(path);
    std::erase_if(logs, [first](const LogFile& log) { return log.number < first; });
    gap = GapFinder().find(logs);
  }
  if (!gap) return;
  if (!gap->first_behind) {
    log_line(LogLevel::Warning, "storage", "dropping the unfinished end of the log, which was never acknowledged: " + describe(logs, *gap));
    return;
  }
  if (gap->was_synced && policy == LogDamage::Refuse) {
    throw StorageError("the log is damaged: " + describe(logs, *gap) +
                       " is unreadable and held commits that had been acknowledged. Restore a backup, or accept the loss of everything "
                       "committed after that place");
  }
  log_line(gap->was_synced ? LogLevel::Error : LogLevel::Warning, "storage",
           std::string(gap->was_synced ? "LOSING ACKNOWLEDGED COMMITS, as told to: " : "dropping commits that were never acknowledged: ") +
               "cutting the log " + describe(logs, *gap));
  cut(logs, *gap, path);
}

}  // namespace surgetank
