#pragma once
// What the engine asks the launcher to run, and what it hears back. Plain values.
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace surgetank {

// One process of one environment. Directories are absolute paths of the host.
struct ProcessSpec {
  std::uint64_t id = 0;                    // chosen by the caller; never used twice
  std::vector<std::string> arguments;      // [0] is the path of the program as the process sees it
  std::vector<std::string> environment;    // "NAME=value"; nothing else is inherited
  std::string environment_directory;       // ours alone; holds tmp/ and the runtime socket
  std::string code_directory;              // seen as /var/task in a private root
  std::string runtime_directory;           // seen as /var/runtime
  std::vector<std::string> readable;       // further directories that must be there, at their own paths (an interpreter outside /usr)
  std::int64_t memory_bytes = 0;           // 0: no limit
  int log_descriptor = -1;                 // the number at which the process finds the framed log; -1: none
};

enum class KillManner : std::uint8_t { Terminate, AtOnce };  // Terminate: SIGTERM, and SIGKILL 300 ms later

struct ProcessExit {
  enum class Kind : std::uint8_t { Exited, Signaled, NotStarted };
  Kind kind = Kind::Exited;
  int status = 0;                  // exit code, signal number, or errno of what could not be started
  bool out_of_memory = false;
  std::int64_t peak_memory_bytes = 0;
  std::string failure;             // NotStarted: which step failed, and why
};

// The most that is tried, from much to little; what the machine refuses is left out anyway.
enum class SandboxCeiling : std::uint8_t {
  Everything,
  HostFiles,      // no private root
  HostProcesses,  // no namespaces and no control groups at all
};

// How environments are separated from the host and from each other on this machine, found out at start.
struct SandboxReport {
  bool private_root = false;       // own mount namespace: /var/task, /tmp, /var/runtime; nothing else is writable
  bool process_namespace = false;  // own process ids
  bool own_users = false;          // each environment runs as a user id of its own
  std::vector<std::string> lines;  // for people, one subject each; what is missing is said
};

// Where a process in a private root finds what the host has elsewhere.
namespace private_root {
inline constexpr const char* task = "/var/task";
inline constexpr const char* runtime = "/var/runtime";
inline constexpr const char* environment = "/run/surgetank";
}  // namespace private_root

}  // namespace surgetank
