#include "storage/rocks_store.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/text.h"
#include "storage/posix_file.h"
#include "storage/rocks_log_check.h"
#include "storage/rocks_log_reader.h"
#include "storage/rocks_manifest_check.h"

namespace surgetank {
namespace {

class RocksStoreTest : public testing::Test {
 protected:
  RocksStoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "surgetank-rocks-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    directory = root + "/data";
  }
  ~RocksStoreTest() override { std::filesystem::remove_all(root); }

  RocksStoreOptions options() const {
    RocksStoreOptions options;
    options.directory = directory;
    options.least_free_bytes = 0;
    return options;
  }
  static Sequence put(Store& store, const std::string& key, const std::string& value) {
    const auto txn = store.begin();
    txn->put(key, value);
    return store.commit(*txn);
  }
  static void wait_until_durable(Store& store, Sequence sequence) {
    std::mutex mutex;
    std::condition_variable changed;
    bool durable = false;
    store.on_durable(sequence, [&] {
      const std::lock_guard lock(mutex);
      durable = true;
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return durable; }));
  }
  std::string refusal(const RocksStoreOptions& with) const {
    try {
      open_rocks_store(with);
    } catch (const StorageError& error) {
      return error.what();
    }
    return "opened";
  }

  // Commits k0, k1, ... each synced by itself, and leaves the files as a killed process does: the log not yet replayed.
  // Returns the directory with that state.
  std::string crashed_copy(int commits) {
    const auto store = open_rocks_store(options());
    for (int i = 0; i < commits; ++i) wait_until_durable(*store, put(*store, "k" + std::to_string(i), std::string(100, 'v')));
    const auto copy = root + "/copy";
    // Until nothing has changed meanwhile: RocksDB's background threads go on writing, and delete what they no longer need.
    while (!copied_whole(copy)) std::filesystem::remove_all(copy);
    return copy;
  }
  bool copied_whole(const std::string& copy) const {
    try {
      const auto before = sizes(directory);
      std::filesystem::copy(directory, copy, std::filesystem::copy_options::recursive);
      return sizes(directory) == before && sizes(copy) == before && manifests_are_noted(copy);
    } catch (const std::exception&) {  // a file went away meanwhile
      return false;
    }
  }
  // No write of a manifest is under way between its sync and the note of it.
  static bool manifests_are_noted(const std::string& data) {
    for (const auto& entry : std::filesystem::directory_iterator(data + "/db")) {
      const auto note = synced_note_path(entry.path().string());
      if (note && !read_file(*note, std::size_t{1} << 20).ends_with(synced_note_entry(entry.file_size()))) return false;
    }
    return true;
  }
  // Of all files, by their path in the directory.
  static std::map<std::string, std::uintmax_t> sizes(const std::string& data) {
    std::map<std::string, std::uintmax_t> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
      if (entry.is_regular_file()) found[std::filesystem::relative(entry.path(), data)] = entry.file_size();
    }
    return found;
  }
  static std::string log_of(const std::string& data) {
    for (const auto& entry : std::filesystem::directory_iterator(data + "/db")) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0) return entry.path();
    }
    return "none";
  }
  static std::string manifest_of(const std::string& data) {
    for (const auto& entry : std::filesystem::directory_iterator(data + "/db"))
      if (entry.path().filename().string().starts_with("MANIFEST")) return entry.path();
    return "none";
  }
  static std::vector<LogItem> items(const std::string& log) {
    std::vector<LogItem> found;
    RocksLogReader reader(log);
    while (const auto item = reader.next()) found.push_back(*item);
    return found;
  }
  static void overwrite(const std::string& file, std::uint64_t offset, const std::string& bytes) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream << bytes;
  }
  static int rows(Store& store) {
    int count = 0;
    store.begin()->scan("", "", [&](std::string_view, std::string_view) { return ++count > 0; });
    return count;
  }

  std::string root;
  std::string directory;
};

TEST_F(RocksStoreTest, ASecondUserOfTheDirectoryIsToldWhoHoldsIt) {
  const auto store = open_rocks_store(options());
  EXPECT_EQ(refusal(options()), "data directory " + directory + " is in use by process " + std::to_string(::getpid()));
  const auto child = ::fork();
  if (child == 0) ::_exit(contains(refusal(options()), "is in use by process " + std::to_string(::getppid())) ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(RocksStoreTest, TheLockEndsWithTheStore) {
  open_rocks_store(options()).reset();
  EXPECT_EQ(refusal(options()), "opened");
}

TEST_F(RocksStoreTest, ANewerDataFormatIsRefused) {
  open_rocks_store(options()).reset();
  std::ofstream(directory + "/FORMAT") << "surgetank data format 2\n";
  const auto text = refusal(options());
  EXPECT_TRUE(contains(text, "has format 2, written by a newer version; this version reads format 1")) << text;
  std::ofstream(directory + "/FORMAT") << "something else\n";
  EXPECT_TRUE(contains(refusal(options()), "is not readable"));
  std::ofstream(directory + "/FORMAT") << "surgetank data format 1\n";
  EXPECT_EQ(refusal(options()), "opened");
}

TEST_F(RocksStoreTest, AFileInPlaceOfTheDirectoryIsRefused) {
  std::ofstream(directory.c_str()) << "x";
  EXPECT_TRUE(contains(refusal(options()), directory));
}

TEST_F(RocksStoreTest, TheDirectoryIsForItsOwnerOnly) {
  open_rocks_store(options()).reset();
  EXPECT_EQ(std::filesystem::status(directory).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(RocksStoreTest, ANearlyFullDiskRefusesWritesButServesReads) {
  auto full = options();
  put(*open_rocks_store(full), "a", "1");
  full.least_free_bytes = std::uint64_t{1} << 60;
  const auto store = open_rocks_store(full);
  EXPECT_THROW(put(*store, "b", "1"), StorageError);
  EXPECT_EQ(store->begin()->get("a"), "1");
  EXPECT_EQ(store->begin()->get("b"), std::nullopt);
}

TEST_F(RocksStoreTest, SaysBeforehandThatANearlyFullDiskHasNoRoom) {
  auto full = options();
  EXPECT_TRUE(open_rocks_store(full)->has_room());
  full.least_free_bytes = std::uint64_t{1} << 60;
  EXPECT_FALSE(open_rocks_store(full)->has_room());
}

TEST_F(RocksStoreTest, OnANearlyFullDiskErasingStillWorks) {
  const auto space = std::filesystem::space(root);
  const auto free_bytes = ::geteuid() == 0 ? space.free : space.available;
  auto low = options();
  put(*open_rocks_store(low), "a", "1");
  low.least_free_bytes = free_bytes / 2 * 3;
  const auto store = open_rocks_store(low);
  EXPECT_THROW(put(*store, "b", "1"), StorageError);
  const auto txn = store->begin();
  txn->erase("a");
  txn->put("count", "0");
  wait_until_durable(*store, store->commit(*txn));
  EXPECT_EQ(store->begin()->get("a"), std::nullopt);
}

TEST_F(RocksStoreTest, OpensWithinSixtyMillisecondsOfProcessorTime) {
  // Not of the clock on the wall, which also measures the disk's syncs and the machine's other load.
  const auto processor_ms = [] {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  };
  double fastest = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = processor_ms();
    open_rocks_store(options());
    fastest = std::min(fastest, processor_ms() - start);
  }
  EXPECT_LE(fastest, 60.0);
}

TEST_F(RocksStoreTest, TheLogReaderReadsEveryRecordOfAHealthyLog) {
  const auto copy = crashed_copy(300);
  const auto found = items(log_of(copy));
  ASSERT_GE(found.size(), 300u);
  Sequence expected = found.front().first;
  for (const auto& item : found) {
    EXPECT_EQ(item.kind, LogItem::Kind::Record);
    EXPECT_EQ(item.first, expected);
    EXPECT_LT(item.watermark, item.first);
    expected = item.first + item.count;
  }
  // Each commit was synced before the next, and the records say so.
  EXPECT_EQ(found.back().watermark, found.back().first - 1);
}

TEST_F(RocksStoreTest, ACutOffLogLosesOnlyWhatWasCutOff) {
  const auto copy = crashed_copy(100);
  const auto log = log_of(copy);
  std::filesystem::resize_file(log, items(log)[99].offset + 50);
  auto with = options();
  with.directory = copy;
  EXPECT_EQ(rows(*open_rocks_store(with)), 99);
}

TEST_F(RocksStoreTest, DamageToSyncedRecordsIsReportedAndNeverSkipped) {
  const auto copy = crashed_copy(600);  // several blocks of the log
  const auto log = log_of(copy);
  const auto found = items(log);
  auto with = options();
  with.directory = copy;
  const auto healthy = read_file(log, std::size_t{1} << 30);
  for (const std::size_t victim : {std::size_t{0}, std::size_t{1}, std::size_t{299}, found.size() - 2}) {
    for (const std::uint64_t byte : {0U, 4U, 6U, 7U, 40U, 100U}) {
      auto damaged = std::string(1, static_cast<char>(healthy[found[victim].offset + byte] ^ 0x40));
      overwrite(log, found[victim].offset + byte, damaged);
      const auto text = refusal(with);
      EXPECT_TRUE(contains(text, "the log is damaged: " + log + " at byte " + std::to_string(found[victim].offset)))
          << victim << ": " << text;
      overwrite(log, 0, healthy);
    }
  }
  overwrite(log, found[299].offset, std::string(5000, '\0'));
  EXPECT_TRUE(contains(refusal(with), "the log is damaged"));
  with.log_damage = LogDamage::KeepWhatIsBefore;
  EXPECT_EQ(rows(*open_rocks_store(with)), 299);
  EXPECT_EQ(rows(*open_rocks_store(with)), 299);
}

TEST_F(RocksStoreTest, AnUnsyncedTailInPiecesIsDroppedFromItsFirstHoleOn) {
  // Records that say that nothing before them was synced: written by a store that acknowledges without syncing.
  auto unsynced = options();
  unsynced.durability = Durability::Unsynced;
  const auto copy = root + "/copy";
  {
    const auto store = open_rocks_store(unsynced);
    for (int i = 0; i < 2000; ++i) put(*store, "k" + std::to_string(i), std::string(100, 'v'));
    std::filesystem::copy(directory, copy, std::filesystem::copy_options::recursive);
  }
  const auto log = log_of(copy);
  // A page that never reached the disk reads as zeros.
  const auto found = items(log);
  ASSERT_GE(found.size(), 2000u);
  const std::uint64_t page = found[500].offset / 4096 * 4096;
  overwrite(log, page, std::string(4096, '\0'));
  int readable = 0;
  while (found[static_cast<std::size_t>(readable) + 1].offset <= page) ++readable;
  auto with = options();
  with.directory = copy;
  EXPECT_EQ(rows(*open_rocks_store(with)), readable);
  EXPECT_EQ(rows(*open_rocks_store(with)), readable);
}

TEST_F(RocksStoreTest, AWholeRecordMissingBetweenOthersIsAGap) {
  const auto copy = crashed_copy(50);
  const auto log = log_of(copy);
  const auto found = items(log);
  auto bytes = read_file(log, std::size_t{1} << 30);
  bytes.erase(found[20].offset, found[21].offset - found[20].offset);
  std::filesystem::resize_file(log, 0);
  overwrite(log, 0, bytes);
  auto with = options();
  with.directory = copy;
  EXPECT_TRUE(contains(refusal(with), "the log is damaged"));
}

TEST_F(RocksStoreTest, DamageToATableOrTheManifestIsDetected) {
  auto with = options();
  {
    const auto store = open_rocks_store(with);
    for (int i = 0; i < 2000; ++i) put(*store, "k" + std::to_string(i), std::string(100, static_cast<char>('a' + i % 26)));
  }
  open_rocks_store(with).reset();  // replays the log into a table
  std::string table;
  std::string manifest;
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/db")) {
    if (entry.path().extension() == ".sst") table = entry.path();
    if (entry.path().filename().string().starts_with("MANIFEST")) manifest = entry.path();
  }
  ASSERT_NE(table, "");
  overwrite(table, 1000, "damage");
  {
    const auto store = open_rocks_store(with);
    EXPECT_THROW(rows(*store), StorageError);
    EXPECT_NE(store->begin()->get("k999"), std::nullopt) << "undamaged blocks are still served";
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/db")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) manifest = entry.path();
  }
  overwrite(manifest, 20, "damage");
  EXPECT_TRUE(contains(refusal(with), manifest + " is damaged at byte"));
}

TEST_F(RocksStoreTest, ATornLastRecordOfTheManifestIsDroppedIfNothingWasDoneOnItsAccount) {
  const auto copy = crashed_copy(50);
  auto with = options();
  with.directory = copy;
  std::string manifest;
  for (const auto& entry : std::filesystem::directory_iterator(copy + "/db")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) manifest = entry.path();
  }
  std::ofstream(manifest, std::ios::app | std::ios::binary) << std::string("\x11\x22\x33\x44\x40\x00\x01 the beginning of a record", 33);
  EXPECT_EQ(rows(*open_rocks_store(with)), 50);
}

TEST_F(RocksStoreTest, ATornLastRecordOfTheManifestIsDroppedAlsoAfterARestart) {
  // A start records as "needed" a log number that no log has.
  put(*open_rocks_store(options()), "before", "1");
  const auto copy = crashed_copy(50);
  auto with = options();
  with.directory = copy;
  for (const auto& entry : std::filesystem::directory_iterator(copy + "/db")) {
    if (!entry.path().filename().string().starts_with("MANIFEST")) continue;
    std::ofstream(entry.path(), std::ios::app | std::ios::binary)
        << std::string("\x11\x22\x33\x44\x40\x00\x01 the beginning of a record", 33);
  }
  EXPECT_EQ(rows(*open_rocks_store(with)), 51);
}

TEST_F(RocksStoreTest, WhatWasSyncedOfTheManifestIsNeverCutOff) {
  put(*open_rocks_store(options()), "before", "1");
  const auto healthy = crashed_copy(1);
  const auto records = items(manifest_of(healthy));
  ASSERT_GE(records.size(), 3u);
  for (std::size_t victim = 0; victim < records.size(); ++victim) {
    auto with = options();
    with.directory = root + "/damaged";
    std::filesystem::copy(healthy, with.directory, std::filesystem::copy_options::recursive);
    overwrite(manifest_of(with.directory), records[victim].offset + 9, "damage");
    const auto text = refusal(with);
    EXPECT_TRUE(contains(text, "is damaged at byte " + std::to_string(records[victim].offset)))
        << "record " << victim << " of " << records.size() << ": " << text;
    std::filesystem::remove_all(with.directory);
    std::filesystem::copy(healthy, with.directory, std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(manifest_of(with.directory), records[victim].offset);
    EXPECT_TRUE(contains(refusal(with), "had been synced")) << refusal(with);
    std::filesystem::remove_all(with.directory);
  }
}

TEST_F(RocksStoreTest, AManifestHasOneNoteOfHowFarItWasSynced) {
  for (int start = 0; start < 3; ++start) put(*open_rocks_store(options()), "a", "1");
  const auto store = open_rocks_store(options());
  int manifests = 0;
  int notes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/db")) {
    manifests += entry.path().filename().string().starts_with("MANIFEST-") ? 1 : 0;
    notes += entry.path().filename().string().starts_with("SYNCED-") ? 1 : 0;
  }
  EXPECT_EQ(manifests, 1);
  EXPECT_EQ(notes, 1);
}

}  // namespace
}  // namespace surgetank
