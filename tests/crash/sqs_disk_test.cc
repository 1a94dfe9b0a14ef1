// A queue on a disk that loses power or fills up, by a file system that knows what was synced. Power losses at random moments under
// load: every message whose sending was acknowledged is there, unless its deletion was asked for; none whose deletion was acknowledged
// is; none is there twice. A nearly full disk: sends are refused for the time being, receives and deletions go on, and sends go on again
// as soon as there is room, all in one life of the server.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "faulty_file_system.h"
#include "sqs_crash_world.h"

namespace surgetank {
namespace {

using Received = SqsCrashWorld::Received;

class SqsDisk : public testing::Test {
 protected:
  SqsDisk() {
    // Failures are the subject here; their log lines would bury the test's own.
    set_log_level(static_cast<LogLevel>(static_cast<int>(LogLevel::Error) + 1));
  }
  ~SqsDisk() override {
    set_log_level(LogLevel::Info);
    if (!root.empty()) std::filesystem::remove_all(root);
  }

  void fresh_directory() {
    if (!root.empty()) std::filesystem::remove_all(root);
    // What is durable is simulated, so the files may lie in memory, where many lives take seconds.
    const std::filesystem::path memory = "/dev/shm";
    const auto parent = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "surgetank-sqs-disk-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(root + "/attic");
  }

  std::shared_ptr<FaultyFileSystem> disk(std::uint64_t seed) const { return std::make_shared<FaultyFileSystem>(root + "/attic", seed); }

  RocksStoreOptions options(std::shared_ptr<FaultyFileSystem> disk, Durability durability = Durability::Synced) const {
    RocksStoreOptions options;
    options.directory = root + "/data";
    options.durability = durability;
    options.write_buffer_bytes = std::size_t{64} << 10;  // small, so that short lives switch logs, write tables and compact them
    options.least_free_bytes = 0;
    options.file_system = std::move(disk);
    return options;
  }

  std::string root;
};

// What clients know of the messages of a queue over many lives of its server.
struct Known {
  std::mutex mutex;
  std::set<std::uint64_t> sent;     // acknowledged
  std::set<std::uint64_t> doomed;   // deletion asked for
  std::set<std::uint64_t> removed;  // and acknowledged
  std::vector<Received> held;       // by the client of this life
  std::uint64_t next_number = 1;
};

// One client that does not wait for its answers, until the power is gone. Answers after that moment reach nobody.
void use_queue_until_power_loss(SqsCrashWorld& world, const FaultyFileSystem& disk, Random& random, Known& known) {
  known.held.clear();
  const auto note = [&](auto&& change) {
    if (!disk.has_power()) return;
    const std::lock_guard lock(known.mutex);
    change();
  };
  while (disk.has_power()) {
    const auto choice = random.below(10);
    std::unique_lock lock(known.mutex);
    if (choice < 5 || (choice >= 7 && known.held.empty())) {
      std::vector<std::uint64_t> numbers(1 + random.below(10));
      for (auto& number : numbers) number = known.next_number++;
      lock.unlock();
      world.send(numbers, [&known, note, numbers](bool ok) {
        if (ok) note([&] { known.sent.insert(numbers.begin(), numbers.end()); });
      });
    } else if (choice < 7) {
      lock.unlock();
      world.receive(5, [&known, note](std::vector<Received> received) {
        note([&] { known.held.insert(known.held.end(), received.begin(), received.end()); });
      });
    } else {
      const auto message = known.held.back();
      known.held.pop_back();
      known.doomed.insert(message.number);
      lock.unlock();
      world.remove(message.handle, [&known, note, number = message.number](bool ok) {
        if (ok) note([&] { known.removed.insert(number); });
      });
    }
    if (random.chance(5)) world.pass(milliseconds(300));
    if (random.chance(20)) std::this_thread::sleep_for(std::chrono::microseconds(random.below(300)));
  }
}

struct Losses {
  std::size_t acknowledged = 0;
  std::size_t lost = 0;
  std::size_t came_back = 0;
};

class SqsPowerLoss : public SqsDisk {
 protected:
  static constexpr int lives = 6;

  Losses lose_power_again_and_again(UnsyncedBytes unsynced, Durability durability, std::uint64_t seed) {
    fresh_directory();
    Random random(seed);
    Known known;
    Losses losses;
    for (int life = 0; life < lives && !HasFailure(); ++life) {
      const auto failing = disk(random.next());
      {
        SqsCrashWorld world(options(failing, durability), "powerless", 2 * life);
        world.create_queue();
        failing->lose_power_at_write(failing->write_count() + 1 + random.below(1000));
        use_queue_until_power_loss(world, *failing, random, known);
      }
      failing->restore(unsynced);
      check(2 * life + 1, known, losses);
      if (durability == Durability::Unsynced) return losses;  // what was lost once is lost in every later life
    }
    losses.acknowledged = known.sent.size();
    return losses;
  }

  void expect_no_loss(UnsyncedBytes unsynced) {
    std::size_t acknowledged = 0;
    for (std::uint64_t seed = 1; seed <= 8 && !HasFailure(); ++seed) {
      const auto losses = lose_power_again_and_again(unsynced, Durability::Synced, seed);
      EXPECT_EQ(losses.lost, 0U) << "seed " << seed;
      EXPECT_EQ(losses.came_back, 0U) << "seed " << seed;
      acknowledged += losses.acknowledged;
    }
    EXPECT_GT(acknowledged, 2000U) << "the losses hit nothing";
  }

  void check(int life, const Known& known, Losses& losses) const {
    SqsCrashWorld world(options(disk(0)), "powerless", life);
    world.create_queue();
    world.pass(hours(2));  // nothing is in flight any more
    auto found = world.drain();
    std::sort(found.begin(), found.end());
    EXPECT_EQ(std::adjacent_find(found.begin(), found.end()), found.end()) << "a message is there twice";
    for (const auto number : known.sent)
      if (!known.doomed.contains(number) && !std::binary_search(found.begin(), found.end(), number)) ++losses.lost;
    for (const auto number : known.removed)
      if (std::binary_search(found.begin(), found.end(), number)) ++losses.came_back;
  }
};

TEST_F(SqsPowerLoss, TakesNothingAcknowledgedWhenUnsyncedBytesVanish) { expect_no_loss(UnsyncedBytes::Dropped); }
TEST_F(SqsPowerLoss, TakesNothingAcknowledgedWhenUnsyncedBytesAreTorn) { expect_no_loss(UnsyncedBytes::Torn); }
TEST_F(SqsPowerLoss, TakesNothingAcknowledgedWhenUnsyncedBytesAreGarbage) { expect_no_loss(UnsyncedBytes::Corrupted); }

// If this fails, the tests above prove nothing.
TEST_F(SqsPowerLoss, SelfTestTheHarnessSeesTheLossWhenNothingIsSynced) {
  std::size_t lost = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    lost += lose_power_again_and_again(UnsyncedBytes::Dropped, Durability::Unsynced, seed).lost;
  EXPECT_GT(lost, 20U);
}

template <class Answer, class Start>
Answer wait_for(Start start) {
  std::promise<Answer> answer;
  start([&](Answer value) { answer.set_value(std::move(value)); });
  return answer.get_future().get();
}
bool send(SqsCrashWorld& world, std::uint64_t number) {
  return wait_for<bool>([&](auto answer) { world.send({number}, std::move(answer)); });
}
bool remove(SqsCrashWorld& world, const Received& message) {
  return wait_for<bool>([&](auto answer) { world.remove(message.handle, std::move(answer)); });
}
std::vector<Received> receive(SqsCrashWorld& world) {
  return wait_for<std::vector<Received>>([&](auto answer) { world.receive(30, std::move(answer)); });
}

constexpr std::uint64_t least_free_bytes = std::uint64_t{64} << 20;

TEST_F(SqsDisk, ANearlyFullDiskRefusesSendsAndGoesOnWithTheRestAndSendsGoOnWithoutARestart) {
  fresh_directory();
  const auto filling = disk(0);
  auto store_options = options(filling);
  store_options.least_free_bytes = least_free_bytes;
  SqsCrashWorld world(std::move(store_options), "full", 0);
  filling->set_free_bytes(least_free_bytes);
  world.create_queue();
  ASSERT_TRUE(send(world, 1));

  filling->set_free_bytes(least_free_bytes / 2);
  std::uint64_t next_number = 2;
  while (next_number < 20'000 && send(world, next_number)) ++next_number;  // until the store looks at the disk again
  ASSERT_LT(next_number, 20'000U);
  EXPECT_FALSE(send(world, next_number));
  const auto received = receive(world);
  ASSERT_EQ(received.size(), 10U);
  EXPECT_TRUE(remove(world, received[0]));
  EXPECT_TRUE(wait_for<bool>([&](auto answer) { world.release(received[1].handle, std::move(answer)); }));
  EXPECT_FALSE(send(world, next_number));

  filling->set_free_bytes(least_free_bytes);
  EXPECT_TRUE(send(world, next_number));
  world.pass(minutes(1));
  auto left = world.drain();
  std::sort(left.begin(), left.end());
  ASSERT_EQ(left.size(), next_number - 1) << "all that was acknowledged, without the one that was deleted";
  EXPECT_EQ(std::adjacent_find(left.begin(), left.end()), left.end());
  EXPECT_EQ(left.back(), next_number);
  EXPECT_FALSE(std::binary_search(left.begin(), left.end(), received[0].number));
}

}  // namespace
}  // namespace surgetank
