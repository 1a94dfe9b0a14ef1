// The process that sqs_kill_test kills: sqs_kill_child <data directory> <seed> <first number> <life>
// Sends, receives and deletes messages for ever without waiting, and writes {what, number} to standard output: a send when it is
// acknowledged, a deletion before it is asked for and again when it is acknowledged. A write below the size of a pipe's atomic write is
// whole or not there.
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "sqs_crash_world.h"

namespace {

constexpr std::uint64_t most_outstanding = 100;

void tell(std::uint64_t what, std::uint64_t number) {
  const std::array<std::uint64_t, 2> message = {what, number};
  if (::write(STDOUT_FILENO, message.data(), sizeof message) != sizeof message) std::_Exit(2);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace surgetank;
  if (argc != 5) return 1;
  set_log_level(LogLevel::Error);
  RocksStoreOptions options;
  options.directory = argv[1];
  options.write_buffer_bytes = std::size_t{256} << 10;
  options.least_free_bytes = 0;
  SqsCrashWorld world(std::move(options), "killed", std::atoi(argv[4]));
  world.create_queue();
  Random random(std::strtoull(argv[2], nullptr, 10));
  auto next = std::strtoull(argv[3], nullptr, 10);
  std::atomic<std::uint64_t> outstanding{0};
  std::mutex mutex;
  std::vector<SqsCrashWorld::Received> held;
  while (true) {
    while (outstanding > most_outstanding) std::this_thread::yield();
    ++outstanding;
    const auto choice = random.below(10);
    std::optional<SqsCrashWorld::Received> doomed;
    if (choice >= 7) {
      const std::lock_guard lock(mutex);
      if (!held.empty()) {
        doomed = held.back();
        held.pop_back();
      }
    }
    if (doomed) {
      tell(1, doomed->number);
      world.remove(doomed->handle, [&outstanding, number = doomed->number](bool ok) {
        if (ok) tell(2, number);
        --outstanding;
      });
    } else if (choice >= 5) {
      world.receive(5, [&](std::vector<SqsCrashWorld::Received> received) {
        const std::lock_guard lock(mutex);
        held.insert(held.end(), received.begin(), received.end());
        --outstanding;
      });
    } else {
      std::vector<std::uint64_t> numbers(1 + random.below(10));
      for (auto& number : numbers) number = next++;
      world.send(numbers, [&outstanding, numbers](bool ok) {
        for (const auto number : numbers)
          if (ok) tell(0, number);
        --outstanding;
      });
    }
    if (random.chance(5)) world.pass(milliseconds(300));
  }
}
