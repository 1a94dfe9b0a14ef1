#include "engine/environment_init.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/text.h"
#include "engine/memory_cgroup.h"

namespace surgetank {
namespace {

constexpr int terminate_grace_ms = 300;
constexpr int first_own_descriptor = 64;
// As on Lambda ("file descriptors" and "processes and threads": 1,024 each).
constexpr rlim_t most_descriptors = 1024;
constexpr rlim_t most_processes = 1024;

void report(const Descriptor& control, const std::string& packet) { send_packet(control.get(), packet, {}); }

[[noreturn]] void report_failure(const Descriptor& control, const std::system_error& error) {
  report(control, "F" + std::to_string(error.code().value()) + " " + error.what());
  ::_exit(126);
}

void limit(__rlimit_resource resource, rlim_t most) {
  rlimit current{};
  check_call(::getrlimit(resource, &current), "getrlimit");
  if (current.rlim_max != RLIM_INFINITY && current.rlim_max < most) most = current.rlim_max;
  const rlimit wanted{most, most};
  check_call(::setrlimit(resource, &wanted), "setrlimit");
}

void map_own_user(uid_t user, gid_t group) {
  write_small_file("/proc/self/setgroups", "deny");
  write_small_file("/proc/self/uid_map", std::to_string(user) + " " + std::to_string(user) + " 1");
  write_small_file("/proc/self/gid_map", std::to_string(group) + " " + std::to_string(group) + " 1");
}

// Moves the three sockets and pipes of the plan above every number that a runtime may be promised, and closes everything else
// that the launcher had open: the other environments must see their launcher's end close when the launcher dies.
void keep_only_own_descriptors(EnvironmentInitPlan& plan) {
  std::vector<int> kept;
  for (Descriptor* one : {&plan.control, &plan.output, &plan.log}) {
    if (!*one) continue;
    *one = Descriptor(check_call(::fcntl(one->get(), F_DUPFD_CLOEXEC, first_own_descriptor), "dup"));
    kept.push_back(one->get());
  }
  unsigned first = STDERR_FILENO + 1;
  std::sort(kept.begin(), kept.end());
  for (const int number : kept) {
    if (first < static_cast<unsigned>(number)) check_call(::close_range(first, static_cast<unsigned>(number) - 1, 0), "close_range");
    first = static_cast<unsigned>(number) + 1;
  }
  check_call(::close_range(first, ~0U, 0), "close_range");
}

// The runtime's standard files: nothing to read, both outputs into one pipe; the framed log at its number. The rest closes at exec.
void arrange_descriptors(const EnvironmentInitPlan& plan) {
  const Descriptor input(check_call(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null"));
  check_call(::dup2(input.get(), STDIN_FILENO), "dup2");
  check_call(::dup2(plan.output.get(), STDOUT_FILENO), "dup2");
  check_call(::dup2(plan.output.get(), STDERR_FILENO), "dup2");
  const int log = plan.spec.log_descriptor;
  if (plan.log && log > STDERR_FILENO && log < first_own_descriptor) check_call(::dup2(plan.log.get(), log), "dup2");
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

[[noreturn]] void become_runtime(const EnvironmentInitPlan& plan) {
  try {
    check_call(::setsid(), "setsid");
    arrange_descriptors(plan);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, most_descriptors);
    // The count is kept per user (and user namespace): a limit on a user who runs other things as well would hit those.
    if (plan.user != 0 || plan.abilities.user_namespace) limit(RLIMIT_NPROC, most_processes);
    if (plan.user != 0) {
      check_call(::setgroups(0, nullptr), "setgroups");
      check_call(::setresgid(plan.user, plan.user, plan.user), "setresgid");
      check_call(::setresuid(plan.user, plan.user, plan.user), "setresuid");
    }
    check_call(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
    check_call(::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "pdeathsig");
    const std::string folder = plan.abilities.private_root ? private_root::task : plan.spec.code_directory;
    if (::chdir(folder.c_str()) != 0) throw_errno("the code at " + plan.spec.code_directory + " is not readable for the function's user");
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const auto arguments = pointers(plan.spec.arguments);
    const auto environment = pointers(plan.spec.environment);
    report(plan.control, "S");
    ::execve(arguments[0], arguments.data(), environment.data());
    throw_errno("exec " + plan.spec.arguments[0]);
  } catch (const std::system_error& error) {
    report_failure(plan.control, error);
  }
}

// Kernels without the list of children: whoever names us as parent.
std::vector<pid_t> children_by_search() {
  std::vector<pid_t> found;
  DIR* folder = ::opendir("/proc");
  if (folder == nullptr) return found;
  while (const dirent* entry = ::readdir(folder)) {
    const auto pid = parse_integer(entry->d_name);
    if (!pid) continue;
    const std::string status = read_small_file("/proc/" + std::string(entry->d_name) + "/stat");
    // "pid (name) state parent ...": the name may hold anything.
    const auto name_end = status.rfind(')');
    if (name_end == std::string::npos) continue;
    const auto fields = split(std::string_view(status).substr(name_end), ' ');
    if (fields.size() > 2 && parse_integer(fields[2]) == ::getpid()) found.push_back(static_cast<pid_t>(*pid));
  }
  ::closedir(folder);
  return found;
}

std::vector<pid_t> own_children() {
  const std::string path = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
  if (::access(path.c_str(), R_OK) != 0) return children_by_search();
  std::vector<pid_t> found;
  const std::string text = read_small_file(path);
  for (const std::string_view pid : split(text, ' ')) {
    if (const auto number = parse_integer(pid)) found.push_back(static_cast<pid_t>(*number));
  }
  return found;
}

// Ends every process below this one. Orphans become our children (subreaper), so killing children until there are none is enough.
void kill_descendants() {
  while (true) {
    for (const pid_t child : own_children()) ::kill(child, SIGKILL);
    if (::waitpid(-1, nullptr, 0) < 0 && errno == ECHILD) return;
  }
}

void report_end(const EnvironmentInitPlan& plan, int status, const rusage& usage) {
  report(plan.control, "E" + std::to_string(status) + " " + std::to_string(usage.ru_maxrss));
}

[[noreturn]] void end(const EnvironmentInitPlan& plan) {
  // The end of the first process of a pid namespace is the end of all.
  if (!plan.abilities.process_namespace) kill_descendants();
  ::_exit(0);
}

[[noreturn]] void kill_and_end(const EnvironmentInitPlan& plan, pid_t runtime) {
  ::kill(runtime, SIGKILL);
  int status = 0;
  rusage usage{};
  if (::wait4(runtime, &status, 0, &usage) == runtime) report_end(plan, status, usage);
  end(plan);
}

// Reaps whatever has ended; reports and ends when it is the runtime.
void reap(const EnvironmentInitPlan& plan, pid_t runtime) {
  while (true) {
    int status = 0;
    rusage usage{};
    const pid_t ended = ::wait4(-1, &status, WNOHANG, &usage);
    if (ended <= 0) return;
    if (ended != runtime) continue;
    report_end(plan, status, usage);
    end(plan);
  }
}

[[noreturn]] void watch(const EnvironmentInitPlan& plan, pid_t runtime, const Descriptor& signals) {
  pollfd waits[2] = {{plan.control.get(), POLLIN, 0}, {signals.get(), POLLIN, 0}};
  int timeout_ms = -1;
  while (true) {
    const int ready = ::poll(waits, 2, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) kill_and_end(plan, runtime);  // the grace is over
    if (waits[1].revents != 0) {
      signalfd_siginfo ignored;
      [[maybe_unused]] const auto count = ::read(signals.get(), &ignored, sizeof ignored);
      reap(plan, runtime);
    }
    if (waits[0].revents == 0) continue;
    char order = 0;
    if (::recv(plan.control.get(), &order, 1, MSG_DONTWAIT) <= 0) kill_and_end(plan, runtime);
    if (order == 'T') {
      ::kill(runtime, SIGTERM);
      timeout_ms = terminate_grace_ms;
    }
  }
}

}  // namespace

std::uint64_t environment_clone_flags(const SandboxAbilities& abilities) {
  std::uint64_t flags = 0;
  if (abilities.private_root) flags |= CLONE_NEWNS | CLONE_NEWIPC;
  if (abilities.process_namespace) flags |= CLONE_NEWPID;
  if (abilities.user_namespace) flags |= CLONE_NEWUSER;
  return flags;
}

pid_t clone_process(std::uint64_t flags) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  return static_cast<pid_t>(check_call(::syscall(SYS_clone3, &arguments, sizeof arguments), "clone3"));
}

void enter_sandbox(const EnvironmentInitPlan& plan) {
  if (plan.abilities.user_namespace) map_own_user(plan.invoking_user, plan.invoking_group);
  if (!plan.memory_group.empty()) MemoryCgroups::join(plan.memory_group);
  if (plan.user != 0) {
    for (const char* const name : {"", "/tmp", "/runtime.sock"}) {
      const std::string path = plan.spec.environment_directory + name;
      if (::chown(path.c_str(), plan.user, plan.user) != 0 && errno != ENOENT) throw_errno("chown " + path);
    }
  }
  if (plan.abilities.private_root) {
    enter_private_root({.environment_directory = plan.spec.environment_directory,
                        .code_directory = plan.spec.code_directory,
                        .runtime_directory = plan.spec.runtime_directory,
                        .readable = plan.spec.readable,
                        .user = plan.user,
                        .proc = plan.abilities.proc});
  }
}

void run_environment_init(EnvironmentInitPlan plan) {
  try {
    keep_only_own_descriptors(plan);
    ::signal(SIGPIPE, SIG_IGN);
    check_call(::setsid(), "setsid");
    // Only with a pid namespace: there the kernel ends the rest when we are killed. Otherwise we have to see the socket close.
    if (plan.abilities.process_namespace) check_call(::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "pdeathsig");
    check_call(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper");
    enter_sandbox(plan);
    // The host's killer should choose a function before the server.
    if (::access("/proc/self/oom_score_adj", W_OK) == 0) write_small_file("/proc/self/oom_score_adj", "500");
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    // Whoever stops the server's whole service with a signal leaves the environments to the server.
    sigset_t blocked = children;
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&blocked, number);
    check_call(::sigprocmask(SIG_SETMASK, &blocked, nullptr), "sigprocmask");
    const Descriptor signals(check_call(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
    ::umask(022);
    const pid_t runtime = check_call(::fork(), "fork");
    if (runtime == 0) become_runtime(plan);
    check_call(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable");
    plan.output = Descriptor();
    plan.log = Descriptor();
    watch(plan, runtime, signals);
  } catch (const std::system_error& error) {
    report_failure(plan.control, error);
  }
}

}  // namespace surgetank
