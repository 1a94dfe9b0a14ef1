#pragma once
// Finds out how far this machine lets us separate environments, by doing it once: every rung of the ladder that is reported as
// there has worked. Runs in the launcher at its start; takes a few milliseconds; leaves nothing behind.
#include <memory>
#include <string>
#include <vector>

#include "engine/environment_init.h"
#include "engine/memory_cgroup.h"

namespace surgetank {

// User ids of environments when the server is root: a range that Linux systems leave unused (systemd's UIDS-GIDS table).
inline constexpr uid_t first_environment_user = 0x70000000;
inline constexpr uid_t nobody_user = 65534;

struct SandboxProbe {
  SandboxAbilities abilities;
  std::unique_ptr<MemoryCgroups> memory;  // null: memory is watched instead
  uid_t user_base = 0;                    // 0: environments run as the server's user; nobody_user: all as nobody; else base + slot
  SandboxReport report;
};

struct SandboxProbeInput {
  std::string scratch_directory;           // environments live below it
  std::vector<std::string> reachable;      // folders that an unprivileged user must reach if there is no private root
  SandboxCeiling ceiling = SandboxCeiling::Everything;
};

SandboxProbe probe_sandbox(const SandboxProbeInput& input);

}  // namespace surgetank
