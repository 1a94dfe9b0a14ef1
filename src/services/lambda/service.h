#pragma once
// AWS Lambda: the operation table is the service's table of contents (service.cc); README.md explains the rest.
#include "kernel/operation.h"

namespace surgetank::lambda {
extern const Service service;
}
