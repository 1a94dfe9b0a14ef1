#include "engine/environment.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/assert.h"
#include "base/text.h"
#include "engine/processor_time.h"
#include "engine/resident_memory.h"

namespace surgetank {
namespace {

constexpr int log_descriptor = 3;  // Node closes descriptors from 15 on at exec
constexpr Duration memory_interval = seconds(1);
constexpr std::int64_t mebibyte = 1 << 20;

std::string make_directory(const std::string& run_directory, EnvironmentId id) {
  char name[24];
  std::snprintf(name, sizeof name, "/%llx", static_cast<unsigned long long>(id.value));
  const std::string path = run_directory + name;
  check_call(::mkdir(path.c_str(), 0711), "mkdir environment");
  check_call(::mkdir((path + "/tmp").c_str(), 0700), "mkdir tmp");
  return path;
}

// As Go, which Lambda's own supervisor is written in, calls them.
std::string signal_name(int number) {
  switch (number) {
    case SIGHUP: return "hangup";
    case SIGINT: return "interrupt";
    case SIGQUIT: return "quit";
    case SIGILL: return "illegal instruction";
    case SIGTRAP: return "trace/breakpoint trap";
    case SIGABRT: return "aborted";
    case SIGBUS: return "bus error";
    case SIGFPE: return "floating point exception";
    case SIGKILL: return "killed";
    case SIGSEGV: return "segmentation fault";
    case SIGPIPE: return "broken pipe";
    case SIGALRM: return "alarm clock";
    case SIGTERM: return "terminated";
    default: return "signal " + std::to_string(number);
  }
}

std::string errno_name(int number) {
  switch (number) {
    case ENOENT: return "no such file or directory";
    case EACCES: return "permission denied";
    case ENOEXEC: return "exec format error";
    default: return to_lower(std::generic_category().message(number));
  }
}

std::string with_places(std::string text, const EnvironmentPlace& place) {
  return replace_all(replace_all(std::move(text), "{runtime}", place.runtime_directory), "{task}", place.task_root);
}

}  // namespace

Environment::Environment(EventLoop& loop, EnvironmentOwner& owner, EnvironmentServices& services, EnvironmentId id, VersionRecord& record,
                         std::string identity, Moment now)
    : started(now),
      loop_(loop),
      owner_(owner),
      services_(services),
      id_(id),
      record_(record),
      version_(record.version),
      identity_(std::make_shared<EnvironmentIdentity>(version_->account, version_->region, version_->function_name, std::move(identity))),
      directory_(make_directory(services.run_directory, id)),
      log_(loop, log_stream_name(now.wall, version_->version, identity_->environment), [this] { owner_.log_is_dirty(*this); }),
      api_(loop, directory_ + "/runtime.sock", *this) {}

Environment::~Environment() = default;

void Environment::start_process(RuntimeCommand command, const FunctionCredentials& credentials, std::uint64_t process_id, Moment now) {
  command_ = std::move(command);
  credentials_ = credentials;
  next_process_id_ = process_id;
  started = now;
  if (has_process_) {
    start_wanted_ = true;
  } else {
    launch();
  }
}

void Environment::launch() {
  start_wanted_ = false;
  process_is_dead_ = false;
  process_id_ = next_process_id_;
  phase_ = Phase::Starting;
  const bool is_ours = !command_.bootstrap_folder.empty();
  auto ends = log_.open_pipes(is_ours ? EnvironmentLog::Frames::Wanted : EnvironmentLog::Frames::None);
  services_.launcher->start(make_spec(), std::move(ends.output), std::move(ends.frames), owner_.process_callback(id_, process_id_));
  has_process_ = true;
}

ProcessSpec Environment::make_spec() const {
  const bool is_ours = !command_.bootstrap_folder.empty();
  const bool is_private = services_.sandbox.private_root;
  ProcessSpec spec;
  spec.id = process_id_;
  spec.environment_directory = directory_;
  spec.code_directory = version_->code_directory;
  if (is_ours) spec.runtime_directory = services_.bootstraps_directory + "/" + command_.bootstrap_folder;
  spec.readable = command_.readable;
  spec.memory_bytes = version_->memory_mb * mebibyte;
  spec.log_descriptor = is_ours ? log_descriptor : -1;

  EnvironmentPlace place;
  place.log_stream = log_.stream();
  place.runtime_api = api_.tcp_address();
  place.runtime_socket = (is_private ? std::string(private_root::environment) : directory_) + "/runtime.sock";
  place.log_descriptor = spec.log_descriptor;
  place.task_root = is_private ? private_root::task : version_->code_directory;
  place.runtime_directory = is_private || !is_ours ? private_root::runtime : spec.runtime_directory;
  if (!is_private) place.temporary_directory = directory_ + "/tmp";
  if (!command_.readable.empty()) place.program_directory = command_.program.substr(0, command_.program.rfind('/'));
  place.endpoint_url = services_.endpoint_url;
  place.initialization_type = initialization_type();
  spec.environment = function_environment(*version_, place, credentials_);
  spec.arguments.push_back(with_places(command_.program, place));
  for (const std::string& argument : command_.arguments) spec.arguments.push_back(with_places(argument, place));
  return spec;
}

void Environment::process_event(std::uint64_t process_id, const ProcessEvent& event) {
  if (process_id != process_id_) return;
  if (event.kind == ProcessEvent::Kind::Started) {
    pid_ = event.pid;
    services_.registry->add(event.pid, event.user, services_.sandbox.own_users, identity_);
    return;
  }
  if (pid_ != 0) services_.registry->remove(std::exchange(pid_, 0));
  peak_bytes_ = std::max(peak_bytes_, event.exit.peak_memory_bytes);
  // What it said before it ended counts: a result may be on its way.
  process_is_dead_ = true;
  if (phase_ != Phase::NoProcess) api_.read_what_is_left();
  log_.drain(loop_.now(), EnvironmentLog::Rest::Complete);
  api_.restart();
  has_process_ = false;
  const Phase before = std::exchange(phase_, Phase::NoProcess);
  if (start_wanted_) {
    launch();
  } else {
    owner_.process_ended(*this, before, explain(event.exit));
  }
}

EnvironmentFailure Environment::explain(const ProcessExit& exit) const {
  EnvironmentFailure ending;
  ending.error_type = "Runtime.ExitError";
  if (exit.kind == ProcessExit::Kind::NotStarted) {
    const bool is_own_program = command_.bootstrap_folder.empty() && exit.failure.starts_with("exec ");
    ending.error_type = "Runtime.InvalidEntrypoint";
    ending.reason = "fork/exec /var/task/bootstrap: " + errno_name(exit.status);
    if (is_own_program) return ending;
    ending.kind = InvocationOutcome::Kind::ServiceFailure;
    ending.reason = "the process of the function cannot be started: " + exit.failure;
  } else if (!exit.failure.empty()) {
    ending.kind = InvocationOutcome::Kind::ServiceFailure;
    ending.reason = exit.failure;
  } else if (exit.kind == ProcessExit::Kind::Signaled) {
    if (exit.out_of_memory) ending.error_type = "Runtime.OutOfMemory";
    ending.reason = "Runtime exited with error: signal: " + signal_name(exit.status);
  } else if (exit.status == 0) {
    ending.reason = "Runtime exited without providing a reason";
  } else {
    ending.reason = "Runtime exited with error: exit status " + std::to_string(exit.status);
  }
  return ending;
}

void Environment::kill(KillManner manner) {
  phase_ = Phase::NoProcess;
  start_wanted_ = false;
  deadline.reset();
  if (has_process_) services_.launcher->kill(process_id_, manner);
}

void Environment::deliver(InvocationEvent event) {
  SURGE_ASSERT(phase_ == Phase::Idle, "an event goes to a runtime that has asked for it");
  phase_ = Phase::Running;
  api_.deliver(std::move(event));
}

std::optional<Duration> Environment::processor_time() const { return processor_time_of(pid_); }

std::int64_t Environment::max_memory_mb(Instant now) {
  if (pid_ != 0 && (peak_bytes_ == 0 || now - peak_read_ >= memory_interval)) {
    peak_read_ = now;
    peak_bytes_ = std::max(peak_bytes_, peak_resident_bytes(pid_));
  }
  return std::max<std::int64_t>(1, (peak_bytes_ + mebibyte - 1) / mebibyte);
}

void Environment::on_next() {
  if (process_is_dead_ || phase_ == Phase::NoProcess) return;
  const Phase before = std::exchange(phase_, Phase::Idle);
  owner_.runtime_asked(*this, before);
}

void Environment::on_response(std::string payload) {
  if (phase_ == Phase::Running) owner_.runtime_responded(*this, std::move(payload));
}

void Environment::on_error(std::string error_type, std::string payload) {
  if (phase_ != Phase::Running) return;
  owner_.runtime_failed(*this, {.error_type = std::move(error_type), .reason = {}, .payload = std::move(payload)});
}

void Environment::on_init_error(std::string error_type, std::string payload) {
  if (phase_ != Phase::Starting) return;
  owner_.init_failed(*this, {.error_type = std::move(error_type), .reason = {}, .payload = std::move(payload)});
}

void Environment::on_requests_handled() { owner_.requests_handled(); }

}  // namespace surgetank
