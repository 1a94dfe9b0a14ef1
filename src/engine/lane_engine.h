#pragma once
// The function engine of one lane: feeds the pool (environment_pool.h) with what happens, does what it decides, and tells every
// invocation's outcome to its caller, the log, the metrics and the trace. One loop, its thread only; owned by FunctionEngine.
//
// A caller's `done` is never called inside run(); it may itself call run(). What it throws is logged.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "engine/engine_shared.h"
#include "engine/environment.h"
#include "engine/environment_pool.h"
#include "engine/invocation.h"
#include "net/event_loop.h"
#include "net/steady_timer.h"

namespace surgetank {

class LaneEngine final : public EnvironmentOwner, public std::enable_shared_from_this<LaneEngine> {
 public:
  LaneEngine(EventLoop& loop, EngineShared& shared, std::uint64_t lane_number);
  ~LaneEngine() override;

  void run(std::shared_ptr<const FunctionVersion> version, InvocationRequest request, UniqueFunction<void(InvocationOutcome)> done);
  void retire(const std::string& version_key);
  void configure(FunctionConcurrencySettings settings);
  ProvisionedState provisioned(const std::string& version_key) const;
  // Gives everything up and ends every process; is_empty() when they are gone.
  void shut_down();
  bool is_empty() const { return environments_.empty(); }
  // From any thread; the idle ones are counted once a second.
  std::size_t environment_count() const { return environment_count_.load(std::memory_order_relaxed); }
  std::size_t idle_count() const { return idle_count_.load(std::memory_order_relaxed); }

 private:
  // EnvironmentOwner (lane_runtime.cc; log_is_dirty in lane_outcomes.cc)
  void runtime_asked(Environment& environment, EnvironmentPhase before) override;
  void runtime_responded(Environment& environment, std::string payload) override;
  void runtime_failed(Environment& environment, EnvironmentFailure failure) override;
  void init_failed(Environment& environment, EnvironmentFailure failure) override;
  void process_ended(Environment& environment, EnvironmentPhase before, EnvironmentFailure failure) override;
  void log_is_dirty(Environment& environment) override;
  void requests_handled() override;
  ProcessCallback process_callback(EnvironmentId environment, std::uint64_t process_id) override;

  // Records (lane_engine.cc)
  VersionRecord& record_of(const std::shared_ptr<const FunctionVersion>& version);
  FunctionRecord& function_of(const std::string& account, const std::string& region, const std::string& name, const std::string& arn);
  void release(VersionRecord& record);
  Environment* find(EnvironmentId id);
  static Instant steady_now();
  Moment now() const;

  // Doing what the pool decided (lane_engine.cc)
  void settle();
  void apply(const PoolAction& action);
  void start_environment(EnvironmentId id, VersionId version, Initialization initialization);
  void start_process(Environment& environment);
  bool hold_back(Environment& environment);
  void become_ready(Environment& environment);
  void dispatch(Environment& environment, std::unique_ptr<Invocation> invocation, ProcessState process);
  void deliver(Environment& environment);
  void complete_failed(Environment& environment, InvocationId id);
  void shut_down_environment(Environment& environment, ShutdownReason reason);
  void remove(Environment& environment);
  std::unique_ptr<Invocation> take_waiting(InvocationId id);

  // Outcomes (lane_outcomes.cc)
  struct Ending {
    InvocationOutcome::Kind kind = InvocationOutcome::Kind::Success;
    std::string payload;
    std::string status = "success";  // of REPORT
    std::string error_type;
    Duration duration;
  };
  void finish(Environment& environment, std::unique_ptr<Invocation> invocation, Ending ending);
  void fail(Environment& environment, std::unique_ptr<Invocation> invocation, const EnvironmentFailure& failure, Duration duration);
  void fail_unmade(std::unique_ptr<Invocation> invocation);
  void time_out(Environment& environment);
  void throttle(std::unique_ptr<Invocation> invocation, ThrottleReason reason);
  void give_up(std::unique_ptr<Invocation> invocation, GiveUpReason reason);
  void complete(std::unique_ptr<Invocation> invocation, InvocationOutcome outcome);
  void report(Environment& environment, Invocation& invocation, const Ending& ending, Moment when);
  FunctionMetrics& metrics_of(const VersionRecord& record);
  void add_concurrency_metrics(const Environment& environment, Instant time);
  void emit_waiting_spans(Environment& environment, const Invocation& invocation);
  void emit_invoke_span(Environment& environment, Invocation& invocation, const Ending& ending);
  void run_completions();

  // Time (lane_outcomes.cc)
  void set_deadline(Environment& environment, Instant due);
  void arm_deadlines(Instant due);
  void expire_deadlines();
  void expire(Environment& environment);
  void arm_tick();
  void tick();
  void arm_flush();
  void flush();

  EventLoop& loop_;
  EngineShared& shared_;
  const std::uint64_t lane_number_;
  Random random_;
  EnvironmentPool pool_;
  PoolActions actions_;
  bool settling_ = false;

  std::map<std::string, std::unique_ptr<FunctionRecord>, std::less<>> functions_;  // by ARN; outlive their versions
  std::map<std::string, std::unique_ptr<VersionRecord>, std::less<>> records_;  // by key
  std::map<VersionId, VersionRecord*> records_by_id_;
  std::unordered_map<const FunctionVersion*, VersionRecord*> records_by_version_;  // the objects that records hold
  std::unordered_map<std::uint64_t, std::unique_ptr<Environment>> environments_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Invocation>> waiting_;  // not in an environment
  std::unique_ptr<Invocation> submitted_;  // the one that the pool is just being asked about: most never wait
  std::atomic<std::size_t> environment_count_{0};
  std::atomic<std::size_t> idle_count_{0};
  std::uint64_t last_invocation_ = 0;
  std::uint64_t last_version_ = 0;
  std::uint64_t last_process_ = 0;
  std::string start_failure_;  // why the last environment could not be made

  struct Completion {
    UniqueFunction<void(InvocationOutcome)> done;
    InvocationOutcome outcome;
  };
  std::vector<Completion> completions_;
  bool completing_ = false;
  std::vector<Environment*> dirty_logs_;
  std::vector<FunctionRecord*> dirty_metrics_;

  SteadyTimer deadline_timer_;
  std::optional<Instant> deadline_armed_;
  SteadyTimer tick_timer_;
  std::optional<Instant> tick_armed_;
  SteadyTimer flush_timer_;
  bool flush_armed_ = false;
};

}  // namespace surgetank
