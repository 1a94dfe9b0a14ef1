#include "services/lambda/invocation.h"

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/validation.h"
#include "services/lambda/async_events.h"
#include "services/lambda/errors.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/quotas.h"
#include "wire/json_value.h"

namespace surgetank::lambda {
namespace {

constexpr int ok_status = 200;
constexpr int accepted_status = 202;
constexpr int no_content_status = 204;

Result<Unit> check_kind(const InvokeRequest& request) {
  SURGE_CHECK(Validation()
                  .one_of("invocationType", request.InvocationType, {"Event", "RequestResponse", "DryRun"})
                  .one_of("logType", request.LogType, {"None", "Tail"})
                  .finish(ValidationException));
  if (request.DurableExecutionName) return unsupported("A durable execution (X-Amz-Durable-Execution-Name)");
  if (request.TenantId) return unsupported("Tenant isolation (X-Amz-Tenant-Id)");
  return Unit{};
}

bool is_event(const InvokeRequest& request) { return request.InvocationType == "Event"; }

Result<Unit> check_event_size(Call& call, std::size_t bytes) { return check_quota(call.ports.quotas, quotas::asynchronous_payload, bytes); }

// The event; without one a function gets {}.
Result<std::string> checked_payload(Call& call, const Opt<Blob>& payload) {
  if (!payload || payload->bytes.empty()) return std::string("{}");
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::synchronous_payload, payload->bytes.size()));
  const JsonLimits json_limits{.max_depth = limits::payload_depth, .max_nodes = limits::sync_payload_bytes};
  if (const auto checked = check_json(payload->bytes, json_limits); !checked.ok())
    return fault(InvalidRequestContentException,
                 "Could not parse request body into json: Could not parse payload into json: " + checked.error().message);
  return payload->bytes;
}

Result<std::string> decoded_client_context(const Opt<String>& encoded) {
  if (!encoded || encoded->empty()) return std::string();
  if (encoded->size() > limits::client_context_bytes)
    return fault(InvalidRequestContentException,
                 "Client context must not be larger than " + std::to_string(limits::client_context_bytes) + " bytes.");
  auto context = from_base64(*encoded);
  if (!context || !check_json(*context).ok())
    return fault(InvalidRequestContentException, "Client context must be a valid Base64-encoded JSON object.");
  return std::move(*context);
}

Result<InvokeResponse> response_of(InvocationOutcome outcome, const FunctionVersion& version, LogTail tail) {
  if (outcome.kind == InvocationOutcome::Kind::Throttled) {
    auto error = fault(TooManyRequestsException, throttle_message(outcome));
    error.members.emplace_back("Reason", name_of(outcome.throttle));
    return error;
  }
  if (outcome.kind == InvocationOutcome::Kind::ServiceFailure) return fault(ServiceException, std::move(outcome.failure));
  InvokeResponse response;
  response.StatusCode = ok_status;
  if (outcome.kind == InvocationOutcome::Kind::FunctionError) response.FunctionError = "Unhandled";
  if (tail == LogTail::Wanted) response.LogResult = to_base64(outcome.log_tail);
  response.ExecutedVersion = version.version;
  response.ContentType = "application/json";
  response.Payload = Blob{std::move(outcome.payload)};
  return response;
}

struct Prepared {
  InvocationTarget target;
  std::string qualifier;
  InvocationRequest request;
};

Result<Prepared> prepare(Call& call, const InvokeRequest& request) {
  SURGE_TRY(target, resolve(call, "lambda:InvokeFunction", NameForm::NamespacedFunctionName, request.FunctionName, request.Qualifier));
  SURGE_CHECK(check_kind(request));
  if (is_event(request) && request.Payload) SURGE_CHECK(check_event_size(call, request.Payload->bytes.size()));
  SURGE_TRY(payload, checked_payload(call, request.Payload));
  SURGE_TRY(client_context, decoded_client_context(request.ClientContext));
  SURGE_TRY(found, find_invocation_target(call, target));
  InvocationRequest invocation{.request_id = call.request_id.empty() ? call.random.uuid() : call.request_id,
                               .invoked_arn = found.invoked_arn,
                               .payload = std::move(payload),
                               .client_context = std::move(client_context),
                               .trace = call.trace,
                               .log_tail = request.LogType == "Tail" ? LogTail::Wanted : LogTail::None};
  return Prepared{.target = std::move(found), .qualifier = std::move(target.qualifier), .request = std::move(invocation)};
}

}  // namespace

// Whoever is signed in as the account may invoke its functions: identity policies are not enforced. Services of the platform come
// through FunctionInvoker, which asks the resource policy.
void invoke(Call& call, const InvokeRequest& request, Reply<InvokeResponse> reply) {
  auto prepared = prepare(call, request);
  if (!prepared.ok()) return reply(std::move(prepared.error()));
  if (request.InvocationType == "DryRun") {
    InvokeResponse allowed;
    allowed.StatusCode = no_content_status;
    return reply(std::move(allowed));
  }
  const auto tail = prepared->request.log_tail;
  auto version = prepared->target.version;
  auto trace_id = call.trace.root.empty() ? Opt<String>{} : Opt<String>(trace_header(call.trace));
  if (is_event(request)) {
    accept_event(call, version->function_name, prepared->qualifier, std::move(prepared->request));
    InvokeResponse accepted;
    accepted.StatusCode = accepted_status;
    accepted.TraceId = std::move(trace_id);
    return reply(std::move(accepted));
  }
  call.ports.runner->run(call.lane, version, std::move(prepared->request),
                         [version, tail, trace_id = std::move(trace_id), reply = std::move(reply)](InvocationOutcome outcome) mutable {
                           auto response = response_of(std::move(outcome), *version, tail);
                           if (response.ok()) response->TraceId = std::move(trace_id);
                           reply(std::move(response));
                         });
}

Result<InvokeAsyncResponse> invoke_async(Call& call, const InvokeAsyncRequest& request) {
  SURGE_TRY(target, resolve(call, "lambda:InvokeAsync", NameForm::NamespacedFunctionName, request.FunctionName, std::nullopt));
  if (request.InvokeArgs) SURGE_CHECK(check_event_size(call, request.InvokeArgs->bytes.size()));
  SURGE_TRY(payload, checked_payload(call, request.InvokeArgs));
  SURGE_TRY(found, find_invocation_target(call, target));
  InvocationRequest invocation;
  invocation.request_id = call.request_id.empty() ? call.random.uuid() : call.request_id;
  invocation.payload = std::move(payload);
  invocation.trace = call.trace;
  accept_event(call, found.version->function_name, target.qualifier, std::move(invocation));
  return InvokeAsyncResponse{};
}

}  // namespace surgetank::lambda
