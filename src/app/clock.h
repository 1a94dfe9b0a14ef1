#pragma once
// The wall clock, for the parts of app/ that run on no lane. Any thread.
#include "base/time.h"

namespace surgetank {

Instant system_now();

}  // namespace surgetank
