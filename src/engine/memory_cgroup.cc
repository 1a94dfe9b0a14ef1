#include "engine/memory_cgroup.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <string_view>
#include <vector>

#include "base/text.h"
#include "engine/descriptor.h"

namespace surgetank {
namespace {

struct Mount {
  std::string root;   // which part of the hierarchy is mounted
  std::string point;
};

// Where the v1 memory hierarchy or the v2 hierarchy is mounted, from /proc/self/mountinfo.
std::optional<Mount> find_mount(MemoryCgroups::Kind kind) {
  const std::string table = read_small_file("/proc/self/mountinfo");
  for (const std::string_view line : split(table, '\n')) {
    const auto separator = line.find(" - ");
    if (separator == std::string_view::npos) continue;
    const auto left = split(line.substr(0, separator), ' ');
    const auto right = split(line.substr(separator + 3), ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    if (kind == MemoryCgroups::Kind::Version2 && right[0] != "cgroup2") continue;
    if (kind == MemoryCgroups::Kind::Version1) {
      if (right[0] != "cgroup") continue;
      bool has_memory = false;
      for (const std::string_view option : split(right[2], ',')) has_memory |= option == "memory";
      if (!has_memory) continue;
    }
    return Mount{std::string(left[3]), std::string(left[4])};
  }
  return std::nullopt;
}

// The group of this process in that hierarchy, from /proc/self/cgroup ("4:memory:/path" or "0::/path").
std::string own_group(MemoryCgroups::Kind kind) {
  for (const std::string& text = read_small_file("/proc/self/cgroup"); const std::string_view line : split(text, '\n')) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    bool matches = kind == MemoryCgroups::Kind::Version2 && controllers.empty() && line.substr(0, first) == "0";
    if (kind == MemoryCgroups::Kind::Version1) {
      for (const std::string_view controller : split(controllers, ',')) matches |= controller == "memory";
    }
    if (matches) return std::string(line.substr(second + 1));
  }
  return "/";
}

constexpr std::string_view folder_prefix = "surgetank-";

// A group and the groups in it, if no process is left in them.
void remove_tree(const std::string& path) {
  if (DIR* folder = ::opendir(path.c_str())) {
    while (const dirent* entry = ::readdir(folder)) {
      if (entry->d_type == DT_DIR && entry->d_name[0] != '.') MemoryCgroups::remove(path + "/" + entry->d_name);
    }
    ::closedir(folder);
  }
  MemoryCgroups::remove(path);
}

bool is_folder(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Version 2 keeps processes out of groups that have controllers for their children, except in the root group: so our folder lies
// there when we may write it, and nowhere else (our own group holds us).
std::string parent_folder(MemoryCgroups::Kind kind, const Mount& mount) {
  if (kind == MemoryCgroups::Kind::Version2) return mount.point;
  std::string group = own_group(kind);
  if (mount.root != "/" && group.starts_with(mount.root)) group.erase(0, mount.root.size());
  const std::string folder = mount.point + (group == "/" ? "" : group);
  return is_folder(folder) ? folder : mount.point;
}

// What a launcher that was killed left behind.
void remove_abandoned(const std::string& parent) {
  DIR* folder = ::opendir(parent.c_str());
  if (folder == nullptr) return;
  std::vector<std::string> abandoned;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(folder_prefix)) continue;
    const auto pid = parse_integer(name.substr(folder_prefix.size()));
    if (pid && ::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH) abandoned.push_back(parent + "/" + std::string(name));
  }
  ::closedir(folder);
  for (const std::string& path : abandoned) remove_tree(path);
}

std::int64_t number_in(const std::string& path) { return parse_integer(trim(replace_all(read_small_file(path), "\n", ""))).value_or(0); }

// "name value" lines.
std::int64_t field_in(const std::string& path, std::string_view name) {
  const std::string text = read_small_file(path);
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ' ') {
      return parse_integer(line.substr(name.size() + 1)).value_or(0);
    }
  }
  return 0;
}

}  // namespace

std::unique_ptr<MemoryCgroups> MemoryCgroups::probe(std::string& reason) {
  reason = "no memory control group is mounted";
  for (const Kind kind : {Kind::Version2, Kind::Version1}) {
    const auto mount = find_mount(kind);
    if (!mount) continue;
    const std::string parent = parent_folder(kind, *mount);
    remove_abandoned(parent);
    const std::string folder = parent + "/" + std::string(folder_prefix) + std::to_string(::getpid());
    if (::mkdir(folder.c_str(), 0755) != 0) {
      reason = "mkdir " + folder + ": " + std::generic_category().message(errno);
      continue;
    }
    std::unique_ptr<MemoryCgroups> groups(new MemoryCgroups(kind, folder));
    try {
      if (kind == Kind::Version2) {
        const bool has_memory = contains(read_small_file(folder + "/cgroup.controllers"), "memory");
        if (!has_memory) write_small_file(mount->point + "/cgroup.subtree_control", "+memory");
        write_small_file(folder + "/cgroup.subtree_control", "+memory");
      }
      groups->check_usable();
      reason.clear();
      return groups;
    } catch (const std::system_error& error) {
      reason = error.what();
    }
  }
  return nullptr;
}

// A group can be made, limited and joined.
void MemoryCgroups::check_usable() const {
  const std::string group = create("probe", 64 << 20);
  const pid_t child = check_call(::fork(), "fork");
  if (child == 0) {
    try {
      join(group);
      ::_exit(0);
    } catch (const std::system_error& error) {
      ::_exit(error.code().value());
    }
  }
  int status = 0;
  check_call(::waitpid(child, &status, 0), "waitpid");
  remove(group);
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
  if (errno != 0) throw_errno("join " + group);
}

MemoryCgroups::~MemoryCgroups() { remove_tree(folder_); }

std::string MemoryCgroups::create(const std::string& name, std::int64_t limit_bytes) const {
  const std::string group = folder_ + "/" + name;
  check_call(::mkdir(group.c_str(), 0755), "mkdir cgroup");
  const std::string limit = std::to_string(limit_bytes);
  const auto optionally = [](const std::string& path, const std::string& text) {
    if (::access(path.c_str(), W_OK) == 0) write_small_file(path, text);
  };
  try {
    if (kind_ == Kind::Version1) {
      write_small_file(group + "/memory.limit_in_bytes", limit);
      optionally(group + "/memory.memsw.limit_in_bytes", limit);
    } else {
      write_small_file(group + "/memory.max", limit);
      optionally(group + "/memory.swap.max", "0");
      optionally(group + "/memory.oom.group", "1");
    }
  } catch (const std::system_error&) {
    remove(group);
    throw;
  }
  return group;
}

void MemoryCgroups::join(const std::string& group) { write_small_file(group + "/cgroup.procs", "0"); }

std::int64_t MemoryCgroups::out_of_memory_kills(const std::string& group) const {
  return field_in(group + (kind_ == Kind::Version1 ? "/memory.oom_control" : "/memory.events"), "oom_kill");
}

std::int64_t MemoryCgroups::peak_bytes(const std::string& group) const {
  return number_in(group + (kind_ == Kind::Version1 ? "/memory.max_usage_in_bytes" : "/memory.peak"));
}

void MemoryCgroups::remove(const std::string& group) {
  // A group stays busy for a moment after its last process was reaped.
  for (int attempt = 0; attempt < 20 && ::rmdir(group.c_str()) != 0 && errno == EBUSY; ++attempt) ::usleep(1000);
}

}  // namespace surgetank
