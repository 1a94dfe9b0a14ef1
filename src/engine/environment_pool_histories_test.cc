#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/random.h"
#include "engine/environment_pool.h"

namespace surgetank {
namespace {

using Kind = PoolAction::Kind;

// Plays the engine against the pool with random choices and checks what must always hold.
class World {
 public:
  enum class Settings { Fixed, Changing };
  World(std::uint64_t seed, std::int64_t concurrency, std::int64_t processes, Settings settings)
      : random_(seed),
        account_(concurrency, {.scaling_burst = 20, .scaling_per_second = 5}),
        host_(processes, 3),
        pool_({.idle_reclaim = seconds(30), .most_waiting = 8}, host_),
        settings_(settings) {
    for (auto& function : functions_) function = std::make_unique<FunctionConcurrency>(account_);
    for (std::size_t version = 0; version < provisioned_.size(); ++version)
      provisioned_[version] = std::make_unique<ProvisionedConcurrency>(*functions_[version / 2]);
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      apply();
      check();
    }
    drain();
  }

 private:
  enum class Place { Starting, Idle, Busy, Responded, Missing, Restarting, Stopping };
  struct Environment {
    Place place = Place::Starting;
    std::uint64_t invocation = 0;
    std::uint64_t version = 0;
    bool is_provisioned = false;
    bool was_ready = false;
  };

  void step() {
    now_ = now_ + microseconds(static_cast<std::int64_t>(random_.below(200'000)));
    if (random_.chance(1)) now_ = now_ + seconds(31);
    if (settings_ == Settings::Changing && random_.chance(3)) {
      const auto version = random_.below(5) + 1;
      pool_.provision({version}, *provisioned_[version], static_cast<std::int64_t>(random_.below(4)), now_, actions_);
    } else if (settings_ == Settings::Changing && random_.chance(2)) {
      auto& function = *functions_[random_.below(functions_.size())];
      function.reserve(random_.chance(50) ? std::nullopt : std::optional<std::int64_t>(random_.below(6)));
    } else if (random_.chance(40)) {
      const auto invocation = ++last_invocation_;
      open_.insert(invocation);
      const auto version = random_.below(5) + 1;
      pool_.submit({{invocation}, {version}, functions_[version / 2].get(), seconds(3)}, now_, actions_);
    } else if (random_.chance(2)) {
      pool_.retire({random_.below(5) + 1}, now_, actions_);
    } else if (random_.chance(30)) {
      pool_.tick(now_, actions_);
    } else if (!environments_.empty()) {
      auto entry = environments_.begin();
      std::advance(entry, static_cast<std::ptrdiff_t>(random_.below(environments_.size())));
      disturb(entry->first, entry->second);
    }
  }

  void disturb(std::uint64_t id, Environment& e) {
    switch (e.place) {
      case Place::Starting:
        if (random_.chance(70)) {
          e.place = Place::Idle;
          e.was_ready = true;
          pool_.environment_ready({id}, now_, actions_);
        } else if (random_.chance(50)) {
          pool_.environment_failed_init({id}, now_, actions_);
        } else {
          e.place = Place::Missing;
          pool_.environment_init_expired({id}, now_, actions_);
        }
        break;
      case Place::Busy:
      case Place::Restarting:
        if (random_.chance(80)) {
          complete(e.invocation);
          e.place = Place::Responded;
          pool_.invocation_responded({id}, now_, actions_);
        } else if (random_.chance(50)) {
          complete(e.invocation);
          e.place = Place::Missing;
          pool_.invocation_aborted({id}, now_, actions_);
        } else if (e.place == Place::Restarting && random_.chance(50)) {
          pool_.environment_failed_init({id}, now_, actions_);
        } else {
          e.place = Place::Missing;
          pool_.environment_exited({id}, now_, actions_);
        }
        break;
      case Place::Responded:
        e.invocation = 0;
        if (random_.chance(90)) {
          e.place = Place::Idle;
          pool_.environment_idle({id}, now_, actions_);
        } else {
          e.place = Place::Missing;
          pool_.environment_exited({id}, now_, actions_);
        }
        break;
      case Place::Idle:
        if (!random_.chance(5)) break;
        e.place = Place::Missing;
        pool_.environment_exited({id}, now_, actions_);
        break;
      case Place::Missing:
        pool_.environment_exited({id}, now_, actions_);
        break;
      case Place::Stopping:
        environments_.erase(id);
        pool_.environment_exited({id}, now_, actions_);
        break;
    }
  }

  void apply() {
    PoolActions actions;
    actions.swap(actions_);
    for (const PoolAction& action : actions) {
      const auto id = action.environment.value;
      switch (action.kind) {
        case Kind::StartEnvironment:
          ASSERT_TRUE(environments_
                          .emplace(id, Environment{.version = action.version.value,
                                                   .is_provisioned = action.initialization == Initialization::Provisioned})
                          .second);
          break;
        case Kind::Dispatch: {
          Environment& e = environments_.at(id);
          ASSERT_EQ(e.version, action.version.value);
          ASSERT_EQ(e.place, action.process == ProcessState::Running ? Place::Idle : Place::Missing);
          e.place = action.process == ProcessState::Running ? Place::Busy : Place::Restarting;
          e.invocation = action.invocation.value;
          ASSERT_TRUE(open_.contains(e.invocation));
          break;
        }
        case Kind::Shutdown:
          ASSERT_NE(environments_.at(id).place, Place::Stopping);
          environments_.at(id).place = Place::Stopping;
          break;
        case Kind::Throttle:
        case Kind::CompleteWithInitError:
        case Kind::CompleteWithExit:
        case Kind::GiveUp:
          complete(action.invocation.value);
          break;
      }
    }
  }

  void complete(std::uint64_t invocation) { ASSERT_EQ(open_.erase(invocation), 1U) << "completed twice: " << invocation; }

  void check() {
    std::set<std::uint64_t> running;
    for (const auto& [id, e] : environments_) {
      if (e.place != Place::Busy && e.place != Place::Restarting) continue;
      ASSERT_TRUE(running.insert(e.invocation).second) << "one invocation in two environments";
    }
    ASSERT_EQ(running.size() + pool_.waiting_invocations(), open_.size()) << "an invocation was lost";
    ASSERT_EQ(account_.in_use(), static_cast<std::int64_t>(open_.size()));
    if (settings_ == Settings::Fixed) {
      ASSERT_LE(account_.in_use(), account_.limit());
    }
    check_provisioned();
    ASSERT_LE(host_.in_use(), host_.limit());
    ASSERT_LE(host_.starting(), host_.start_limit());
    ASSERT_EQ(host_.starting(), std::count_if(environments_.begin(), environments_.end(),
                                              [](const auto& entry) { return entry.second.place == Place::Starting; }));
    ASSERT_EQ(host_.in_use(), static_cast<std::int64_t>(environments_.size()));
    ASSERT_EQ(pool_.environments(), environments_.size());
    ASSERT_GE(host_.waiting(), 0);
  }

  void check_provisioned() {
    std::array<std::int64_t, 6> ready{};
    std::int64_t provisioned = 0;
    for (const auto& [id, e] : environments_) {
      provisioned += e.is_provisioned ? 1 : 0;
      if (e.is_provisioned && e.was_ready && e.place != Place::Stopping) ++ready[e.version];
    }
    ASSERT_LE(provisioned, host_.provisioned_limit());
    for (std::uint64_t version = 1; version < provisioned_.size(); ++version) {
      ASSERT_EQ(provisioned_[version]->ready(), ready[version]);
      ASSERT_EQ(pool_.provisioned({version}).ready, ready[version]);
    }
  }

  // Liveness: when everything that was started goes well, nothing is left waiting.
  void drain() {
    for (int round = 0; round < 1000 && !open_.empty(); ++round) {
      now_ = now_ + milliseconds(10);
      pool_.tick(now_, actions_);
      apply();
      const auto snapshot = environments_;
      for (const auto& [id, e] : snapshot) {
        Environment& now_there = environments_.at(id);
        if (now_there.place == Place::Starting) {
          now_there.place = Place::Idle;
          now_there.was_ready = true;
          pool_.environment_ready({id}, now_, actions_);
        } else if (now_there.place == Place::Busy || now_there.place == Place::Restarting) {
          complete(now_there.invocation);
          now_there.place = Place::Idle;
          pool_.invocation_responded({id}, now_, actions_);
          pool_.environment_idle({id}, now_, actions_);
        } else if (now_there.place == Place::Responded) {
          now_there.place = Place::Idle;
          pool_.environment_idle({id}, now_, actions_);
        } else if (now_there.place == Place::Stopping) {
          environments_.erase(id);
          pool_.environment_exited({id}, now_, actions_);
        }
        apply();
        check();
      }
    }
    ASSERT_TRUE(open_.empty()) << open_.size() << " invocations never completed";
    ASSERT_EQ(account_.in_use(), 0);
    ASSERT_EQ(host_.waiting(), 0);
    for (const auto& provisioned : provisioned_) ASSERT_EQ(provisioned->in_use(), 0);
  }

  Random random_;
  AccountConcurrency account_;
  std::array<std::unique_ptr<FunctionConcurrency>, 3> functions_;
  std::array<std::unique_ptr<ProvisionedConcurrency>, 6> provisioned_;  // by version
  HostProcesses host_;
  EnvironmentPool pool_;
  const Settings settings_;
  PoolActions actions_;
  Instant now_{1'000'000};
  std::map<std::uint64_t, Environment> environments_;
  std::set<std::uint64_t> open_;
  std::uint64_t last_invocation_ = 0;
};

TEST(EnvironmentPool, RandomHistoriesKeepTheInvariants) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, seed % 3 == 0 ? 5 : 100, seed % 2 == 0 ? 4 : 50, seed % 5 < 2 ? World::Settings::Fixed : World::Settings::Changing);
    world.run(400);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace surgetank
