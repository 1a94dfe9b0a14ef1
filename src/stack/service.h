#pragma once
// CloudFormation as a service of the platform: it has no API here (deployments come through the command line), but quotas.
#include "kernel/operation.h"

namespace surgetank::stack {

extern const Service service;

}  // namespace surgetank::stack
