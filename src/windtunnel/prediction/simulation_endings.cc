// The part of a prediction in which invocations end: answered, refused or out of time.
#include <cmath>

#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {

void Simulation::bill(Function& function, const Invocation& invocation) {
  const auto time = now() - invocation.started;
  function.durations.add(time);
  const auto billed_ms = std::ceil(static_cast<double>(time.us) / 1000);
  function.billed_gb_seconds += billed_ms / 1000 * static_cast<double>(function.profile->memory_mb) / 1024;
}

void Simulation::finish(std::uint32_t number, LimitNumber reason) {
  auto& invocation = invocations_[number];
  auto& function = functions_[invocation.function];
  auto& environment = environments_[invocation.environment];
  disconnect(invocation.connections);
  bill(function, invocation);
  if (reason != no_limit) ++function.errors;
  update_running(function, -1);
  work_beside(function.profile->work_beside);
  environment.invocation = none;
  const auto id = environment.id;
  const auto origin = invocation.origin;
  invocations_.give_back(number);
  complete(origin, reason);
  pool_->invocation_responded(id, now(), actions_);
  pool_->environment_idle(id, now(), actions_);
  settle();
}

// It was never dispatched.
void Simulation::refuse(std::uint32_t number, LimitNumber reason) {
  const auto origin = invocations_[number].origin;
  ++functions_[invocations_[number].function].throttles;
  invocations_.give_back(number);
  complete(origin, reason);
}

void Simulation::function_timeouts(std::uint32_t number) {
  auto& function = functions_[number];
  while (const auto due = function.deadlines.expired(now())) {
    if (!invocations_.is_current(due->subject, due->generation)) continue;
    auto& invocation = invocations_[due->subject];
    auto& environment = environments_[invocation.environment];
    drop_work(EventKind::StepDone, due->subject, due->generation);
    disconnect(invocation.connections);
    disconnect(environment.connections);
    environment.done_once = 0;
    environment.invocation = none;
    bill(function, invocation);
    ++function.errors;
    update_running(function, -1);
    const auto id = environment.id;
    const auto origin = invocation.origin;
    invocations_.give_back(due->subject);
    complete(origin, function.timeout_limit);
    pool_->invocation_aborted(id, now(), actions_);
    settle();
  }
  function.deadlines.forget_unwanted(
      [&](const DeadlineLine::Deadline& deadline) { return invocations_.is_current(deadline.subject, deadline.generation); });
  if (const auto next = function.deadlines.next_due()) heap_.push(*next, EventKind::FunctionTimeout, number);
}

void Simulation::complete(const Origin& origin, LimitNumber reason) {
  switch (origin.kind) {
    case OriginKind::Request:
      if (requests_.is_current(origin.subject, origin.generation)) answer(origin.subject, reason);
      return;
    case OriginKind::Batch:
      return batch_ended(origin.subject, origin.detail, reason);
    case OriginKind::Event:
      return event_ended(origin.subject, static_cast<std::uint32_t>(origin.detail), reason);
    case OriginKind::Invocation: {
      if (!invocations_.is_current(origin.subject, origin.generation)) return;  // the caller's time was up
      if (reason != no_limit && ledger_[reason].effect == LimitEffect::Throttled) return repeat_or_fail(origin.subject, reason);
      if (reason != no_limit) return finish(origin.subject, reason);
      ++invocations_[origin.subject].step;
      return next_step(origin.subject);
    }
  }
}

}  // namespace surgetank::prediction
