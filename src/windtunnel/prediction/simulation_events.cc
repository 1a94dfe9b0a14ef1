// The part of a prediction in which functions are invoked asynchronously: the queue and the retries are those of the lambda service.
#include "windtunnel/prediction/simulation.h"

namespace surgetank::prediction {

void Simulation::add_event(std::uint32_t number) {
  const auto event = events_.take();
  auto& pending = events_[event];
  pending.history.accepted = now();
  pending.key = {.due = now(), .id = event};
  functions_[number].events.add(pending.key);
  run_events(number);
}

void Simulation::run_events(std::uint32_t number) {
  auto& function = functions_[number];
  while (const auto key = function.events.take(now())) {
    const auto event = static_cast<std::uint32_t>(key->id);
    const lambda::EventRetryPolicy policy{function.profile->maximum_retry_attempts, function.profile->maximum_event_age};
    if (lambda::is_too_old(policy, events_[event].history.accepted, now())) {
      function.events.ended(*key, lambda::EventQueue::Ending::Gone, now());
      events_.give_back(event);
      continue;
    }
    submit(number, {.kind = OriginKind::Event, .subject = event, .detail = number});
  }
  const auto wake = function.events.next_wake(now());
  if (!wake || (function.events_wake && *function.events_wake <= *wake)) return;
  function.events_wake = wake;
  heap_.push(*wake, EventKind::EventsWake, number, ++function.events_generation);
}

void Simulation::event_ended(std::uint32_t event, std::uint32_t number, LimitNumber reason) {
  using Ending = lambda::EventQueue::Ending;
  auto& function = functions_[number];
  auto& pending = events_[event];
  const bool is_refused = reason != no_limit && (ledger_[reason].effect == LimitEffect::Throttled || reason == processes_limit_);
  const auto outcome = reason == no_limit ? lambda::EventOutcome::Success
                       : is_refused       ? lambda::EventOutcome::Refused
                                          : lambda::EventOutcome::FunctionError;
  if (reason != no_limit) ledger_.refused(reason, now());
  const lambda::EventRetryPolicy policy{function.profile->maximum_retry_attempts, function.profile->maximum_event_age};
  const auto verdict = lambda::judge(policy, pending.history, outcome, now());
  function.events.ended(pending.key, is_refused ? Ending::Refused : Ending::Ran, now());
  if (verdict.kind == lambda::EventVerdict::Kind::TryAgain) {
    if (is_refused) {
      ++pending.history.refusals;
    } else {
      ++pending.history.failed_runs;
      pending.history.refusals = 0;
    }
    pending.key = {.due = verdict.due, .id = event};
    function.events.add(pending.key);
  } else {
    events_.give_back(event);
  }
  // Later in this instant: this may be inside run_events().
  if (function.events_wake && *function.events_wake <= now()) return;
  function.events_wake = now();
  heap_.push(now(), EventKind::EventsWake, number, ++function.events_generation);
}

}  // namespace surgetank::prediction
