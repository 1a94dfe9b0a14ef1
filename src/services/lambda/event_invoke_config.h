#pragma once
// The EventInvokeConfig of a function, version or alias: how its asynchronous events are retried and where their results go.
// The operations are in the table (service.cc); here is what the rest of the service asks. On the function's lane.
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "services/lambda/async_retry.h"
#include "services/lambda/event_invoke_model.h"

namespace surgetank::lambda {

// What holds for events that were sent to `qualifier` ("": $LATEST); the defaults if nothing is configured for exactly that.
EventInvokeRecord event_invoke_settings(Call& call, const std::string& name, std::string_view qualifier);
EventRetryPolicy retry_policy(const EventInvokeRecord& settings);

// Where messages about events can go: a standard queue or a function. Everything else is refused by name.
enum class EventTargetKind : std::uint8_t { Queue, Function };
struct EventTarget {
  EventTargetKind kind;
  std::string account;
  std::string region;
  std::string name;
};
// nullopt: none of the two.
std::optional<EventTarget> parse_event_target(std::string_view arn);
// A DeadLetterConfig: a queue.
Result<Unit> check_dead_letter_target(const std::string& arn);

}  // namespace surgetank::lambda
