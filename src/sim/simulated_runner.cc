#include "sim/simulated_runner.h"

#include <set>
#include <utility>

namespace surgetank::sim {
namespace {

constexpr Duration init_limit = seconds(10);

}  // namespace

// The pool of one lane and the world around it: invocations that wait for their outcome, environments that exist.
struct SimulatedRunner::LanePool {
  struct Waiting {
    std::string payload;
    VersionId version;
    FunctionConcurrency* function = nullptr;
    UniqueFunction<void(InvocationOutcome)> done;
  };
  struct Process {
    VersionId version;
    std::optional<InvocationId> invocation;
    bool is_missing = false;  // it died, the environment is kept
    bool is_stopping = false;
  };

  LanePool(SimulatedRunner& its_runner, Lane& its_lane, std::uint64_t range)
      : runner(its_runner), lane(its_lane), pool({.first_environment = range << 32}, *runner.host_) {}

  void submit(const Submission& submission, Waiting invocation) {
    waiting.emplace(submission.invocation.value, std::move(invocation));
    pool.submit(submission, lane.now(), actions);
    apply_all();
  }

  // `event` at a time of chance, unless the machine crashes before.
  template <class Event>
  void later(Duration delay, Event event) {
    lane.at(lane.now() + delay, [this, life = runner.life_, &its_runner = runner, event = std::move(event)]() mutable {
      if (life != its_runner.life_) return;
      event();
      apply_all();
    });
  }

  void apply_all() {
    while (!actions.empty()) {
      PoolActions todo;
      todo.swap(actions);
      for (const auto& action : todo) apply(action);
    }
    arm_tick();
  }

  void arm_tick() {
    if (tick_armed || !pool.wants_tick()) return;
    tick_armed = true;
    later(pool.is_waited_for() ? milliseconds(20) : seconds(1), [this] {
      tick_armed = false;
      pool.tick(lane.now(), actions);
    });
  }

  void apply(const PoolAction& action) {
    using Kind = PoolAction::Kind;
    switch (action.kind) {
      case Kind::StartEnvironment:
        return start(action.environment, action.version);
      case Kind::Dispatch:
        return dispatch(action);
      case Kind::Throttle:
        return throttle(action);
      case Kind::Shutdown:
        return stop(action.environment);
      case Kind::CompleteWithInitError:
      case Kind::CompleteWithExit:
        return complete(action.invocation, InvocationOutcome::Kind::FunctionError);
      case Kind::GiveUp:
        return complete(action.invocation, InvocationOutcome::Kind::Throttled);
    }
  }

  void start(EnvironmentId id, VersionId version) {
    if (processes.contains(id.value)) return runner.fail("an environment was started twice");
    processes[id.value] = {.version = version, .invocation = {}};
    if (runner.host_->in_use() > runner.host_->limit()) runner.fail("there are more processes than the host may run");
    const bool fails = runner.chance(runner.model_.failed_init_percent);
    const bool hangs = runner.chance(runner.model_.hanging_init_percent);
    later(hangs ? init_limit : runner.up_to(runner.model_.longest_init), [this, id, fails, hangs] {
      if (!is_running(id)) return;
      if (hangs) {
        lose_process(id);
        return pool.environment_init_expired(id, lane.now(), actions);
      }
      if (fails) return pool.environment_failed_init(id, lane.now(), actions);
      pool.environment_ready(id, lane.now(), actions);
    });
  }

  bool is_running(EnvironmentId id) const {
    const auto found = processes.find(id.value);
    return found != processes.end() && !found->second.is_stopping;
  }

  void dispatch(const PoolAction& action) {
    auto& process = processes[action.environment.value];
    const auto& invocation = waiting[action.invocation.value];
    if (process.invocation) return runner.fail("an environment got a second invocation while it had one");
    if (process.is_stopping) return runner.fail("an environment that ends got an invocation");
    if (process.version != invocation.version) return runner.fail("an invocation ran in an environment of another version");
    if (process.is_missing != (action.process == ProcessState::Missing)) return runner.fail("the pool is wrong about a process");
    auto takes = runner.up_to(runner.model_.longest_run);
    if (process.is_missing) takes = takes + runner.up_to(runner.model_.longest_init);
    process.is_missing = false;
    process.invocation = action.invocation;
    end_later(action.environment, action.invocation, takes);
  }

  void end_later(EnvironmentId environment, InvocationId invocation, Duration takes) {
    if (runner.chance(runner.model_.exit_percent)) return later(takes, [this, environment] { exited(environment); });
    if (runner.chance(runner.model_.timeout_percent)) {
      return later(takes, [this, environment, invocation] {
        complete(invocation, InvocationOutcome::Kind::FunctionError);
        lose_process(environment);
        pool.invocation_aborted(environment, lane.now(), actions);  // which is free for its next one at once
      });
    }
    later(takes, [this, environment, invocation] {
      complete(invocation, InvocationOutcome::Kind::Success);
      pool.invocation_responded(environment, lane.now(), actions);
      later(runner.up_to(milliseconds(30)), [this, environment] {
        if (!is_running(environment)) return;
        processes[environment.value].invocation.reset();
        pool.environment_idle(environment, lane.now(), actions);
      });
    });
  }

  void lose_process(EnvironmentId id) {
    auto& process = processes[id.value];
    process.invocation.reset();
    process.is_missing = true;
  }

  // The process is gone: so is the environment if it was to end, and else it is kept without one.
  void exited(EnvironmentId id) {
    lose_process(id);
    if (processes[id.value].is_stopping) processes.erase(id.value);
    pool.environment_exited(id, lane.now(), actions);
  }

  void stop(EnvironmentId id) {
    auto& process = processes[id.value];
    if (process.invocation && waiting.contains(process.invocation->value)) return runner.fail("an environment was ended while it worked");
    process.is_stopping = true;
    later(runner.up_to(milliseconds(50)), [this, id] { exited(id); });
  }

  void throttle(const PoolAction& action) {
    const auto& account = *runner.account_;
    const auto& function = *waiting[action.invocation.value].function;
    if (action.throttle == ThrottleReason::AccountConcurrency && account.unreserved_in_use() < account.unreserved())
      runner.fail("throttled below the concurrency limit of the account");
    if (action.throttle == ThrottleReason::AccountConcurrency && function.reserved()) runner.fail("throttled by what it has no part in");
    if (action.throttle == ThrottleReason::ReservedConcurrency &&
        function.in_use() < function.reserved().value_or(0) - function.provisioned())
      runner.fail("throttled below the reserved concurrency");
    complete(action.invocation, InvocationOutcome::Kind::Throttled);
  }

  void complete(InvocationId id, InvocationOutcome::Kind kind) {
    const auto found = waiting.find(id.value);
    if (found == waiting.end()) return runner.fail("an invocation was answered twice");
    auto invocation = std::move(found->second);
    waiting.erase(found);
    InvocationOutcome outcome{.kind = kind};
    outcome.payload = kind == InvocationOutcome::Kind::Success ? std::move(invocation.payload) : std::string("{}");
    lane.post([life = runner.life_, &its_runner = runner, done = std::move(invocation.done), outcome = std::move(outcome)]() mutable {
      if (life == its_runner.life_) done(std::move(outcome));
    });
  }

  SimulatedRunner& runner;
  Lane& lane;
  EnvironmentPool pool;
  PoolActions actions;
  std::map<std::uint64_t, Waiting> waiting;    // by invocation
  std::map<std::uint64_t, Process> processes;  // by environment
  bool tick_armed = false;
};

SimulatedRunner::SimulatedRunner(Random& random, RunnerModel model)
    : random_(random),
      model_(model),
      account_(std::make_unique<AccountConcurrency>(model.concurrency)),
      host_(std::make_unique<HostProcesses>(model.processes)) {}

SimulatedRunner::~SimulatedRunner() = default;

Duration SimulatedRunner::up_to(Duration longest) {
  return microseconds(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(longest.us) + 1)));
}

bool SimulatedRunner::chance(int percent) { return random_.chance(percent); }

void SimulatedRunner::fail(const std::string& what) {
  if (!failure_) failure_ = what;
}

SimulatedRunner::LanePool& SimulatedRunner::pool_of(Lane& lane) {
  auto& pool = pools_[&lane];
  if (!pool) pool = std::make_unique<LanePool>(*this, lane, next_range_++);
  return *pool;
}

void SimulatedRunner::run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
                          UniqueFunction<void(InvocationOutcome)> done) {
  const Submission submission{.invocation = {next_invocation_++},
                              .version = {number_of(version->key())},
                              .function = &function_of(version->arn),
                              .patience = seconds(version->timeout_seconds)};
  pool_of(lane).submit(
      submission,
      {.payload = std::move(request.payload), .version = submission.version, .function = submission.function, .done = std::move(done)});
}

std::uint64_t SimulatedRunner::number_of(const std::string& key) { return numbers_.try_emplace(key, numbers_.size() + 1).first->second; }

FunctionConcurrency& SimulatedRunner::function_of(const std::string& arn) {
  auto& function = functions_[arn];
  if (!function) function = std::make_unique<FunctionConcurrency>(*account_);
  return *function;
}

void SimulatedRunner::configure(Lane& lane, FunctionConcurrencySettings settings) {
  auto& function = function_of(settings.arn);
  function.reserve(settings.reserved);
  std::map<std::string, std::int64_t> wanted;
  for (const auto& key : provisioned_of_[settings.arn]) wanted[key] = 0;
  for (const auto& one : settings.provisioned) wanted[one.version->key()] = one.executions;
  auto& pool = pool_of(lane);
  for (const auto& [key, executions] : wanted) {
    provisioned_of_[settings.arn].insert(key);
    auto& concurrency = provisioned_[key];
    if (!concurrency) concurrency = std::make_unique<ProvisionedConcurrency>(function);
    pool.pool.provision({number_of(key)}, *concurrency, executions, lane.now(), pool.actions);
  }
  pool.apply_all();
}

ProvisionedState SimulatedRunner::provisioned(Lane& lane, const std::string& version_key) {
  const auto found = pool_of(lane).pool.provisioned({number_of(version_key)});
  return {.available = found.ready,
          .failure = found.problem == ProvisionedEnvironments::Problem::None ? std::string() : std::string("FUNCTION_ERROR_INIT_FAILURE")};
}

void SimulatedRunner::retire(Lane& lane, const std::string& version_key) {
  const auto known = numbers_.find(version_key);
  if (known == numbers_.end()) return;
  auto& pool = pool_of(lane);
  pool.pool.retire({known->second}, lane.now(), pool.actions);
  pool.apply_all();
}

void SimulatedRunner::crashed() {
  ++life_;
  pools_.clear();
  provisioned_.clear();
  provisioned_of_.clear();
  functions_.clear();
  account_ = std::make_unique<AccountConcurrency>(model_.concurrency);
  host_ = std::make_unique<HostProcesses>(model_.processes);
}

void SimulatedRunner::calm() {
  model_.failed_init_percent = model_.hanging_init_percent = model_.exit_percent = model_.timeout_percent = 0;
}

}  // namespace surgetank::sim
