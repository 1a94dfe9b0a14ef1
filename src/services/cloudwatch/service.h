#pragma once
// Amazon CloudWatch metrics: taking them in, statistics, listing. README.md explains storage and deviations.
#include "kernel/operation.h"

namespace surgetank::cloudwatch {
extern const Service service;
}
