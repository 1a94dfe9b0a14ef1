#include "engine/environment_registry.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/text.h"
#include "engine/descriptor.h"

namespace surgetank {
namespace {

struct SocketOwner {
  uid_t user = 0;
  std::uint64_t inode = 0;
};

constexpr std::size_t most_processes = 256;  // of one environment that are looked at

// Asks the kernel about one TCP connection over loopback.
std::optional<SocketOwner> ask_kernel(int family, std::uint16_t client_port, std::uint16_t server_port) {
  const Descriptor netlink(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink) return std::nullopt;
  struct {
    nlmsghdr header;
    inet_diag_req_v2 question;
  } message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST;
  message.question.sdiag_family = static_cast<__u8>(family);
  message.question.sdiag_protocol = IPPROTO_TCP;
  message.question.idiag_states = ~0U;
  auto& id = message.question.id;
  id.idiag_sport = htons(client_port);
  id.idiag_dport = htons(server_port);
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (family == AF_INET) {
    id.idiag_src[0] = id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  } else {
    std::memcpy(id.idiag_src, &in6addr_loopback, sizeof in6addr_loopback);
    std::memcpy(id.idiag_dst, &in6addr_loopback, sizeof in6addr_loopback);
  }
  if (::send(netlink.get(), &message, sizeof message, 0) != sizeof message) return std::nullopt;
  alignas(nlmsghdr) char answer[1024];
  const ssize_t count = ::recv(netlink.get(), answer, sizeof answer, 0);
  if (count < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) return std::nullopt;
  nlmsghdr header{};
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  inet_diag_msg found{};
  std::memcpy(&found, answer + NLMSG_HDRLEN, sizeof found);
  return SocketOwner{found.idiag_uid, found.idiag_inode};
}

bool holds_socket(pid_t pid, const std::string& wanted) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  DIR* const open_files = ::opendir(folder.c_str());
  if (open_files == nullptr) return false;
  bool holds = false;
  while (const dirent* entry = holds ? nullptr : ::readdir(open_files)) {
    char target[64];
    const ssize_t length = ::readlinkat(::dirfd(open_files), entry->d_name, target, sizeof target);
    holds = length > 0 && std::string_view(target, static_cast<std::size_t>(length)) == wanted;
  }
  ::closedir(open_files);
  return holds;
}

// The runtime and what it has started.
std::vector<pid_t> processes_of(pid_t runtime) {
  std::vector<pid_t> tree{runtime};
  for (std::size_t i = 0; i < tree.size() && tree.size() < most_processes; ++i) {
    const std::string pid = std::to_string(tree[i]);
    const std::string children = read_small_file("/proc/" + pid + "/task/" + pid + "/children");
    for (const std::string_view child : split(children, ' ')) {
      if (const auto number = parse_integer(child)) tree.push_back(static_cast<pid_t>(*number));
    }
  }
  return tree;
}

}  // namespace

EnvironmentIdentity::Activity EnvironmentIdentity::activity() const {
  const std::lock_guard lock(mutex_);
  return activity_;
}

void EnvironmentIdentity::begin(const std::string& request_id, const TraceContext& trace) {
  const std::lock_guard lock(mutex_);
  activity_.request_id = request_id;
  activity_.trace = trace;
}

void EnvironmentIdentity::end() {
  const std::lock_guard lock(mutex_);
  activity_.request_id.clear();
}

void EnvironmentRegistry::add(pid_t pid, uid_t user, bool user_is_its_own, EnvironmentHandle environment) {
  const std::lock_guard lock(mutex_);
  entries_[pid] = {user, user_is_its_own, std::move(environment)};
  if (user_is_its_own) by_user_[user] = pid;
}

void EnvironmentRegistry::remove(pid_t pid) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(pid);
  if (found == entries_.end()) return;
  const auto user = by_user_.find(found->second.user);
  if (user != by_user_.end() && user->second == pid) by_user_.erase(user);
  entries_.erase(found);
}

EnvironmentHandle EnvironmentRegistry::find_by_local_port(std::uint16_t client_port, std::uint16_t server_port) const {
  auto owner = ask_kernel(AF_INET, client_port, server_port);
  if (!owner) owner = ask_kernel(AF_INET6, client_port, server_port);
  if (!owner) return nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto user = by_user_.find(owner->user);
    if (user != by_user_.end()) return entries_.at(user->second).environment;
  }
  return owner->inode == 0 ? nullptr : find_by_inode(owner->inode);
}

EnvironmentHandle EnvironmentRegistry::find_by_inode(std::uint64_t inode) const {
  std::vector<std::pair<pid_t, EnvironmentHandle>> shared;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [pid, entry] : entries_) {
      if (!entry.user_is_its_own) shared.emplace_back(pid, entry.environment);
    }
  }
  const std::string wanted = "socket:[" + std::to_string(inode) + "]";
  // Nearly always it is the runtime itself.
  for (const auto& [pid, environment] : shared) {
    if (holds_socket(pid, wanted)) return environment;
  }
  for (const auto& [pid, environment] : shared) {
    for (const pid_t process : processes_of(pid)) {
      if (process != pid && holds_socket(process, wanted)) return environment;
    }
  }
  return nullptr;
}

std::vector<EnvironmentHandle> EnvironmentRegistry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<EnvironmentHandle> environments;
  environments.reserve(entries_.size());
  for (const auto& [pid, entry] : entries_) environments.push_back(entry.environment);
  return environments;
}

EnvironmentHandle EnvironmentRegistry::find_by_pid(pid_t pid) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(pid);
  return found == entries_.end() ? nullptr : found->second.environment;
}

}  // namespace surgetank
