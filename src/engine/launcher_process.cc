#include "engine/launcher_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include "base/log.h"
#include "base/text.h"
#include "engine/launcher_messages.h"
#include "engine/resident_memory.h"
#include "engine/sandbox_probe.h"

namespace surgetank {
namespace {

namespace messages = launcher_messages;

constexpr int watch_interval_ms = 100;

class LauncherProcess {
 public:
  explicit LauncherProcess(int server) : server_(server) {}

  void run() {
    prepare();
    const Packet first = receive_packet(server_.get(), messages::largest_message);
    if (first.bytes.empty()) return;
    const auto configuration = messages::decode_configuration(first.bytes);
    probe_ = probe_sandbox({configuration.scratch_directory, configuration.reachable, configuration.ceiling});
    send(messages::encode(probe_.report));
    while (!done_) serve_once();
    // Closing the control sockets ends the environments; leaving before they have ended would leave their groups behind.
    for (auto& [id, environment] : environments_) environment.control = Descriptor();
    for (auto& [id, environment] : environments_) ::waitpid(environment.init, nullptr, 0);
    for (auto& [id, environment] : environments_) MemoryCgroups::remove(environment.memory_group);
  }

 private:
  struct Environment {
    pid_t init = 0;
    Descriptor control;
    std::string memory_group;
    std::optional<std::uint32_t> user_slot;
    pid_t runtime = 0;
    std::int64_t memory_limit = 0;
    bool over_limit = false;
    bool reported = false;  // `exit` holds what the init said
    ProcessExit exit;
  };

  void prepare() {
    ::prctl(PR_SET_NAME, "surge-launcher");
    // Not the terminal's business: the server decides when environments end.
    ::setsid();
    ::signal(SIGPIPE, SIG_IGN);
    ::umask(022);
    if (const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC); null >= 0) {
      ::dup2(null, STDIN_FILENO);
      ::close(null);
    }
    server_ = Descriptor(check_call(::fcntl(server_.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "dup"));
    for (unsigned number = STDERR_FILENO + 1; number < 256; ++number) {
      if (static_cast<int>(number) != server_.get()) ::close(static_cast<int>(number));
    }
    ::close_range(256, ~0U, 0);
    sigset_t taken;
    ::sigemptyset(&taken);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaddset(&taken, number);
    check_call(::sigprocmask(SIG_SETMASK, &taken, nullptr), "sigprocmask");
    signals_ = Descriptor(check_call(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"));
    poll_ = Descriptor(check_call(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
    watch(server_, server_mark);
    watch(signals_, signals_mark);
  }

  void watch(const Descriptor& descriptor, std::uint64_t mark) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = mark;
    check_call(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, descriptor.get(), &event), "epoll_ctl");
  }

  void serve_once() {
    epoll_event events[64];
    const bool watches_memory = probe_.memory == nullptr && !environments_.empty();
    const int count = ::epoll_wait(poll_.get(), events, 64, watches_memory ? watch_interval_ms : -1);
    for (int i = 0; i < count && !done_; ++i) {
      const std::uint64_t mark = events[i].data.u64;
      if (mark == server_mark) {
        serve_server();
      } else if (mark == signals_mark) {
        reap();
      } else if (const auto found = environments_.find(mark); found != environments_.end()) {
        hear(found->first, found->second);
      }
    }
    if (watches_memory) watch_memory();
  }

  void serve_server() {
    const Packet packet = receive_packet(server_.get(), messages::largest_message);
    if (packet.bytes.empty()) {
      done_ = true;
      return;
    }
    if (messages::type_of(packet.bytes) == messages::Type::Kill) {
      kill(messages::decode_kill(packet.bytes));
    } else {
      start(messages::decode_spec(packet.bytes), packet);
    }
  }

  void start(ProcessSpec spec, const Packet& packet) {
    const std::uint64_t id = spec.id;
    Environment environment;
    try {
      if (packet.descriptors.empty() || spec.arguments.empty() || id <= signals_mark) throw std::invalid_argument("incomplete start message");
      DescriptorPair control = make_packet_sockets();
      const int on = 1;
      check_call(::setsockopt(control.first.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on), "SO_PASSCRED");
      environment.memory_limit = spec.memory_bytes;
      if (probe_.memory != nullptr && spec.memory_bytes > 0) {
        environment.memory_group = probe_.memory->create(std::to_string(id), spec.memory_bytes);
      }
      environment.user_slot = take_user_slot();
      environment.init = clone_process(environment_clone_flags(probe_.abilities));
      if (environment.init == 0) become_environment(std::move(spec), packet, environment, std::move(control.second));
      environment.control = std::move(control.first);
      watch(environment.control, id);
      environments_.emplace(id, std::move(environment));
    } catch (const std::system_error& error) {
      give_up_slot(environment);
      send(messages::encode(messages::Exited{
          id, {.kind = ProcessExit::Kind::NotStarted, .status = error.code().value(), .failure = error.what()}}));
    }
  }

  [[noreturn]] void become_environment(ProcessSpec spec, const Packet& packet, const Environment& environment, Descriptor control) {
    EnvironmentInitPlan plan;
    plan.spec = std::move(spec);
    plan.abilities = probe_.abilities;
    plan.user = probe_.abilities.own_users ? probe_.user_base + environment.user_slot.value_or(0) : probe_.user_base;
    plan.invoking_user = user_;
    plan.invoking_group = group_;
    plan.memory_group = environment.memory_group;
    plan.output = Descriptor(packet.descriptors[0].get());
    if (packet.descriptors.size() > 1) plan.log = Descriptor(packet.descriptors[1].get());
    plan.control = std::move(control);
    run_environment_init(std::move(plan));
  }

  // The lowest free one, so that user ids stay in a small range.
  std::uint32_t take_user_slot() {
    std::uint32_t slot = 0;
    for (const std::uint32_t used : user_slots_) {
      if (used != slot) break;
      ++slot;
    }
    user_slots_.insert(slot);
    return slot;
  }

  void give_up_slot(const Environment& environment) {
    if (environment.user_slot) user_slots_.erase(*environment.user_slot);
    if (!environment.memory_group.empty()) MemoryCgroups::remove(environment.memory_group);
  }

  void kill(const messages::Kill& order) {
    const auto found = environments_.find(order.id);
    if (found == environments_.end()) return;
    Environment& environment = found->second;
    if (order.manner == KillManner::Terminate) {
      send_packet(environment.control.get(), "T", {});
    } else {
      ::shutdown(environment.control.get(), SHUT_WR);
    }
  }

  // What the init of an environment says (see environment_init.h). False when there is nothing more.
  bool hear(std::uint64_t id, Environment& environment) {
    const Packet packet = receive_packet(environment.control.get(), 4096);
    if (packet.bytes.empty()) {
      ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, environment.control.get(), nullptr);
      return false;
    }
    const std::string_view text = std::string_view(packet.bytes).substr(1);
    const auto space = text.find(' ');
    const auto number = parse_integer(text.substr(0, space)).value_or(0);
    const std::string_view rest = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    switch (packet.bytes.front()) {
      case 'S':
        environment.runtime = packet.sender_pid;
        send(messages::encode(messages::Started{id, packet.sender_pid, packet.sender_uid}));
        break;
      case 'F':
        environment.reported = true;
        environment.exit = {.kind = ProcessExit::Kind::NotStarted, .status = static_cast<int>(number), .failure = std::string(rest)};
        break;
      case 'E':
        if (environment.reported) break;  // it could not exec, which was told already
        environment.reported = true;
        environment.exit = from_wait_status(static_cast<int>(number));
        environment.exit.peak_memory_bytes = parse_integer(rest).value_or(0) * 1024;
        break;
      default: break;
    }
    return true;
  }

  static ProcessExit from_wait_status(int status) {
    ProcessExit exit;
    exit.kind = WIFSIGNALED(status) ? ProcessExit::Kind::Signaled : ProcessExit::Kind::Exited;
    exit.status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return exit;
  }

  void reap() {
    signalfd_siginfo ignored;
    while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
    }
    int status = 0;
    for (pid_t ended = ::waitpid(-1, &status, WNOHANG); ended > 0; ended = ::waitpid(-1, &status, WNOHANG)) {
      for (auto entry = environments_.begin(); entry != environments_.end(); ++entry) {
        if (entry->second.init != ended) continue;
        finish(entry->first, entry->second, status);
        environments_.erase(entry);
        break;
      }
    }
  }

  // The init is gone, and with it everything that it started.
  void finish(std::uint64_t id, Environment& environment, int status) {
    while (hear(id, environment)) {
    }
    if (!environment.reported) environment.exit = from_wait_status(status);
    environment.exit.out_of_memory = environment.over_limit;
    if (!environment.memory_group.empty()) {
      environment.exit.out_of_memory |= probe_.memory->out_of_memory_kills(environment.memory_group) > 0;
    }
    if (environment.exit.kind != ProcessExit::Kind::Signaled) environment.exit.out_of_memory = false;
    give_up_slot(environment);
    send(messages::encode(messages::Exited{id, environment.exit}));
  }

  void watch_memory() {
    for (auto& [id, environment] : environments_) {
      if (environment.memory_limit <= 0 || environment.runtime == 0 || environment.over_limit) continue;
      if (resident_bytes_of_tree(environment.runtime) <= environment.memory_limit) continue;
      environment.over_limit = true;
      // The runtime, not the init: that one reports the signal as it would report the kernel's.
      ::kill(environment.runtime, SIGKILL);
    }
  }

  void send(const std::string& message) {
    if (send_packet(server_.get(), message, {}) == SendResult::PeerGone) done_ = true;
  }

  static constexpr std::uint64_t server_mark = 0;
  static constexpr std::uint64_t signals_mark = 1;
  const uid_t user_ = ::getuid();
  const gid_t group_ = ::getgid();
  Descriptor server_;
  Descriptor signals_;
  Descriptor poll_;
  SandboxProbe probe_;
  std::map<std::uint64_t, Environment> environments_;
  std::set<std::uint32_t> user_slots_;
  bool done_ = false;
};

}  // namespace

int launcher_main(int server) {
  try {
    LauncherProcess(server).run();
    return 0;
  } catch (const std::exception& error) {
    log_line(LogLevel::Error, "launcher", error.what());
    return 1;
  }
}

}  // namespace surgetank
