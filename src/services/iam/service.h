#pragma once
// AWS Identity and Access Management, the part that deployments touch: roles and policies, stored and shown. README.md explains the rest.
#include "kernel/operation.h"

namespace surgetank::iam {
extern const Service service;
}
