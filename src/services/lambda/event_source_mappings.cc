#include <utility>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/lambda/errors.h"
#include "services/lambda/event_source_limits.h"
#include "services/lambda/event_source_operations.h"
#include "services/lambda/event_source_queue.h"
#include "services/lambda/event_source_settings.h"
#include "services/lambda/event_source_store.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/service.h"

namespace surgetank::lambda {
namespace {

constexpr ErrorCode ResourceInUseException{"ResourceInUseException", 400};
constexpr std::string_view update_in_use = "Cannot update the event source mapping because it is in use.";
constexpr std::string_view delete_in_use = "Cannot delete the event source mapping because it is in use.";

Error in_use(std::string_view message) {
  auto error = fault(ResourceInUseException, std::string(message));
  error.members.emplace_back("Message", message);
  return error;
}

bool is_settled(const EventSourceMappingRecord& mapping) { return mapping.state == "Enabled" || mapping.state == "Disabled"; }

// The function that a request names becomes that of the mapping; the answer is its timeout.
Result<std::int64_t> apply_function(Call& call, std::string_view action, const String& name, EventSourceMappingRecord& mapping) {
  SURGE_TRY(target, resolve(call, action, NameForm::FunctionName, name, std::nullopt));
  const auto version = find_version(call, target);
  if (!version.ok()) return invalid_parameter("Function does not exist");
  mapping.function_name = target.name;
  mapping.qualifier = target.qualifier;
  return version->timeout_seconds;
}

Result<Unit> check_pair_is_free(Call& call, const EventSourceMappingRecord& mapping) {
  Opt<String> other;
  scan_records<EventSourceMappingRecord>(call.txn, keys::mappings(call.caller), [&](const EventSourceMappingRecord& each) {
    if (each.uuid != mapping.uuid && each.source_arn == mapping.source_arn && each.function_name == mapping.function_name &&
        each.qualifier == mapping.qualifier)
      other = each.uuid;
    return !other.has_value();
  });
  if (!other) return Unit{};
  const auto function = mapping.qualifier.empty() ? mapping.function_name : mapping.function_name + ":" + mapping.qualifier;
  return fault(ResourceConflictException, "An event source mapping with SQS arn (\" " + mapping.source_arn + " \") and function (\" " +
                                              function + " \") already exists. Please update or delete the existing mapping with UUID " +
                                              *other);
}

Result<Unit> check_place(const Call& call, const QueueArn& queue) {
  if (queue.region != call.region()) return invalid_parameter("The event source and the function must be in the same region.");
  if (queue.account != call.account())
    return invalid_parameter("The provided execution role does not have permissions to call ReceiveMessage on SQS");
  return Unit{};
}

Result<Unit> check_visibility(Integer visibility_seconds, std::int64_t timeout_seconds) {
  if (visibility_seconds >= timeout_seconds) return Unit{};
  return invalid_parameter("Queue visibility timeout: " + std::to_string(visibility_seconds) +
                           " seconds is less than Function timeout: " + std::to_string(timeout_seconds) + " seconds");
}

struct NewMapping {
  EventSourceMappingRecord record;
  std::int64_t timeout_seconds = 0;
};

// As whom the mapping will read its queue.
Caller actor_of(Call& call, const EventSourceMappingRecord& mapping) {
  const auto version = find_version(call, {.name = mapping.function_name, .qualifier = mapping.qualifier});
  return function_caller(call.caller, mapping.function_name, version.ok() ? version->role : String());
}

// Everything but the queue. Both halves of CreateEventSourceMapping ask, since the world may change in between.
Result<NewMapping> check_creation(Call& call, const CreateEventSourceMappingRequest& request) {
  NewMapping made;
  auto& mapping = made.record;
  if (request.SelfManagedEventSource) return unsupported("A self-managed event source (SelfManagedEventSource)");
  if (!request.EventSourceArn) return invalid_parameter("Unrecognized event source, must be kinesis, dynamodb stream or sqs.");
  mapping.source_arn = *request.EventSourceArn;
  SURGE_TRY(queue, queue_of(mapping.source_arn));
  SURGE_TRY(timeout_seconds, apply_function(call, "lambda:CreateEventSourceMapping", request.FunctionName, mapping));
  made.timeout_seconds = timeout_seconds;
  SURGE_CHECK(apply_event_source_settings(call.ports.quotas, request, mapping));
  SURGE_CHECK(check_tags(request.Tags));
  SURGE_CHECK(check_place(call, queue));
  SURGE_CHECK(check_pair_is_free(call, mapping));
  mapping.account = call.account();
  mapping.region = call.region();
  mapping.tags = request.Tags;
  return made;
}

// The mapping as the request wants it; its state says what the poller has to do.
Result<NewMapping> check_update(Call& call, const UpdateEventSourceMappingRequest& request) {
  SURGE_TRY(mapping, find_mapping(call, request.UUID));
  if (!is_settled(mapping)) return in_use(update_in_use);
  NewMapping made{.record = std::move(mapping)};
  const bool was_enabled = made.record.enabled;
  if (request.FunctionName) {
    SURGE_TRY(timeout_seconds, apply_function(call, "lambda:UpdateEventSourceMapping", *request.FunctionName, made.record));
    made.timeout_seconds = timeout_seconds;
    SURGE_CHECK(check_pair_is_free(call, made.record));
  }
  SURGE_CHECK(apply_event_source_settings(call.ports.quotas, request, made.record));
  if (made.record.enabled && !was_enabled && !request.FunctionName) {
    const auto version = find_version(call, {.name = made.record.function_name, .qualifier = made.record.qualifier});
    if (version.ok()) made.timeout_seconds = version->timeout_seconds;
  }
  made.record.state = made.record.enabled == was_enabled ? "Updating" : made.record.enabled ? "Enabling" : "Disabling";
  return made;
}

EventSourceMappingConfiguration save_changed(Call& call, EventSourceMappingRecord& mapping) {
  ++mapping.generation;
  mapping.last_modified = call.now;
  save_mapping(call, mapping);
  return shown_mapping(mapping);
}

Error queue_fault(const Error& error) {
  const auto code = error.code->query_name.empty() ? error.code->name : error.code->query_name;
  return invalid_parameter("Error occurred while ReceiveMessage. SQS Error Code: " + std::string(code) +
                           ". SQS Error Message: " + error.message);
}

using MappingReply = Reply<EventSourceMappingConfiguration>;

// Asks the queue for its visibility timeout, then runs the second half with it; its answer is the answer.
template <class SecondHalf, class Request>
void ask_queue_then(Call& call, const EventSourceMappingRecord& mapping, std::string_view operation, const Request& request,
                    MappingReply reply) {
  const auto queue = queue_of(mapping.source_arn);
  if (!queue.ok()) return reply(queue.error());
  auto& dispatcher = *call.ports.dispatcher;
  auto& lane = call.lane;
  const Operation* second_half = nullptr;
  for (const auto& each : service.operations)
    if (each.name == operation) second_half = &each;
  Invocation invocation;
  invocation.service = &service;
  invocation.operation = second_half;
  invocation.input = Box(*shape_of<SecondHalf>());
  invocation.caller = call.caller;
  invocation.request_id = call.request_id;
  invocation.trace = call.trace;
  static_cast<SecondHalf*>(invocation.input.get())->Request = request;
  const SourceQueue source(dispatcher, call.ports.base_url, *queue, actor_of(call, mapping));
  source.visibility_timeout(
      [&dispatcher, &lane, invocation = std::move(invocation), reply = std::move(reply)](Result<Duration> visibility) mutable {
        if (!visibility.ok()) {
          lane.post([reply = std::move(reply), error = queue_fault(visibility.error())]() mutable { reply(std::move(error)); });
          return;
        }
        static_cast<SecondHalf*>(invocation.input.get())->VisibilityTimeout = visibility->us / seconds(1).us;
        dispatcher.dispatch(std::move(invocation), [&lane, reply = std::move(reply)](Result<Box> result) mutable -> Task {
          return [&lane, reply = std::move(reply), result = std::move(result)]() mutable {
            lane.post([reply = std::move(reply), result = std::move(result)]() mutable {
              if (!result.ok()) return reply(std::move(result.error()));
              reply(std::move(*static_cast<EventSourceMappingConfiguration*>(result->get())));
            });
          };
        });
      });
}

}  // namespace

void create_event_source_mapping(Call& call, const CreateEventSourceMappingRequest& request, MappingReply reply) {
  const auto made = check_creation(call, request);
  if (!made.ok()) return reply(made.error());
  ask_queue_then<RegisterEventSourceMappingRequest>(call, made->record, "RegisterEventSourceMapping", request, std::move(reply));
}

Result<EventSourceMappingConfiguration> register_event_source_mapping(Call& call, const RegisterEventSourceMappingRequest& request) {
  SURGE_TRY(made, check_creation(call, request.Request));
  SURGE_CHECK(check_visibility(request.VisibilityTimeout, made.timeout_seconds));
  made.record.uuid = call.random.uuid();
  return save_changed(call, made.record);
}

// The queue has a say only if the function changes or the mapping is enabled: one whose queue is gone can still be changed.
void update_event_source_mapping(Call& call, const UpdateEventSourceMappingRequest& request, MappingReply reply) {
  auto made = check_update(call, request);
  if (!made.ok()) return reply(made.error());
  if (!request.FunctionName && made->record.state != "Enabling") return reply(save_changed(call, made->record));
  ask_queue_then<ReviseEventSourceMappingRequest>(call, made->record, "ReviseEventSourceMapping", request, std::move(reply));
}

Result<EventSourceMappingConfiguration> revise_event_source_mapping(Call& call, const ReviseEventSourceMappingRequest& request) {
  SURGE_TRY(made, check_update(call, request.Request));
  SURGE_CHECK(check_visibility(request.VisibilityTimeout, made.timeout_seconds));
  return save_changed(call, made.record);
}

Result<EventSourceMappingConfiguration> get_event_source_mapping(Call& call, const EventSourceMappingRequest& request) {
  SURGE_TRY(mapping, find_mapping(call, request.UUID));
  return shown_mapping(mapping);
}

Result<EventSourceMappingConfiguration> delete_event_source_mapping(Call& call, const EventSourceMappingRequest& request) {
  SURGE_TRY(mapping, find_mapping(call, request.UUID));
  if (!is_settled(mapping)) return in_use(delete_in_use);
  mapping.state = "Deleting";
  mapping.enabled = false;
  return save_changed(call, mapping);
}

// A report about an older generation is void: the mapping was changed meanwhile, and the poller knows by now.
Result<Empty> settle_event_source_mapping(Call& call, const SettleEventSourceMappingRequest& request) {
  auto mapping = find_mapping(call, request.UUID);
  if (!mapping.ok() || mapping->generation != request.Generation) return Empty{};
  if (mapping->state == "Deleting") {
    erase_mapping(call, *mapping);
    return Empty{};
  }
  mapping->state = mapping->enabled ? "Enabled" : "Disabled";
  save_mapping(call, *mapping);
  return Empty{};
}

Result<ListEventSourceMappingsResponse> list_event_source_mappings(Call& call, const ListEventSourceMappingsRequest& request) {
  SURGE_CHECK(Validation().range("maxItems", request.MaxItems, 1, limits::largest_max_items).finish(ValidationException));
  Opt<Target> function;
  if (request.FunctionName) {
    SURGE_TRY(target, resolve(call, "lambda:ListEventSourceMappings", NameForm::FunctionName, *request.FunctionName, std::nullopt));
    function = target;
  }
  String after;
  if (request.Marker && !request.Marker->empty()) {
    const auto text = from_base64(*request.Marker);
    if (!text) return invalid_parameter("The Marker " + *request.Marker + " is not one that this operation returned.");
    after = *text;
  }
  const auto page = static_cast<std::size_t>(std::min(request.MaxItems.value_or(limits::mapping_list_page), limits::mapping_list_page));
  ListEventSourceMappingsResponse response;
  auto& shown = response.EventSourceMappings.emplace();
  scan_records<EventSourceMappingRecord>(call.txn, keys::mappings(call.caller), [&](const EventSourceMappingRecord& mapping) {
    if (mapping.uuid <= after || (request.EventSourceArn && mapping.source_arn != *request.EventSourceArn)) return true;
    if (function && (mapping.function_name != function->name || mapping.qualifier != function->qualifier)) return true;
    if (shown.size() == page) {
      response.NextMarker = to_base64(shown.back().UUID);
      return false;
    }
    shown.push_back(shown_mapping(mapping));
    return true;
  });
  return response;
}

Result<Empty> tag_mapping(Call& call, std::string_view uuid, const TagResourceRequest& request) {
  SURGE_TRY(mapping, find_mapping(call, uuid));
  SURGE_CHECK(check_tags(*request.Tags));
  for (const auto& [key, value] : *request.Tags) mapping.tags[key] = value;
  SURGE_CHECK(check_tags(mapping.tags));
  save_mapping(call, mapping);
  return Empty{};
}

Result<Empty> untag_mapping(Call& call, std::string_view uuid, const UntagResourceRequest& request) {
  SURGE_TRY(mapping, find_mapping(call, uuid));
  for (const auto& key : request.TagKeys) mapping.tags.erase(key);
  save_mapping(call, mapping);
  return Empty{};
}

Result<ListTagsResponse> list_mapping_tags(Call& call, std::string_view uuid) {
  SURGE_TRY(mapping, find_mapping(call, uuid));
  return ListTagsResponse{.Tags = std::move(mapping.tags)};
}

}  // namespace surgetank::lambda
