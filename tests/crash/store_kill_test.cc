// kill -9 at random moments: what the killed process acknowledged through its pipe is in the store that is opened next.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "base/log.h"
#include "base/random.h"
#include "crash_workload.h"
#include "storage/rocks_store.h"

namespace surgetank {
namespace {

constexpr std::size_t writers = 2;
constexpr int kills = 100;
constexpr int kills_of_one_directory = 10;

struct Child {
  pid_t process = -1;
  int acknowledgements = -1;
};

Child start_child(const std::string& directory, std::uint64_t seed) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const auto seed_text = std::to_string(seed);
  const auto process = ::fork();
  if (process == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(KILL_CHILD, KILL_CHILD, directory.c_str(), seed_text.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  return {process, ends[0]};
}

using Acknowledged = std::array<std::uint64_t, writers>;
using Clock = std::chrono::steady_clock;

// Kills the child a random time after its first acknowledgement, or now and then one after its start, and takes in what it
// acknowledges until its pipe ends.
void read_until_killed(const Child& child, Random& random, Acknowledged& acknowledged) {
  const auto soon = [&] { return Clock::now() + std::chrono::microseconds(random.below(20'000)); };
  auto deadline = random.chance(20) ? soon() : Clock::time_point::max();
  bool killed = false;
  while (true) {
    if (!killed && Clock::now() >= deadline) {
      ::kill(child.process, SIGKILL);
      killed = true;
    }
    pollfd readable{child.acknowledgements, POLLIN, 0};
    if (::poll(&readable, 1, 1) == 0) continue;
    std::array<std::uint64_t, 2> message{};
    if (::read(child.acknowledgements, message.data(), sizeof message) != sizeof message) break;
    acknowledged.at(message[0]) = std::max(acknowledged.at(message[0]), message[1]);
    if (deadline == Clock::time_point::max()) deadline = soon();
  }
  ::kill(child.process, SIGKILL);
}

TEST(StoreKill, NothingAcknowledgedIsLostAndNothingIsHalfThere) {
  set_log_level(LogLevel::Error);
  std::string pattern = (std::filesystem::temp_directory_path() / "surgetank-kill-XXXXXX").string();
  const std::string root = ::mkdtemp(pattern.data());
  Random random(7);
  Acknowledged acknowledged{};
  std::uint64_t kills_with_progress = 0;
  for (int kill = 0; kill < kills && !testing::Test::HasFailure(); ++kill) {
    const auto directory = root + "/" + std::to_string(kill / kills_of_one_directory);
    if (kill % kills_of_one_directory == 0) acknowledged = {};
    const auto child = start_child(directory, random.next());
    ASSERT_GT(child.process, 0);
    const auto before = acknowledged;
    read_until_killed(child, random, acknowledged);
    ::close(child.acknowledgements);
    int status = 0;
    ASSERT_EQ(::waitpid(child.process, &status, 0), child.process);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child stopped by itself: " << status;
    if (acknowledged != before) ++kills_with_progress;

    RocksStoreOptions options;
    options.directory = directory;
    options.least_free_bytes = 0;
    const auto store = open_rocks_store(std::move(options));
    for (std::size_t writer = 0; writer < writers; ++writer) {
      const auto findings = inspect_crash_writer(*store, static_cast<int>(writer));
      EXPECT_EQ(findings.problem, "") << "kill " << kill;
      EXPECT_GE(findings.last_number, acknowledged[writer]) << "kill " << kill;
    }
  }
  EXPECT_GT(kills_with_progress, static_cast<std::uint64_t>(kills) / 3) << "the kills came too early to test anything";
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace surgetank
