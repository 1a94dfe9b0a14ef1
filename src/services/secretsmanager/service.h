#pragma once
// AWS Secrets Manager: the operation table is the service's table of contents (service.cc); README.md explains the rest.
#include "kernel/operation.h"

namespace surgetank::secretsmanager {
extern const Service service;
}
