// How a batch reaches its function: without a resource policy, since the mapping acts for the function itself.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "services/lambda/event_source_driver.h"
#include "services/lambda/function_store.h"
#include "services/lambda/invocation.h"
#include "services/lambda/limits.h"
#include "services/lambda/service.h"

namespace surgetank::lambda {
namespace {

std::string event_of(const std::vector<QueuedMessage>& messages) {
  std::size_t bytes = event_opening.size() + event_closing.size();
  for (const auto& message : messages) bytes += message.record.size() + 1;
  std::string event;
  event.reserve(bytes);
  event += event_opening;
  for (const auto& message : messages) {
    if (event.size() > event_opening.size()) event += ',';
    event += message.record;
  }
  event += event_closing;
  return event;
}

// The trace of the messages goes on if all of them that have one belong to the same; else the batch begins its own.
std::optional<TraceContext> common_trace(const std::vector<QueuedMessage>& messages) {
  std::optional<TraceContext> common;
  for (const auto& message : messages) {
    const auto trace = message.trace_header.empty() ? std::nullopt : parse_trace_header(message.trace_header);
    if (!trace) continue;
    if (common && common->root != trace->root) return std::nullopt;
    if (!common) common = trace;
  }
  return common;
}

// Answers even if what it stands in for ends with an exception: a batch waits for it.
class OutcomeOnce {
 public:
  explicit OutcomeOnce(UniqueFunction<void(InvocationOutcome)> done) : done_(std::move(done)) {}
  ~OutcomeOnce() {
    if (done_) give(InvocationOutcome::Kind::ServiceFailure);
  }
  OutcomeOnce(const OutcomeOnce&) = delete;
  OutcomeOnce& operator=(const OutcomeOnce&) = delete;
  void give(InvocationOutcome::Kind kind) {
    InvocationOutcome outcome;
    outcome.kind = kind;
    release()(std::move(outcome));
  }
  UniqueFunction<void(InvocationOutcome)> release() { return std::exchange(done_, UniqueFunction<void(InvocationOutcome)>{}); }

 private:
  UniqueFunction<void(InvocationOutcome)> done_;
};

struct BatchCall {
  Target target;
  std::string event;
  std::optional<TraceContext> trace;
  std::string queue;  // name
  std::string mapping;
  std::size_t messages = 0;
  std::int64_t receives = 0;  // of the message that was received most often
};

std::int64_t receives_of(const std::vector<QueuedMessage>& messages) {
  constexpr std::string_view name = "\"ApproximateReceiveCount\":\"";
  std::int64_t most = 0;
  for (const auto& message : messages) {
    const auto at = message.record.find(name);
    if (at == std::string::npos) continue;
    const auto begin = at + name.size();
    const auto digits = std::string_view(message.record).substr(begin, message.record.find('"', begin) - begin);
    most = std::max(most, parse_integer(digits).value_or(0));
  }
  return most;
}

std::string_view fault_of(InvocationOutcome::Kind kind) {
  if (kind == InvocationOutcome::Kind::Success) return {};
  return kind == InvocationOutcome::Kind::FunctionError ? "FunctionError" : "NotRun";
}

// The way of a batch through its function as a span of its own, above the invocation's.
UniqueFunction<void(InvocationOutcome)> with_span(Call& call, const BatchCall& batch, InvocationRequest& request,
                                                  UniqueFunction<void(InvocationOutcome)> done) {
  auto* telemetry = call.ports.telemetry;
  if (telemetry == nullptr) return done;
  Span span;
  span.trace_root = request.trace.root;
  span.id = new_span_id(call.random);
  span.parent = std::exchange(request.trace.parent, span.id);
  span.kind = "batch";
  span.name = batch.queue;
  span.start = call.lane.now();
  span.attributes = {{"mapping", batch.mapping},
                     {"messages", std::to_string(batch.messages)},
                     {"request_bytes", std::to_string(request.payload.size())},
                     {"receives", std::to_string(batch.receives)}};
  return [telemetry, &lane = call.lane, span = std::move(span), done = std::move(done)](InvocationOutcome outcome) mutable {
    span.length = lane.now() - span.start;
    span.fault = fault_of(outcome.kind);
    telemetry->span(std::move(span));
    done(std::move(outcome));
  };
}

void run(Call& call, BatchCall batch, UniqueFunction<void(InvocationOutcome)> done) {
  OutcomeOnce answer(std::move(done));
  if (batch.event.size() > limits::sync_payload_bytes) return answer.give(InvocationOutcome::Kind::FunctionError);
  auto found = find_invocation_target(call, batch.target);
  if (!found.ok()) return answer.give(InvocationOutcome::Kind::ServiceFailure);
  InvocationRequest request;
  request.request_id = call.random.uuid();
  request.invoked_arn = std::move(found->invoked_arn);
  request.payload = std::move(batch.event);
  request.trace = batch.trace ? std::move(*batch.trace) : new_trace(call.now, call.random);
  auto told = with_span(call, batch, request, answer.release());
  call.ports.runner->run(call.lane, std::move(found->version), std::move(request), std::move(told));
}

}  // namespace

void MappingDriver::invoke(BatchId id) {
  const auto& messages = poller_.messages(id);
  count("InvokedEventCount", messages.size());
  BatchCall batch{.target = {.name = mapping_->function_name, .qualifier = mapping_->qualifier},
                  .event = event_of(messages),
                  .trace = common_trace(messages),
                  .queue = mapping_->source_arn.substr(mapping_->source_arn.rfind(':') + 1),
                  .mapping = uuid_,
                  .messages = messages.size(),
                  .receives = receives_of(messages)};
  const auto function = batch.target.name;
  auto done = [self = shared_from_this(), id](InvocationOutcome outcome) {
    self->lane_.post([self, id, outcome = std::move(outcome)] { self->invoked(id, outcome); });
  };
  dispatcher_.read(service, caller_, {}, function, [batch = std::move(batch), done = std::move(done)](Call& call) mutable {
    run(call, std::move(batch), std::move(done));
  });
}

}  // namespace surgetank::lambda
