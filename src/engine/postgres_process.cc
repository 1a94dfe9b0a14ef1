#include "engine/postgres_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/assert.h"
#include "engine/descriptor.h"
#include "net/steady_timer.h"

namespace surgetank {
namespace {

constexpr std::size_t longest_output = 64 * 1024;
constexpr std::size_t longest_input = 64 * 1024;  // what a pipe takes without a reader

// What the child needs, laid out before it exists: between vfork and exec it shares our memory and may only make system calls.
struct ChildPlan {
  const ChildProgram* program = nullptr;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  int input = -1;
  int output = -1;
  pid_t parent = 0;
  const char* failed_step = nullptr;  // written by the child
  int failure = 0;
};

// On the monotonic clock.
Instant after(Duration span) { return Instant{} + coarse_steady_now() + span; }
int milliseconds_until(Instant due) { return static_cast<int>(std::max<std::int64_t>((due - after({})).ms(), 0)); }

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

bool step(ChildPlan& plan, const char* name, long result) {
  if (result != -1) return true;
  plan.failed_step = name;
  plan.failure = errno;
  return false;
}

bool enter_mount(ChildPlan& plan) {
  const auto& program = *plan.program;
  if (program.mounted_directory.empty()) return true;
  return step(plan, "unshare, to reach a data directory that its user may not enter (choose one outside of private directories)",
              ::unshare(CLONE_NEWNS)) &&
         step(plan, "mount /", ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr)) &&
         step(plan, "mount", ::mount(program.mounted_directory.c_str(), program.mount_point.c_str(), nullptr, MS_BIND, nullptr));
}

// Raw system calls: the C library's wrappers would change the user of all our threads.
bool become_user(ChildPlan& plan) {
  if (!plan.program->user) return true;
  const auto gid = plan.program->user->gid;
  const auto uid = plan.program->user->uid;
  return step(plan, "setgroups", ::syscall(SYS_setgroups, 1, &gid)) && step(plan, "setresgid", ::syscall(SYS_setresgid, gid, gid, gid)) &&
         step(plan, "setresuid", ::syscall(SYS_setresuid, uid, uid, uid));
}

void run_in_child(ChildPlan& plan) {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  if (!step(plan, "dup2", ::dup2(plan.input, 0)) || !step(plan, "dup2", ::dup2(plan.output, 1))) return;
  if (!step(plan, "dup2", ::dup2(plan.output, 2))) return;
  if (!step(plan, "setsid", ::setsid()) || !enter_mount(plan) || !become_user(plan) || !step(plan, "chdir", ::chdir("/"))) return;
  ::umask(077);
  // After the change of user, which clears it.
  if (!step(plan, "prctl", ::prctl(PR_SET_PDEATHSIG, plan.program->death_signal))) return;
  if (::syscall(SYS_getppid) != plan.parent) return;
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  step(plan, "execve", -1);
}

// vfork returns twice on one stack: nothing of this frame changes between the two returns.
__attribute__((noinline)) pid_t vfork_and_run(ChildPlan& plan) {
  const pid_t pid = ::vfork();
  if (pid == 0) {
    run_in_child(plan);
    ::_exit(127);
  }
  return pid;
}

}  // namespace

pid_t start_child(const ChildProgram& program) {
  Descriptor nothing(check_call(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"));
  ChildPlan plan;
  plan.program = &program;
  plan.arguments = pointers(program.arguments);
  plan.environment = pointers(program.environment);
  plan.input = program.input >= 0 ? program.input : nothing.get();
  plan.output = program.output >= 0 ? program.output : nothing.get();
  plan.parent = ::getpid();
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = vfork_and_run(plan);
  const int vfork_failure = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid == -1) throw std::system_error(vfork_failure, std::generic_category(), "vfork");
  if (plan.failed_step != nullptr) {
    ::waitpid(pid, nullptr, 0);
    throw std::system_error(plan.failure, std::generic_category(), program.arguments[0] + ": " + plan.failed_step);
  }
  return pid;
}

bool wait_for_child(pid_t pid, Duration limit) {
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (handle) {
    pollfd waiting{handle.get(), POLLIN, 0};
    const Instant due = after(limit);
    while (::poll(&waiting, 1, milliseconds_until(due)) == -1 && errno == EINTR) {
    }
  }
  return ::waitpid(pid, nullptr, WNOHANG) != 0;
}

ChildResult run_child(ChildProgram program, const std::string& input, Duration limit) {
  SURGE_ASSERT(input.size() <= longest_input, "the input of a program fits into a pipe");
  auto to_child = make_pipe();
  auto from_child = make_pipe();
  // make_pipe's read ends do not block, which suits us and not a program that reads its standard input.
  check_call(::fcntl(to_child.first.get(), F_SETFL, 0), "fcntl");
  if (!input.empty()) check_call(::write(to_child.second.get(), input.data(), input.size()), "write");
  to_child.second = Descriptor();
  program.input = to_child.first.get();
  program.output = from_child.second.get();
  if (program.death_signal == 0) program.death_signal = SIGKILL;
  const pid_t pid = start_child(program);
  from_child.second = Descriptor();
  ChildResult result;
  const Instant due = after(limit);
  char buffer[4096];
  for (;;) {
    const auto left = milliseconds_until(due);
    pollfd waiting{from_child.first.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, left) == 0) {
      result.timed_out = true;
      ::kill(pid, SIGKILL);
      break;
    }
    const auto got = ::read(from_child.first.get(), buffer, sizeof buffer);
    if (got == 0 || (got == -1 && errno != EINTR && errno != EAGAIN)) break;
    if (got > 0 && result.output.size() < longest_output) result.output.append(buffer, static_cast<std::size_t>(got));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

}  // namespace surgetank
