// The part of EnvironmentPool that deals with what is scarce: scaling tokens and processes of the host.
#include "engine/environment_pool.h"

namespace surgetank {

// Nothing of the version is free or will be: a new environment, a place in the queue for a process of the host, or no.
void EnvironmentPool::queue_or_refuse(Version& version, const Pending& pending, Instant now, PoolActions& actions) {
  const auto refuse = [&](PoolAction action) {
    action.invocation = pending.invocation;
    pending.execution.release();
    actions.push_back(action);
    forget_if_unused(version);
  };
  FunctionConcurrency& function = *pending.execution.function;
  if (!function.take_scaling_token(now)) {
    function.note_rejected(ThrottleReason::ScalingRate);
    return refuse({.kind = PoolAction::Kind::Throttle, .throttle = ThrottleReason::ScalingRate});
  }
  if (host_.try_acquire()) {
    version.push(pending);
    start(version, Initialization::OnDemand, now, actions);
    return;
  }
  if (unserved_ >= options_.most_waiting) {
    function.note_rejected(ThrottleReason::HostProcesses);
    return refuse({.kind = PoolAction::Kind::GiveUp, .give_up = GiveUpReason::TooManyWaiting});
  }
  version.push(pending);
  make_room(&version, now, actions);
}

// Gives process slots that became free to the invocations that have waited longest.
void EnvironmentPool::serve_unserved(Instant now, PoolActions& actions) {
  if (stopped_) return;
  for (Version* version = longest_unserved(); version != nullptr; version = longest_unserved()) {
    if (!host_.try_acquire()) {
      make_room(version, now, actions);
      return;
    }
    start(*version, Initialization::OnDemand, now, actions);
  }
}

void EnvironmentPool::make_room(const Version* wanting, Instant now, PoolActions& actions) {
  if (!host_.is_full()) return;  // what is scarce are starts: they end by themselves
  while (stopping_ < unserved_ && evict_least_recent(wanting, now, actions)) {
  }
}

// Stops the free environment that has been idle longest, of any version but `spared`. False if there is none.
bool EnvironmentPool::evict_least_recent(const Version* spared, Instant now, PoolActions& actions) {
  Environment* oldest = nullptr;
  for (auto& [id, version] : versions_) {
    if (&version == spared) continue;
    for (auto* list : {&version.warm, &version.reset}) {
      if (!list->empty() && (oldest == nullptr || list->front()->since < oldest->since)) oldest = list->front();
    }
  }
  if (oldest == nullptr) return false;
  stop(*oldest, ShutdownReason::MakeRoom, now, actions);
  return true;
}

EnvironmentPool::Version* EnvironmentPool::longest_unserved() {
  if (unserved_ == 0) return nullptr;
  Version* longest = nullptr;
  Instant since;
  for (auto& [id, version] : versions_) {
    if (version.unserved() == 0) continue;
    const Instant first = version.first_unserved().since;
    if (longest == nullptr || first < since) {
      longest = &version;
      since = first;
    }
  }
  return longest;
}

void EnvironmentPool::publish_waiting() {
  const auto waiting = static_cast<std::int64_t>(unserved_);
  if (waiting == published_waiting_) return;
  host_.change_waiting(waiting - published_waiting_);
  published_waiting_ = waiting;
}

}  // namespace surgetank
