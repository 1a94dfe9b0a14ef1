// The part of a prediction that functions run in: the environment pool of the live system decides, and steps take their time.
#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {
namespace {

constexpr int tries_of_a_call = 3;  // SDKs, "standard" retry mode
constexpr Duration first_retry = milliseconds(100);
constexpr Duration tick = seconds(1);
constexpr Duration tick_while_waiting = milliseconds(100);
constexpr Quotas::Owner owner{.account = "000000000000", .region = "us-east-1"};

constexpr std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << number; }

}  // namespace

// ---- the pool ----

void Simulation::provision() {
  for (std::uint32_t i = 0; i < functions_.size(); ++i) {
    const auto wanted = functions_[i].profile->provisioned_concurrency;
    if (wanted == 0) continue;
    auto& concurrency = provisioned_.emplace_back(*functions_[i].concurrency);
    concurrency.request(wanted);
    pool_->provision({i + 1ULL}, concurrency, wanted, begin_, actions_);
    settle();
  }
}

void Simulation::submit(std::uint32_t function, const Origin& origin) {
  const auto number = invocations_.take();
  auto& invocation = invocations_[number];
  invocation.function = function;
  invocation.origin = origin;
  pool_->submit({.invocation = {number},
                 .version = {function + 1ULL},
                 .function = functions_[function].concurrency,
                 .patience = functions_[function].timeout},
                now(), actions_);
  settle();
}

// What the pool wants done, and what it wants because of that.
void Simulation::settle() {
  if (is_settling_) return;
  is_settling_ = true;
  for (std::size_t i = 0; i < actions_.size(); ++i) apply(PoolAction(actions_[i]));
  actions_.clear();
  is_settling_ = false;
  if (conditions_.place == Place::This) note_waiting();
}

// Who waits for a process of the host: until now, and from now on. While the processors are used up it is them that are waited for: more
// processes would not help.
void Simulation::note_waiting() {
  auto reason = host_processes_.is_full() ? processes_limit_ : starts_limit_;
  if (host_station_ != none && stations_[host_station_].use >= used_up_share) reason = stations_[host_station_].limit;
  if (unserved_ > 0) waited(reason, static_cast<double>(unserved_) * (now() - unserved_since_).seconds());
  unserved_ = host_processes_.waiting();
  unserved_since_ = now();
  ledger_.used(starts_limit_, static_cast<double>(host_processes_.starting()));
  if (unserved_ > 0) ledger_.used_up(reason, now());
}

// What happens before the figures begin is not in them.
void Simulation::waited(LimitNumber limit, double waited_seconds) {
  if (now() > begin_ + conditions_.warm_up) ledger_.waited(limit, waited_seconds);
}

void Simulation::apply(const PoolAction& action) {
  using Kind = PoolAction::Kind;
  const auto invocation = static_cast<std::uint32_t>(action.invocation.value);
  switch (action.kind) {
    case Kind::StartEnvironment:
      return start_environment(action);
    case Kind::Dispatch:
      return dispatch(action);
    case Kind::Throttle:
      return refuse(invocation, limit_of(action.throttle, invocations_[invocation].function));
    case Kind::GiveUp:
      return refuse(invocation, processes_limit_);
    case Kind::Shutdown: {
      const auto number = environment_numbers_[action.environment.value];
      return heap_.push(now(), EventKind::EnvironmentGone, number, environments_[number].generation);
    }
    case Kind::CompleteWithInitError:
    case Kind::CompleteWithExit:
      SURGE_ASSERT(false, "nothing crashes in a prediction");
  }
}

LimitNumber Simulation::limit_of(ThrottleReason reason, std::uint32_t function) {
  switch (reason) {
    case ThrottleReason::AccountConcurrency:
      return concurrency_limit_;
    case ThrottleReason::AccountRate:
    case ThrottleReason::ProvisionedRate:
      return rate_limit_;
    case ThrottleReason::ReservedConcurrency:
    case ThrottleReason::ReservedRate:
      return functions_[function].reserved_limit;
    case ThrottleReason::ScalingRate:
      return scaling_limit_;
    case ThrottleReason::HostProcesses:
      return processes_limit_;
  }
  return concurrency_limit_;
}

void Simulation::start_environment(const PoolAction& action) {
  const auto number = environments_.take();
  auto& environment = environments_[number];
  environment.function = static_cast<std::uint32_t>(action.version.value - 1);
  environment.id = action.environment;
  environment.started = now();
  if (environment_numbers_.size() <= action.environment.value) environment_numbers_.resize(action.environment.value + 1, none);
  environment_numbers_[action.environment.value] = number;
  auto& function = functions_[environment.function];
  if (action.initialization == Initialization::OnDemand) ++function.cold_starts;
  environments_peak_ = std::max(environments_peak_, static_cast<std::int64_t>(environments_.in_use()));
  ledger_.used(processes_limit_, static_cast<double>(environments_.in_use()));
  const auto time = function.profile->init.sample(choices_);
  function.billed_gb_seconds += time.seconds() * static_cast<double>(function.profile->memory_mb) / 1024;
  // AWS gives an init all the processor it wants.
  work(EventKind::InitDone, number, environment.generation, time, function.profile->init_cpu_share, host_station_);
  work_beside(function.profile->init_work_beside);
}

void Simulation::init_done(std::uint32_t number) {
  pool_->environment_ready(environments_[number].id, now(), actions_);
  settle();
}

void Simulation::environment_gone(std::uint32_t number) {
  auto& environment = environments_[number];
  disconnect(environment.connections);
  const auto id = environment.id;
  environment_numbers_[id.value] = none;
  environments_.give_back(number);
  pool_->environment_exited(id, now(), actions_);
  settle();
}

void Simulation::pool_tick() {
  pool_->tick(now(), actions_);
  settle();
  const bool is_soon = conditions_.place == Place::This && pool_->is_waited_for();
  heap_.push(now() + (is_soon ? tick_while_waiting : tick), EventKind::PoolTick, 0);
}

void Simulation::update_running(Function& function, std::int64_t by_one) {
  function.running += by_one;
  running_ += by_one;
  function.running_peak = std::max(function.running_peak, function.running);
  if (function.profile->reserved_concurrency) ledger_.used(function.reserved_limit, static_cast<double>(function.running));
  running_peak_ = std::max(running_peak_, running_);
}

// ---- an invocation ----

void Simulation::dispatch(const PoolAction& action) {
  const auto number = static_cast<std::uint32_t>(action.invocation.value);
  auto& invocation = invocations_[number];
  auto& environment = environments_[environment_numbers_[action.environment.value]];
  auto& function = functions_[invocation.function];
  invocation.environment = environment_numbers_[action.environment.value];
  environment.invocation = number;
  invocation.started = now();
  ++function.invocations;
  update_running(function, +1);
  ledger_.used(concurrency_limit_, static_cast<double>(account_->in_use()));
  if (function.deadlines.add(now(), number, invocation.generation))
    heap_.push(*function.deadlines.next_due(), EventKind::FunctionTimeout, invocation.function);
  if (action.process == ProcessState::Missing) {  // its process died: the init is part of this invocation
    invocation.is_initializing = true;
    environment.dispatched = 0;
    ++function.cold_starts;
    work_beside(function.profile->init_work_beside);
    return work(EventKind::StepDone, number, invocation.generation, function.profile->init.sample(choices_),
                function.profile->init_cpu_share, host_station_);
  }
  begin(number);
}

// Its process is there: what it takes because the environment is new, and then the steps.
void Simulation::begin(std::uint32_t number) {
  auto& invocation = invocations_[number];
  const auto& function = functions_[invocation.function];
  if (function.profile->slow_together > 0) invocation.pace = normal(choices_);
  const auto ordinal = ++environments_[invocation.environment].dispatched;
  const auto& all = function.profile->warm_up;
  const auto found = std::find_if(all.begin(), all.end(), [&](const WarmUp& one) { return ordinal <= one.until; });
  if (found == all.end()) return next_step(number);
  work_beside(found->beside);
  if (found->time <= Duration{}) return next_step(number);
  invocation.is_warming_up = true;
  const auto time = microseconds(static_cast<std::int64_t>(static_cast<double>(found->time.us) * function.slowdown));
  work(EventKind::StepDone, number, invocation.generation, time, 1, host_station_);
}

bool Simulation::occurs(Invocation& invocation, std::size_t place) {
  const auto& step = *functions_[invocation.function].steps[place].step;
  auto& environment = environments_[invocation.environment];
  if (step.occurs == StepOccurs::OncePerEnvironment) {
    if ((environment.done_once & bit(place)) != 0) return false;
    environment.done_once |= bit(place);
  }
  return step.probability >= 1 || choices_.fraction() < step.probability;
}

Duration Simulation::time_of(const Invocation& invocation, const Step& step) {
  const double together = functions_[invocation.function].profile->slow_together;
  if (together <= 0 || step.time.kind() != Distribution::Kind::Recorded) return step.time.sample(choices_);
  const double place = std::sqrt(together) * invocation.pace + std::sqrt(1 - together) * normal(choices_);
  return step.time.recorded_at(normal_share_below(place));
}

// Begins the step at invocation.step or the first after it that occurs.
void Simulation::next_step(std::uint32_t number) {
  auto& invocation = invocations_[number];
  const auto& function = functions_[invocation.function];
  while (invocation.step < function.steps.size() && !occurs(invocation, invocation.step)) ++invocation.step;
  invocation.tries_of_step = 0;
  if (invocation.step < function.steps.size()) return begin_step(number);
  const bool fails = invocation.origin.kind != OriginKind::Batch && function.profile->failure_share > 0 &&
                     choices_.fraction() < function.profile->failure_share;
  finish(number, fails ? function.own_error : no_limit);
}

void Simulation::begin_step(std::uint32_t number) {
  auto& invocation = invocations_[number];
  auto& function = functions_[invocation.function];
  const auto& compiled = function.steps[invocation.step];
  const auto& step = *compiled.step;
  switch (step.kind) {
    case StepKind::AwsCall:
      return call_service(number);
    case StepKind::DatabaseConnect:
      return connect(number);
    case StepKind::DatabaseStatement:
      return work(EventKind::StepDone, number, invocation.generation, time_of(invocation, step), step.cpu_share,
                  databases_[compiled.target].processors);
    case StepKind::Compute:
    case StepKind::Send:
    case StepKind::Invoke: {
      auto time = time_of(invocation, step);
      if (function.slowdown > 1) {
        const auto factor = 1 + step.cpu_share * (function.slowdown - 1);
        time = microseconds(static_cast<std::int64_t>(static_cast<double>(time.us) * factor));
      }
      return work(EventKind::StepDone, number, invocation.generation, time, step.cpu_share, host_station_);
    }
  }
}

void Simulation::call_service(std::uint32_t number) {
  auto& invocation = invocations_[number];
  const auto& compiled = functions_[invocation.function].steps[invocation.step];
  for (std::size_t i = 0; i < compiled.quotas.size(); ++i)
    if (!quotas_.take(*compiled.quotas[i], owner, now())) return repeat_or_fail(number, compiled.quota_limits[i]);
  if (compiled.step->name.starts_with("SecretsManager.")) ++use_.secret_calls;
  if (compiled.step->name == "CloudWatch.PutMetricData") ++use_.metric_calls;
  work(EventKind::StepDone, number, invocation.generation, time_of(invocation, *compiled.step), compiled.step->cpu_share, host_station_);
}

void Simulation::repeat_or_fail(std::uint32_t number, LimitNumber reason) {
  auto& invocation = invocations_[number];
  ledger_.refused(reason, now());
  if (++invocation.tries_of_step >= tries_of_a_call) return finish(number, reason);
  const auto most = first_retry * (std::int64_t{1} << (invocation.tries_of_step - 1));
  const auto wait = microseconds(static_cast<std::int64_t>(choices_.fraction() * static_cast<double>(most.us)));
  heap_.push(now() + wait, EventKind::StepAgain, number, invocation.generation);
}

void Simulation::connect(std::uint32_t number) {
  auto& invocation = invocations_[number];
  const auto& compiled = functions_[invocation.function].steps[invocation.step];
  auto& database = databases_[compiled.target];
  auto& environment = environments_[invocation.environment];
  const bool stays = compiled.step->occurs == StepOccurs::OncePerEnvironment;
  auto& held = stays ? environment.connections : invocation.connections;
  if ((held & bit(compiled.target)) == 0) {
    if (database.connections >= database.most_connections) {
      ++database.refused;
      if (stays) environment.done_once &= ~bit(invocation.step);
      return finish(number, database.connection_limit);
    }
    ++database.connections;
    database.connections_peak = std::max(database.connections_peak, database.connections);
    ledger_.used(database.connection_limit, static_cast<double>(database.connections));
    held |= bit(compiled.target);
  }
  work(EventKind::StepDone, number, invocation.generation, time_of(invocation, *compiled.step), compiled.step->cpu_share,
       database.processors);
}

void Simulation::disconnect(std::uint64_t& held) {
  for (std::size_t i = 0; held != 0; ++i) {
    if ((held & bit(i)) == 0) continue;
    held &= ~bit(i);
    --databases_[i].connections;
  }
}

void Simulation::step_done(std::uint32_t number) {
  auto& invocation = invocations_[number];
  if (invocation.is_initializing) {
    invocation.is_initializing = false;
    return begin(number);
  }
  if (invocation.is_warming_up) {
    invocation.is_warming_up = false;
    return next_step(number);
  }
  const auto& compiled = functions_[invocation.function].steps[invocation.step];
  if (compiled.step->kind == StepKind::Invoke && compiled.step->mode == InvokeMode::Wait)
    return submit(compiled.target, {.kind = OriginKind::Invocation, .subject = number, .generation = invocation.generation});
  if (compiled.step->kind == StepKind::Send) send(compiled.target);
  if (compiled.step->kind == StepKind::Invoke) add_event(compiled.target);
  ++invocation.step;
  next_step(number);
}

}  // namespace surgetank::prediction
