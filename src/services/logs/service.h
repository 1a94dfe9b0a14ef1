#pragma once
// Amazon CloudWatch Logs: groups, streams, events, filtering, retention; and the intake of what functions write (README.md).
#include "kernel/operation.h"

namespace surgetank::logs {
extern const Service service;
}
