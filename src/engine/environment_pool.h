#pragma once
// Which invocation runs in which environment: the execution environments of all functions of one lane, as a pure state machine.
// No clock, no process, no socket: every event comes in with its time, and what has to be done comes out as a list of actions.
// One owner, the lane. Misuse (an unknown environment, a wrong state) asserts.
//
// Rules (AWS Lambda Developer Guide, "Lambda runtime environment" and "Understanding Lambda function scaling"):
//   - one invocation at a time per environment; a warm environment is reused, the most recently used first;
//   - concurrency admits or throttles, and so does the rate of new environments (kernel/concurrency.h, shared by the lanes);
//   - provisioned concurrency is environments that are started ahead, never reclaimed, and started anew when they end; an invocation
//     takes one of them first, and spills over to environments on demand;
//   - a failed init is the answer to the oldest waiting invocation and ends the environment;
//   - a crash or timeout inside an invocation leaves the environment without a process: the next invocation that gets it starts
//     the process anew, inside its own time ("suppressed init");
//   - an environment idle for long is reclaimed, and one that has run for hours is replaced.
// Ours: the host has a limit of processes, and of those that start at once (HostProcesses). At the first an idle environment of another
// function makes room. At either invocations wait, at most as long as their function's timeout, and whatever environment of their version
// becomes free first takes them. Only some environments are started ahead at the same time.
//
//   Starting --ready--> Idle <--idle-- Finishing <--responded-- Busy --failed/exited--> Reset (no process)
//      |  ^--------------'  '--------- dispatch ------------------^ '------ dispatch -----'
//      '--> Stopping --exited--> gone          (Idle and Reset environments may stop as well)
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/host_processes.h"
#include "kernel/concurrency.h"

namespace surgetank {

struct InvocationId {
  std::uint64_t value = 0;
  auto operator<=>(const InvocationId&) const = default;
};
struct EnvironmentId {
  std::uint64_t value = 0;
  auto operator<=>(const EnvironmentId&) const = default;
};
// A FunctionVersion with its revision: environments are never shared between two of them.
struct VersionId {
  std::uint64_t value = 0;
  auto operator<=>(const VersionId&) const = default;
};

enum class ShutdownReason : std::uint8_t { Idle, Retired, MakeRoom, InitFailed, ServerStops, ProcessLost };
enum class GiveUpReason : std::uint8_t { NoProcessInTime, TooManyWaiting, ServerStops };
enum class ProcessState : std::uint8_t { Running, Missing };

struct PoolAction {
  enum class Kind : std::uint8_t {
    StartEnvironment,       // environment, version, initialization
    Dispatch,               // invocation into environment; `process` Missing: start it first, inside the invocation
    Throttle,               // invocation, throttle
    Shutdown,               // environment, shutdown; answer with environment_exited when its process is gone
    CompleteWithInitError,  // invocation gets the init error of environment
    CompleteWithExit,       // invocation gets the error of environment's dead process
    GiveUp,                 // invocation, give_up
  };
  Kind kind = Kind::Throttle;
  InvocationId invocation = {};
  EnvironmentId environment = {};
  VersionId version = {};
  ProcessState process = ProcessState::Running;
  Initialization initialization = Initialization::OnDemand;
  ThrottleReason throttle = ThrottleReason::AccountConcurrency;
  ShutdownReason shutdown = ShutdownReason::Idle;
  GiveUpReason give_up = GiveUpReason::NoProcessInTime;
};
using PoolActions = std::vector<PoolAction>;

struct Submission {
  InvocationId invocation;
  VersionId version;
  FunctionConcurrency* function = nullptr;  // outlives the pool
  Duration patience;                        // how long it may wait for a process of the host: the function's own timeout
};

// What has become of a version's provisioned concurrency.
struct ProvisionedEnvironments {
  enum class Problem : std::uint8_t { None, InitFailed, NoRoom };
  std::int64_t ready = 0;
  Problem problem = Problem::None;  // of the last start
};

class EnvironmentPool {
 public:
  struct Options {
    Duration idle_reclaim = minutes(10);
    Duration lifetime = hours(6);              // an environment that is older ends with its invocation (credentials expire)
    std::size_t most_waiting = 10'000;         // invocations without a process in sight
    Duration finish_grace = milliseconds(20);  // between a response and the runtime's next `next`
    std::int64_t most_starting_ahead = 4;      // provisioned environments of a version in their init at the same time
    std::uint64_t first_environment = 1;       // ids count up from here: lanes get ranges apart
  };
  EnvironmentPool(Options options, HostProcesses& host);
  EnvironmentPool(const EnvironmentPool&) = delete;
  EnvironmentPool& operator=(const EnvironmentPool&) = delete;

  void submit(const Submission& submission, Instant now, PoolActions& actions);
  // The runtime asked for its first invocation.
  void environment_ready(EnvironmentId environment, Instant now, PoolActions& actions);
  void environment_failed_init(EnvironmentId environment, Instant now, PoolActions& actions);
  // The init phase took too long: it is run again inside the oldest waiting invocation.
  void environment_init_expired(EnvironmentId environment, Instant now, PoolActions& actions);
  // The function answered; the caller has its result, the environment is not yet free.
  void invocation_responded(EnvironmentId environment, Instant now, PoolActions& actions);
  // The runtime asked for its next invocation.
  void environment_idle(EnvironmentId environment, Instant now, PoolActions& actions);
  // The invocation was given up (timeout) and its process is being killed.
  void invocation_aborted(EnvironmentId environment, Instant now, PoolActions& actions);
  void environment_exited(EnvironmentId environment, Instant now, PoolActions& actions);
  void retire(VersionId version, Instant now, PoolActions& actions);
  // So many environments of the version are to be kept initialised; 0: none any more. `concurrency` outlives the version's environments
  // and invocations, and is always the same one for a version.
  void provision(VersionId version, ProvisionedConcurrency& concurrency, std::int64_t wanted, Instant now, PoolActions& actions);
  ProvisionedEnvironments provisioned(VersionId version) const;
  void tick(Instant now, PoolActions& actions);
  // Invocations wait: tick() is wanted within some milliseconds. Otherwise once a second is enough.
  bool is_waited_for() const { return waiting_ > 0; }
  // Everything ends; submissions are given up from now on.
  void shut_down(PoolActions& actions);

  std::size_t environments() const { return environments_.size(); }
  std::size_t idle_environments() const;
  std::size_t waiting_invocations() const { return waiting_; }
  // tick() has something to do, now or later.
  bool wants_tick() const { return !environments_.empty() || !versions_.empty(); }

 private:
  enum class State : std::uint8_t { Starting, Idle, Busy, Finishing, LateFinishing, Reset, Stopping };
  struct Version;
  // What an admitted invocation counts as.
  struct Execution {
    FunctionConcurrency* function = nullptr;
    ProvisionedConcurrency* provisioned = nullptr;
    ConcurrencyPool pool = ConcurrencyPool::Unreserved;

    void release() const { function->release(pool, provisioned); }
  };
  struct Environment {
    EnvironmentId id;
    Version* version = nullptr;
    State state = State::Starting;
    Initialization initialization = Initialization::OnDemand;
    bool was_ready = false;  // provisioned: it is among the ready ones
    InvocationId invocation;
    Execution execution;  // of the invocation
    Instant born;
    Instant since;  // start of the state

    bool is_provisioned() const { return initialization == Initialization::Provisioned; }
  };
  struct Pending {
    InvocationId invocation;
    Execution execution;
    Instant since;
    Instant give_up;
  };
  // The provisioned environments of a version.
  struct Provisioned {
    ProvisionedConcurrency* concurrency = nullptr;  // null: never asked for
    std::int64_t wanted = 0;
    std::int64_t members = 0;  // that are not ending
    std::int64_t starting = 0;
    std::int64_t ready = 0;
    std::vector<Environment*> idle;
    std::int64_t failed_starts = 0;  // in a row
    Instant next_start{};            // not before
    std::optional<Instant> full_since;  // the host had no place when one was wanted, from then on
    ProvisionedEnvironments::Problem problem = ProvisionedEnvironments::Problem::None;
  };
  struct Version {
    VersionId id;
    Provisioned ahead;
    std::size_t* unserved_of_pool = nullptr;
    std::size_t* waiting_of_pool = nullptr;
    std::deque<Pending> pending;     // oldest first; the first `coming` of them have a process in sight
    std::vector<Environment*> warm;  // idle, the most recently used last
    std::vector<Environment*> reset;
    std::size_t coming = 0;  // environments that are starting or finishing
    std::size_t members = 0;
    bool retired = false;

    std::size_t unserved() const { return pending.size() > coming ? pending.size() - coming : 0; }
    const Pending& first_unserved() const { return pending[coming]; }
    void push(const Pending& one);
    Pending pop();
    void erase(std::size_t index);
    void change_coming(int by_one);  // +1 or -1
  };

  Version& version_of(VersionId id);
  Environment& environment_of(EnvironmentId id);
  void start(Version& version, Initialization initialization, Instant now, PoolActions& actions);
  void dispatch(Environment& environment, const Pending& pending, ProcessState process, Instant now, PoolActions& actions);
  void enter(Environment& environment, State state, Instant now);
  void leave_lists(Environment& environment);
  void release_execution(Environment& environment);
  void become_free(Environment& environment, State state, Instant now, PoolActions& actions);
  void provisioned_is_free(Environment& environment, State state, Instant now, PoolActions& actions);
  void leave_provisioned(Environment& environment);
  void note_failed_start(Version& version, Instant now);
  void start_ahead(Version& version, Instant now, PoolActions& actions);
  void wait_for_room(Provisioned& ahead, Instant now) const;
  void end_surplus(Version& version, ShutdownReason reason, Instant now, PoolActions& actions);
  void stop(Environment& environment, ShutdownReason reason, Instant now, PoolActions& actions);
  void forget(Environment& environment);
  void forget_if_unused(Version& version);
  void queue_or_refuse(Version& version, const Pending& pending, Instant now, PoolActions& actions);
  void serve_unserved(Instant now, PoolActions& actions);
  void make_room(const Version* wanting, Instant now, PoolActions& actions);
  bool evict_least_recent(const Version* spared, Instant now, PoolActions& actions);
  Version* longest_unserved();
  void publish_waiting();
  void give_up_expired(Version& version, Instant now, PoolActions& actions);
  void reclaim_idle(Version& version, Instant now, PoolActions& actions);
  void note_late_finishers(Version& version, Instant now);

  Options options_;
  HostProcesses& host_;
  std::uint64_t next_environment_;
  std::map<VersionId, Version> versions_;
  std::unordered_map<std::uint64_t, Environment> environments_;
  std::vector<Environment*> finishing_;
  std::size_t waiting_ = 0;   // invocations in `pending`, over all versions
  std::size_t unserved_ = 0;  // invocations without a process in sight, over all versions
  std::size_t stopping_ = 0;
  std::int64_t published_waiting_ = 0;
  bool stopped_ = false;
};

}  // namespace surgetank
