#pragma once
// Amazon API Gateway, HTTP APIs (version 2): the control plane's operations and the data plane that serves the APIs' own URLs.
// README.md explains aggregates, storage and deviations.
#include "kernel/operation.h"

namespace surgetank::apigateway {
extern const Service service;
}
