#pragma once
// How much memory processes use, from /proc. 0 for processes that are gone. Any thread.
#include <sys/types.h>

#include <cstdint>

namespace surgetank {

// The resident memory of a process and all its descendants.
std::int64_t resident_bytes_of_tree(pid_t pid);
// The most that a process has ever had resident (VmHWM).
std::int64_t peak_resident_bytes(pid_t pid);

}  // namespace surgetank
