#include "engine/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <chrono>
#include <stdexcept>

#include "base/log.h"
#include "engine/launcher_messages.h"

namespace surgetank {
namespace {

namespace messages = launcher_messages;

constexpr int launcher_descriptor = 3;
constexpr auto probe_patience = std::chrono::seconds(10);

pid_t spawn_with_socket(const Launcher::Options& options, int socket) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, socket, launcher_descriptor);
  std::vector<char*> arguments;
  for (const std::string& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  // Nothing of the server's environment: what is not there cannot leak into a function.
  char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
  char* environment[] = {path, nullptr};
  pid_t pid = 0;
  const int failure = ::posix_spawn(&pid, options.program.c_str(), &actions, nullptr, arguments.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::system_error(failure, std::generic_category(), "cannot start " + options.program);
  return pid;
}

ProcessEvent exited(ProcessExit exit) {
  ProcessEvent event;
  event.kind = ProcessEvent::Kind::Exited;
  event.exit = std::move(exit);
  return event;
}

}  // namespace

Launcher::Launcher(Options options)
    : options_(std::move(options)), wake_(check_call(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  {
    const std::lock_guard lock(mutex_);
    spawn_locked();
  }
  thread_ = std::thread([this] { run(); });
}

Launcher::~Launcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
  end_launcher();
  launcher_died();
  run_tasks();
}

void Launcher::spawn_locked() {
  DescriptorPair sockets = make_packet_sockets();
  pid_ = spawn_with_socket(options_, sockets.second.get());
  socket_ = std::move(sockets.first);
  check_call(::fcntl(socket_.get(), F_SETFL, O_NONBLOCK), "fcntl");
  state_ = State::Probing;
  outgoing_.push_front({.bytes = messages::encode(messages::Configuration{options_.scratch_directory, options_.reachable, options_.ceiling})});
}

SandboxReport Launcher::sandbox() {
  std::unique_lock lock(mutex_);
  const bool known = changed_.wait_for(lock, probe_patience, [this] { return state_ != State::Probing; });
  if (!known || state_ == State::Dead) throw std::runtime_error("the launcher process did not start");
  return report_;
}

void Launcher::start(const ProcessSpec& spec, Descriptor output, Descriptor log, ProcessCallback on_event) {
  Outgoing message{.bytes = messages::encode(spec)};
  message.descriptors.push_back(std::move(output));
  if (log) message.descriptors.push_back(std::move(log));
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::Dead && !stopping_) {
      try {
        spawn_locked();
      } catch (const std::system_error& error) {
        ProcessExit exit{.kind = ProcessExit::Kind::NotStarted, .status = error.code().value(), .failure = error.what()};
        tasks_.push_back([on_event = std::move(on_event), exit = std::move(exit)]() mutable { on_event(exited(std::move(exit))); });
        wake();
        return;
      }
    }
    processes_.emplace(spec.id, std::move(on_event));
    outgoing_.push_back(std::move(message));
  }
  wake();
}

void Launcher::kill(std::uint64_t id, KillManner manner) {
  {
    const std::lock_guard lock(mutex_);
    outgoing_.push_back({.bytes = messages::encode(messages::Kill{id, manner})});
  }
  wake();
}

void Launcher::later(UniqueFunction<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake();
}

void Launcher::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void Launcher::run() {
  while (true) {
    wait_for_work();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    send_waiting();
    while (receive_one()) {
    }
    run_tasks();
  }
}

void Launcher::wait_for_work() {
  int socket = -1;
  bool sends = false;
  {
    const std::lock_guard lock(mutex_);
    socket = state_ == State::Dead ? -1 : socket_.get();
    sends = !outgoing_.empty() && socket >= 0;
  }
  pollfd waits[2] = {{wake_.get(), POLLIN, 0}, {socket, static_cast<short>(sends ? POLLIN | POLLOUT : POLLIN), 0}};
  ::poll(waits, 2, -1);
  std::uint64_t count = 0;
  [[maybe_unused]] const auto taken = ::read(wake_.get(), &count, sizeof count);
}

void Launcher::send_waiting() {
  while (true) {
    Outgoing message;
    {
      const std::lock_guard lock(mutex_);
      if (state_ == State::Dead || outgoing_.empty()) return;
      message = std::move(outgoing_.front());
      outgoing_.pop_front();
    }
    std::vector<int> numbers;
    for (const Descriptor& descriptor : message.descriptors) numbers.push_back(descriptor.get());
    if (send_packet(socket_.get(), message.bytes, numbers) == SendResult::WouldBlock) {
      const std::lock_guard lock(mutex_);
      outgoing_.push_front(std::move(message));
      return;
    }
  }
}

// False when there is nothing to receive now.
bool Launcher::receive_one() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::Dead) return false;
  }
  pollfd ready{socket_.get(), POLLIN, 0};
  if (::poll(&ready, 1, 0) <= 0) return false;
  const Packet packet = receive_packet(socket_.get(), messages::largest_message);
  if (packet.bytes.empty()) {
    log_line(LogLevel::Error, "engine", "the launcher process ended; its environments are gone");
    end_launcher();
    launcher_died();
    return false;
  }
  handle(packet.bytes);
  return true;
}

void Launcher::handle(const std::string& message) {
  switch (messages::type_of(message)) {
    case messages::Type::Hello: {
      const std::lock_guard lock(mutex_);
      report_ = messages::decode_report(message);
      state_ = State::Ready;
      changed_.notify_all();
      return;
    }
    case messages::Type::Started: {
      const auto started = messages::decode_started(message);
      ProcessCallback* callback = nullptr;
      {
        const std::lock_guard lock(mutex_);
        const auto found = processes_.find(started.id);
        if (found != processes_.end()) callback = &found->second;
      }
      // Only this thread removes entries of the map.
      ProcessEvent event;
      event.pid = static_cast<pid_t>(started.pid);
      event.user = static_cast<uid_t>(started.uid);
      if (callback != nullptr) (*callback)(event);
      return;
    }
    case messages::Type::Exited: {
      auto decoded = messages::decode_exited(message);
      ProcessCallback callback;
      {
        const std::lock_guard lock(mutex_);
        const auto found = processes_.find(decoded.id);
        if (found == processes_.end()) return;
        callback = std::move(found->second);
        processes_.erase(found);
      }
      callback(exited(std::move(decoded.exit)));
      return;
    }
    default: return;
  }
}

// Everything that the launcher ran died with it.
void Launcher::launcher_died() {
  std::map<std::uint64_t, ProcessCallback> processes;
  {
    const std::lock_guard lock(mutex_);
    state_ = State::Dead;
    processes.swap(processes_);
    outgoing_.clear();
    changed_.notify_all();
  }
  for (auto& [id, callback] : processes) {
    callback(exited({.kind = ProcessExit::Kind::Signaled, .status = SIGKILL, .failure = "the launcher process ended"}));
  }
}

void Launcher::run_tasks() {
  std::deque<UniqueFunction<void()>> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) task();
}

// Closes our end, which ends the launcher and its environments, and waits for it.
void Launcher::end_launcher() {
  socket_ = Descriptor();
  for (int waited_ms = 0; ::waitpid(pid_, nullptr, WNOHANG) == 0; waited_ms += 2) {
    if (waited_ms >= 5000) ::kill(pid_, SIGKILL);
    ::usleep(2000);
  }
}

}  // namespace surgetank
