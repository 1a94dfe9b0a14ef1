#include "storage/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <map>
#include <mutex>

#include "base/log.h"

namespace surgetank {
namespace {

// RocksDB's own complaints go to the server's log instead of a LOG file; creating that file costs part of every start. Under
// pressure it says the same many times a second, so each kind is passed on once in ten seconds.
class RocksLog final : public rocksdb::Logger {
 public:
  RocksLog() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override { Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, arguments); }
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) return;
    if (!is_due(format)) return;
    std::array<char, 1024> text{};
    const auto length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (length < 0) return;
    log_line(LogLevel::Warning, "storage", std::string_view(text.data(), std::min(static_cast<std::size_t>(length), text.size() - 1)));
  }

 private:
  bool is_due(const char* format) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    const auto [last, is_new] = last_time_.try_emplace(format, now);
    if (!is_new && now - last->second < std::chrono::seconds(10)) return false;
    last->second = now;
    return true;
  }

  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> last_time_;  // by format, of which there are few
};

class BackgroundErrors final : public rocksdb::EventListener {
 public:
  explicit BackgroundErrors(std::function<void(const std::string&)> report) : report_(std::move(report)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    if (!status->ok() && !status->IsShutdownInProgress()) report_("background write: " + status->ToString());
  }

 private:
  std::function<void(const std::string&)> report_;
};

rocksdb::CompressionType best_compression() {
  const auto supported = rocksdb::GetSupportedCompressions();
  for (const auto type : {rocksdb::kLZ4Compression, rocksdb::kSnappyCompression}) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

std::shared_ptr<rocksdb::TableFactory> table_factory(std::size_t block_cache_bytes) {
  rocksdb::BlockBasedTableOptions table;
  constexpr int cache_shard_bits = 2;
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes, cache_shard_bits);
  table.block_size = 8 * 1024;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.optimize_filters_for_memory = true;
  // Index and filters count against the cache too: memory stays bounded however much data there is.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

}  // namespace

rocksdb::Options rocks_options(const RocksStoreOptions& options, rocksdb::Env* env,
                               std::function<void(const std::string&)> on_background_error) {
  rocksdb::Options rocks;
  rocks.env = env;
  rocks.create_if_missing = true;
  rocks.paranoid_checks = true;
  // Keeps a gapless prefix of the commits whatever a power loss left of the unsynced tail: pages of it may be missing in the
  // middle, and a later log may have survived an earlier one. kTolerateCorruptedTailRecords accepts only a cut-off tail, and
  // replays later logs over the gap. What this mode would drop silently, rocks_log_check.h finds before the database is opened.
  // Recycled log files are incompatible with this mode, so there are none.
  rocks.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Nobody is told before the flusher has written and synced, so one write() per sync is enough. Without syncs every commit
  // must reach the operating system by itself, to survive the death of the process.
  rocks.manual_wal_flush = options.durability == Durability::Synced;

  rocks.write_buffer_size = options.write_buffer_bytes;
  // RocksDB slows writers down to a crawl when flushing or compacting lags behind, and a slowed commit holds up its lane. A burst
  // may rather cost memory (these buffers) and slower reads (level 0) for a while.
  rocks.max_write_buffer_number = 6;
  rocks.level0_slowdown_writes_trigger = 40;
  rocks.level0_stop_writes_trigger = 80;
  // Rows of one aggregate come in the order of their keys: each is put behind the last one of its prefix without a search. The longest
  // prefix that is used: "sqs/b" and a queue's number.
  constexpr std::size_t aggregate_prefix_bytes = 13;
  rocks.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(aggregate_prefix_bytes));
  rocks.allow_concurrent_memtable_write = false;  // commits are serialised anyway, and concurrent ones take no hint
  rocks.target_file_size_base = std::uint64_t{16} << 20;
  rocks.max_bytes_for_level_base = std::uint64_t{64} << 20;
  rocks.level_compaction_dynamic_level_bytes = true;
  rocks.compression = best_compression();
  rocks.table_factory = table_factory(options.block_cache_bytes);
  rocks.max_background_jobs = 2;
  rocks.bytes_per_sync = std::uint64_t{1} << 20;
  rocks.max_manifest_file_size = std::size_t{4} << 20;
  rocks.max_open_files = 512;
  rocks.max_file_opening_threads = 1;  // it would start as many threads as it may before it looks whether there are files to open

  rocks.info_log = std::make_shared<RocksLog>();
  rocks.stats_dump_period_sec = 0;
  rocks.stats_persist_period_sec = 0;
  rocks.skip_stats_update_on_db_open = true;
  // Fail stop: no healing behind our back.
  rocks.max_bgerror_resume_count = 0;
  rocks.listeners.push_back(std::make_shared<BackgroundErrors>(std::move(on_background_error)));
  return rocks;
}

}  // namespace surgetank
