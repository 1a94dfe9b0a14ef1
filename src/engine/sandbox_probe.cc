#include "engine/sandbox_probe.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <functional>

namespace surgetank {
namespace {

// Runs `attempt` in a process of its own; its std::system_error comes back as text, success as the empty text.
std::string try_in_process(std::uint64_t flags, const std::function<void()>& attempt) {
  DescriptorPair pipe = make_pipe();
  pid_t child = 0;
  try {
    child = clone_process(flags);
  } catch (const std::system_error& error) {
    return error.what();
  }
  if (child == 0) {
    std::string failure;
    try {
      attempt();
    } catch (const std::system_error& error) {
      failure = error.what();
    }
    [[maybe_unused]] const auto written = ::write(pipe.second.get(), failure.data(), failure.size());
    ::_exit(failure.empty() ? 0 : 1);
  }
  pipe.second = Descriptor();
  int status = 0;
  check_call(::waitpid(child, &status, 0), "waitpid");
  char text[512];
  const ssize_t count = ::read(pipe.first.get(), text, sizeof text);
  if (status == 0) return {};
  return count > 0 ? std::string(text, static_cast<std::size_t>(count)) : "the trial process died";
}

// An empty environment below the scratch directory, for one trial.
class TrialDirectory {
 public:
  explicit TrialDirectory(const std::string& scratch) : path_(scratch + "/probe-" + std::to_string(::getpid())) {
    check_call(::mkdir(path_.c_str(), 0700), "mkdir");
    check_call(::mkdir((path_ + "/tmp").c_str(), 0700), "mkdir");
  }
  ~TrialDirectory() {
    for (const char* const name : {"/tmp", "/root", ""}) ::rmdir((path_ + name).c_str());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void become(uid_t user) {
  check_call(::setgroups(0, nullptr), "setgroups");
  check_call(::setresgid(user, user, user), "setresgid");
  check_call(::setresuid(user, user, user), "setresuid");
}

std::string try_sandbox(const SandboxProbeInput& input, const SandboxAbilities& abilities, uid_t user) {
  const TrialDirectory directory(input.scratch_directory);
  EnvironmentInitPlan plan;
  plan.spec.environment_directory = directory.path();
  plan.spec.code_directory = "/usr";
  plan.abilities = abilities;
  plan.user = user;
  plan.invoking_user = ::getuid();
  plan.invoking_group = ::getgid();
  return try_in_process(environment_clone_flags(abilities), [&] {
    enter_sandbox(plan);
    if (user != 0) become(user);
    const pid_t child = check_call(::fork(), "fork");
    if (child == 0) {
      const bool usable = !abilities.private_root ||
                          (::access(private_root::task, R_OK | X_OK) == 0 && ::access("/tmp", W_OK) == 0 &&
                           ::access("/proc/self/stat", R_OK) == 0 && ::open("/dev/null", O_WRONLY) >= 0);
      ::_exit(usable ? 0 : 1);
    }
    int status = 0;
    check_call(::waitpid(child, &status, 0), "waitpid");
    errno = EACCES;
    if (status != 0) throw_errno("the sandbox is not usable");
  });
}

// The highest rung that works, and why the ones above it do not.
std::string climb(const SandboxProbeInput& input, SandboxProbe& probe, uid_t user) {
  if (input.ceiling == SandboxCeiling::HostProcesses) return "not wanted";
  std::string first_failure = input.ceiling == SandboxCeiling::HostFiles ? "not wanted" : "";
  const bool is_root = ::geteuid() == 0;
  for (const bool private_root : {true, false}) {
    for (const ProcMount proc : {ProcMount::Fresh, ProcMount::Bound}) {
      SandboxAbilities wanted;
      wanted.private_root = private_root;
      wanted.process_namespace = true;
      wanted.user_namespace = !is_root;
      wanted.proc = proc;
      // A namespace of process ids alone needs no proc mount.
      if (!private_root && proc == ProcMount::Bound) continue;
      if (private_root && input.ceiling != SandboxCeiling::Everything) continue;
      const std::string failure = try_sandbox(input, wanted, user);
      if (failure.empty()) {
        probe.abilities = wanted;
        return first_failure;
      }
      if (first_failure.empty()) first_failure = failure;
    }
  }
  return first_failure;
}

bool reachable_for(uid_t user, const SandboxProbeInput& input, std::string& failure) {
  failure = try_in_process(0, [&] {
    become(user);
    for (const std::string& path : input.reachable) {
      if (::access(path.c_str(), X_OK) != 0) throw_errno(path);
    }
    if (::access(input.scratch_directory.c_str(), X_OK) != 0) throw_errno(input.scratch_directory);
  });
  return failure.empty();
}

// Which users environments run as. Only root can choose.
uid_t choose_user_base(std::string& failure) {
  for (const uid_t user : {first_environment_user, nobody_user}) {
    failure = try_in_process(0, [user] { become(user); });
    if (failure.empty()) return user;
  }
  return 0;
}

void report_users(const SandboxProbeInput& input, SandboxProbe& probe, const std::string& failure) {
  auto& lines = probe.report.lines;
  if (::geteuid() != 0) {
    lines.push_back("users: functions run as the server's own user (only root can give them others)");
    return;
  }
  std::string unreachable;
  if (probe.user_base != 0 && !probe.abilities.private_root && !reachable_for(probe.user_base, input, unreachable)) {
    probe.user_base = 0;
    lines.push_back("users: functions run as root, because an unprivileged user does not reach " + unreachable);
  } else if (probe.user_base == 0) {
    lines.push_back("users: functions run as root, because no other user can be taken on (" + failure + ")");
  } else if (probe.user_base == nobody_user) {
    lines.push_back("users: functions run as nobody");
  } else {
    probe.abilities.own_users = true;
    lines.push_back("users: each environment runs as an unprivileged user of its own (from " + std::to_string(probe.user_base) + ")");
  }
}

}  // namespace

SandboxProbe probe_sandbox(const SandboxProbeInput& input) {
  SandboxProbe probe;
  std::string user_failure;
  if (::geteuid() == 0) probe.user_base = choose_user_base(user_failure);
  const std::string failure = climb(input, probe, probe.user_base);
  auto& lines = probe.report.lines;
  if (probe.abilities.private_root) {
    lines.push_back(std::string("files: a private root for each environment, /var/task read-only, /tmp its own") +
                    (probe.abilities.proc == ProcMount::Bound ? " (/proc is the host's: " + failure + ")" : ""));
  } else {
    lines.push_back("files: the host's; LAMBDA_TASK_ROOT is the real folder and TMPDIR replaces /tmp (" + failure + ")");
  }
  lines.push_back(probe.abilities.process_namespace
                      ? "processes: each environment has its own process ids"
                      : "processes: those of the host; what an environment leaves behind is found and killed (" + failure + ")");
  report_users(input, probe, user_failure);
  std::string memory_failure = "not wanted";
  if (input.ceiling != SandboxCeiling::HostProcesses) probe.memory = MemoryCgroups::probe(memory_failure);
  if (probe.memory != nullptr) {
    lines.push_back(probe.memory->kind() == MemoryCgroups::Kind::Version1 ? "memory: limited by control groups (version 1)"
                                                                          : "memory: limited by control groups (version 2)");
  } else {
    lines.push_back("memory: watched ten times a second, killed above the limit (" + memory_failure + ")");
  }
  lines.push_back("not separated: network (functions must reach this server), system calls (no seccomp, no Landlock), processor time,"
                  " the size of /tmp; environments are not frozen between invocations");
  probe.report.private_root = probe.abilities.private_root;
  probe.report.process_namespace = probe.abilities.process_namespace;
  probe.report.own_users = probe.abilities.own_users;
  return probe;
}

}  // namespace surgetank
