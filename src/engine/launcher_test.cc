#include "engine/launcher.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>

#include "base/text.h"
#include "engine/launcher_messages.h"
#include "engine/memory_cgroup.h"
#include "engine/resident_memory.h"

namespace surgetank {
namespace {

constexpr auto patience = std::chrono::seconds(30);

// A scratch directory that goes away with the test.
class Scratch {
 public:
  Scratch() {
    char path[] = "/tmp/surge-XXXXXX";
    path_ = check_call(::mkdtemp(path) == nullptr ? -1 : 0, "mkdtemp") == 0 ? path : "";
    ::chmod(path, 0755);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Reads until the last writer is gone, or the patience is over.
std::string read_all(int descriptor) {
  std::string text;
  while (true) {
    pollfd ready{descriptor, POLLIN, 0};
    if (::poll(&ready, 1, 30'000) <= 0) return text + "[no end]";
    char buffer[4096];
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

bool is_gone(pid_t pid) {
  // A zombie has ended as well.
  const std::string status = read_small_file("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = status.rfind(')');
  return name_end == std::string::npos || status.compare(name_end, 4, ") Z ") == 0;
}

bool is_gone_soon(pid_t pid) {
  for (int i = 0; i < 1000; ++i) {
    if (is_gone(pid)) return true;
    ::usleep(10'000);
  }
  return false;
}

// A sleep that only this test process starts, and how many of it run.
std::string marked_sleep() { return "sleep 1000." + std::to_string(::getpid()); }
int marked_sleeps() {
  const std::string wanted = std::string("sleep") + '\0' + "1000." + std::to_string(::getpid()) + '\0';
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    count += read_small_file(entry.path().string() + "/cmdline") == wanted ? 1 : 0;
  }
  return count;
}
bool no_marked_sleeps_soon() {
  for (int i = 0; i < 200 && marked_sleeps() != 0; ++i) ::usleep(50'000);
  return marked_sleeps() == 0;
}

// One environment's process with its output and its end.
struct Started {
  Descriptor output;
  Descriptor log;
  std::future<ProcessEvent> started;
  std::future<ProcessEvent> ended;
};

class LauncherTest : public testing::TestWithParam<SandboxCeiling> {
 protected:
  LauncherTest() : launcher_({.scratch_directory = scratch_.path(), .reachable = {}, .ceiling = GetParam()}) {}

  Started start(const std::string& script, std::int64_t memory_bytes = 0, std::vector<std::string> environment = {"PATH=/usr/bin:/bin"}) {
    return start_program({"/bin/sh", "-c", script}, memory_bytes, std::move(environment));
  }

  Started start_program(std::vector<std::string> arguments, std::int64_t memory_bytes, std::vector<std::string> environment) {
    ProcessSpec spec;
    spec.id = ++last_id_;
    spec.arguments = std::move(arguments);
    spec.environment = std::move(environment);
    spec.environment_directory = scratch_.path() + "/" + std::to_string(spec.id);
    ::mkdir(spec.environment_directory.c_str(), 0755);
    ::mkdir((spec.environment_directory + "/tmp").c_str(), 0755);
    spec.code_directory = scratch_.path() + "/code";
    ::mkdir(spec.code_directory.c_str(), 0755);
    std::ofstream(spec.code_directory + "/handler.txt") << "the code";
    spec.memory_bytes = memory_bytes;
    spec.log_descriptor = 3;
    DescriptorPair output = make_pipe();
    DescriptorPair log = make_pipe();
    auto started = std::make_shared<std::promise<ProcessEvent>>();
    auto ended = std::make_shared<std::promise<ProcessEvent>>();
    Started run{std::move(output.first), std::move(log.first), started->get_future(), ended->get_future()};
    launcher_.start(spec, std::move(output.second), std::move(log.second), [started, ended](const ProcessEvent& event) {
      (event.kind == ProcessEvent::Kind::Started ? started : ended)->set_value(event);
    });
    return run;
  }

  static ProcessExit end_of(Started& run) {
    if (run.ended.wait_for(patience) != std::future_status::ready) {
      ADD_FAILURE() << "the process did not end";
      return {};
    }
    return run.ended.get().exit;
  }
  static pid_t pid_of(Started& run) {
    if (run.started.wait_for(patience) != std::future_status::ready) {
      ADD_FAILURE() << "the process did not start";
      return -1;
    }
    return run.started.get().pid;
  }

  Scratch scratch_;
  Launcher launcher_;
  std::uint64_t last_id_ = 100;
};

TEST_P(LauncherTest, ReportsWhatItCanSeparate) {
  const SandboxReport report = launcher_.sandbox();
  ASSERT_GE(report.lines.size(), 4U);
  for (const std::string& line : report.lines) std::printf("  %s\n", line.c_str());
}

TEST_P(LauncherTest, OutputAndExitCodeComeBack) {
  Started run = start("echo out; echo err >&2; echo framed >&3; exit 7");
  EXPECT_EQ(read_all(run.output.get()), "out\nerr\n");
  EXPECT_EQ(read_all(run.log.get()), "framed\n");
  const ProcessExit exit = end_of(run);
  EXPECT_EQ(exit.kind, ProcessExit::Kind::Exited);
  EXPECT_EQ(exit.status, 7);
  EXPECT_GT(exit.peak_memory_bytes, 0);
}

TEST_P(LauncherTest, DeathBySignalIsReported) {
  Started run = start("kill -SEGV $$");
  const ProcessExit exit = end_of(run);
  EXPECT_EQ(exit.kind, ProcessExit::Kind::Signaled);
  EXPECT_EQ(exit.status, SIGSEGV);
  EXPECT_FALSE(exit.out_of_memory);
}

TEST_P(LauncherTest, MissingProgramIsReportedWithItsErrno) {
  Started run = start_program({"/no/such/bootstrap"}, 0, {});
  const ProcessExit exit = end_of(run);
  EXPECT_EQ(exit.kind, ProcessExit::Kind::NotStarted);
  EXPECT_EQ(exit.status, ENOENT);
  EXPECT_TRUE(contains(exit.failure, "/no/such/bootstrap")) << exit.failure;
}

TEST_P(LauncherTest, OnlyTheGivenVariablesAndDescriptorsAreInherited) {
  ::setenv("SURGE_TEST_SECRET", "do not leak", 1);
  Started run = start("env | sort; ls /proc/self/fd", 0, {"PATH=/usr/bin:/bin", "GIVEN=yes"});
  const std::string text = read_all(run.output.get());
  EXPECT_TRUE(contains(text, "GIVEN=yes")) << text;
  EXPECT_FALSE(contains(text, "SURGE_TEST_SECRET")) << text;
  // 0 1 2, the log at 3, and ls's own look at the folder.
  EXPECT_TRUE(text.ends_with("0\n1\n2\n3\n4\n")) << text;
  end_of(run);
}

TEST_P(LauncherTest, CodeIsReadOnlyAndTmpIsTheEnvironmentsOwn) {
  if (!launcher_.sandbox().private_root) GTEST_SKIP() << "no private root on this machine";
  Started first = start("pwd; cat /var/task/handler.txt; echo; touch /var/task/x 2>/dev/null && echo writable; echo mine > /tmp/note; ls /tmp");
  EXPECT_EQ(read_all(first.output.get()), "/var/task\nthe code\nnote\n");
  end_of(first);
  Started second = start("ls /tmp; touch /etc/x 2>/dev/null && echo etc; ls /root /home 2>/dev/null; " +
                         std::string(::geteuid() == 0 ? "whoami" : "echo sbx_user1051"));
  EXPECT_EQ(read_all(second.output.get()), "sbx_user1051\n");
  end_of(second);
}

TEST_P(LauncherTest, GrandchildrenAreKilledWithTheEnvironment) {
  // A daemon in a session of its own, no longer a descendant by parent links.
  Started run = start("(setsid sh -c '" + marked_sleep() + " & " + marked_sleep() + "' </dev/null >/dev/null 2>&1 3>&- &); sleep 0.2; echo started; " + marked_sleep());
  const pid_t runtime = pid_of(run);
  char line[16];
  pollfd ready{run.output.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&ready, 1, 30'000), 1);
  ASSERT_GT(::read(run.output.get(), line, sizeof line), 0);
  for (int i = 0; i < 200 && marked_sleeps() < 3; ++i) ::usleep(20'000);
  EXPECT_EQ(marked_sleeps(), 3);
  launcher_.kill(last_id_, KillManner::AtOnce);
  const ProcessExit exit = end_of(run);
  EXPECT_EQ(exit.kind, ProcessExit::Kind::Signaled);
  EXPECT_EQ(exit.status, SIGKILL);
  EXPECT_TRUE(is_gone(runtime));
  EXPECT_EQ(marked_sleeps(), 0) << "the end is reported when everything has ended";
}

TEST_P(LauncherTest, AnEnvironmentEndsWithItsRuntime) {
  Started run = start(marked_sleep() + " & sleep 0.1; exit 3");
  const ProcessExit exit = end_of(run);
  EXPECT_EQ(exit.status, 3);
  EXPECT_EQ(marked_sleeps(), 0);
}

TEST_P(LauncherTest, TerminateLetsTheProcessFinishAndThenKills) {
  Started polite = start("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
  pid_of(polite);
  ::usleep(100'000);
  launcher_.kill(last_id_, KillManner::Terminate);
  EXPECT_EQ(end_of(polite).status, 5);
  Started stubborn = start("trap '' TERM; echo ready; while :; do sleep 0.01; done");
  pid_of(stubborn);
  ::usleep(100'000);
  launcher_.kill(last_id_, KillManner::Terminate);
  const ProcessExit exit = end_of(stubborn);
  EXPECT_EQ(exit.kind, ProcessExit::Kind::Signaled);
  EXPECT_EQ(exit.status, SIGKILL);
}

TEST_P(LauncherTest, MemoryAboveTheLimitIsKilledAsOutOfMemory) {
  Started run = start_program({"/usr/bin/python3", "-c", "b = bytearray(200 << 20); print('survived'); import time; time.sleep(5)"}, 64 << 20,
                          {"PATH=/usr/bin:/bin"});
  const ProcessExit exit = end_of(run);
  EXPECT_EQ(exit.kind, ProcessExit::Kind::Signaled);
  EXPECT_EQ(exit.status, SIGKILL);
  EXPECT_TRUE(exit.out_of_memory);
}

TEST_P(LauncherTest, LimitsOfDescriptorsAndProcessesAreThoseOfLambda) {
  Started run = start("ulimit -n; ulimit -c");
  EXPECT_EQ(read_all(run.output.get()), "1024\n0\n");
  end_of(run);
}

TEST_P(LauncherTest, ManyEnvironmentsAtOnce) {
  std::vector<Started> runs;
  for (int i = 0; i < 50; ++i) runs.push_back(start("exit 0"));
  for (Started& run : runs) EXPECT_EQ(end_of(run).kind, ProcessExit::Kind::Exited);
}

TEST_P(LauncherTest, DestructionEndsEveryProcess) {
  Scratch scratch;
  pid_t runtime = 0;
  auto ended = std::make_shared<std::promise<void>>();
  {
    Launcher launcher({.scratch_directory = scratch.path(), .reachable = {}, .ceiling = GetParam()});
    ProcessSpec spec;
    spec.id = 7;
    spec.arguments = {"/bin/sleep", "1000"};
    spec.environment_directory = scratch.path() + "/7";
    spec.code_directory = "/usr";
    ::mkdir(spec.environment_directory.c_str(), 0755);
    ::mkdir((spec.environment_directory + "/tmp").c_str(), 0755);
    auto started = std::make_shared<std::promise<pid_t>>();
    launcher.start(spec, make_pipe().second, {}, [started, ended](const ProcessEvent& event) {
      event.kind == ProcessEvent::Kind::Started ? started->set_value(event.pid) : ended->set_value();
    });
    auto pid = started->get_future();
    ASSERT_EQ(pid.wait_for(patience), std::future_status::ready);
    runtime = pid.get();
  }
  EXPECT_TRUE(is_gone(runtime));
  EXPECT_EQ(ended->get_future().wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

class LauncherLife : public testing::TestWithParam<SandboxCeiling> {};

// A process that holds a launcher and one environment, and is then killed.
pid_t start_victim(const std::string& scratch, SandboxCeiling ceiling, pid_t& runtime, pid_t& launcher_pid) {
  const std::string script = "(setsid " + marked_sleep() + " &); " + marked_sleep();
  int report[2];
  check_call(::pipe(report), "pipe");
  const pid_t victim = ::fork();
  if (victim == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Launcher launcher({.scratch_directory = scratch, .reachable = {}, .ceiling = ceiling});
    ProcessSpec spec;
    spec.id = 7;
    spec.arguments = {"/bin/sh", "-c", script};
    spec.environment = {"PATH=/usr/bin:/bin"};
    spec.environment_directory = scratch + "/7";
    spec.code_directory = "/usr";
    ::mkdir(spec.environment_directory.c_str(), 0755);
    ::mkdir((spec.environment_directory + "/tmp").c_str(), 0755);
    launcher.start(spec, make_pipe().second, {}, [&](const ProcessEvent& event) {
      const std::string children = read_small_file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
      const std::string text = std::to_string(event.pid) + " " + children;
      [[maybe_unused]] const auto written = ::write(report[1], text.data(), text.size());
    });
    ::pause();
  }
  char text[64] = {};
  [[maybe_unused]] const auto count = ::read(report[0], text, sizeof text - 1);
  const auto fields = split(text, ' ');
  runtime = static_cast<pid_t>(parse_integer(fields[0]).value_or(-1));
  launcher_pid = fields.size() > 1 ? static_cast<pid_t>(parse_integer(fields[1]).value_or(-1)) : -1;
  ::close(report[0]);
  ::close(report[1]);
  return victim;
}

TEST_P(LauncherLife, KilledServerLeavesNoProcess) {
  Scratch scratch;
  pid_t runtime = -1;
  pid_t launcher = -1;
  const pid_t victim = start_victim(scratch.path(), GetParam(), runtime, launcher);
  ASSERT_GT(runtime, 0);
  ASSERT_FALSE(is_gone(runtime));
  ::kill(victim, SIGKILL);
  ::waitpid(victim, nullptr, 0);
  EXPECT_TRUE(is_gone_soon(runtime));
  EXPECT_TRUE(is_gone_soon(launcher));
  EXPECT_TRUE(no_marked_sleeps_soon());
}

TEST_P(LauncherLife, KilledLauncherLeavesNoProcessAndIsReplaced) {
  Scratch scratch;
  Launcher launcher({.scratch_directory = scratch.path(), .reachable = {}, .ceiling = GetParam()});
  launcher.sandbox();
  const auto spec_for = [&](std::uint64_t id, const std::string& script) {
    ProcessSpec spec;
    spec.id = id;
    spec.arguments = {"/bin/sh", "-c", script};
    spec.environment = {"PATH=/usr/bin:/bin"};
    spec.environment_directory = scratch.path() + "/" + std::to_string(id);
    spec.code_directory = "/usr";
    ::mkdir(spec.environment_directory.c_str(), 0755);
    ::mkdir((spec.environment_directory + "/tmp").c_str(), 0755);
    return spec;
  };
  std::promise<pid_t> started;
  std::promise<ProcessExit> ended;
  launcher.start(spec_for(7, "(setsid " + marked_sleep() + " &); " + marked_sleep()), make_pipe().second, {}, [&](const ProcessEvent& event) {
    event.kind == ProcessEvent::Kind::Started ? started.set_value(event.pid) : ended.set_value(event.exit);
  });
  auto pid = started.get_future();
  ASSERT_EQ(pid.wait_for(patience), std::future_status::ready);
  const pid_t runtime = pid.get();
  // The launcher is the grandparent of the runtime, the init of its environment being the parent.
  const auto parent_of = [](pid_t child) {
    const std::string status = read_small_file("/proc/" + std::to_string(child) + "/stat");
    return static_cast<pid_t>(parse_integer(split(std::string_view(status).substr(status.rfind(')')), ' ')[2]).value_or(-1));
  };
  ::kill(parent_of(parent_of(runtime)), SIGKILL);
  auto end = ended.get_future();
  ASSERT_EQ(end.wait_for(patience), std::future_status::ready);
  EXPECT_TRUE(is_gone_soon(runtime));
  EXPECT_TRUE(no_marked_sleeps_soon());
  std::promise<ProcessExit> again;
  launcher.start(spec_for(8, "exit 4"), make_pipe().second, {}, [&](const ProcessEvent& event) {
    if (event.kind == ProcessEvent::Kind::Exited) again.set_value(event.exit);
  });
  auto second = again.get_future();
  ASSERT_EQ(second.wait_for(patience), std::future_status::ready);
  EXPECT_EQ(second.get().status, 4);
}

const auto all_ceilings = testing::Values(SandboxCeiling::Everything, SandboxCeiling::HostFiles, SandboxCeiling::HostProcesses);
std::string ceiling_name(const testing::TestParamInfo<SandboxCeiling>& info) {
  const char* const names[] = {"Everything", "HostFiles", "HostProcesses"};
  return names[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(Ladder, LauncherTest, all_ceilings, ceiling_name);
INSTANTIATE_TEST_SUITE_P(Ladder, LauncherLife, all_ceilings, ceiling_name);

TEST(LauncherMessages, DamagedMessagesAreRefused) {
  ProcessSpec spec;
  spec.id = 9;
  spec.arguments = {"/bin/true"};
  spec.environment = {"A=b"};
  const std::string message = launcher_messages::encode(spec);
  EXPECT_EQ(launcher_messages::decode_spec(message).environment, spec.environment);
  for (std::size_t length = 0; length < message.size(); ++length) {
    EXPECT_THROW(launcher_messages::decode_spec(message.substr(0, length)), std::invalid_argument) << length;
  }
}

TEST(ResidentMemory, CountsThisProcess) {
  EXPECT_GT(resident_bytes_of_tree(::getpid()), 1 << 20);
  EXPECT_GE(peak_resident_bytes(::getpid()), 1 << 20);
  EXPECT_EQ(resident_bytes_of_tree(-1), 0);
}

}  // namespace
}  // namespace surgetank
