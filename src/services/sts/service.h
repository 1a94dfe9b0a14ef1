#pragma once
// AWS Security Token Service: who am I, and temporary credentials for a role. README.md explains the rest.
#include "kernel/operation.h"

namespace surgetank::sts {
extern const Service service;
}
