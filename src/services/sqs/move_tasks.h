#pragma once
// Message move tasks: a dead-letter queue's messages go back where they came from, or to a queue of choice. A task is a record under
// its source queue and a chain of outbox tasks, each of which moves some messages and orders the next; so it survives restarts.
#include "base/result.h"
#include "kernel/call.h"
#include "services/sqs/model.h"

namespace surgetank::sqs {

struct MoveTaskRecord {
  String id;
  String status;  // RUNNING, COMPLETED, CANCELLED, FAILED
  Opt<String> destination_arn;
  Opt<Integer> most_per_second;
  Integer moved = 0;
  Integer to_move = 0;
  Opt<String> failure;
  Instant started;
  Integer next_step = 0;  // a step that comes twice must not start a second chain
};
SURGE_SHAPE(MoveTaskRecord, id, status, destination_arn, most_per_second, moved, to_move, failure, started, next_step)

struct StepMessageMoveRequest {
  String SourceArn;
  String TaskId;
  Integer Step = 0;
};
SURGE_SHAPE(StepMessageMoveRequest, SourceArn, TaskId, Step)
Result<Empty> step_message_move(Call& call, const StepMessageMoveRequest& request);

}  // namespace surgetank::sqs
