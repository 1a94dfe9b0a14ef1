#include "engine/lane_engine.h"

#include <time.h>

#include <algorithm>
#include <filesystem>

#include "base/assert.h"
#include "base/log.h"

namespace surgetank {
namespace {

// Ranges apart, so that ids of environments and processes are unique over the lanes.
std::uint64_t id_range(std::uint64_t lane_number) { return (lane_number + 1) << 40; }

constexpr Duration init_limit = seconds(10);
constexpr Duration ahead_init_limit = seconds(130);  // or the function's timeout, if that is longer

EnvironmentPool::Options pool_options(EnvironmentPool::Options options, std::uint64_t lane_number) {
  options.first_environment = id_range(lane_number) + 1;
  return options;
}

}  // namespace

LaneEngine::LaneEngine(EventLoop& loop, EngineShared& shared, std::uint64_t lane_number)
    : loop_(loop),
      shared_(shared),
      lane_number_(lane_number),
      random_(shared.seed * 0x9e3779b97f4a7c15ULL + lane_number),
      pool_(pool_options(shared.pool, lane_number), shared.host),
      last_process_(id_range(lane_number)),
      deadline_timer_(loop),
      tick_timer_(loop),
      flush_timer_(loop) {}

LaneEngine::~LaneEngine() { flush(); }

Instant LaneEngine::steady_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return {std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000};
}

Moment LaneEngine::now() const { return {loop_.now(), steady_now()}; }

// ---- the port ----

void LaneEngine::run(std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
                     UniqueFunction<void(InvocationOutcome)> done) {
  VersionRecord& record = record_of(version);
  ++record.users;
  auto invocation = std::make_unique<Invocation>();
  invocation->id = {++last_invocation_};
  invocation->request = std::move(request);
  invocation->done = std::move(done);
  invocation->record = &record;
  invocation->submitted = now();
  const Submission submission{invocation->id, record.id, record.function->concurrency.get(), seconds(version->timeout_seconds)};
  const Instant steady = invocation->submitted.steady;
  submitted_ = std::move(invocation);
  pool_.submit(submission, steady, actions_);
  settle();
  if (submitted_ != nullptr) waiting_.emplace(submitted_->id.value, std::move(submitted_));
  // The caller is still inside its own operation.
  if (!completions_.empty() && !completing_) {
    loop_.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->run_completions();
    });
  }
}

void LaneEngine::retire(const std::string& version_key) {
  const auto found = records_.find(version_key);
  if (found == records_.end()) return;
  pool_.retire(found->second->id, steady_now(), actions_);
  settle();
  run_completions();
}

void LaneEngine::configure(FunctionConcurrencySettings settings) {
  FunctionRecord& function = function_of(settings.account, settings.region, settings.function_name, settings.arn);
  function.concurrency->reserve(settings.reserved);
  const Instant steady = steady_now();
  const auto before = std::exchange(function.provisioned, {});
  for (const auto& wanted : settings.provisioned) {
    VersionRecord& record = record_of(wanted.version);
    ++record.users;
    function.provisioned.push_back(&record);
    if (record.provisioned == nullptr) record.provisioned = std::make_unique<ProvisionedConcurrency>(*function.concurrency);
    if (record.provisioned->requested() == wanted.executions) continue;
    pool_.provision(record.id, *record.provisioned, wanted.executions, steady, actions_);
  }
  for (VersionRecord* const record : before) {
    if (std::find(function.provisioned.begin(), function.provisioned.end(), record) != function.provisioned.end()) continue;
    pool_.provision(record->id, *record->provisioned, 0, steady, actions_);
  }
  settle();
  for (VersionRecord* const record : before) release(*record);
  run_completions();
}

ProvisionedState LaneEngine::provisioned(const std::string& version_key) const {
  const auto found = records_.find(version_key);
  if (found == records_.end()) return {};
  const auto environments = pool_.provisioned(found->second->id);
  ProvisionedState state{.available = environments.ready, .failure = {}};
  if (environments.problem == ProvisionedEnvironments::Problem::InitFailed) state.failure = "FUNCTION_ERROR_INIT_FAILURE";
  if (environments.problem == ProvisionedEnvironments::Problem::NoRoom) {
    state.failure = "This machine runs at most " + std::to_string(shared_.host.limit()) + " function processes and starts at most " +
                    std::to_string(shared_.host.provisioned_limit()) +
                    " of them ahead. Ask for fewer, or restart the server with a larger --function-processes.";
  }
  return state;
}

void LaneEngine::shut_down() {
  pool_.shut_down(actions_);
  settle();
  run_completions();
}

// ---- records ----

VersionRecord& LaneEngine::record_of(const std::shared_ptr<const FunctionVersion>& version) {
  const auto known = records_by_version_.find(version.get());
  if (known != records_by_version_.end()) return *known->second;
  std::string key = version->key();
  auto& record = records_[key];
  if (record == nullptr) {
    FunctionRecord& function = function_of(version->account, version->region, version->function_name, version->arn);
    record = std::make_unique<VersionRecord>();
    record->id = {++last_version_};
    record->key = std::move(key);
    record->function = &function;
    record->log_format = log_format_of(*version);
    records_by_id_[record->id] = record.get();
  } else {
    records_by_version_.erase(record->version.get());
  }
  record->version = version;
  records_by_version_[version.get()] = record.get();
  return *record;
}

FunctionRecord& LaneEngine::function_of(const std::string& account, const std::string& region, const std::string& name,
                                        const std::string& arn) {
  auto& function = functions_[arn];
  if (function == nullptr) {
    function = std::make_unique<FunctionRecord>();
    function->concurrency = std::make_unique<FunctionConcurrency>(shared_.account(account, region));
    function->metrics = std::make_unique<FunctionMetrics>(account, region, name, shared_.telemetry);
  }
  return *function;
}

void LaneEngine::release(VersionRecord& record) {
  if (--record.users > 0) return;
  records_by_version_.erase(record.version.get());
  records_by_id_.erase(record.id);
  records_.erase(records_.find(record.key));
}

Environment* LaneEngine::find(EnvironmentId id) {
  const auto found = environments_.find(id.value);
  return found == environments_.end() ? nullptr : found->second.get();
}

std::unique_ptr<Invocation> LaneEngine::take_waiting(InvocationId id) {
  if (submitted_ != nullptr && submitted_->id == id) return std::move(submitted_);
  const auto found = waiting_.find(id.value);
  SURGE_ASSERT(found != waiting_.end(), "an invocation waits or is in an environment");
  auto invocation = std::move(found->second);
  waiting_.erase(found);
  return invocation;
}

// ---- what the pool decided ----

void LaneEngine::settle() {
  if (settling_) return;
  settling_ = true;
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const PoolAction action = actions_[i];  // doing it may add more
    apply(action);
  }
  actions_.clear();
  settling_ = false;
  arm_tick();
}

void LaneEngine::apply(const PoolAction& action) {
  using Kind = PoolAction::Kind;
  Environment* const environment = find(action.environment);
  switch (action.kind) {
    case Kind::StartEnvironment:
      return start_environment(action.environment, action.version, action.initialization);
    case Kind::Dispatch:
      return dispatch(*environment, take_waiting(action.invocation), action.process);
    case Kind::Throttle:
      return throttle(take_waiting(action.invocation), action.throttle);
    case Kind::Shutdown:
      if (environment == nullptr) return pool_.environment_exited(action.environment, steady_now(), actions_);
      return shut_down_environment(*environment, action.shutdown);
    case Kind::GiveUp: {
      const bool is_running = environment != nullptr && environment->invocation != nullptr;
      return give_up(is_running ? std::move(environment->invocation) : take_waiting(action.invocation), action.give_up);
    }
    case Kind::CompleteWithInitError:
    case Kind::CompleteWithExit: {
      if (environment == nullptr) return fail_unmade(take_waiting(action.invocation));
      return complete_failed(*environment, action.invocation);
    }
  }
}

// The invocation gets the error of the environment's init or of its dead process.
void LaneEngine::complete_failed(Environment& environment, InvocationId id) {
  const EnvironmentFailure failure = environment.failure.value_or(EnvironmentFailure{});
  if (environment.invocation != nullptr) {
    const Duration duration = steady_now() - environment.invocation->started.steady;
    return fail(environment, std::move(environment.invocation), failure, duration);
  }
  auto invocation = take_waiting(id);
  invocation->started = now();
  const Duration duration = environment.init_duration.value_or(Duration{});
  environment.init_duration.reset();  // it is told as the duration
  fail(environment, std::move(invocation), failure, duration);
}

void LaneEngine::start_environment(EnvironmentId id, VersionId version, Initialization initialization) {
  VersionRecord& record = *records_by_id_.at(version);
  try {
    auto environment = std::make_unique<Environment>(loop_, *this, shared_.services, id, record, random_.hex(32), now());
    environment->initialization = initialization;
    ++record.users;
    Environment& made = *environments_.emplace(id.value, std::move(environment)).first->second;
    environment_count_ = environments_.size();
    start_process(made);
  } catch (const std::system_error& error) {
    // Out of descriptors, or of disk space: the invocation hears of it, and the pool forgets the environment.
    start_failure_ = error.what();
    log_line(LogLevel::Error, "engine", "an environment of " + record.version->function_name + " cannot be made: " + start_failure_);
    pool_.environment_failed_init(id, steady_now(), actions_);
  }
}

// Starts the (first or next) process of an environment; what cannot be started is a failed init.
void LaneEngine::start_process(Environment& environment) {
  const FunctionVersion& version = environment.version();
  const Moment moment = now();
  RuntimeCommand command = shared_.commands.choose(version);
  if (command.problem == RuntimeCommand::Problem::None) {
    if (!command.warning.empty() && shared_.is_news(command.warning)) log_line(LogLevel::Warning, "engine", command.warning);
    if (environment.is_cold) {
      environment.log().add_line(
          moment.wall, init_start_line(environment.record().log_format, moment.wall, version, environment.initialization_type()));
      const Duration limit = environment.initialization == Initialization::Provisioned
                                 ? std::max(ahead_init_limit, seconds(version.timeout_seconds))
                                 : init_limit;
      set_deadline(environment, moment.steady + limit);
    }
    return environment.start_process(std::move(command), shared_.credentials(version), ++last_process_, moment);
  }
  EnvironmentFailure failure;
  failure.reason = std::move(command.explanation);
  if (command.problem == RuntimeCommand::Problem::InvalidEntrypoint) {
    failure.error_type = "Runtime.InvalidEntrypoint";
  } else {
    failure.kind = InvocationOutcome::Kind::ServiceFailure;
  }
  environment.started = moment;
  init_failed(environment, std::move(failure));
}

void LaneEngine::dispatch(Environment& environment, std::unique_ptr<Invocation> invocation, ProcessState process) {
  invocation->started = now();
  invocation->span = new_span_id(random_);
  const VersionRecord& record = environment.record();
  ++record.function->in_use;
  invocation->is_counted = true;
  add_concurrency_metrics(environment, invocation->started.wall);
  const Duration timeout = seconds(environment.version().timeout_seconds);
  if (invocation->request.log_tail == LogTail::Wanted) environment.log().start_tail();
  environment.invocation = std::move(invocation);
  set_deadline(environment, environment.invocation->started.steady + timeout);
  if (process == ProcessState::Missing) {
    environment.is_cold = false;  // its init is inside the invocation and not reported apart
    environment.init_duration.reset();
    start_process(environment);
  } else {
    deliver(environment);
  }
}

// The runtime waits, and its invocation is there.
void LaneEngine::deliver(Environment& environment) {
  Invocation& invocation = *environment.invocation;
  const FunctionVersion& version = environment.version();
  environment.log().add_line(invocation.started.wall, start_line(environment.record().log_format, invocation.started.wall,
                                                                 invocation.request.request_id, version.version));
  TraceContext trace = invocation.request.trace;
  trace.parent = invocation.span;
  InvocationEvent event;
  event.request_id = invocation.request.request_id;
  event.deadline_ms = invocation.started.wall.ms() + version.timeout_seconds * 1000;
  event.invoked_arn = invocation.request.invoked_arn;
  event.trace_header = trace_header(trace);
  event.client_context = invocation.request.client_context;
  invocation.request_bytes = invocation.request.payload.size();
  event.payload = std::move(invocation.request.payload);
  environment.identity().begin(event.request_id, trace);
  invocation.processor_before = environment.processor_time();
  environment.deliver(std::move(event));
}

void LaneEngine::shut_down_environment(Environment& environment, ShutdownReason reason) {
  environment.is_stopping = true;
  environment.invocation.reset();
  if (environment.has_process()) {
    environment.kill(reason == ShutdownReason::InitFailed ? KillManner::AtOnce : KillManner::Terminate);
    return;
  }
  pool_.environment_exited(environment.id(), steady_now(), actions_);
  remove(environment);
}

// It has no process any more and the pool has let go of it.
void LaneEngine::remove(Environment& environment) {
  environment.log().flush(environment.version(), shared_.telemetry);
  std::erase(dirty_logs_, &environment);
  shared_.services.launcher->later([directory = environment.directory()] {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  });
  VersionRecord& record = environment.record();
  environments_.erase(environment.id().value);
  environment_count_ = environments_.size();
  release(record);
}

}  // namespace surgetank
