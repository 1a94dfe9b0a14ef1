// The end of one try of an asynchronous event, in one transaction: erase it, give it a new time, or give it up.
#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "kernel/telemetry.h"
#include "services/lambda/async_delivery.h"
#include "services/lambda/async_events.h"
#include "services/lambda/event_invoke_config.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/keys.h"
#include "services/lambda/operations.h"

namespace surgetank::lambda {
namespace {

using Verdict = EventVerdict::Kind;
using Ending = EventQueue::Ending;

constexpr Integer ok_status = 200;
constexpr Integer throttled_status = 429;
constexpr Integer failed_status = 500;

bool has_run(const SettleEventRequest& request) { return request.Outcome == "Success" || request.Outcome == "FunctionError"; }

EventVerdict verdict_of(const EventRetryPolicy& policy, const EventRecord& record, const SettleEventRequest& request, Instant now) {
  if (request.Outcome == "Expired") return {.kind = Verdict::EventAgeExceeded};
  if (request.Outcome == "TurnedOff") return {.kind = Verdict::RetriesExhausted};
  const auto outcome = request.Outcome == "Success"         ? EventOutcome::Success
                       : request.Outcome == "FunctionError" ? EventOutcome::FunctionError
                                                            : EventOutcome::Refused;
  return judge(policy, {.accepted = record.accepted, .failed_runs = record.failed_runs, .refusals = record.refusals}, outcome, now);
}

// The record as the next try, or the message about the last one, wants it.
void note_outcome(EventRecord& record, const SettleEventRequest& request) {
  if (request.Outcome == "FunctionError") {
    ++record.failed_runs;
    record.refusals = 0;
    record.last_status = ok_status;
    record.last_message = error_message_of(request.Payload.value_or(Blob{}).bytes);
  } else if (request.Outcome == "Throttled") {
    ++record.refusals;
    record.last_status = throttled_status;
    record.last_message = "Rate Exceeded.";
  } else if (request.Outcome == "TurnedOff") {
    record.last_status = throttled_status;
    record.last_message = "Function not invoked. Function is configured with zero reserved concurrent executions";
  } else if (request.Outcome == "ServiceFailure") {
    ++record.refusals;
    record.last_status = failed_status;
    record.last_message = first_bytes_of_message(request.Message);
  }
}

Opt<VersionRecord> executed_version(Call& call, const std::string& name, const EventRecord& record, const SettleEventRequest& request) {
  auto version = find_version(call, {.name = name, .qualifier = request.ExecutedVersion.value_or(record.qualifier)});
  if (!version.ok()) return std::nullopt;
  return std::move(*version);
}

struct Settled {
  const EventRecord& record;
  const SettleEventRequest& request;
  const EventInvokeRecord& settings;
  std::string payload;
};

InvocationReportParts parts_of(Call& call, const Settled& settled, std::string_view condition, const Opt<VersionRecord>& version) {
  const auto& name = settled.request.FunctionName;
  const auto qualifier = version ? version->version : std::string(latest_version);
  return {.time = call.now,
          .request_id = settled.record.request_id,
          .function_arn = function_arn(call.account(), call.region(), name, qualifier),
          .condition = std::string(condition),
          .invoke_count = settled.record.failed_runs + (settled.request.Outcome == "Success" ? 1 : 0),
          .request_payload = settled.payload,
          .executed_version = settled.request.ExecutedVersion,
          .function_error = settled.request.Outcome == "FunctionError",
          .response_payload = has_run(settled.request) ? settled.request.Payload.value_or(Blob{}).bytes : std::string()};
}

void report_success(Call& call, const Settled& settled) {
  if (!settled.settings.on_success) return;
  const auto version = executed_version(call, settled.request.FunctionName, settled.record, settled.request);
  send_later(call, {.FunctionName = settled.request.FunctionName,
                    .Kind = "OnSuccess",
                    .TargetArn = *settled.settings.on_success,
                    .RequestId = settled.record.request_id,
                    .ErrorMessage = {},
                    .Body = Blob{invocation_report(parts_of(call, settled, "Success", version))}});
}

// Both ways of learning about an event that was given up, if both are configured.
void report_failure(Call& call, const Settled& settled, std::string_view condition) {
  const auto& name = settled.request.FunctionName;
  const auto version = executed_version(call, name, settled.record, settled.request);
  if (settled.settings.on_failure) {
    send_later(call, {.FunctionName = name,
                      .Kind = "OnFailure",
                      .TargetArn = *settled.settings.on_failure,
                      .RequestId = settled.record.request_id,
                      .ErrorMessage = {},
                      .Body = Blob{invocation_report(parts_of(call, settled, condition, version))}});
  }
  if (!version || !version->dead_letter_target) return;
  send_later(call, {.FunctionName = name,
                    .Kind = "DeadLetterQueue",
                    .TargetArn = *version->dead_letter_target,
                    .RequestId = settled.record.request_id,
                    .ErrorCode = settled.record.last_status,
                    .ErrorMessage = settled.record.last_message,
                    .Body = Blob{settled.payload}});
}

Ending ending_of(const SettleEventRequest& request) {
  if (has_run(request)) return Ending::Ran;
  return request.Outcome == "Throttled" || request.Outcome == "ServiceFailure" ? Ending::Refused : Ending::Gone;
}

// In the trace of the call that the event came with: from when it was accepted until it is settled for good.
void trace_end_after_commit(Call& call, const std::string& function, const EventRecord& record, std::string_view fault) {
  if (call.ports.telemetry == nullptr || record.trace_root.empty()) return;
  const auto digits = replace_all(record.request_id, "-", "");
  Span span{.trace_root = record.trace_root,
            .id = digits.substr(0, std::min<std::size_t>(digits.size(), 16)),
            .parent = record.trace_parent,
            .kind = "event",
            .name = function,
            .start = record.accepted,
            .length = call.now - record.accepted,
            .status = 0,
            .fault = std::string(fault),
            .attributes = {{"aws.request_id", record.request_id}}};
  call.after_commit([telemetry = call.ports.telemetry, span = std::move(span)]() mutable { telemetry->span(std::move(span)); });
}

}  // namespace

Result<Empty> settle_event(Call& call, const SettleEventRequest& request) {
  const auto& name = request.FunctionName;
  const EventKey key{.due = {request.Due}, .id = static_cast<std::uint64_t>(request.Id)};
  const auto stored = keys::event(call.caller, name, key.due, key.id);
  auto record = get_record<EventRecord>(call.txn, stored);
  if (!record) {  // settled already, by the try of before a failure
    go_on_after_commit(call, name, key, Ending::Gone, std::nullopt);
    return Empty{};
  }
  const auto payload_key = keys::event_payload(call.caller, name, key.id);
  const auto settings = event_invoke_settings(call, name, record->qualifier);
  const auto verdict = verdict_of(retry_policy(settings), *record, request, call.now);
  const bool gone = request.Outcome == "Gone";
  note_outcome(*record, request);
  call.txn.erase(stored);
  if (!gone && verdict.kind == Verdict::TryAgain) {
    const EventKey next{.due = verdict.due, .id = key.id};
    put_record(call.txn, keys::event(call.caller, name, next.due, next.id), *record);
    go_on_after_commit(call, name, key, ending_of(request), next);
    return Empty{};
  }
  const Settled settled{.record = *record, .request = request, .settings = settings, .payload = call.txn.get(payload_key).value_or("null")};
  call.txn.erase(payload_key);
  if (gone || verdict.kind != Verdict::Succeeded) event_metric(call, name, "AsyncEventsDropped");
  if (!gone && verdict.kind == Verdict::Succeeded) report_success(call, settled);
  if (!gone && verdict.kind == Verdict::RetriesExhausted)
    report_failure(call, settled, request.Outcome == "TurnedOff" ? "ZeroReservedConcurrency" : "RetriesExhausted");
  if (!gone && verdict.kind == Verdict::EventAgeExceeded) report_failure(call, settled, "EventAgeExceeded");
  trace_end_after_commit(call, name, *record, !gone && verdict.kind == Verdict::Succeeded ? "" : gone ? "Gone" : "GivenUp");
  go_on_after_commit(call, name, key, ending_of(request), std::nullopt);
  return Empty{};
}

}  // namespace surgetank::lambda
