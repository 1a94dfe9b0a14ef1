#pragma once
// When an event of an asynchronous invocation is tried again, and when it is given up. Pure; any thread.
// Source: Lambda Developer Guide "How Lambda handles errors and retries with asynchronous invocation": errors of the function are
// retried after one and then two minutes; throttles and failures of the platform do not count as tries and are repeated with a
// growing delay, from one second to five minutes, for as long as the event is young enough.
#include <cstdint>

#include "base/time.h"

namespace surgetank::lambda {

struct EventRetryPolicy {
  std::int64_t maximum_retry_attempts = 2;
  Duration maximum_age = hours(6);
};

struct EventHistory {
  Instant accepted;
  std::int64_t failed_runs = 0;  // that the function ended with an error
  std::int64_t refusals = 0;     // in a row: throttled, or the platform could not run it
};

enum class EventOutcome : std::uint8_t { Success, FunctionError, Refused };

struct EventVerdict {
  enum class Kind : std::uint8_t { Succeeded, TryAgain, RetriesExhausted, EventAgeExceeded };
  Kind kind = Kind::Succeeded;
  Instant due{};  // of the next try
};

// `history` is what was before this outcome.
EventVerdict judge(const EventRetryPolicy& policy, const EventHistory& history, EventOutcome outcome, Instant now);

bool is_too_old(const EventRetryPolicy& policy, Instant accepted, Instant now);

}  // namespace surgetank::lambda
