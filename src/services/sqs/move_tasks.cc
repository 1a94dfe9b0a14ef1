#include "services/sqs/move_tasks.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "services/sqs/access.h"
#include "services/sqs/errors.h"
#include "services/sqs/keys.h"
#include "services/sqs/message_checks.h"
#include "services/sqs/message_operations.h"
#include "services/sqs/queue_state.h"
#include "services/sqs/quotas.h"
#include "services/sqs/transfers.h"
#include "wire/json.h"
#include "wire/json_value.h"

namespace surgetank::sqs {
namespace {

constexpr std::string_view running = "RUNNING";
constexpr std::int64_t steps_per_second = 10;

std::string handle_of(const MoveTaskRecord& task, const String& source_arn) {
  return to_base64(R"({"taskId":")" + task.id + R"(","sourceArn":")" + source_arn + R"("})");
}

Error no_resource(std::string_view parameter) {
  return {&ResourceNotFoundException, "The resource that you specified for the " + std::string(parameter) + " parameter doesn't exist."};
}

std::vector<MoveTaskRecord> tasks_of(Call& call, std::string_view source_name) {
  std::vector<MoveTaskRecord> tasks;
  scan_records<MoveTaskRecord>(call.txn, keys::move_tasks(call.caller, source_name), [&](MoveTaskRecord task) {
    tasks.push_back(std::move(task));
    return true;
  });
  std::sort(tasks.begin(), tasks.end(), [](const auto& a, const auto& b) { return a.started > b.started; });
  return tasks;
}

void save(Call& call, std::string_view source_name, const MoveTaskRecord& task) {
  put_record(call.txn, keys::move_task(call.caller, source_name, task.id), task);
}

bool is_dead_letter_queue(Call& call, std::string_view arn) {
  bool found = false;
  scan_records<QueueRecord>(call.txn, keys::queues(call.caller), [&](const QueueRecord& record) {
    const auto settings = decode_settings(record, call.caller);
    found = settings.redrive && settings.redrive->target_arn == arn;
    return !found;
  });
  return found;
}

Result<Unit> may(Call& call, const QueueRecord& queue, const QueuePermission& permission) {
  return check_access(call, queue.name, policy_of(queue).get(), permission);
}

Result<Unit> check_start(Call& call, const StartMessageMoveTaskRequest& request) {
  const auto rate = request.MaxNumberOfMessagesPerSecond.value_or(1);
  if (const auto checked = check_quota(call.ports.quotas, quotas::move_rate, rate); !checked.ok() || rate < 1) {
    auto error = Quotas::error(quotas::move_rate, quota_value(call.ports.quotas, quotas::move_rate), rate);
    error.message = invalid_value(std::to_string(rate), "MaxNumberOfMessagesPerSecond", error.message).message;
    if (checked.ok()) error.quota = nullptr;
    return error;
  }
  const auto source = find_queue_by_arn(call, request.SourceArn);
  if (!source) return no_resource("SourceArn");
  for (const auto* permission : {&permissions::start_move, &permissions::receive, &permissions::delete_message})
    SURGE_CHECK(may(call, *source, *permission));
  if (!is_dead_letter_queue(call, request.SourceArn))
    return Error{&InvalidParameterValue, "Source queue must be configured as a Dead Letter Queue."};
  if (request.DestinationArn) {
    const auto destination = find_queue_by_arn(call, *request.DestinationArn);
    if (!destination) return no_resource("DestinationArn");
    SURGE_CHECK(may(call, *destination, permissions::send));
    if (destination->name == source->name) return Error{&InvalidParameterValue, "Source queue arn and destination queue arn must differ."};
    if (decode_settings(*source, call.caller).kind != decode_settings(*destination, call.caller).kind)
      return Error{&InvalidParameterValue, "Source queue and destination queue must be of the same type."};
  }
  for (const auto& task : tasks_of(call, source->name)) {
    if (task.status != running) continue;
    return Error{&InvalidParameterValue,
                 "There is already a task running. Only one active task is allowed for a source queue arn at a given time."};
  }
  std::int64_t active = 0;
  scan_records<MoveTaskRecord>(call.txn, service_key("sqs", "task", call.caller), [&](const MoveTaskRecord& task) {
    active += task.status == running ? 1 : 0;
    return true;
  });
  return check_quota(call.ports.quotas, quotas::move_tasks, active + 1);
}

void order_step(Call& call, const String& source_arn, const MoveTaskRecord& task, Instant due) {
  const StepMessageMoveRequest request{.SourceArn = source_arn, .TaskId = task.id, .Step = task.next_step};
  std::string input;
  write_json(*shape_of<StepMessageMoveRequest>(), &request, input);
  call.outbox.at(
      due,
      {.service = "sqs", .operation = "StepMessageMove", .account = call.account(), .region = call.region(), .input = std::move(input)});
}

// The messages of one step by the queue that they go to.
struct Destination {
  QueueRecord queue;
  std::vector<Slot> slots;
};

// Puts a message that was taken to be moved back: it stays.
void put_back(Call& call, LoadedQueue& source, Slot slot) {
  source.queue().change_visibility(slot, call.now, call.now);
  source.write_index(call, slot);
}

// Where `slot` goes; why not, if it goes nowhere.
Result<Opt<QueueRecord>> destination_of(Call& call, LoadedQueue& source, const MoveTaskRecord& task, Slot slot) {
  if (task.destination_arn) return find_queue_by_arn(call, *task.destination_arn);
  const auto body = source.read_body(call, source.queue().entry(slot).sequence);
  if (body.dead_letter_source_arn.empty()) return Error{&InvalidParameterValue, "CouldNotDetermineMessageSource"};
  return find_queue_by_arn(call, body.dead_letter_source_arn);
}

void move_some(Call& call, LoadedQueue& source, MoveTaskRecord& task, std::size_t most) {
  std::vector<Slot> taken;
  std::vector<Slot> none;
  const std::function<bool()> stays = [] { return false; };
  source.queue().receive({.now = call.now, .most = most, .hidden_until = call.now + seconds(1), .may_leave = stays}, taken, none);
  std::vector<Destination> destinations;
  for (const auto slot : taken) {
    auto found = task.failure ? Result<Opt<QueueRecord>>(Opt<QueueRecord>{}) : destination_of(call, source, task, slot);
    if (!found.ok() || !*found) {
      if (!task.failure) task.failure = found.ok() ? std::string(QueueDoesNotExist.query_name) : found.error().message;
      put_back(call, source, slot);
      continue;
    }
    auto known =
        std::find_if(destinations.begin(), destinations.end(), [&](const Destination& each) { return each.queue.id == (*found)->id; });
    if (known == destinations.end()) known = destinations.insert(known, {.queue = std::move(**found), .slots = {}});
    known->slots.push_back(slot);
  }
  for (const auto& destination : destinations) {
    hand_over(call, source, destination.slots, destination.queue, TransferReason::Redrive);
    task.moved += static_cast<std::int64_t>(destination.slots.size());
  }
  source.tidy(call);
}

ListMessageMoveTasksResultEntry shown(const MoveTaskRecord& task, const String& source_arn) {
  ListMessageMoveTasksResultEntry entry;
  if (task.status == running) entry.TaskHandle = handle_of(task, source_arn);
  entry.Status = task.status;
  entry.SourceArn = source_arn;
  entry.DestinationArn = task.destination_arn;
  entry.MaxNumberOfMessagesPerSecond = task.most_per_second;
  entry.ApproximateNumberOfMessagesMoved = task.moved;
  entry.ApproximateNumberOfMessagesToMove = task.to_move;
  entry.FailureReason = task.failure;
  entry.StartedTimestamp = task.started.ms();
  return entry;
}

}  // namespace

Result<StartMessageMoveTaskResponse> start_message_move_task(Call& call, const StartMessageMoveTaskRequest& request) {
  SURGE_CHECK(check_start(call, request));
  const auto name = queue_name_of(request.SourceArn);
  auto tasks = tasks_of(call, name);
  while (tasks.size() >= static_cast<std::size_t>(limits::move_tasks_listed)) {
    call.txn.erase(keys::move_task(call.caller, name, tasks.back().id));
    tasks.pop_back();
  }
  MoveTaskRecord task;
  task.id = call.random.uuid();
  task.status = running;
  task.destination_arn = request.DestinationArn;
  task.most_per_second = request.MaxNumberOfMessagesPerSecond;
  task.to_move = static_cast<std::int64_t>(call.state_as<SqsState>().find(call, name)->queue().totals().visible);
  task.started = call.now;
  save(call, name, task);
  order_step(call, request.SourceArn, task, call.now);
  return StartMessageMoveTaskResponse{handle_of(task, request.SourceArn)};
}

Result<Empty> step_message_move(Call& call, const StepMessageMoveRequest& request) {
  const auto name = queue_name_of(request.SourceArn);
  auto task = get_record<MoveTaskRecord>(call.txn, keys::move_task(call.caller, name, request.TaskId));
  if (!task || task->status != running || task->next_step != request.Step) return Empty{};
  const auto rate = task->most_per_second.value_or(limits::move_task_most_per_second);
  const auto most = std::max<std::int64_t>(1, rate / steps_per_second);
  auto* source = call.state_as<SqsState>().find(call, name);
  if (source == nullptr) {
    task->failure = QueueDoesNotExist.query_name;
  } else {
    move_some(call, *source, *task, static_cast<std::size_t>(most));
  }
  if (task->failure) {
    task->status = "FAILED";
  } else if (source->queue().totals().visible == 0) {
    task->status = "COMPLETED";
  } else {
    ++task->next_step;
    order_step(call, request.SourceArn, *task, call.now + microseconds(seconds(most).us / rate));
  }
  save(call, name, *task);
  return Empty{};
}

Result<CancelMessageMoveTaskResponse> cancel_message_move_task(Call& call, const CancelMessageMoveTaskRequest& request) {
  const auto decoded = from_base64(request.TaskHandle);
  const auto json = parse_json(decoded.value_or(""));
  const auto* id = json.ok() ? json->find_string("taskId") : nullptr;
  if (id == nullptr) return invalid_value(request.TaskHandle, "TaskHandle", "Not a handle of a message move task.");
  const auto name = queue_name_of(request.TaskHandle);
  const auto source = find_queue_by_name(call, name);
  if (!source) return no_resource("SourceArn");
  SURGE_CHECK(may(call, *source, permissions::cancel_move));
  auto task = get_record<MoveTaskRecord>(call.txn, keys::move_task(call.caller, name, *id));
  if (!task) return Error{&ResourceNotFoundException, "Task does not exist."};
  if (task->status != running) return Error{&UnsupportedOperation, "Only active tasks can be cancelled."};
  task->status = "CANCELLED";
  save(call, name, *task);
  return CancelMessageMoveTaskResponse{task->moved};
}

Result<ListMessageMoveTasksResponse> list_message_move_tasks(Call& call, const ListMessageMoveTasksRequest& request) {
  const auto most = request.MaxResults.value_or(1);
  if (most < 1 || most > limits::move_tasks_listed)
    return invalid_value(std::to_string(most), "MaxResults", "Must be between 1 and 10, if provided.");
  const auto source = find_queue_by_arn(call, request.SourceArn);
  if (!source) return no_resource("SourceArn");
  SURGE_CHECK(may(call, *source, permissions::list_moves));
  ListMessageMoveTasksResponse response;
  response.Results.emplace();
  for (const auto& task : tasks_of(call, queue_name_of(request.SourceArn))) {
    if (response.Results->size() == static_cast<std::size_t>(most)) break;
    response.Results->push_back(shown(task, request.SourceArn));
  }
  return response;
}

}  // namespace surgetank::sqs
