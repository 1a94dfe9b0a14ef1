#pragma once
// The first process of an environment: forked by the launcher, it builds the sandbox, starts the runtime as its child, waits for it,
// and ends everything that the runtime has left behind. It never runs user code and never returns.
//
// It talks to the launcher over `control`, one packet each: 'S' (sent by the runtime's process just before exec, so that the
// kernel tells the launcher its pid), 'F' errno text (could not start), 'E' status peak_kilobytes (the runtime ended).
// The launcher sends 'T' for SIGTERM with a grace of 300 ms; closing the socket ends everything at once, also when the
// launcher or the server dies.
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "engine/descriptor.h"
#include "engine/private_root.h"
#include "engine/process.h"

namespace surgetank {

// What this machine permits; found out by sandbox_probe.h.
struct SandboxAbilities {
  bool private_root = false;
  bool process_namespace = false;
  bool user_namespace = false;  // needed for the two above when the server is not root
  bool own_users = false;
  ProcMount proc = ProcMount::Fresh;
};

struct EnvironmentInitPlan {
  ProcessSpec spec;
  SandboxAbilities abilities;
  uid_t user = 0;             // 0: keep the launcher's
  uid_t invoking_user = 0;    // the launcher's, as seen outside a user namespace
  gid_t invoking_group = 0;
  std::string memory_group;   // empty: none
  Descriptor output;
  Descriptor log;
  Descriptor control;
};

// Clone flags for the process that calls run_environment_init().
std::uint64_t environment_clone_flags(const SandboxAbilities& abilities);

[[noreturn]] void run_environment_init(EnvironmentInitPlan plan);

// Namespaces, user mapping and root, without starting anything: what the probe tries out. Throws std::system_error.
void enter_sandbox(const EnvironmentInitPlan& plan);

// fork() into new namespaces. In a single-threaded process only.
pid_t clone_process(std::uint64_t flags);

}  // namespace surgetank
