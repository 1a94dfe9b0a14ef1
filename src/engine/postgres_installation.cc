#include "engine/postgres_installation.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "base/text.h"

namespace surgetank {
namespace {

std::optional<UnprivilegedUser> find_user(const std::string& name) {
  passwd entry = {};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr || entry.pw_uid == 0)
    return std::nullopt;
  return UnprivilegedUser{entry.pw_uid, entry.pw_gid, name};
}

bool is_complete(const std::string& directory) {
  constexpr const char* programs[] = {"/postgres", "/initdb", "/psql"};
  return std::all_of(std::begin(programs), std::end(programs),
                     [&directory](const char* program) { return ::access((directory + program).c_str(), X_OK) == 0; });
}

}  // namespace

std::vector<PostgresPrograms> find_postgres(const std::string& root) {
  std::vector<PostgresPrograms> found;
  std::error_code failure;
  for (std::filesystem::directory_iterator at(root, failure), end; !failure && at != end; at.increment(failure)) {
    const auto major = at->path().filename().string();
    const auto directory = root + "/" + major + "/bin";
    if (parse_integer(major) && is_complete(directory)) found.push_back({major, directory});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return *parse_integer(a.major) < *parse_integer(b.major); });
  return found;
}

std::optional<PostgresPrograms> find_postgres_version(const std::string& root, const std::string& major) {
  for (auto& programs : find_postgres(root))
    if (programs.major == major) return std::move(programs);
  return std::nullopt;
}

std::optional<UnprivilegedUser> postgres_user() {
  if (::geteuid() != 0) return std::nullopt;
  for (const auto* name : {"postgres", "nobody"})
    if (auto user = find_user(name)) return user;
  throw std::runtime_error("PostgreSQL does not run as root and there is no user \"postgres\" or \"nobody\": apt-get install postgresql");
}

bool can_reach(const UnprivilegedUser& user, const std::string& directory) {
  for (std::filesystem::path path = directory; path != path.parent_path(); path = path.parent_path()) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) return false;
    const mode_t needed = status.st_uid == user.uid ? S_IXUSR : status.st_gid == user.gid ? S_IXGRP : S_IXOTH;
    if ((status.st_mode & needed) == 0) return false;
  }
  return true;
}

}  // namespace surgetank
