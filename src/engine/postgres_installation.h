#pragma once
// PostgreSQL as this host has it: which major versions are installed, where their programs are, and as whom they run. Any thread.
#include <optional>
#include <string>
#include <vector>

#include "engine/postgres_process.h"

namespace surgetank {

struct PostgresPrograms {
  std::string major;      // "15"
  std::string directory;  // "/usr/lib/postgresql/15/bin"
};

// Looks now: a version that is installed while we run is found. `root` is Debian's /usr/lib/postgresql. Oldest first; only
// directories that hold every program that we need.
std::vector<PostgresPrograms> find_postgres(const std::string& root);
std::optional<PostgresPrograms> find_postgres_version(const std::string& root, const std::string& major);

// PostgreSQL refuses to run as root. As root: "postgres" if it exists, else "nobody"; else nullopt, which is ourselves.
// Throws std::runtime_error if we are root and there is neither.
std::optional<UnprivilegedUser> postgres_user();

// Whether `user` can get to `directory` by its absolute path.
bool can_reach(const UnprivilegedUser& user, const std::string& directory);

}  // namespace surgetank
