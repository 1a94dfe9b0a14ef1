#pragma once
// How the server stands now, for those who watch a load: GET /_surgetank/gauges (functions, concurrency, queues, databases; cheap enough
// for some times a second) and GET /_surgetank/completions?after=CURSOR (asynchronous work that has ended; without a cursor: the cursor
// of what is to come). Both need the administration token.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/environment_registry.h"
#include "kernel/admin_http.h"
#include "kernel/database_host.h"
#include "kernel/dispatcher.h"
#include "kernel/telemetry_hub.h"

namespace surgetank {

// Everything outlives the routes.
struct GaugeSources {
  const EnvironmentRegistry& environments;
  const TelemetryHub& telemetry;
  DatabaseHost& databases;
  Dispatcher& dispatcher;
  std::string account;
  std::string region;
  std::int64_t concurrency_limit = 0;
};
std::vector<AdminRoute> gauge_routes(GaugeSources sources);

}  // namespace surgetank
