// kill -9 at random moments under load on a queue: every message whose sending was acknowledged is there, unless its deletion was asked
// for; none whose deletion was acknowledged is; none is there twice.
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
#include <set>

#include "base/log.h"
#include "base/random.h"
#include "sqs_crash_world.h"

namespace surgetank {
namespace {

constexpr int kills = 20;
constexpr int kills_of_one_directory = 10;
using Clock = std::chrono::steady_clock;

struct Child {
  pid_t process = -1;
  int reports = -1;
};

Child start_child(const std::string& directory, std::uint64_t seed, std::uint64_t first_number, int life) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const auto seed_text = std::to_string(seed);
  const auto first_text = std::to_string(first_number);
  const auto life_text = std::to_string(life);
  const auto process = ::fork();
  if (process == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(KILL_CHILD, KILL_CHILD, directory.c_str(), seed_text.c_str(), first_text.c_str(), life_text.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  return {process, ends[0]};
}

struct Known {
  std::set<std::uint64_t> sent;
  std::set<std::uint64_t> doomed;   // deletion asked for
  std::set<std::uint64_t> removed;  // and acknowledged
};

void read_until_killed(const Child& child, Random& random, Known& known) {
  const auto soon = [&] { return Clock::now() + std::chrono::microseconds(random.below(60'000)); };
  auto deadline = Clock::time_point::max();
  bool killed = false;
  while (true) {
    if (!killed && Clock::now() >= deadline) {
      ::kill(child.process, SIGKILL);
      killed = true;
    }
    pollfd readable{child.reports, POLLIN, 0};
    if (::poll(&readable, 1, 1) == 0) continue;
    std::array<std::uint64_t, 2> message{};
    if (::read(child.reports, message.data(), sizeof message) != sizeof message) break;
    (message[0] == 0 ? known.sent : message[0] == 1 ? known.doomed : known.removed).insert(message[1]);
    if (deadline == Clock::time_point::max()) deadline = soon();
  }
  ::kill(child.process, SIGKILL);
}

RocksStoreOptions options_of(const std::string& directory) {
  RocksStoreOptions options;
  options.directory = directory;
  options.least_free_bytes = 0;
  return options;
}

std::string new_directory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "surgetank-sqs-kill-XXXXXX").string();
  return ::mkdtemp(pattern.data());
}

TEST(SqsKill, NothingAcknowledgedIsLostOrComesBack) {
  set_log_level(LogLevel::Error);
  const auto root = new_directory();
  Random random(11);
  Known known;
  std::size_t kills_with_progress = 0;
  std::uint64_t next_number = 1;
  for (int kill = 0; kill < kills && !testing::Test::HasFailure(); ++kill) {
    const auto directory = root + "/" + std::to_string(kill / kills_of_one_directory);
    if (kill % kills_of_one_directory == 0) known = {};
    const auto life = 2 * (kill % kills_of_one_directory);
    const auto before = known.sent.size() + known.removed.size();
    const auto child = start_child(directory, random.next(), next_number, life);
    ASSERT_GT(child.process, 0);
    read_until_killed(child, random, known);
    ::close(child.reports);
    int status = 0;
    ASSERT_EQ(::waitpid(child.process, &status, 0), child.process);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the child stopped by itself: " << status;
    if (known.sent.size() + known.removed.size() > before) ++kills_with_progress;
    next_number += 1'000'000;  // what was sent and not acknowledged may be there as well

    SqsCrashWorld world(options_of(directory), "killed", life + 1);
    world.create_queue();
    world.pass(hours(2));  // nothing is in flight any more
    auto found = world.drain();
    std::sort(found.begin(), found.end());
    EXPECT_EQ(std::adjacent_find(found.begin(), found.end()), found.end()) << "a message is there twice";
    for (const auto number : known.sent) {
      const bool is_there = std::binary_search(found.begin(), found.end(), number);
      EXPECT_TRUE(is_there || known.doomed.contains(number)) << "lost: " << number;
    }
    for (const auto number : known.removed) EXPECT_FALSE(std::binary_search(found.begin(), found.end(), number)) << "came back: " << number;
  }
  EXPECT_GT(kills_with_progress, static_cast<std::size_t>(kills) / 3) << "the kills came too early to test anything";
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace surgetank
