// The process that store_kill_test kills: store_kill_child <data directory> <seed>
// Commits on several threads for ever, continuing where the directory left off, and writes {writer, number} to standard output
// for each transaction when it is acknowledged. A write below the size of a pipe's atomic write is whole or not there.
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/log.h"
#include "crash_workload.h"
#include "storage/rocks_store.h"

namespace {

constexpr int writers = 2;
constexpr std::size_t most_outstanding = 200;

void acknowledge(std::uint64_t writer, std::uint64_t number) {
  const std::array<std::uint64_t, 2> message = {writer, number};
  if (::write(STDOUT_FILENO, message.data(), sizeof message) != sizeof message) std::_Exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace surgetank;
  if (argc != 3) return 1;
  set_log_level(LogLevel::Error);
  RocksStoreOptions options;
  options.directory = argv[1];
  options.write_buffer_bytes = std::size_t{256} << 10;
  options.least_free_bytes = 0;
  const auto store = open_rocks_store(std::move(options));
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      Random random(std::strtoull(argv[2], nullptr, 10) + static_cast<std::uint64_t>(writer));
      std::atomic<std::uint64_t> outstanding{0};
      for (auto number = inspect_crash_writer(*store, writer).last_number + 1;; ++number) {
        const auto sequence = commit_crash_transaction(*store, writer, number, random.below(2000));
        ++outstanding;
        store->on_durable(sequence, [&outstanding, writer, number] {
          acknowledge(static_cast<std::uint64_t>(writer), number);
          --outstanding;
        });
        while (outstanding > most_outstanding) std::this_thread::yield();
      }
    });
  }
  for (auto& thread : threads) thread.join();
}
