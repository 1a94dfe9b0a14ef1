#include "engine/environment_pool.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace surgetank {

EnvironmentPool::EnvironmentPool(Options options, HostProcesses& host)
    : options_(options), host_(host), next_environment_(options.first_environment) {}

// ---- the events ----

void EnvironmentPool::submit(const Submission& submission, Instant now, PoolActions& actions) {
  using Kind = PoolAction::Kind;
  if (stopped_) {
    actions.push_back({.kind = Kind::GiveUp, .invocation = submission.invocation, .give_up = GiveUpReason::ServerStops});
    return;
  }
  const auto known = versions_.find(submission.version);
  ProvisionedConcurrency* const provisioned = known == versions_.end() ? nullptr : known->second.ahead.concurrency;
  const Admission admission = submission.function->admit(now, provisioned);
  if (!admission.is_admitted) {
    actions.push_back({.kind = Kind::Throttle, .invocation = submission.invocation, .throttle = admission.reason});
    return;
  }
  Version& version = known == versions_.end() ? version_of(submission.version) : known->second;
  const Pending pending{submission.invocation, {submission.function, provisioned, admission.pool}, now, now + submission.patience};
  if (!version.ahead.idle.empty()) {
    dispatch(*version.ahead.idle.back(), pending, ProcessState::Running, now, actions);
  } else if (!version.warm.empty()) {
    dispatch(*version.warm.back(), pending, ProcessState::Running, now, actions);
  } else if (!version.reset.empty()) {
    dispatch(*version.reset.back(), pending, ProcessState::Missing, now, actions);
  } else if (version.pending.size() < version.coming) {
    version.push(pending);
  } else {
    queue_or_refuse(version, pending, now, actions);
  }
  publish_waiting();
}

void EnvironmentPool::environment_ready(EnvironmentId id, Instant now, PoolActions& actions) {
  Environment& environment = environment_of(id);
  if (environment.state == State::Stopping) return;
  SURGE_ASSERT(environment.state == State::Starting, "only a starting environment becomes ready");
  environment.version->change_coming(-1);
  if (environment.is_provisioned()) --environment.version->ahead.starting;
  become_free(environment, State::Idle, now, actions);
  serve_unserved(now, actions);
  publish_waiting();
}

void EnvironmentPool::environment_failed_init(EnvironmentId id, Instant now, PoolActions& actions) {
  Environment& environment = environment_of(id);
  if (environment.state == State::Stopping) return;
  Version& version = *environment.version;
  if (environment.state == State::Busy) {  // an init inside the invocation
    actions.push_back({.kind = PoolAction::Kind::CompleteWithInitError, .invocation = environment.invocation, .environment = id});
    release_execution(environment);
  } else {
    SURGE_ASSERT(environment.state == State::Starting, "init fails while starting or inside an invocation");
    version.change_coming(-1);
    if (environment.is_provisioned()) note_failed_start(version, now);
    if (!version.pending.empty()) {
      const Pending pending = version.pop();
      pending.execution.release();
      actions.push_back({.kind = PoolAction::Kind::CompleteWithInitError, .invocation = pending.invocation, .environment = id});
    }
  }
  stop(environment, ShutdownReason::InitFailed, now, actions);
  serve_unserved(now, actions);
  publish_waiting();
}

void EnvironmentPool::environment_init_expired(EnvironmentId id, Instant now, PoolActions& actions) {
  Environment& environment = environment_of(id);
  if (environment.state == State::Stopping) return;
  SURGE_ASSERT(environment.state == State::Starting, "only a starting environment's init expires");
  environment.version->change_coming(-1);
  if (environment.is_provisioned()) note_failed_start(*environment.version, now);
  become_free(environment, State::Reset, now, actions);
  serve_unserved(now, actions);
  publish_waiting();
}

void EnvironmentPool::invocation_responded(EnvironmentId id, Instant now, PoolActions&) {
  Environment& environment = environment_of(id);
  if (environment.state == State::Stopping) return;
  SURGE_ASSERT(environment.state == State::Busy, "a response belongs to an invocation");
  release_execution(environment);
  enter(environment, State::Finishing, now);
  finishing_.push_back(&environment);
  environment.version->change_coming(+1);
}

void EnvironmentPool::environment_idle(EnvironmentId id, Instant now, PoolActions& actions) {
  Environment& environment = environment_of(id);
  if (environment.state == State::Stopping) return;
  SURGE_ASSERT(environment.state == State::Finishing || environment.state == State::LateFinishing,
               "an environment becomes idle after it responded");
  leave_lists(environment);
  become_free(environment, State::Idle, now, actions);
  publish_waiting();
}

void EnvironmentPool::invocation_aborted(EnvironmentId id, Instant now, PoolActions& actions) {
  Environment& environment = environment_of(id);
  if (environment.state == State::Stopping) return;
  SURGE_ASSERT(environment.state == State::Busy || environment.state == State::Finishing || environment.state == State::LateFinishing,
               "only an invocation is aborted");
  if (environment.state == State::Busy) {
    release_execution(environment);
  } else {
    leave_lists(environment);
  }
  become_free(environment, State::Reset, now, actions);
  publish_waiting();
}

void EnvironmentPool::environment_exited(EnvironmentId id, Instant now, PoolActions& actions) {
  Environment& environment = environment_of(id);
  switch (environment.state) {
    case State::Starting:
      environment_failed_init(id, now, actions);
      return;
    case State::Busy:
      actions.push_back({.kind = PoolAction::Kind::CompleteWithExit, .invocation = environment.invocation, .environment = id});
      release_execution(environment);
      become_free(environment, State::Reset, now, actions);
      break;
    case State::Idle:
    case State::Finishing:
    case State::LateFinishing:
      leave_lists(environment);
      become_free(environment, State::Reset, now, actions);
      break;
    case State::Reset:
      break;
    case State::Stopping:
      --stopping_;
      host_.release(environment.initialization);
      forget(environment);
      serve_unserved(now, actions);
      break;
  }
  publish_waiting();
}

void EnvironmentPool::retire(VersionId id, Instant now, PoolActions& actions) {
  const auto found = versions_.find(id);
  if (found == versions_.end()) return;
  Version& version = found->second;
  version.retired = true;
  version.ahead.wanted = 0;
  end_surplus(version, ShutdownReason::Retired, now, actions);
  while (!version.warm.empty()) stop(*version.warm.back(), ShutdownReason::Retired, now, actions);
  while (!version.reset.empty()) stop(*version.reset.back(), ShutdownReason::Retired, now, actions);
}

void EnvironmentPool::shut_down(PoolActions& actions) {
  stopped_ = true;
  for (auto& [id, version] : versions_) {
    while (!version.pending.empty()) {
      const Pending pending = version.pop();
      pending.execution.release();
      actions.push_back({.kind = PoolAction::Kind::GiveUp, .invocation = pending.invocation, .give_up = GiveUpReason::ServerStops});
    }
  }
  std::vector<EnvironmentId> all;
  for (const auto& [id, environment] : environments_) {
    if (environment.state != State::Stopping) all.push_back(environment.id);
  }
  std::sort(all.begin(), all.end());
  for (const EnvironmentId id : all) {
    Environment& environment = environment_of(id);
    if (environment.state == State::Busy) {
      actions.push_back({.kind = PoolAction::Kind::GiveUp,
                         .invocation = environment.invocation,
                         .environment = id,
                         .give_up = GiveUpReason::ServerStops});
      release_execution(environment);
    }
    if (environment.state == State::Starting) {
      environment.version->change_coming(-1);
      if (environment.is_provisioned()) --environment.version->ahead.starting;
    }
    stop(environment, ShutdownReason::ServerStops, Instant{}, actions);
  }
  publish_waiting();
}

// ---- time ----

void EnvironmentPool::tick(Instant now, PoolActions& actions) {
  for (auto& [id, version] : versions_) {
    note_late_finishers(version, now);
    give_up_expired(version, now, actions);
    reclaim_idle(version, now, actions);
  }
  serve_unserved(now, actions);
  for (auto& [id, version] : versions_) start_ahead(version, now, actions);
  // Another lane has invocations without a process: give it an idle one of ours.
  if (unserved_ == 0 && stopping_ == 0 && host_.is_full()) {
    for (auto wanted = host_.waiting(); wanted > 0 && evict_least_recent(nullptr, now, actions); --wanted) {
    }
  }
  for (auto entry = versions_.begin(); entry != versions_.end();) {
    Version& version = entry->second;
    ++entry;
    forget_if_unused(version);
  }
  publish_waiting();
}

void EnvironmentPool::note_late_finishers(Version& version, Instant now) {
  if (version.pending.empty()) return;
  for (std::size_t i = 0; i < finishing_.size();) {
    Environment& environment = *finishing_[i];
    if (environment.version == &version && now - environment.since >= options_.finish_grace) {
      leave_lists(environment);
      environment.state = State::LateFinishing;
    } else {
      ++i;
    }
  }
}

void EnvironmentPool::give_up_expired(Version& version, Instant now, PoolActions& actions) {
  for (std::size_t i = version.coming; i < version.pending.size();) {
    const Pending pending = version.pending[i];
    if (pending.give_up > now) {
      ++i;
      continue;
    }
    version.erase(i);
    pending.execution.release();
    pending.execution.function->note_rejected(ThrottleReason::HostProcesses);
    actions.push_back({.kind = PoolAction::Kind::GiveUp, .invocation = pending.invocation, .give_up = GiveUpReason::NoProcessInTime});
  }
}

void EnvironmentPool::reclaim_idle(Version& version, Instant now, PoolActions& actions) {
  for (auto* list : {&version.warm, &version.reset}) {
    // `since` rises along a list: the first is the one that was used least recently.
    while (!list->empty() && now - list->front()->since >= options_.idle_reclaim) {
      stop(*list->front(), ShutdownReason::Idle, now, actions);
    }
  }
  auto& ahead = version.ahead.idle;
  while (!ahead.empty() && now - ahead.front()->born >= options_.lifetime) stop(*ahead.front(), ShutdownReason::Idle, now, actions);
}

// ---- what waits for a version ----

void EnvironmentPool::Version::push(const Pending& one) {
  *unserved_of_pool -= unserved();
  pending.push_back(one);
  ++*waiting_of_pool;
  *unserved_of_pool += unserved();
}

EnvironmentPool::Pending EnvironmentPool::Version::pop() {
  const Pending oldest = pending.front();
  erase(0);
  return oldest;
}

void EnvironmentPool::Version::erase(std::size_t index) {
  *unserved_of_pool -= unserved();
  pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(index));
  --*waiting_of_pool;
  *unserved_of_pool += unserved();
}

void EnvironmentPool::Version::change_coming(int by_one) {
  *unserved_of_pool -= unserved();
  coming = by_one < 0 ? coming - 1 : coming + 1;
  *unserved_of_pool += unserved();
}

// ---- helpers ----

EnvironmentPool::Version& EnvironmentPool::version_of(VersionId id) {
  Version& version = versions_[id];
  version.id = id;
  version.unserved_of_pool = &unserved_;
  version.waiting_of_pool = &waiting_;
  return version;
}

EnvironmentPool::Environment& EnvironmentPool::environment_of(EnvironmentId id) {
  const auto found = environments_.find(id.value);
  SURGE_ASSERT(found != environments_.end(), "no such environment");
  return found->second;
}

void EnvironmentPool::enter(Environment& environment, State state, Instant now) {
  if (environment.state == State::Starting && state != State::Starting) host_.start_ended();
  environment.state = state;
  environment.since = now;
}

// Starts an environment in a process slot that the caller has acquired.
void EnvironmentPool::start(Version& version, Initialization initialization, Instant now, PoolActions& actions) {
  const EnvironmentId id{next_environment_++};
  Environment& environment = environments_[id.value];
  environment.id = id;
  environment.version = &version;
  environment.initialization = initialization;
  environment.born = now;
  enter(environment, State::Starting, now);
  version.change_coming(+1);
  ++version.members;
  actions.push_back(
      {.kind = PoolAction::Kind::StartEnvironment, .environment = id, .version = version.id, .initialization = initialization});
}

void EnvironmentPool::dispatch(Environment& environment, const Pending& pending, ProcessState process, Instant now, PoolActions& actions) {
  leave_lists(environment);
  enter(environment, State::Busy, now);
  environment.invocation = pending.invocation;
  environment.execution = pending.execution;
  auto& execution = environment.execution;
  if (environment.is_provisioned() && execution.pool != ConcurrencyPool::Provisioned) {
    execution.provisioned = environment.version->ahead.concurrency;
    execution.function->move_to_provisioned(execution.pool, *execution.provisioned);
    execution.pool = ConcurrencyPool::Provisioned;
  }
  actions.push_back({.kind = PoolAction::Kind::Dispatch,
                     .invocation = pending.invocation,
                     .environment = environment.id,
                     .version = environment.version->id,
                     .process = process});
}

// Takes a free or finishing environment out of the list that its state keeps it in.
void EnvironmentPool::leave_lists(Environment& environment) {
  const auto remove = [&environment](std::vector<Environment*>& list) {
    if (!list.empty() && list.back() == &environment) return list.pop_back();
    list.erase(std::find(list.begin(), list.end(), &environment));
  };
  if (environment.state == State::Idle) remove(environment.is_provisioned() ? environment.version->ahead.idle : environment.version->warm);
  if (environment.state == State::Reset) remove(environment.version->reset);
  if (environment.state == State::Finishing) {
    remove(finishing_);
    environment.version->change_coming(-1);
  }
}

void EnvironmentPool::release_execution(Environment& environment) {
  SURGE_ASSERT(environment.execution.function != nullptr, "a busy environment counts as an execution");
  environment.execution.release();
  environment.execution = {};
  environment.invocation = {};
}

// The environment can take an invocation: the oldest one of its version, unless another function has waited too long for a process.
void EnvironmentPool::become_free(Environment& environment, State state, Instant now, PoolActions& actions) {
  if (environment.is_provisioned()) return provisioned_is_free(environment, state, now, actions);
  Version& version = *environment.version;
  // Who waits for a start alone is not helped by the end of another environment.
  const Version* starving = host_.is_full() ? longest_unserved() : nullptr;
  const bool yields =
      starving != nullptr && starving != &version && stopping_ < unserved_ && now - starving->first_unserved().since >= seconds(1);
  enter(environment, state, now);
  (state == State::Idle ? version.warm : version.reset).push_back(&environment);
  if (now - environment.born >= options_.lifetime) {
    stop(environment, ShutdownReason::Idle, now, actions);
    return serve_unserved(now, actions);
  }
  if (!version.pending.empty() && !yields) {
    dispatch(environment, version.pop(), state == State::Idle ? ProcessState::Running : ProcessState::Missing, now, actions);
  } else if (version.retired) {
    stop(environment, ShutdownReason::Retired, now, actions);
  } else if (yields || (starving != nullptr && stopping_ < unserved_)) {
    stop(environment, ShutdownReason::MakeRoom, now, actions);
  }
}

// The environment's process is to end; its slot comes back with environment_exited.
void EnvironmentPool::stop(Environment& environment, ShutdownReason reason, Instant now, PoolActions& actions) {
  leave_lists(environment);
  if (environment.is_provisioned()) leave_provisioned(environment);
  enter(environment, State::Stopping, now);
  ++stopping_;
  actions.push_back({.kind = PoolAction::Kind::Shutdown, .environment = environment.id, .shutdown = reason});
}

void EnvironmentPool::forget(Environment& environment) {
  Version& version = *environment.version;
  --version.members;
  environments_.erase(environment.id.value);
  forget_if_unused(version);
}

void EnvironmentPool::forget_if_unused(Version& version) {
  if (version.members == 0 && version.pending.empty() && version.ahead.wanted == 0) versions_.erase(VersionId{version.id});
}

std::size_t EnvironmentPool::idle_environments() const {
  std::size_t count = 0;
  for (const auto& [id, version] : versions_) count += version.warm.size() + version.reset.size() + version.ahead.idle.size();
  return count;
}

}  // namespace surgetank
