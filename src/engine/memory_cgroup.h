#pragma once
// Memory limits of environments through control groups, version 1 or 2, whichever this process may use.
// A MemoryCgroups is a folder of ours below our own group (v1; v2 when we are root: below the root group); it is removed, with
// what is left in it, when its owner goes. Used by the launcher process only (one thread).
// Failure: std::system_error; probe() turns it into a reason.
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace surgetank {

class MemoryCgroups {
 public:
  enum class Kind : std::uint8_t { Version1, Version2 };

  // nullptr: no group can be made here; `reason` says why not.
  static std::unique_ptr<MemoryCgroups> probe(std::string& reason);
  ~MemoryCgroups();
  MemoryCgroups(const MemoryCgroups&) = delete;
  MemoryCgroups& operator=(const MemoryCgroups&) = delete;

  Kind kind() const { return kind_; }
  const std::string& folder() const { return folder_; }

  // A new group with a limit; returns its path.
  std::string create(const std::string& name, std::int64_t limit_bytes) const;
  // Moves the calling process (and so its later children) into the group.
  static void join(const std::string& group);
  // How many processes of the group the kernel has killed for want of memory.
  std::int64_t out_of_memory_kills(const std::string& group) const;
  std::int64_t peak_bytes(const std::string& group) const;
  // The group must be empty of processes. Quiet when it cannot be removed.
  static void remove(const std::string& group);

 private:
  MemoryCgroups(Kind kind, std::string folder) : kind_(kind), folder_(std::move(folder)) {}
  void check_usable() const;
  Kind kind_;
  std::string folder_;
};

}  // namespace surgetank
