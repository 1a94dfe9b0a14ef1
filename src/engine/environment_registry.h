#pragma once
// Who is behind a connection: which environment opened a TCP connection to a listener of ours, and what it is doing right now.
// Thread safe. Finding costs one netlink question (some microseconds) and, where environments share a user id, a look at
// their open files; it is meant for once per connection.
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "kernel/trace_context.h"

namespace surgetank {

// One environment for as long as it lives; what it runs changes. Held by whoever observes it, also after its end.
class EnvironmentIdentity {
 public:
  EnvironmentIdentity(std::string account_id, std::string region_name, std::string function, std::string environment_id)
      : account(std::move(account_id)), region(std::move(region_name)), function_name(std::move(function)), environment(std::move(environment_id)) {}

  const std::string account;
  const std::string region;
  const std::string function_name;
  const std::string environment;  // 32 hex digits, as in the name of its log stream

  struct Activity {
    std::string request_id;  // empty: between two invocations, or in its init
    TraceContext trace;      // parent = the span of the running invocation
  };
  Activity activity() const;
  void begin(const std::string& request_id, const TraceContext& trace);
  void end();

 private:
  mutable std::mutex mutex_;
  Activity activity_;
};
using EnvironmentHandle = std::shared_ptr<const EnvironmentIdentity>;

class EnvironmentRegistry {
 public:
  void add(pid_t pid, uid_t user, bool user_is_its_own, EnvironmentHandle environment);
  void remove(pid_t pid);

  // The environment whose process holds the client end of a loopback connection from `client_port` to `server_port`.
  // nullptr: nobody of ours.
  EnvironmentHandle find_by_local_port(std::uint16_t client_port, std::uint16_t server_port) const;
  EnvironmentHandle find_by_pid(pid_t pid) const;
  std::vector<EnvironmentHandle> all() const;

 private:
  struct Entry {
    uid_t user = 0;
    bool user_is_its_own = false;
    EnvironmentHandle environment;
  };
  EnvironmentHandle find_by_inode(std::uint64_t inode) const;

  mutable std::mutex mutex_;
  std::map<pid_t, Entry> entries_;
  std::map<uid_t, pid_t> by_user_;
};

}  // namespace surgetank
