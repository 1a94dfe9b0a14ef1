#pragma once
// One execution environment: a directory, a process (or none, after a crash), the Runtime API it talks to, its log, and at most one
// invocation. It decides nothing about scheduling; what happens is told to EnvironmentOwner, the lane's engine, which answers with
// deliver(), start_process(), kill(). One loop, its thread only.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/environment_log.h"
#include "engine/environment_registry.h"
#include "engine/function_environment.h"
#include "engine/invocation.h"
#include "engine/launcher.h"
#include "engine/runtime_api.h"
#include "engine/runtime_command.h"

namespace surgetank {

class Environment;

// Where an environment is, as far as its process is concerned.
enum class EnvironmentPhase : std::uint8_t {
  Starting,   // the process has not asked for work yet
  Idle,       // it waits for work
  Running,    // it has an invocation
  Finishing,  // it answered and has not asked for more
  NoProcess,  // ended, or killed and about to end
};

// Why an init or an invocation failed.
struct EnvironmentFailure {
  InvocationOutcome::Kind kind = InvocationOutcome::Kind::FunctionError;
  std::string error_type;  // FunctionError
  std::string reason;      // FunctionError without payload: "Runtime exited with error: exit status 1"; ServiceFailure: for the caller
  std::string payload;     // FunctionError: the runtime's own error object; empty: made of type and reason
};

class EnvironmentOwner {
 public:
  virtual ~EnvironmentOwner() = default;
  // The first `next` of a process (it was Starting), or the one after a result (it was Finishing).
  virtual void runtime_asked(Environment& environment, EnvironmentPhase before) = 0;
  virtual void runtime_responded(Environment& environment, std::string payload) = 0;
  virtual void runtime_failed(Environment& environment, EnvironmentFailure failure) = 0;
  virtual void init_failed(Environment& environment, EnvironmentFailure failure) = 0;
  // The process is gone and everything it said has been told. `failure` is how it looks to an invocation.
  virtual void process_ended(Environment& environment, EnvironmentPhase before, EnvironmentFailure failure) = 0;
  virtual void log_is_dirty(Environment& environment) = 0;
  virtual void requests_handled() = 0;
  // For the launcher's thread: brings the event to Environment::process_event() on the lane, if the environment still exists.
  virtual ProcessCallback process_callback(EnvironmentId environment, std::uint64_t process_id) = 0;
};

// What all environments of a server share.
struct EnvironmentServices {
  Launcher* launcher = nullptr;
  EnvironmentRegistry* registry = nullptr;
  SandboxReport sandbox;
  std::string run_directory;         // short: sockets live below it
  std::string bootstraps_directory;
  std::string endpoint_url;
};

class Environment final : public RuntimeApiEvents {
 public:
  using Phase = EnvironmentPhase;

  Environment(EventLoop& loop, EnvironmentOwner& owner, EnvironmentServices& services, EnvironmentId id, VersionRecord& record,
              std::string identity, Moment now);
  ~Environment() override;

  EnvironmentId id() const { return id_; }
  VersionRecord& record() const { return record_; }
  const FunctionVersion& version() const { return *version_; }
  EnvironmentLog& log() { return log_; }
  Phase phase() const { return phase_; }

  // AWS_LAMBDA_INITIALIZATION_TYPE, as the logs name it as well.
  std::string_view initialization_type() const {
    return initialization == Initialization::Provisioned ? "provisioned-concurrency" : "on-demand";
  }

  // Starts a process; when the one before it is still ending, as soon as that is gone.
  void start_process(RuntimeCommand command, const FunctionCredentials& credentials, std::uint64_t process_id, Moment now);
  bool has_process() const { return has_process_; }
  // For the process `process_id` only; others are stale.
  void process_event(std::uint64_t process_id, const ProcessEvent& event);
  void kill(KillManner manner);

  // Hands the event out. Only in Idle.
  void deliver(InvocationEvent event);
  // A result or an error came: the process finishes.
  void note_answered() { phase_ = Phase::Finishing; }

  std::unique_ptr<Invocation> invocation;      // running, or waiting for the process to start anew
  std::optional<Instant> deadline;             // on the steady clock: of the init or of the invocation
  std::optional<EnvironmentFailure> failure;   // of the last init or process
  std::optional<Duration> init_duration;       // of a cold start, until it is reported
  std::optional<Duration> init_processor_time; // the same
  Moment started;                              // when the running process was asked for
  Initialization initialization = Initialization::OnDemand;
  bool is_cold = true;                         // nothing was reported about its init yet
  bool log_is_dirty = false;
  bool is_held_back = false;                   // its runtime is ready, and will be said to be when it would be on AWS
  bool is_stopping = false;                    // no more invocations; it goes when its process has gone

  // What its process has used so far, without that process's children; nullopt: none runs, or it is not known.
  std::optional<Duration> processor_time() const;
  // The most memory it has used, in MB. Reads /proc at most once a second.
  std::int64_t max_memory_mb(Instant now);
  EnvironmentIdentity& identity() { return *identity_; }
  const std::string& directory() const { return directory_; }

 private:
  void on_next() override;
  void on_response(std::string payload) override;
  void on_error(std::string error_type, std::string payload) override;
  void on_init_error(std::string error_type, std::string payload) override;
  void on_requests_handled() override;

  void launch();
  ProcessSpec make_spec() const;
  EnvironmentFailure explain(const ProcessExit& exit) const;

  EventLoop& loop_;
  EnvironmentOwner& owner_;
  EnvironmentServices& services_;
  const EnvironmentId id_;
  VersionRecord& record_;
  const std::shared_ptr<const FunctionVersion> version_;
  const std::shared_ptr<EnvironmentIdentity> identity_;
  const std::string directory_;
  EnvironmentLog log_;
  RuntimeApi api_;
  Phase phase_ = Phase::NoProcess;

  bool has_process_ = false;
  bool start_wanted_ = false;  // as soon as the old process is gone
  bool process_is_dead_ = false;  // what it left in its sockets is being read
  std::uint64_t process_id_ = 0;
  std::uint64_t next_process_id_ = 0;
  pid_t pid_ = 0;
  RuntimeCommand command_;
  FunctionCredentials credentials_;
  std::int64_t peak_bytes_ = 0;
  Instant peak_read_;
};

}  // namespace surgetank
