#include "services/lambda/invoker.h"

#include <utility>

#include "base/text.h"
#include "kernel/ports.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_name.h"
#include "services/lambda/invocation.h"
#include "services/lambda/limits.h"
#include "services/lambda/policy.h"
#include "services/lambda/service.h"

namespace surgetank::lambda {
namespace {

using Kind = FunctionCallResult::Kind;
using Done = UniqueFunction<void(FunctionCallResult)>;

FunctionCallResult refusal(Kind kind, std::string message) { return {.kind = kind, .payload = {}, .message = std::move(message)}; }

// Answers even if what it stands in for ends with an exception (a record that cannot be read): a caller is waiting.
class AnswerOnce {
 public:
  explicit AnswerOnce(Done done) : done_(std::move(done)) {}
  ~AnswerOnce() {
    if (done_) done_(refusal(Kind::Unavailable, "The function could not be invoked because of a failure inside the server."));
  }
  AnswerOnce(const AnswerOnce&) = delete;
  AnswerOnce& operator=(const AnswerOnce&) = delete;
  void give(FunctionCallResult result) { release()(std::move(result)); }
  Done release() { return std::exchange(done_, Done{}); }

 private:
  Done done_;
};

FunctionCallResult result_of(InvocationOutcome outcome) {
  switch (outcome.kind) {
    case InvocationOutcome::Kind::Success:
      return {.kind = Kind::Success, .payload = std::move(outcome.payload), .message = {}};
    case InvocationOutcome::Kind::FunctionError:
      return {.kind = Kind::FunctionError, .payload = std::move(outcome.payload), .message = {}};
    case InvocationOutcome::Kind::Throttled:
      return refusal(Kind::Throttled, throttle_message(outcome) + " Reason: " + std::string(name_of(outcome.throttle)));
    case InvocationOutcome::Kind::ServiceFailure:
      break;
  }
  return refusal(Kind::Unavailable, std::move(outcome.failure));
}

// The account of the resource that the service calls for.
std::string_view source_account(const FunctionCall& call) {
  const auto parts = split(call.source_arn, ':');
  constexpr std::size_t account_part = 4;
  return parts.size() > account_part && !parts[account_part].empty() ? parts[account_part] : std::string_view(call.account);
}

void run(Call& call, const Target& target, FunctionCall function_call, Done done) {
  AnswerOnce answer(std::move(done));
  if (function_call.payload.size() > limits::sync_payload_bytes)
    return answer.give(refusal(Kind::Unavailable, "Request must be smaller than " + std::to_string(limits::sync_payload_bytes) +
                                                      " bytes for the InvokeFunction operation"));
  auto found = find_invocation_target(call, target);
  if (!found.ok()) return answer.give(refusal(Kind::NotFound, std::move(found.error().message)));
  const InvokingService service{
      .principal = function_call.principal, .source_arn = function_call.source_arn, .source_account = source_account(function_call)};
  if (found->statements == nullptr || !allows_invoke(*found->statements, service))
    return answer.give(refusal(Kind::Denied, function_call.principal +
                                                 " is not authorized to perform: lambda:InvokeFunction on resource: " + found->invoked_arn +
                                                 " because no resource-based policy allows the lambda:InvokeFunction action"));
  InvocationRequest request{.request_id = call.random.uuid(),
                            .invoked_arn = std::move(found->invoked_arn),
                            .payload = std::move(function_call.payload),
                            .client_context = {},
                            .trace = std::move(function_call.trace),
                            .log_tail = LogTail::None};
  call.ports.runner->run(call.lane, std::move(found->version), std::move(request),
                         [done = answer.release()](InvocationOutcome outcome) mutable { done(result_of(std::move(outcome))); });
}

class LambdaInvoker final : public FunctionInvoker {
 public:
  explicit LambdaInvoker(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

  void invoke(FunctionCall call, Done done) override {
    const auto reference = parse_function_reference(call.function);
    if (!reference) return done(refusal(Kind::NotFound, "Function not found: " + call.function));
    Target target{.name = std::string(reference->name), .qualifier = std::string(reference->qualifier)};
    auto owner = service_caller(reference->account.empty() ? std::string_view(call.account) : reference->account,
                                reference->region.empty() ? std::string_view(call.region) : reference->region, call.principal);
    auto trace = call.trace;
    const auto name = target.name;
    dispatcher_.read(service, std::move(owner), std::move(trace), name,
                     [target = std::move(target), call = std::move(call), done = std::move(done)](Call& on_lane) mutable {
                       run(on_lane, target, std::move(call), std::move(done));
                     });
  }

 private:
  Dispatcher& dispatcher_;
};

}  // namespace

std::unique_ptr<FunctionInvoker> make_function_invoker(Dispatcher& dispatcher) { return std::make_unique<LambdaInvoker>(dispatcher); }

}  // namespace surgetank::lambda
