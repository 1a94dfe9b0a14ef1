#include "engine/private_root.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include <climits>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "engine/descriptor.h"
#include "engine/process.h"

namespace surgetank {
namespace {

void mount_or_throw(const char* source, const std::string& target, const char* type, unsigned long flags, const char* data = nullptr) {
  if (::mount(source, target.c_str(), type, flags, data) != 0) throw_errno("mount " + target);
}

void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) throw_errno("mkdir " + path);
}

// `path` (absolute) and what leads to it, below `root`.
void make_folders(const std::string& root, std::string_view path) {
  std::string made = root;
  for (const std::string_view part : split(path, '/')) {
    if (part.empty()) continue;
    made += '/';
    made += part;
    struct stat status{};
    if (::stat(made.c_str(), &status) == 0) continue;
    make_folder(made);
  }
}

void make_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  if (!file) throw_errno("create " + path);
}

void make_read_only(const std::string& target) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  if (::syscall(SYS_mount_setattr, AT_FDCWD, target.c_str(), AT_RECURSIVE, &attributes, sizeof attributes) == 0) return;
  if (errno != ENOSYS) throw_errno("mount_setattr " + target);
  // Before Linux 5.12 only the mount itself can be changed, and its other flags must be repeated.
  struct statvfs status{};
  check_call(::statvfs(target.c_str(), &status), "statvfs");
  unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID;
  if (status.f_flag & ST_NODEV) flags |= MS_NODEV;
  if (status.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
  mount_or_throw(nullptr, target, nullptr, flags);
}

enum class BindAccess : unsigned char { ReadOnly, ReadWrite };
void bind(const std::string& source, const std::string& target, BindAccess access) {
  mount_or_throw(source.c_str(), target, nullptr, MS_BIND | MS_REC);
  if (access == BindAccess::ReadOnly) make_read_only(target);
}

// /usr and what is merged into it, /etc, /opt: present where the host has them, as the same kind of thing.
void add_system(const std::string& root) {
  for (const std::string name : {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix"}) {
    struct stat status{};
    if (::lstat(name.c_str(), &status) != 0) continue;
    if (S_ISLNK(status.st_mode)) {
      char target[PATH_MAX];
      const ssize_t length = check_call(::readlink(name.c_str(), target, sizeof target - 1), "readlink");
      target[length] = '\0';
      check_call(::symlink(target, (root + name).c_str()), "symlink");
    } else if (S_ISDIR(status.st_mode)) {
      make_folder(root + name);
      bind(name, root + name, BindAccess::ReadOnly);
    }
  }
}

// The resolver's configuration is often a link to a file that a daemon keeps under /run.
void add_resolver(const std::string& root) {
  char real[PATH_MAX];
  if (::realpath("/etc/resolv.conf", real) == nullptr) return;
  const std::string path = real;
  if (path.starts_with("/etc/") || path.starts_with("/usr/")) return;
  make_folders(root, path.substr(0, path.rfind('/')));
  make_file(root + path);
  bind(path, root + path, BindAccess::ReadOnly);
}

void add_devices(const std::string& root) {
  make_folder(root + "/dev");
  for (const std::string name : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}) {
    if (::access(name.c_str(), F_OK) != 0) continue;
    make_file(root + name);
    bind(name, root + name, BindAccess::ReadWrite);
  }
  const char* const links[][2] = {
      {"/proc/self/fd", "/dev/fd"}, {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"}, {"fd/2", "/dev/stderr"}};
  for (const auto& link : links) check_call(::symlink(link[0], (root + link[1]).c_str()), "symlink");
}

void add_proc(const std::string& root, ProcMount proc) {
  make_folder(root + "/proc");
  if (proc == ProcMount::Fresh) {
    mount_or_throw("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  } else {
    bind("/proc", root + "/proc", BindAccess::ReadWrite);
  }
  // How many processors there are; nothing else of /sys.
  const std::string topology = "/sys/devices/system/cpu";
  if (::access(topology.c_str(), F_OK) == 0) {
    make_folders(root, topology);
    bind(topology, root + topology, BindAccess::ReadOnly);
  }
}

// Programs ask for the name of their user: as on Lambda it is sbx_user1051.
void add_user(const std::string& root, uid_t user) {
  if (user == 0 || ::access("/etc/passwd", R_OK) != 0) return;
  const std::string id = std::to_string(user);
  const std::string made = root + "/.passwd";
  write_small_file(made, read_small_file("/etc/passwd") + "sbx_user1051:x:" + id + ":" + id + "::/home/sbx_user1051:/sbin/nologin\n");
  bind(made, root + "/etc/passwd", BindAccess::ReadOnly);
  check_call(::unlink(made.c_str()), "unlink");
}

void add_own_folders(const std::string& root, const PrivateRootPlan& plan) {
  make_folder(root + "/tmp");
  // Not recursive: the new root itself is mounted below the environment's directory.
  mount_or_throw((plan.environment_directory + "/tmp").c_str(), root + "/tmp", nullptr, MS_BIND);
  make_folders(root, private_root::environment);
  mount_or_throw(plan.environment_directory.c_str(), root + private_root::environment, nullptr, MS_BIND);
  make_folders(root, private_root::task);
  if (!plan.code_directory.empty()) bind(plan.code_directory, root + private_root::task, BindAccess::ReadOnly);
  make_folders(root, private_root::runtime);
  if (!plan.runtime_directory.empty()) bind(plan.runtime_directory, root + private_root::runtime, BindAccess::ReadOnly);
  for (const std::string& path : plan.readable) {
    make_folders(root, path);
    bind(path, root + path, BindAccess::ReadOnly);
  }
}

}  // namespace

void enter_private_root(const PrivateRootPlan& plan) {
  mount_or_throw(nullptr, "/", nullptr, MS_REC | MS_PRIVATE);
  const std::string root = plan.environment_directory + "/root";
  make_folder(root);
  mount_or_throw("surgetank", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=4k,mode=755");
  add_system(root);
  add_resolver(root);
  add_devices(root);
  add_own_folders(root, plan);
  add_user(root, plan.user);
  add_proc(root, plan.proc);
  check_call(::chdir(root.c_str()), "chdir");
  // The old root ends up on top of the new one, and is taken off.
  check_call(::syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check_call(::umount2(".", MNT_DETACH), "umount2");
  check_call(::chdir("/"), "chdir");
  mount_or_throw(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV);
}

}  // namespace surgetank
