#pragma once
// The server's side of the launcher process (launcher_process.h): starts processes of environments and tells when they are gone.
//
// All methods from any thread. Callbacks run on the launcher's own thread and must be quick: they post to a lane. A process's callback
// gets Started at most once and then Exited exactly once, also when the launcher dies (which ends its processes); the next
// start() then starts another launcher. Destruction ends every process and waits for it (some milliseconds).
// Failure: the constructor throws std::system_error if the launcher cannot be executed.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_function.h"
#include "engine/descriptor.h"
#include "engine/process.h"

namespace surgetank {

struct ProcessEvent {
  enum class Kind : std::uint8_t { Started, Exited };
  Kind kind = Kind::Started;
  pid_t pid = 0;     // Started: on the host
  uid_t user = 0;    // Started
  ProcessExit exit;  // Exited
};
using ProcessCallback = UniqueFunction<void(const ProcessEvent&)>;

class Launcher {
 public:
  struct Options {
    std::string program = "/proc/self/exe";                  // runs launcher_main(3)
    std::vector<std::string> arguments = {"surgetank", "--launcher"};
    std::string scratch_directory;                            // exists; environments live below it
    std::vector<std::string> reachable;                       // see SandboxProbeInput
    SandboxCeiling ceiling = SandboxCeiling::Everything;
  };
  explicit Launcher(Options options);
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  // Waits for the launcher's probe of this machine (some milliseconds after its start). Throws std::runtime_error when it failed.
  SandboxReport sandbox();

  // `output` becomes standard output and error, `log` (may be none) the descriptor spec.log_descriptor.
  void start(const ProcessSpec& spec, Descriptor output, Descriptor log, ProcessCallback on_event);
  void kill(std::uint64_t id, KillManner manner);
  // Runs `task` on the launcher's thread, after the events that are already there: slow work with files.
  void later(UniqueFunction<void()> task);

 private:
  struct Outgoing {
    std::string bytes;
    std::vector<Descriptor> descriptors = {};
  };
  void spawn_locked();
  void wake() const;
  void run();
  void wait_for_work();
  void send_waiting();
  bool receive_one();
  void handle(const std::string& message);
  void launcher_died();
  void run_tasks();
  void end_launcher();

  const Options options_;
  Descriptor wake_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Outgoing> outgoing_;
  std::deque<UniqueFunction<void()>> tasks_;
  std::map<std::uint64_t, ProcessCallback> processes_;
  SandboxReport report_;
  enum class State : std::uint8_t { Probing, Ready, Dead } state_ = State::Dead;
  bool stopping_ = false;
  Descriptor socket_;   // replaced under the mutex; read by the thread only
  pid_t pid_ = 0;

  std::thread thread_;
};

}  // namespace surgetank
