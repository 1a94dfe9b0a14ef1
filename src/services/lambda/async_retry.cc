#include "services/lambda/async_retry.h"

#include <algorithm>

namespace surgetank::lambda {
namespace {

using Kind = EventVerdict::Kind;

constexpr Duration delay_after_error = minutes(1);  // times the number of failed runs
constexpr Duration first_delay_after_refusal = seconds(1);
constexpr Duration longest_delay_after_refusal = minutes(5);
constexpr std::int64_t most_doublings = 9;  // 512 s: beyond the longest delay

EventVerdict after_error(const EventRetryPolicy& policy, const EventHistory& history, Instant now) {
  if (history.failed_runs >= policy.maximum_retry_attempts) return {.kind = Kind::RetriesExhausted};
  const auto due = now + delay_after_error * (history.failed_runs + 1);
  // An event that would be too old by then is given up at once.
  if (is_too_old(policy, history.accepted, due)) return {.kind = Kind::EventAgeExceeded};
  return {.kind = Kind::TryAgain, .due = due};
}

EventVerdict after_refusal(const EventRetryPolicy& policy, const EventHistory& history, Instant now) {
  if (is_too_old(policy, history.accepted, now)) return {.kind = Kind::EventAgeExceeded};
  const auto doublings = std::min(history.refusals, most_doublings);
  const auto delay = std::min(first_delay_after_refusal * (std::int64_t{1} << doublings), longest_delay_after_refusal);
  // The last moment is used: what blocks the event may end before it is too old.
  return {.kind = Kind::TryAgain, .due = std::min(now + delay, history.accepted + policy.maximum_age)};
}

}  // namespace

EventVerdict judge(const EventRetryPolicy& policy, const EventHistory& history, EventOutcome outcome, Instant now) {
  switch (outcome) {
    case EventOutcome::Success:
      return {.kind = Kind::Succeeded};
    case EventOutcome::FunctionError:
      return after_error(policy, history, now);
    case EventOutcome::Refused:
      break;
  }
  return after_refusal(policy, history, now);
}

bool is_too_old(const EventRetryPolicy& policy, Instant accepted, Instant now) { return now - accepted >= policy.maximum_age; }

}  // namespace surgetank::lambda
