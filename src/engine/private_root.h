#pragma once
// The file system that an environment sees when mount namespaces are permitted: the host's programs and libraries read-only, its
// own /tmp, the code at /var/task, and nothing else of the host (no home directories, no data directory of the server).
// Called in a process that is already alone in a new mount namespace and single threaded. Failure: std::system_error
// whose text names the step.
#include <sys/types.h>

#include <string>
#include <vector>

namespace surgetank {

enum class ProcMount : unsigned char { Fresh, Bound };  // Bound: the host's /proc, where a fresh one may not be mounted

struct PrivateRootPlan {
  std::string environment_directory;  // holds tmp/; a mount point is made in it
  std::string code_directory;         // empty: none
  std::string runtime_directory;      // empty: none
  std::vector<std::string> readable;
  uid_t user = 0;                     // 0: the host's /etc/passwd as it is; else it gets a line for this user
  ProcMount proc = ProcMount::Fresh;
};

void enter_private_root(const PrivateRootPlan& plan);

}  // namespace surgetank
