#include "services/lambda/async_events.h"

#include <algorithm>
#include <vector>

#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "kernel/telemetry.h"
#include "services/lambda/async_queues.h"
#include "services/lambda/event_invoke_config.h"
#include "services/lambda/function_cache.h"
#include "services/lambda/invocation.h"
#include "services/lambda/keys.h"
#include "services/lambda/service.h"

namespace surgetank::lambda {
namespace {

constexpr std::size_t keys_per_read = 1'000;
constexpr Duration after_failure = seconds(1);
constexpr std::string_view principal = "lambda.amazonaws.com";

FunctionEvents& events_of(Call& call, const std::string& name) {
  return call.state_as<FunctionCache>().event_queues().of(call.caller, name);
}

Caller owner_of(const Call& call) { return service_caller(call.account(), call.region(), principal); }

std::string stored_key(const Call& call, const std::string& name, EventKey key) { return keys::event(call.caller, name, key.due, key.id); }

// The keys of the events from `from` on, in order.
EventQueue::Rest read_keys(Call& call, const std::string& name, EventKey from, std::vector<EventKey>& found) {
  const auto prefix = keys::events(call.caller, name);
  auto rest = EventQueue::Rest::Nothing;
  call.txn.scan(stored_key(call, name, from), prefix_end(prefix), [&](std::string_view key, std::string_view) {
    if (found.size() == keys_per_read) {
      rest = EventQueue::Rest::More;
      return false;
    }
    key.remove_prefix(prefix.size());
    const auto due = read_key_number(key);
    const auto id = read_key_number(key);
    if (due && id) found.push_back({.due = {static_cast<std::int64_t>(*due)}, .id = *id});
    return true;
  });
  return rest;
}

void load_if_wanted(Call& call, const std::string& name, EventQueue& queue) {
  while (const auto from = queue.wanted()) {
    std::vector<EventKey> found;
    const auto rest = read_keys(call, name, *from, found);
    queue.loaded(found, rest);
  }
}

// What is needed to settle a try after the Call of the pump is gone.
struct Attempt {
  Dispatcher& dispatcher;
  Lane& lane;
  Caller owner;
  std::string name;
  EventKey key;
};

void pump_in(Dispatcher& dispatcher, const Caller& owner, const std::string& name) {
  dispatcher.read(service, owner, {}, name, [name](Call& call) { pump_events(call, name); });
}

// The event stays as it was in the store; in memory it goes on in a while.
void retry_settling(const Attempt& attempt) {
  attempt.lane.at(attempt.lane.now() + after_failure, [attempt] {
    attempt.dispatcher.read(service, attempt.owner, {}, attempt.name, [attempt](Call& call) {
      auto& queue = events_of(call, attempt.name).queue;
      queue.ended(attempt.key, EventQueue::Ending::Gone, call.now);
      queue.add(attempt.key);
      pump_events(call, attempt.name);
    });
  });
}

const Operation& settle_operation() {
  static const auto& found =
      *std::find_if(service.operations.begin(), service.operations.end(), [](const Operation& each) { return each.name == "SettleEvent"; });
  return found;
}

void settle(Attempt attempt, SettleEventRequest request) {
  request.FunctionName = attempt.name;
  request.Due = attempt.key.due.us;
  request.Id = static_cast<Integer>(attempt.key.id);
  Box box(*shape_of<SettleEventRequest>());
  *static_cast<SettleEventRequest*>(box.get()) = std::move(request);
  Invocation invocation{.service = &service,
                        .operation = &settle_operation(),
                        .input = std::move(box),
                        .caller = attempt.owner,
                        .request_id = {},
                        .trace = {}};
  auto& dispatcher = attempt.dispatcher;
  dispatcher.dispatch(std::move(invocation), [attempt = std::move(attempt)](Result<Box> result) mutable -> Task {
    if (!result.ok()) retry_settling(attempt);
    return [] {};
  });
}

std::string_view name_of(InvocationOutcome::Kind kind) {
  switch (kind) {
    case InvocationOutcome::Kind::Success:
      return "Success";
    case InvocationOutcome::Kind::FunctionError:
      return "FunctionError";
    case InvocationOutcome::Kind::Throttled:
      return "Throttled";
    case InvocationOutcome::Kind::ServiceFailure:
      break;
  }
  return "ServiceFailure";
}

SettleEventRequest settlement_of(InvocationOutcome outcome, const std::string& version) {
  SettleEventRequest request;
  request.Outcome = name_of(outcome.kind);
  request.Message = outcome.failure;
  if (outcome.kind != InvocationOutcome::Kind::Success && outcome.kind != InvocationOutcome::Kind::FunctionError) return request;
  request.ExecutedVersion = version;
  request.Payload = Blob{std::move(outcome.payload)};
  return request;
}

// An event that ended without being tried.
void settle_untried(Attempt attempt, std::string_view outcome, std::string message) {
  SettleEventRequest request;
  request.Outcome = outcome;
  request.Message = std::move(message);
  auto& lane = attempt.lane;
  lane.post([attempt = std::move(attempt), request = std::move(request)]() mutable { settle(std::move(attempt), std::move(request)); });
}

void run_event(Call& call, Attempt attempt, EventQueue& queue) {
  const auto& name = attempt.name;
  const auto record = get_record<EventRecord>(call.txn, stored_key(call, name, attempt.key));
  auto payload = call.txn.get(keys::event_payload(call.caller, name, attempt.key.id));
  if (!record || !payload) return queue.ended(attempt.key, EventQueue::Ending::Gone, call.now);  // settled in the meantime
  const auto policy = retry_policy(event_invoke_settings(call, name, record->qualifier));
  auto target = find_invocation_target(call, {.name = name, .qualifier = record->qualifier});
  if (!target.ok()) return settle_untried(std::move(attempt), "Gone", target.error().message);
  const auto* cached = call.state_as<FunctionCache>().find(call, name);
  const bool is_off = cached != nullptr && cached->reserved_concurrency == 0;
  if (is_off) return settle_untried(std::move(attempt), "TurnedOff", {});
  if (is_too_old(policy, record->accepted, call.now)) return settle_untried(std::move(attempt), "Expired", {});
  queue.set_size(attempt.key, payload->size());
  event_metric(call, name, "AsyncEventAge", static_cast<double>((call.now - record->accepted).us) / 1000.0, "Milliseconds");
  InvocationRequest request{.request_id = record->request_id,
                            .invoked_arn = std::move(target->invoked_arn),
                            .payload = std::move(*payload),
                            .client_context = {},
                            .trace = {.root = record->trace_root,
                                      .parent = record->trace_parent,
                                      .lineage = record->trace_lineage,
                                      .sampled = record->trace_sampled},
                            .log_tail = LogTail::None};
  const auto version = target->version;
  call.ports.runner->run(call.lane, version, std::move(request),
                         [attempt = std::move(attempt), version = version->version](InvocationOutcome outcome) mutable {
                           auto settlement = settlement_of(std::move(outcome), version);
                           // Not at once: the runner may answer from inside run(), in the middle of the pump.
                           auto& lane = attempt.lane;
                           lane.post([attempt = std::move(attempt), settlement = std::move(settlement)]() mutable {
                             settle(std::move(attempt), std::move(settlement));
                           });
                         });
}

void set_timer(Call& call, const std::string& name, FunctionEvents& events) {
  const auto wake = events.queue.next_wake(call.now);
  if (!wake || (events.wake && *events.wake <= *wake)) return;
  events.wake = wake;
  call.lane.at(*wake, [&dispatcher = *call.ports.dispatcher, owner = owner_of(call), name, due = *wake] {
    dispatcher.read(service, owner, {}, name, [name, due](Call& on_lane) {
      auto& awake = events_of(on_lane, name);
      if (awake.wake == due) awake.wake.reset();
      pump_events(on_lane, name);
    });
  });
}

// The functions that have events, by hopping from the first event of one to the first event of the next.
struct WaitingFunction {
  std::string account;
  std::string region;
  std::string name;
};
std::vector<WaitingFunction> functions_with_events(Txn& txn) {
  std::vector<WaitingFunction> found;
  std::string from(keys::all_events);
  const auto end = prefix_end(keys::all_events);
  while (!from.empty()) {
    std::string next;
    txn.scan(from, end, [&](std::string_view key, std::string_view) {
      auto parts = key.substr(keys::all_events.size());
      auto account = read_key_part(parts);
      auto region = read_key_part(parts);
      auto name = read_key_part(parts);
      next = prefix_end(key.substr(0, key.size() - parts.size()));
      if (account && region && name) found.push_back({std::move(*account), std::move(*region), std::move(*name)});
      return false;
    });
    from = std::move(next);
  }
  return found;
}

}  // namespace

void accept_event(Call& call, const std::string& name, const std::string& qualifier, InvocationRequest request) {
  const EventKey key{.due = call.now, .id = call.random.next()};
  if (request.trace.root.empty()) request.trace = new_trace(call.now, call.random);
  const EventRecord record{.request_id = std::move(request.request_id),
                           .qualifier = qualifier,
                           .accepted = call.now,
                           .trace_root = std::move(request.trace.root),
                           .trace_parent = std::move(request.trace.parent),
                           .trace_lineage = std::move(request.trace.lineage),
                           .trace_sampled = std::move(request.trace.sampled),
                           .last_message = {}};
  put_record(call.txn, stored_key(call, name, key), record);
  call.txn.put(keys::event_payload(call.caller, name, key.id), request.payload);
  event_metric(call, name, "AsyncEventsReceived");
  call.after_commit([&dispatcher = *call.ports.dispatcher, owner = owner_of(call), name, key] {
    dispatcher.read(service, owner, {}, name, [name, key](Call& on_lane) {
      events_of(on_lane, name).queue.add(key);
      pump_events(on_lane, name);
    });
  });
}

void go_on_after_commit(Call& call, const std::string& name, EventKey ended, EventQueue::Ending ending, std::optional<EventKey> next) {
  call.after_commit([&dispatcher = *call.ports.dispatcher, owner = owner_of(call), name, ended, ending, next] {
    dispatcher.read(service, owner, {}, name, [name, ended, ending, next](Call& on_lane) {
      auto& queue = events_of(on_lane, name).queue;
      queue.ended(ended, ending, on_lane.now);
      if (next) queue.add(*next);
      pump_events(on_lane, name);
    });
  });
}

void pump_events(Call& call, const std::string& name) {
  auto& events = events_of(call, name);
  load_if_wanted(call, name, events.queue);
  while (const auto key = events.queue.take(call.now)) {
    run_event(call, {.dispatcher = *call.ports.dispatcher, .lane = call.lane, .owner = owner_of(call), .name = name, .key = *key},
              events.queue);
    load_if_wanted(call, name, events.queue);
  }
  set_timer(call, name, events);
}

void resume_events(ServiceContext& context) {
  auto& dispatcher = context.dispatcher;
  dispatcher.read(service, service_caller("", "", principal), {}, "", [&dispatcher](Call& call) {
    for (const auto& [account, region, name] : functions_with_events(call.txn))
      pump_in(dispatcher, service_caller(account, region, principal), name);
  });
}

void event_metric(const Ports& ports, const Caller& owner, const std::string& name, Instant now, const char* metric, double value,
                  const char* unit) {
  if (ports.telemetry == nullptr) return;
  MetricSample sample{.account = owner.account,
                      .region = owner.region,
                      .name_space = "AWS/Lambda",
                      .name = metric,
                      .dimensions = {{"FunctionName", name}},
                      .time = now,
                      .value = value,
                      .unit = unit};
  ports.telemetry->metric(sample);
  sample.dimensions.clear();
  ports.telemetry->metric(std::move(sample));
}

}  // namespace surgetank::lambda
