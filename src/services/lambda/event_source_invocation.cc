// How a batch reaches its function: without a resource policy, since the mapping acts for the function itself.
#include <utility>

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
};

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
  call.ports.runner->run(call.lane, std::move(found->version), std::move(request), answer.release());
}

}  // namespace

void MappingDriver::invoke(BatchId id) {
  const auto& messages = poller_.messages(id);
  count("InvokedEventCount", messages.size());
  BatchCall batch{.target = {.name = mapping_->function_name, .qualifier = mapping_->qualifier},
                  .event = event_of(messages),
                  .trace = common_trace(messages)};
  const auto function = batch.target.name;
  auto done = [self = shared_from_this(), id](InvocationOutcome outcome) {
    self->lane_.post([self, id, outcome = std::move(outcome)] { self->invoked(id, outcome); });
  };
  dispatcher_.read(service, caller_, {}, function, [batch = std::move(batch), done = std::move(done)](Call& call) mutable {
    run(call, std::move(batch), std::move(done));
  });
}

}  // namespace surgetank::lambda
