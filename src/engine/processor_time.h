#pragma once
// How much processor time another process has used. Any thread; one or two microseconds a call, so that each invocation can be asked.
#include <sys/types.h>

#include <optional>

#include "base/time.h"

namespace surgetank {

// Of all threads of the process, not of its children. nullopt: it is gone, or the kernel does not tell.
std::optional<Duration> processor_time_of(pid_t pid);

}  // namespace surgetank
