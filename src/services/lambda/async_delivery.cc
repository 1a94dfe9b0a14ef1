#include "services/lambda/async_delivery.h"

#include "base/log.h"
#include "base/text.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "services/lambda/async_events.h"
#include "services/lambda/errors.h"
#include "services/lambda/event_invoke_config.h"
#include "services/lambda/event_source_queue.h"
#include "services/lambda/function_store.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "wire/json.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace surgetank::lambda {
namespace {

constexpr std::int64_t ok_status = 200;
constexpr JsonLimits payload_limits{.max_depth = limits::payload_depth, .max_nodes = limits::sync_payload_bytes};

// A payload as the JSON value that it is; what a custom runtime answered besides JSON is a text.
void write_payload(JsonWriter& json, const std::string& payload) {
  if (payload.empty()) {
    json.null();
  } else if (check_json(payload, payload_limits).ok()) {
    json.raw(payload);
  } else {
    json.string(payload);
  }
}

void write_attribute(JsonWriter& json, std::string_view name, std::string_view type, std::string_view value) {
  json.key(name).begin_object().key("DataType").string(type).key("StringValue").string(value).end_object();
}

std::string queue_message(const Call& call, const EventTarget& queue, const DeliverEventRequest& message) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("QueueUrl").string(call.ports.base_url + "/" + queue.account + "/" + queue.name);
  json.key("MessageBody").string(message.Body.bytes);
  if (message.Kind == "DeadLetterQueue") {
    json.key("MessageAttributes").begin_object();
    write_attribute(json, "RequestID", "String", message.RequestId);
    write_attribute(json, "ErrorCode", "Number", std::to_string(message.ErrorCode));
    if (!message.ErrorMessage.empty()) write_attribute(json, "ErrorMessage", "String", message.ErrorMessage);
    json.end_object();
  }
  json.end_object();
  return text;
}

std::string function_event(const DeliverEventRequest& message) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("FunctionName").string(message.TargetArn).key("InvocationType").string("Event");
  json.key("Payload").string(to_base64(message.Body.bytes)).end_object();
  return text;
}

}  // namespace

std::string invocation_report(const InvocationReportParts& parts) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("version").string("1.0").key("timestamp").string(iso8601_milliseconds(parts.time));
  json.key("requestContext").begin_object();
  json.key("requestId").string(parts.request_id).key("functionArn").string(parts.function_arn);
  json.key("condition").string(parts.condition).key("approximateInvokeCount").integer(parts.invoke_count).end_object();
  write_payload(json.key("requestPayload"), parts.request_payload);
  if (parts.executed_version) {
    json.key("responseContext").begin_object().key("statusCode").integer(ok_status);
    json.key("executedVersion").string(*parts.executed_version);
    if (parts.function_error) json.key("functionError").string("Unhandled");
    json.end_object();
    write_payload(json.key("responsePayload"), parts.response_payload);
  }
  json.end_object();
  return text;
}

std::string error_message_of(std::string_view error_payload) {
  const auto error = parse_json(error_payload, payload_limits);
  const auto* message = error.ok() ? error->find_string("errorMessage") : nullptr;
  return first_bytes_of_message(message == nullptr ? error_payload : std::string_view(*message));
}

std::string first_bytes_of_message(std::string_view message) {
  auto first = message.substr(0, limits::dead_letter_message_bytes);
  // Not in the middle of a character.
  while (first.size() < message.size() && !first.empty() && (static_cast<unsigned char>(message[first.size()]) & 0xC0U) == 0x80U)
    first.remove_suffix(1);
  return std::string(first);
}

void send_later(Call& call, const DeliverEventRequest& message) {
  OutboxTask task{.service = "lambda", .operation = "DeliverEvent", .account = call.account(), .region = call.region(), .input = {}};
  write_json(*shape_of<DeliverEventRequest>(), &message, task.input);
  call.outbox.at(call.now, task);
}

void deliver_event(Call& call, const DeliverEventRequest& message, Reply<Empty> reply) {
  const auto target = parse_event_target(message.TargetArn);
  if (!target) return reply(Empty{});  // checked when it was configured
  const bool to_queue = target->kind == EventTargetKind::Queue;
  const auto input = to_queue ? queue_message(call, *target, message) : function_event(message);
  auto sender = service_caller(target->account, target->region, "lambda.amazonaws.com");
  if (to_queue) {
    // Sent as the function's role, so that the queue's policy has its say; a function that is gone sends as the service.
    const auto function = find_function(call, {.name = message.FunctionName, .qualifier = {}});
    sender = function_caller(call.caller, message.FunctionName, function.ok() ? function->latest.role : String());
    sender.region = target->region;
  }
  const bool dead_letter = message.Kind == "DeadLetterQueue";
  call.ports.dispatcher->dispatch_json(
      to_queue ? "sqs" : "lambda", to_queue ? "SendMessage" : "Invoke", std::move(sender), input,
      [&ports = call.ports, &lane = call.lane, owner = call.caller, name = message.FunctionName, arn = message.TargetArn, dead_letter,
       reply = std::move(reply)](Result<std::string> result) mutable {
        if (!result.ok()) {
          log_line(LogLevel::Warning, "lambda",
                   "a message about an event of " + name + " to " + arn + ": " + std::string(result.error().code->name) + " " +
                       result.error().message);
          event_metric(ports, owner, name, lane.now(), dead_letter ? "DeadLetterErrors" : "DestinationDeliveryFailures");
        }
        const bool again = !result.ok() && result.error().code->http_status >= 500;
        lane.post([again, reply = std::move(reply)]() mutable {
          if (again) return reply(fault(ServiceException, "The target of a message about an event could not be reached."));
          reply(Empty{});
        });
      });
}

}  // namespace surgetank::lambda
