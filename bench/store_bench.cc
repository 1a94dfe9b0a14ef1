// How many commits a second our store acknowledges with so many outstanding, against the most that RocksDB can do with the same
// bytes: one thread that writes one synced batch of as many rows as there are outstanding, with nobody to answer.
//   store_bench [directory] [seconds per measurement]
// The two are measured in turns, and the median of the turns is printed: a shared machine changes its mind about speed.
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "storage/rocks_options.h"
#include "storage/rocks_store.h"

namespace {

using namespace surgetank;
using Clock = std::chrono::steady_clock;

constexpr int turns = 5;
constexpr std::size_t value_bytes = 1000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string row_key(std::uint64_t number) {
  std::string key = "sqs/messages/";
  append_key_number(key, number);
  return key;
}

struct Measurement {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

RocksStoreOptions store_options(const std::string& directory) {
  RocksStoreOptions options;
  options.directory = directory;
  return options;
}

// The upper bound: batches of `size` rows, each written and synced before the next.
Measurement bare_committer(const std::string& directory, std::size_t size, const std::string& value, double seconds) {
  auto options = rocks_options(store_options(directory), rocksdb::Env::Default(), [](const std::string&) {});
  options.manual_wal_flush = false;
  std::filesystem::create_directory(directory);
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, directory, &opened).ok()) std::abort();
  const std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  std::uint64_t rows = 0;
  std::vector<double> latencies;
  const auto start = Clock::now();
  while (seconds_since(start) < seconds) {
    const auto begin = Clock::now();
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < size; ++i) batch.Put(row_key(++rows), value);
    if (!database->Write(synced, &batch).ok()) std::abort();
    latencies.push_back(seconds_since(begin) * 1e3);
  }
  const auto elapsed = seconds_since(start);
  std::sort(latencies.begin(), latencies.end());
  return {static_cast<double>(rows) / elapsed, latencies[latencies.size() / 2], latencies[latencies.size() * 99 / 100]};
}

// One thread commits transactions of one row and keeps `outstanding` of them waiting for their acknowledgement.
Measurement our_store(const std::string& directory, std::size_t outstanding, const std::string& value, double seconds) {
  const auto store = open_rocks_store(store_options(directory));
  std::atomic<std::uint64_t> acknowledged{0};
  std::vector<double> latencies;  // filled by the flusher thread, read after the store is gone
  std::uint64_t rows = 0;
  const auto start = Clock::now();
  while (seconds_since(start) < seconds) {
    auto seen = acknowledged.load();
    while (rows - seen >= outstanding) {
      acknowledged.wait(seen);
      seen = acknowledged.load();
    }
    const auto begin = Clock::now();
    const auto txn = store->begin();
    txn->put(row_key(++rows), value);
    store->on_durable(store->commit(*txn), [&, begin] {
      latencies.push_back(seconds_since(begin) * 1e3);
      acknowledged.fetch_add(1);
      acknowledged.notify_one();
    });
  }
  const auto elapsed = seconds_since(start);
  const auto total = acknowledged.load();
  while (acknowledged.load() < rows) acknowledged.wait(acknowledged.load());
  std::sort(latencies.begin(), latencies.end());
  return {static_cast<double>(total) / elapsed, latencies[latencies.size() / 2], latencies[latencies.size() * 99 / 100]};
}

Measurement median(std::vector<Measurement> measurements) {
  std::sort(measurements.begin(), measurements.end(),
            [](const Measurement& a, const Measurement& b) { return a.per_second < b.per_second; });
  return measurements[measurements.size() / 2];
}

double resident_mebibytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * 4096 / (1 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  const auto parent = argc > 1 ? std::filesystem::path(argv[1]) : std::filesystem::temp_directory_path();
  const double seconds = argc > 2 ? std::atof(argv[2]) : 1.0;
  std::string pattern = (parent / "surgetank-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return 1;
  const std::string root = pattern;
  Random random(1);
  const auto value = random.from_alphabet("abcdefghijklmnopqrstuvwxyz0123456789", value_bytes);

  const auto before = resident_mebibytes();
  {
    const auto start = Clock::now();
    const auto store = open_rocks_store(store_options(root + "/idle"));
    const auto opened = seconds_since(start) * 1e3;
    std::printf("open %.1f ms, resident memory of an idle store %.1f MiB (process %.1f MiB)\n", opened, resident_mebibytes() - before,
                resident_mebibytes());
  }
  std::printf("%11s %14s %10s %10s %14s %10s %7s\n", "outstanding", "store/s", "p50 ms", "p99 ms", "bare batch/s", "p50 ms", "ratio");
  int directory = 0;
  for (const std::size_t outstanding : {1, 8, 64, 256}) {
    std::vector<Measurement> ours;
    std::vector<Measurement> bare;
    for (int turn = 0; turn < turns; ++turn) {
      for (auto* results : {&ours, &bare}) {
        const auto path = root + "/" + std::to_string(++directory);
        results->push_back((results == &ours ? our_store : bare_committer)(path, outstanding, value, seconds));
        std::filesystem::remove_all(path);
      }
    }
    const auto a = median(ours);
    const auto b = median(bare);
    std::printf("%11zu %14.0f %10.2f %10.2f %14.0f %10.2f %7.2f\n", outstanding, a.per_second, a.p50_ms, a.p99_ms, b.per_second, b.p50_ms,
                a.per_second / b.per_second);
    std::fflush(stdout);
  }
  std::printf("resident memory after the load %.1f MiB\n", resident_mebibytes());
  std::filesystem::remove_all(root);
}
