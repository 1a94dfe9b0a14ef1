#include "storage/rocks_manifest_check.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/wal_filter.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "storage/posix_file.h"
#include "storage/rocks_log_reader.h"
#include "storage/store.h"

namespace surgetank {
namespace {

// Recovery tells a filter which log it begins with.
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

// Where the last record of the file begins, if it is unreadable and nothing readable follows.
std::optional<std::uint64_t> unreadable_end(const std::string& manifest) {
  RocksLogReader reader(manifest);
  std::optional<std::uint64_t> end;
  while (const auto item = reader.next()) {
    if (item->kind == LogItem::Kind::Record && end) return std::nullopt;
    if (item->kind == LogItem::Kind::Unreadable) end = item->offset;
  }
  return end;
}

// A look at the database as it would be with a shorter manifest, without changing it.
class Rehearsal {
 public:
  Rehearsal(const std::string& path, const std::string& manifest_name, std::uint64_t manifest_size) : path_(path + ".rehearsal") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::absolute(path))) {
      const auto name = entry.path().filename().string();
      if (name != manifest_name && name != "LOCK") std::filesystem::create_symlink(entry.path(), path_ + "/" + name);
    }
    std::filesystem::copy_file(path + "/" + manifest_name, path_ + "/" + manifest_name);
    std::filesystem::resize_file(path_ + "/" + manifest_name, manifest_size);
  }
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;
  ~Rehearsal() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string log_path(const std::string& path, std::uint64_t number) {
  const auto digits = std::to_string(number);
  constexpr std::size_t width = 6;
  return path + "/" + std::string(width - std::min(width, digits.size()), '0') + digits + ".log";
}

// Of a database that never recorded a table: whether its logs go back to the very first commit, or nothing was ever written.
bool has_everything_in_logs(const std::string& path) {
  std::string oldest;
  bool has_tables = false;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".sst") has_tables = true;
    if (entry.path().extension() == ".log" && (oldest.empty() || entry.path().string() < oldest)) oldest = entry.path();
  }
  const auto first = oldest.empty() ? std::nullopt : RocksLogReader(oldest).next();
  return first && first->kind == LogItem::Kind::Record ? first->first <= 1 : !has_tables;
}

// Whether some entry of the table is in the database as it is there; a table without values holds nothing to miss.
bool holds_some_of(rocksdb::DB& database, const std::string& table) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  if (!reader.Open(table).ok()) return true;  // unfinished: nothing was done on its account
  const std::unique_ptr<rocksdb::Iterator> entry(reader.NewIterator(rocksdb::ReadOptions()));
  bool empty = true;
  std::string value;
  for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
    empty = false;
    if (database.Get(rocksdb::ReadOptions(), entry->key(), &value).ok() && value == entry->value()) return true;
  }
  return empty;
}

// Whether what lies in tables that the manifest does not know is all in the logs: then nothing was thrown away on account of them.
bool logs_hold_unknown_tables(const std::string& path, std::uint64_t first_log) {
  rocksdb::Options options;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_open_files = 16;
  options.info_log = std::make_shared<SilentLog>();
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(options, path, &opened);
  const std::unique_ptr<rocksdb::DB> database(opened);
  if (!status.ok()) throw StorageError("cannot inspect the store in " + path + ": " + status.ToString());
  std::vector<rocksdb::LiveFileMetaData> known;
  database->GetLiveFilesMetaData(&known);
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    // Tables with a lower number than the logs are left over from before a crash: nobody misses what they hold.
    const auto number = parse_integer(entry.path().stem().string());
    if (entry.path().extension() != ".sst" || !number || static_cast<std::uint64_t>(*number) < first_log) continue;
    const auto name = "/" + entry.path().filename().string();
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const auto& table) { return table.name == name; });
    if (!is_known && !holds_some_of(*database, entry.path().string())) return false;
  }
  return true;
}

// What the database lacks to be as it was before the record at `end` of its manifest; empty if it is all there.
std::string missing_before(const std::string& path, const std::string& manifest_name, std::uint64_t end) {
  try {
    const Rehearsal rehearsal(path, manifest_name, end);
    const auto number = first_needed_log(rehearsal.path());
    if (number == 0) return has_everything_in_logs(path) ? "" : "the first log";
    const auto log = log_path(path, number);
    // The number is only a bound: a start of the store takes the next free one, which no log need have. So a log that is not
    // there is missed only if a table that this manifest does not know holds what the logs that are there do not.
    return file_exists(log) || logs_hold_unknown_tables(rehearsal.path(), number) ? "" : log;
  } catch (const std::filesystem::filesystem_error& error) {
    throw StorageError(std::string("cannot inspect the store: ") + error.what());
  } catch (const StorageError& error) {
    return error.what();
  }
}

}  // namespace

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

void check_manifest(const std::string& path) {
  if (!file_exists(path + "/CURRENT")) return;
  const auto current = read_file(path + "/CURRENT", 1024);
  const std::string name(trim(std::string_view(current).substr(0, current.find('\n'))));
  const auto manifest = path + "/" + name;
  if (!name.starts_with("MANIFEST-") || !file_exists(manifest)) return;
  const auto end = unreadable_end(manifest);
  if (!end) return;
  if (const auto missing = missing_before(path, name, *end); !missing.empty()) {
    throw StorageError("the last record of " + manifest + " is damaged and had been acted on: what it replaced is gone (" + missing +
                       "). Restore a backup");
  }
  log_line(LogLevel::Warning, "storage", "dropping the unfinished last record of " + manifest + ", which nothing was done on account of");
  const auto file = open_file(manifest, O_WRONLY);
  if (::ftruncate(file.number(), static_cast<off_t>(*end)) != 0) throw_system_error("cut", manifest);
  sync_file(file.number(), manifest);
}

}  // namespace surgetank
