// The part of LaneEngine that hears what runtimes and processes do: asked for work, answered, failed, ended.
#include "engine/lane_engine.h"

namespace surgetank {

void LaneEngine::runtime_asked(Environment& environment, EnvironmentPhase before) {
  const Instant steady = steady_now();
  environment.deadline = environment.invocation != nullptr ? environment.deadline : std::nullopt;
  if (before == EnvironmentPhase::Finishing) {
    pool_.environment_idle(environment.id(), steady, actions_);
  } else if (environment.invocation != nullptr) {
    deliver(environment);  // the process was started inside the invocation
  } else if (!hold_back(environment)) {
    become_ready(environment);
  }
}

void LaneEngine::become_ready(Environment& environment) {
  const Instant steady = steady_now();
  // Whoever comes first to one that was started ahead has not waited for it.
  if (environment.initialization == Initialization::OnDemand) {
    environment.init_duration = steady - environment.started.steady;
    environment.init_processor_time = environment.processor_time();
  }
  pool_.environment_ready(environment.id(), steady, actions_);
}

// With the clock of the cloud an init takes as long as one there, if this one has been faster.
bool LaneEngine::hold_back(Environment& environment) {
  if (shared_.latency == nullptr) return false;
  const auto& version = *environment.record().version;
  const auto* row = find_cold_start(version.runtime, "x86_64");
  if (row == nullptr) return false;
  const Instant due = environment.started.steady + shared_.latency->draw(*row);
  const Instant steady = steady_now();
  if (due <= steady) return false;
  environment.is_held_back = true;
  loop_.at(loop_.now() + (due - steady), [weak = weak_from_this(), id = environment.id(), started = environment.started.steady] {
    const auto self = weak.lock();
    Environment* const found = self != nullptr ? self->find(id) : nullptr;
    if (found == nullptr || !found->is_held_back || found->started.steady != started) return;
    found->is_held_back = false;
    self->become_ready(*found);
    self->settle();
    self->run_completions();
  });
  return true;
}

void LaneEngine::runtime_responded(Environment& environment, std::string payload) {
  environment.note_answered();
  const Instant steady = steady_now();
  const Duration duration = steady - environment.invocation->started.steady;
  pool_.invocation_responded(environment.id(), steady, actions_);
  finish(environment, std::move(environment.invocation), {.payload = std::move(payload), .error_type = {}, .duration = duration});
}

void LaneEngine::runtime_failed(Environment& environment, EnvironmentFailure failure) {
  environment.note_answered();
  const Instant steady = steady_now();
  const Duration duration = steady - environment.invocation->started.steady;
  pool_.invocation_responded(environment.id(), steady, actions_);
  // The function's own failure is no failure of the environment: REPORT says nothing of it.
  finish(environment, std::move(environment.invocation),
         {.kind = InvocationOutcome::Kind::FunctionError, .payload = std::move(failure.payload), .error_type = {}, .duration = duration});
}

void LaneEngine::init_failed(Environment& environment, EnvironmentFailure failure) {
  const Moment moment = now();
  const Duration took = moment.steady - environment.started.steady;
  environment.log().drain(moment.wall, EnvironmentLog::Rest::StillComing);
  if (failure.kind == InvocationOutcome::Kind::FunctionError) {
    const char* const phase = environment.invocation != nullptr ? "invoke" : "init";
    environment.log().add_line(moment.wall, init_report_line(environment.record().log_format, moment.wall, took, phase, "error",
                                                             failure.error_type, environment.initialization_type()));
  }
  environment.failure = std::move(failure);
  environment.init_duration = took;
  pool_.environment_failed_init(environment.id(), moment.steady, actions_);
}

void LaneEngine::process_ended(Environment& environment, EnvironmentPhase before, EnvironmentFailure failure) {
  const bool was_starting = before == EnvironmentPhase::Starting || environment.is_held_back;
  environment.is_held_back = false;
  if (was_starting && environment.invocation == nullptr && !environment.is_stopping) {
    init_failed(environment, std::move(failure));
  } else {
    environment.failure = std::move(failure);
    pool_.environment_exited(environment.id(), steady_now(), actions_);
    if (environment.is_stopping) remove(environment);
  }
  settle();
  run_completions();
}

void LaneEngine::requests_handled() {
  settle();
  run_completions();
}

ProcessCallback LaneEngine::process_callback(EnvironmentId environment, std::uint64_t process_id) {
  return [weak = weak_from_this(), loop = &loop_, environment, process_id](const ProcessEvent& event) {
    loop->post([weak, environment, process_id, event] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      if (Environment* const found = self->find(environment)) found->process_event(process_id, event);
    });
  };
}

}  // namespace surgetank
