#pragma once
// Starting PostgreSQL's programs: as another user, out of a large multi-threaded server without copying it (vfork), bound to the life of
// the calling thread: when it ends, even by kill -9 of the server, the kernel sends `death_signal` (so call from a thread that lasts
// as long as the child is wanted). Failure: std::system_error whose text names the step.
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/sockets.h"

namespace surgetank {

struct UnprivilegedUser {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
};

struct ChildProgram {
  std::vector<std::string> arguments;    // [0] is the absolute path
  std::vector<std::string> environment;  // "NAME=value"
  std::optional<UnprivilegedUser> user;  // nullopt: as we are
  // Not empty: seen as `mount_point` by the child, and only by it. A way into a directory below one that the user may not enter.
  std::string mounted_directory;
  std::string mount_point;
  int death_signal = 0;
  int input = -1;   // descriptors; -1: /dev/null
  int output = -1;  // standard output and error
};
pid_t start_child(const ChildProgram& program);

struct ChildResult {
  bool timed_out = false;
  int exit_code = -1;  // -1: ended by a signal
  std::string output;  // the first 64 KiB of standard output and error
};
// Runs a program to its end; one that takes longer than `limit` is killed. `input` is at most 64 KiB.
ChildResult run_child(ChildProgram program, const std::string& input, Duration limit);

// True when the child has ended; it is reaped then. Waits up to `limit`.
bool wait_for_child(pid_t pid, Duration limit);

}  // namespace surgetank
