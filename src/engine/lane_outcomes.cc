// The part of LaneEngine that tells: outcomes to callers, lines to the log, metrics, spans; and what time brings about.
#include <algorithm>

#include "base/log.h"
#include "engine/lane_engine.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr Duration flush_interval = milliseconds(50);
constexpr Duration shown_wait = milliseconds(1);  // shorter waits for an environment are no span

std::string error_object(std::string_view type, std::string_view message) {
  std::string out;
  JsonWriter(out).begin_object().key("errorType").string(type).key("errorMessage").string(message).end_object();
  return out;
}

void add_processor_time(Span& span, std::optional<Duration> time) {
  if (time) span.attributes.emplace_back("processor_microseconds", std::to_string(std::max<std::int64_t>(0, time->us)));
}

}  // namespace

// ---- outcomes ----

void LaneEngine::finish(Environment& environment, std::unique_ptr<Invocation> invocation, Ending ending) {
  const Moment when = now();
  environment.log().drain(when.wall, EnvironmentLog::Rest::StillComing);
  report(environment, *invocation, ending, when);
  InvocationOutcome outcome;
  outcome.kind = ending.kind;
  outcome.payload = std::move(ending.payload);
  outcome.duration = ending.duration;
  if (environment.init_duration) outcome.init_duration = *environment.init_duration;
  if (invocation->request.log_tail == LogTail::Wanted) outcome.log_tail = environment.log().take_tail();
  environment.init_duration.reset();
  environment.is_cold = false;
  environment.identity().end();
  complete(std::move(invocation), std::move(outcome));
}

// The lines, samples and spans that one invocation leaves.
void LaneEngine::report(Environment& environment, Invocation& invocation, const Ending& ending, Moment when) {
  const VersionRecord& record = environment.record();
  const LogFormat format = record.log_format;
  const std::string& request_id = invocation.request.request_id;
  if (format == LogFormat::Text) environment.log().add_line(when.wall, end_line(request_id));
  environment.log().add_line(when.wall, report_line(format, when.wall,
                                                    {.request_id = request_id,
                                                     .duration = ending.duration,
                                                     .init_duration = environment.init_duration,
                                                     .memory_mb = record.version->memory_mb,
                                                     .max_memory_mb = environment.max_memory_mb(when.steady),
                                                     .status = ending.status,
                                                     .error_type = ending.error_type}));
  metrics_of(record).add_invocation(
      invocation.started.wall, ending.duration,
      ending.kind == InvocationOutcome::Kind::Success ? FunctionMetrics::Result::Success : FunctionMetrics::Result::Error);
  emit_waiting_spans(environment, invocation);
  emit_invoke_span(environment, invocation, ending);
}

void LaneEngine::fail(Environment& environment, std::unique_ptr<Invocation> invocation, const EnvironmentFailure& failure,
                      Duration duration) {
  if (failure.kind == InvocationOutcome::Kind::ServiceFailure) {
    environment.init_duration.reset();
    environment.identity().end();
    InvocationOutcome outcome;
    outcome.kind = failure.kind;
    outcome.failure = failure.reason;
    return complete(std::move(invocation), std::move(outcome));
  }
  const Instant wall = now().wall;
  const LogFormat format = environment.record().log_format;
  const std::string id = invocation->request.request_id;
  if (!invocation->is_counted) {  // no runtime has heard of it
    if (invocation->request.log_tail == LogTail::Wanted) environment.log().start_tail();
    environment.log().add_line(wall, start_line(format, wall, id, environment.version().version));
    invocation->span = new_span_id(random_);
    invocation->is_counted = true;
    ++environment.record().function->in_use;
  }
  Ending ending;
  ending.kind = InvocationOutcome::Kind::FunctionError;
  ending.status = "error";
  ending.error_type = failure.error_type;
  ending.duration = duration;
  ending.payload = failure.payload;
  if (ending.payload.empty()) {
    ending.payload = error_object(failure.error_type, "RequestId: " + id + " Error: " + failure.reason);
    environment.log().drain(wall, EnvironmentLog::Rest::StillComing);
    environment.log().add_line(wall, exit_line(format, wall, id, failure.reason, failure.error_type));
  }
  finish(environment, std::move(invocation), std::move(ending));
}

// Not even an environment could be made.
void LaneEngine::fail_unmade(std::unique_ptr<Invocation> invocation) {
  InvocationOutcome outcome;
  outcome.kind = InvocationOutcome::Kind::ServiceFailure;
  outcome.failure = "an execution environment cannot be made: " + start_failure_;
  complete(std::move(invocation), std::move(outcome));
}

void LaneEngine::time_out(Environment& environment) {
  auto invocation = std::move(environment.invocation);
  const std::int64_t timeout = environment.version().timeout_seconds;
  const Instant wall = now().wall;
  const std::string& id = invocation->request.request_id;
  environment.log().drain(wall, EnvironmentLog::Rest::StillComing);
  environment.log().add_line(wall, timeout_line(environment.record().log_format, wall, id, timeout));
  Ending ending;
  ending.kind = InvocationOutcome::Kind::FunctionError;
  ending.status = "timeout";
  ending.duration = seconds(timeout);
  ending.payload = error_object("Sandbox.Timedout", "RequestId: " + id + " Error: " + timeout_text(timeout));
  finish(environment, std::move(invocation), std::move(ending));
}

void LaneEngine::throttle(std::unique_ptr<Invocation> invocation, ThrottleReason reason) {
  metrics_of(*invocation->record).add_throttle(invocation->submitted.wall);
  InvocationOutcome outcome;
  outcome.kind = InvocationOutcome::Kind::Throttled;
  outcome.throttle = reason;
  complete(std::move(invocation), std::move(outcome));
}

void LaneEngine::give_up(std::unique_ptr<Invocation> invocation, GiveUpReason reason) {
  InvocationOutcome outcome;
  if (reason == GiveUpReason::ServerStops) {
    outcome.kind = InvocationOutcome::Kind::ServiceFailure;
    outcome.failure = "the server is stopping";
    return complete(std::move(invocation), std::move(outcome));
  }
  metrics_of(*invocation->record).add_throttle(invocation->submitted.wall);
  outcome.kind = InvocationOutcome::Kind::Throttled;
  outcome.throttle = ThrottleReason::HostProcesses;
  outcome.failure = "Rate Exceeded: this machine has no room. It runs at most " + std::to_string(shared_.host.limit()) +
                    " function processes, " + (shared_.host.is_full() ? "all of them are in use" : "too many of them are starting") + ", and " +
                    (reason == GiveUpReason::NoProcessInTime ? std::string("none became free within the function's timeout")
                                                             : std::to_string(shared_.host.waiting()) + " invocations wait for one already") +
                    ". This is no limit of AWS: send less at a time, or restart the server with a larger --function-processes.";
  complete(std::move(invocation), std::move(outcome));
}

void LaneEngine::complete(std::unique_ptr<Invocation> invocation, InvocationOutcome outcome) {
  if (invocation->is_counted) --invocation->record->function->in_use;
  completions_.push_back({std::move(invocation->done), std::move(outcome)});
  release(*invocation->record);
}

void LaneEngine::run_completions() {
  if (completing_) return;
  completing_ = true;
  for (std::size_t i = 0; i < completions_.size(); ++i) {
    Completion completion = std::move(completions_[i]);  // calling it may add more
    try {
      completion.done(std::move(completion.outcome));
    } catch (const std::exception& error) {
      log_line(LogLevel::Error, "engine", std::string("whoever waited for an invocation failed: ") + error.what());
    }
  }
  completions_.clear();
  completing_ = false;
}

// ---- metrics and spans ----

// For adding to: they are flushed soon.
FunctionMetrics& LaneEngine::metrics_of(const VersionRecord& record) {
  FunctionRecord& function = *record.function;
  if (!function.metrics_are_dirty) {
    function.metrics_are_dirty = true;
    dirty_metrics_.push_back(&function);
    arm_flush();
  }
  return *function.metrics;
}

void LaneEngine::add_concurrency_metrics(const Environment& environment, Instant time) {
  const VersionRecord& record = environment.record();
  const AccountConcurrency& account = record.function->concurrency->account();
  FunctionMetrics& metrics = metrics_of(record);
  metrics.add_concurrency(time, {.of_function = record.function->in_use,
                                 .of_account = account.in_use(),
                                 .unreserved = account.unreserved_in_use(),
                                 .claimed = account.claimed_or_in_use()});
  if (record.provisioned == nullptr || record.provisioned->requested() == 0) return;
  metrics.add_provisioned(time, {.version = record.version->version,
                                 .in_use = record.provisioned->in_use(),
                                 .requested = record.provisioned->requested(),
                                 .is_spillover = environment.initialization == Initialization::OnDemand});
}

// Where the time went before the function saw the event: waiting for an environment, and its init.
void LaneEngine::emit_waiting_spans(Environment& environment, const Invocation& invocation) {
  const auto span = [&](const char* kind, Instant start, Duration length, std::optional<Duration> processor_time = std::nullopt) {
    Span one;
    one.trace_root = invocation.request.trace.root;
    one.id = new_span_id(random_);
    one.parent = invocation.request.trace.parent;
    one.kind = kind;
    one.name = environment.version().function_name;
    one.start = start;
    one.length = length;
    add_processor_time(one, processor_time);
    shared_.telemetry.span(std::move(one));
  };
  Duration waited = invocation.started.steady - invocation.submitted.steady;
  if (environment.init_duration) {
    if (environment.started.steady >= invocation.submitted.steady) waited = environment.started.steady - invocation.submitted.steady;
    span("init", environment.started.wall, *environment.init_duration, environment.init_processor_time);
  }
  if (waited > shown_wait) span("queue", invocation.submitted.wall, waited);
}

// The last that is wanted of the invocation's request: its strings move.
void LaneEngine::emit_invoke_span(Environment& environment, Invocation& invocation, const Ending& ending) {
  Span span;
  span.trace_root = std::move(invocation.request.trace.root);
  span.id = std::move(invocation.span);
  span.parent = std::move(invocation.request.trace.parent);
  span.kind = "invoke";
  span.name = invocation.record->version->function_name;
  span.start = invocation.started.wall;
  span.length = ending.duration;
  if (ending.kind != InvocationOutcome::Kind::Success) {
    span.fault = ending.status == "timeout" ? "Sandbox.Timedout" : ending.error_type.empty() ? "Unhandled" : ending.error_type;
  }
  span.attributes.reserve(7);
  span.attributes.emplace_back("request_id", std::move(invocation.request.request_id));
  span.attributes.emplace_back("environment", environment.identity().environment);
  span.attributes.emplace_back("memory_mb", std::to_string(invocation.record->version->memory_mb));
  span.attributes.emplace_back("request_bytes", std::to_string(invocation.request_bytes));
  span.attributes.emplace_back("response_bytes", std::to_string(ending.payload.size()));
  if (environment.init_duration) span.attributes.emplace_back("init_microseconds", std::to_string(environment.init_duration->us));
  if (const auto used = environment.processor_time(); used && invocation.processor_before)
    add_processor_time(span, microseconds(used->us - invocation.processor_before->us));
  shared_.telemetry.span(std::move(span));
}

// ---- time ----

void LaneEngine::set_deadline(Environment& environment, Instant due) {
  environment.deadline = due;
  if (!deadline_armed_ || due < *deadline_armed_) arm_deadlines(due);
}

// One timer for all environments: deadlines are seconds away and nearly always met, so it rarely has to be set anew.
void LaneEngine::arm_deadlines(Instant due) {
  deadline_armed_ = due;
  deadline_timer_.after(std::max(due - now().steady, Duration{0}), [this] { expire_deadlines(); });
}

void LaneEngine::expire_deadlines() {
  deadline_armed_.reset();
  const Instant steady = now().steady;
  std::vector<EnvironmentId> due;
  std::optional<Instant> next;
  for (const auto& [id, environment] : environments_) {
    if (!environment->deadline) continue;
    if (*environment->deadline <= steady) {
      due.push_back(environment->id());
    } else if (!next || *environment->deadline < *next) {
      next = environment->deadline;
    }
  }
  if (next) arm_deadlines(*next);
  for (const EnvironmentId id : due) {
    if (Environment* const environment = find(id)) expire(*environment);
  }
  settle();
  run_completions();
}

void LaneEngine::expire(Environment& environment) {
  const Moment when = now();
  environment.deadline.reset();
  if (environment.is_stopping) return;
  if (environment.invocation != nullptr) {
    time_out(environment);
    environment.kill(KillManner::AtOnce);
    pool_.invocation_aborted(environment.id(), when.steady, actions_);
  } else if (environment.phase() == EnvironmentPhase::Starting) {
    environment.log().drain(when.wall, EnvironmentLog::Rest::StillComing);
    environment.log().add_line(when.wall, init_report_line(environment.record().log_format, when.wall,
                                                           when.steady - environment.started.steady, "init", "timeout", "",
                                                           environment.initialization_type()));
    environment.is_cold = false;
    environment.kill(KillManner::AtOnce);
    pool_.environment_init_expired(environment.id(), when.steady, actions_);
  } else if (environment.phase() == EnvironmentPhase::Finishing) {
    // It answered in time, but never asked for more.
    environment.kill(KillManner::AtOnce);
    pool_.invocation_aborted(environment.id(), when.steady, actions_);
  }
}

void LaneEngine::arm_tick() {
  // With invocations waiting the pool wants to look soon; otherwise once a second is enough.
  const bool soon = pool_.is_waited_for();
  if (!soon && (tick_armed_ || !pool_.wants_tick())) return;
  const Instant steady = now().steady;
  const Instant due = steady + (soon ? milliseconds(10) : seconds(1));
  if (tick_armed_ && *tick_armed_ <= due) return;
  tick_armed_ = due;
  tick_timer_.after(due - steady, [this] { tick(); });
}

void LaneEngine::tick() {
  tick_armed_.reset();
  pool_.tick(now().steady, actions_);
  settle();
  idle_count_ = pool_.idle_environments();
  run_completions();
}

void LaneEngine::log_is_dirty(Environment& environment) {
  if (environment.log_is_dirty) return;
  environment.log_is_dirty = true;
  dirty_logs_.push_back(&environment);
  arm_flush();
}

void LaneEngine::arm_flush() {
  if (flush_armed_) return;
  flush_armed_ = true;
  flush_timer_.after(flush_interval, [this] { flush(); });
}

void LaneEngine::flush() {
  flush_armed_ = false;
  std::vector<Environment*> dirty;
  dirty.swap(dirty_logs_);
  for (Environment* const environment : dirty) {
    environment->log_is_dirty = false;
    environment->log().flush(environment->version(), shared_.telemetry);
  }
  for (FunctionRecord* const function : dirty_metrics_) {
    function->metrics_are_dirty = false;
    function->metrics->flush();
  }
  dirty_metrics_.clear();
}

}  // namespace surgetank
