// The part of EnvironmentPool that keeps environments initialised ahead of invocations: provisioned concurrency.
#include <algorithm>

#include "engine/environment_pool.h"

namespace surgetank {
namespace {

constexpr Duration first_pause = seconds(1);  // after an init that failed; doubles each time
constexpr Duration longest_pause = minutes(1);
constexpr std::int64_t most_doublings = 6;
constexpr Duration patience_with_full_host = seconds(10);

}  // namespace

void EnvironmentPool::provision(VersionId id, ProvisionedConcurrency& concurrency, std::int64_t wanted, Instant now, PoolActions& actions) {
  if (stopped_) return;
  Version& version = version_of(id);
  auto& ahead = version.ahead;
  ahead.concurrency = &concurrency;
  ahead.wanted = wanted;
  ahead.failed_starts = 0;
  ahead.next_start = now;
  ahead.problem = ProvisionedEnvironments::Problem::None;
  concurrency.request(wanted);
  end_surplus(version, ShutdownReason::Retired, now, actions);
  start_ahead(version, now, actions);
  forget_if_unused(version);
}

ProvisionedEnvironments EnvironmentPool::provisioned(VersionId id) const {
  const auto found = versions_.find(id);
  if (found == versions_.end()) return {};
  return {.ready = found->second.ahead.ready, .problem = found->second.ahead.problem};
}

// Starts what is missing: some at a time, as far as the host has room, and with pauses when inits fail.
void EnvironmentPool::start_ahead(Version& version, Instant now, PoolActions& actions) {
  auto& ahead = version.ahead;
  if (stopped_ || version.retired || now < ahead.next_start) return;
  while (ahead.members < ahead.wanted && ahead.starting < options_.most_starting_ahead) {
    if (!host_.try_acquire(Initialization::Provisioned)) {
      wait_for_room(ahead, now);
      // Environments on demand that nobody uses yield; tick() comes back.
      if (stopping_ == 0 && host_.is_full()) evict_least_recent(nullptr, now, actions);
      return;
    }
    ahead.full_since.reset();
    if (ahead.problem == ProvisionedEnvironments::Problem::NoRoom) ahead.problem = ProvisionedEnvironments::Problem::None;
    ++ahead.members;
    ++ahead.starting;
    start(version, Initialization::Provisioned, now, actions);
  }
}

// Processes that start or end make room soon, and no problem; a share that is used up, or a host that stays full, is one.
void EnvironmentPool::wait_for_room(Provisioned& ahead, Instant now) const {
  if (!host_.is_full()) ahead.full_since.reset();
  if (host_.is_full() && !ahead.full_since) ahead.full_since = now;
  const bool stays_full = ahead.full_since && now - *ahead.full_since >= patience_with_full_host;
  if (stays_full || host_.is_provisioned_share_used()) ahead.problem = ProvisionedEnvironments::Problem::NoRoom;
}

void EnvironmentPool::end_surplus(Version& version, ShutdownReason reason, Instant now, PoolActions& actions) {
  auto& ahead = version.ahead;
  while (ahead.members > ahead.wanted && !ahead.idle.empty()) stop(*ahead.idle.front(), reason, now, actions);
}

// The init of one that was started ahead has failed or took too long.
void EnvironmentPool::note_failed_start(Version& version, Instant now) {
  auto& ahead = version.ahead;
  --ahead.starting;
  const auto doublings = std::min(ahead.failed_starts++, most_doublings);
  ahead.next_start = now + std::min(first_pause * (std::int64_t{1} << doublings), longest_pause);
  ahead.problem = ProvisionedEnvironments::Problem::InitFailed;
}

// It can take an invocation, or has to go: its process is lost, it is old, or fewer are wanted.
void EnvironmentPool::provisioned_is_free(Environment& environment, State state, Instant now, PoolActions& actions) {
  Version& version = *environment.version;
  auto& ahead = version.ahead;
  enter(environment, State::Idle, now);
  ahead.idle.push_back(&environment);
  const bool is_lost = state == State::Reset;
  const bool is_old = now - environment.born >= options_.lifetime;
  const bool is_surplus = version.retired || ahead.members > ahead.wanted;
  if (is_lost || is_old || is_surplus) {
    const auto reason = is_lost ? ShutdownReason::ProcessLost : is_surplus ? ShutdownReason::Retired : ShutdownReason::Idle;
    stop(environment, reason, now, actions);
    start_ahead(version, now, actions);
    return serve_unserved(now, actions);
  }
  if (!environment.was_ready) {
    environment.was_ready = true;
    ahead.failed_starts = 0;
    ahead.problem = ProvisionedEnvironments::Problem::None;
    ahead.concurrency->set_ready(++ahead.ready);
  }
  if (!version.pending.empty()) dispatch(environment, version.pop(), ProcessState::Running, now, actions);
  start_ahead(version, now, actions);
}

// It ends: it is no part of what is provisioned any more.
void EnvironmentPool::leave_provisioned(Environment& environment) {
  auto& ahead = environment.version->ahead;
  --ahead.members;
  if (environment.was_ready) ahead.concurrency->set_ready(--ahead.ready);
  environment.was_ready = false;
}

}  // namespace surgetank
