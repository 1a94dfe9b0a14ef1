#pragma once
// Brings the directory of unpacked packages in line with the records, once, when the server starts: what an unpacking that was cut
// short has left goes, packages that no function names any more go with their blobs, and a package whose directory is gone is
// unpacked again from its blob. Runs as the first piece of Ports::background. What the disk refuses is logged and left for the next start.
#include "kernel/operation.h"

namespace surgetank::lambda {

// The service's start hook.
void sweep_code(ServiceContext& context);

}  // namespace surgetank::lambda
