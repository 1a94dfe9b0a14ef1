#pragma once
// Amazon SQS: the operation table is the service's table of contents (service.cc); README.md explains the rest.
#include "kernel/operation.h"

namespace surgetank::sqs {
extern const Service service;
}
