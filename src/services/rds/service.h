#pragma once
// Amazon RDS for PostgreSQL: the operation table is the service's table of contents (service.cc); README.md explains the rest.
#include "kernel/operation.h"

namespace surgetank::rds {
extern const Service service;
}
