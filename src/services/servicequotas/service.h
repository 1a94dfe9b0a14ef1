#pragma once
// AWS Service Quotas: the operation table is the service's table of contents (service.cc); README.md explains the rest.
#include "kernel/operation.h"

namespace surgetank::servicequotas {
extern const Service service;
}
