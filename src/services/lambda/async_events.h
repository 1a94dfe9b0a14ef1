#pragma once
// Asynchronous invocation: a durable queue of events per function, on the function's lane.
//
//   accept_event()  writes the event with the operation that accepts it; the answer (202) leaves when it is on disk
//   pump            takes what is due and what there is capacity for, and runs it (async_queue.h: which and how many)
//   SettleEvent     an internal operation, once per try: erases the event, gives it a new time, or gives it up (async_retry.h),
//                   and hands messages about it to the outbox, all in one transaction
//   DeliverEvent    an internal operation, from the outbox: one message to a queue or a function (async_delivery.h)
//
// At least once: what ran and was not settled before a crash runs again. An event whose function is gone is dropped.
// Source: Lambda Developer Guide "Invoking a function asynchronously".
#include <optional>
#include <string>

#include "kernel/function_runner.h"
#include "kernel/operation.h"
#include "services/lambda/async_queue.h"
#include "services/lambda/event_invoke_model.h"

namespace surgetank::lambda {

// In the operation's transaction; the event is dispatched once it is durable. `payload` is any JSON value.
void accept_event(Call& call, const std::string& name, const std::string& qualifier, InvocationRequest request);

// Runs what is due and can be run, and has itself called again when there will be more. On the function's lane, in a Call whose writes
// are dropped.
void pump_events(Call& call, const std::string& name);
// After the call's commit: `ended` does not run any more, `next` (if any) waits, and the pump goes on.
void go_on_after_commit(Call& call, const std::string& name, EventKey ended, EventQueue::Ending ending, std::optional<EventKey> next);

// The service's part of starting: functions with waiting events go on with them.
void resume_events(ServiceContext& context);

// One sample of a metric of the function, and of the account.
void event_metric(const Ports& ports, const Caller& owner, const std::string& name, Instant now, const char* metric, double value = 1,
                  const char* unit = "Count");
inline void event_metric(const Call& call, const std::string& name, const char* metric, double value = 1, const char* unit = "Count") {
  event_metric(call.ports, call.caller, name, call.now, metric, value, unit);
}

}  // namespace surgetank::lambda
