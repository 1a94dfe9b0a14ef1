// Power losses and failing disks under the RocksDB store, by a file system that knows what was synced.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "crash_workload.h"
#include "faulty_file_system.h"
#include "storage/rocks_store.h"

namespace surgetank {
namespace {

constexpr int writers = 3;

class StoreCrash : public testing::Test {
 protected:
  StoreCrash() {
    // Failures are the subject here; their log lines would bury the test's own.
    set_log_level(static_cast<LogLevel>(static_cast<int>(LogLevel::Error) + 1));
  }
  ~StoreCrash() override { set_log_level(LogLevel::Info); }

  struct Outcome {
    std::array<std::atomic<std::uint64_t>, writers> acknowledged{};
    std::atomic<std::uint64_t> after_failure{0};
    std::atomic<bool> failed{false};
  };

  void SetUp() override { fresh_directory(); }
  void TearDown() override { std::filesystem::remove_all(root); }
  void fresh_directory() {
    if (!root.empty()) std::filesystem::remove_all(root);
    // What is durable is simulated, so the files may lie in memory, where hundreds of lives take seconds.
    const std::filesystem::path memory = "/dev/shm";
    const auto parent = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "surgetank-crash-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(root + "/attic");
  }

  // A disk without faults, which spares the checks the cost of real syncs.
  static std::shared_ptr<FaultyFileSystem> healthy_disk(const std::string& directory) {
    return std::make_shared<FaultyFileSystem>(directory + "/attic", 0);
  }

  static RocksStoreOptions options(const std::string& directory, std::shared_ptr<FaultyFileSystem> disk, Durability durability,
                                   Outcome* outcome) {
    RocksStoreOptions options;
    options.directory = directory + "/data";
    options.durability = durability;
    // Small, so that short runs switch logs, write tables and compact them.
    options.write_buffer_bytes = std::size_t{64} << 10;
    options.least_free_bytes = 0;
    options.file_system = std::move(disk);
    if (outcome != nullptr) options.on_failure = [outcome](const std::string&) { outcome->failed = true; };
    return options;
  }

  static void acknowledge(Store& store, const FaultyFileSystem& disk, Sequence sequence, int writer, std::uint64_t number,
                          Outcome& outcome) {
    store.on_durable(sequence, [&disk, &outcome, writer, number] {
      if (!disk.has_power()) return;
      if (outcome.failed) ++outcome.after_failure;
      auto& acknowledged = outcome.acknowledged[static_cast<std::size_t>(writer)];
      auto seen = acknowledged.load();
      while (seen < number && !acknowledged.compare_exchange_weak(seen, number)) {
      }
    });
  }

  // Several writers at once until the moment of the loss.
  void run_until_power_loss(FaultyFileSystem& disk, Store& store, Outcome& outcome, std::array<std::uint64_t, writers> from,
                            std::uint64_t seed) {
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, writer] {
        Random random(seed * 10 + static_cast<std::uint64_t>(writer));
        for (auto number = from[static_cast<std::size_t>(writer)] + 1; disk.has_power(); ++number) {
          acknowledge(store, disk, commit_crash_transaction(store, writer, number, random.below(3000)), writer, number, outcome);
          if (random.chance(20)) std::this_thread::sleep_for(std::chrono::microseconds(random.below(300)));
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }

  struct Totals {
    std::uint64_t acknowledged = 0;
    std::uint64_t lost = 0;
    std::uint64_t kept_unacknowledged = 0;
    std::uint64_t undone_names = 0;
  };

  // Loses power `lives` times in the same directory, checking after each; counts what was acknowledged and is gone.
  Totals lose_power_again_and_again(int lives, UnsyncedBytes unsynced, Durability durability, std::uint64_t seed) {
    Totals totals;
    Random random(seed);
    std::array<std::uint64_t, writers> present{};
    for (int life = 0; life < lives; ++life) {
      const auto disk = std::make_shared<FaultyFileSystem>(root + "/attic", random.next());
      // From a loss during opening to one after some log switches, flushes and compactions.
      disk->lose_power_at_write(1 + (random.chance(25) ? random.below(40) : random.below(1500)));
      Outcome outcome;
      run_until_power_loss(*disk, *open_rocks_store(options(root, disk, durability, &outcome)), outcome, present, random.next());
      disk->restore(unsynced);
      totals.undone_names += disk->undone_names();
      const auto store = open_rocks_store(options(root, healthy_disk(root), Durability::Synced, nullptr));
      for (int writer = 0; writer < writers; ++writer) {
        const auto index = static_cast<std::size_t>(writer);
        const auto findings = inspect_crash_writer(*store, writer);
        EXPECT_EQ(findings.problem, "") << "seed " << seed << " life " << life;
        const auto acknowledged = std::max(outcome.acknowledged[index].load(), durability == Durability::Synced ? present[index] : 0);
        totals.acknowledged += outcome.acknowledged[index] > present[index] ? outcome.acknowledged[index] - present[index] : 0;
        if (findings.last_number < acknowledged) totals.lost += acknowledged - findings.last_number;
        if (findings.last_number > acknowledged) totals.kept_unacknowledged += findings.last_number - acknowledged;
        present[index] = findings.last_number;
      }
      if (testing::Test::HasFailure()) break;
    }
    return totals;
  }

  std::string root;
};

TEST_F(StoreCrash, AcknowledgedWritesSurvivePowerLossWhenUnsyncedBytesVanish) {
  Totals all;
  for (std::uint64_t seed = 1; seed <= 20 && !HasFailure(); ++seed) {
    fresh_directory();
    const auto totals = lose_power_again_and_again(10, UnsyncedBytes::Dropped, Durability::Synced, seed);
    EXPECT_EQ(totals.lost, 0u) << "seed " << seed;
    all.acknowledged += totals.acknowledged;
    all.undone_names += totals.undone_names;
  }
  // Otherwise the losses hit nothing.
  EXPECT_GT(all.acknowledged, 2000u);
  EXPECT_GT(all.undone_names, 200u);
}

TEST_F(StoreCrash, AcknowledgedWritesSurvivePowerLossWhenUnsyncedBytesAreTorn) {
  Totals all;
  for (std::uint64_t seed = 101; seed <= 115 && !HasFailure(); ++seed) {
    fresh_directory();
    const auto totals = lose_power_again_and_again(10, UnsyncedBytes::Torn, Durability::Synced, seed);
    EXPECT_EQ(totals.lost, 0u) << "seed " << seed;
    all.acknowledged += totals.acknowledged;
    all.kept_unacknowledged += totals.kept_unacknowledged;
  }
  EXPECT_GT(all.acknowledged, 2000u);
  EXPECT_GT(all.kept_unacknowledged, 0u);
}

TEST_F(StoreCrash, AcknowledgedWritesSurvivePowerLossWhenUnsyncedBytesAreGarbage) {
  Totals all;
  for (std::uint64_t seed = 201; seed <= 215 && !HasFailure(); ++seed) {
    fresh_directory();
    const auto totals = lose_power_again_and_again(10, UnsyncedBytes::Corrupted, Durability::Synced, seed);
    EXPECT_EQ(totals.lost, 0u) << "seed " << seed;
    all.acknowledged += totals.acknowledged;
  }
  EXPECT_GT(all.acknowledged, 2000u);
}

// If this fails, the tests above prove nothing.
TEST_F(StoreCrash, SelfTestTheHarnessSeesTheLossWhenNothingIsSynced) {
  Totals all;
  for (std::uint64_t seed = 301; seed <= 305; ++seed) {
    fresh_directory();
    const auto totals = lose_power_again_and_again(4, UnsyncedBytes::Dropped, Durability::Unsynced, seed);
    all.lost += totals.lost;
  }
  EXPECT_GT(all.lost, 100u);
}

class StoreDiskFault : public StoreCrash, public testing::WithParamInterface<std::tuple<FaultKind, FaultLasting>> {
 protected:
  static constexpr std::uint64_t transactions = 120;

  // Opens, commits and closes; stops early when the store gives up. Returns how many transactions commit() accepted.
  std::uint64_t run_once(const std::string& directory, const std::shared_ptr<FaultyFileSystem>& disk, Outcome& outcome) {
    std::uint64_t accepted = 0;
    try {
      const auto store = open_rocks_store(options(directory, disk, Durability::Synced, &outcome));
      for (std::uint64_t number = 1; number <= transactions; ++number) {
        const auto sequence = commit_crash_transaction(*store, 0, number, 1200);
        accepted = number;
        acknowledge(*store, *disk, sequence, 0, number, outcome);
        while (number % 4 == 0 && store->last_durable() < sequence && !outcome.failed) std::this_thread::yield();
      }
    } catch (const StorageError&) {
    }
    return accepted;
  }

  struct Round {
    bool fault_happened = false;
    std::uint64_t failed_syncs = 0;
  };
  Round fail_the(std::uint64_t number) {
    const auto [kind, lasting] = GetParam();
    const auto directory = root + "/" + std::to_string(number);
    std::filesystem::create_directories(directory + "/attic");
    const auto disk = std::make_shared<FaultyFileSystem>(directory + "/attic", number);
    disk->fail_write(number, kind, lasting);
    Outcome outcome;
    const auto accepted = run_once(directory, disk, outcome);
    const Round round{disk->fault_happened(), disk->failed_syncs()};
    // One may be on its way when another thread notices.
    EXPECT_LE(outcome.after_failure, 1u) << "write " << number;
    EXPECT_TRUE(round.fault_happened || outcome.acknowledged[0] == transactions);
    // Power is lost as well: what was acknowledged must not depend on anything that only the page cache knew.
    disk->lose_power();
    disk->restore(UnsyncedBytes::Dropped);
    const auto store = open_rocks_store(options(directory, healthy_disk(directory), Durability::Synced, nullptr));
    const auto findings = inspect_crash_writer(*store, 0);
    EXPECT_EQ(findings.problem, "") << "write " << number;
    EXPECT_GE(findings.last_number, outcome.acknowledged[0]) << "write " << number;
    EXPECT_LE(findings.last_number, accepted + 1) << "write " << number;
    return round;
  }
};

TEST_P(StoreDiskFault, AtEveryWriteIsReportedAndLosesNothing) {
  // RocksDB sleeps for a second after some failures: many rounds at once.
  constexpr int threads = 16;
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> clean{false};
  std::atomic<std::uint64_t> failed_syncs{0};
  std::vector<std::thread> workers;
  for (int worker = 0; worker < threads; ++worker) {
    workers.emplace_back([&] {
      while (!clean && !HasFailure()) {
        const auto round = fail_the(++next);
        failed_syncs += round.failed_syncs;
        if (!round.fault_happened) clean = true;
      }
    });
  }
  for (auto& worker : workers) worker.join();
  EXPECT_GT(next, 100u) << "the workload must write a lot to be worth it";
  EXPECT_GT(failed_syncs, 10u);
}

using Fault = std::tuple<FaultKind, FaultLasting>;
std::string fault_name(const testing::TestParamInfo<Fault>& parameter) {
  static constexpr std::array kinds = {"InputOutputError", "NoSpace", "ShortWrite"};
  const auto [kind, lasting] = parameter.param;
  return std::string(kinds[static_cast<std::size_t>(kind)]) + (lasting == FaultLasting::Once ? "Once" : "Forever");
}
INSTANTIATE_TEST_SUITE_P(Faults, StoreDiskFault,
                         testing::Combine(testing::Values(FaultKind::InputOutputError, FaultKind::NoSpace, FaultKind::ShortWrite),
                                          testing::Values(FaultLasting::Once, FaultLasting::Forever)),
                         fault_name);

}  // namespace
}  // namespace surgetank
