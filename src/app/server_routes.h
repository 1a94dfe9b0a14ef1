#pragma once
// The server's own HTTP interface besides deployments: status, traces, reset.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernel/admin_http.h"
#include "kernel/database_host.h"
#include "kernel/dispatcher.h"
#include "kernel/quotas.h"
#include "kernel/telemetry_hub.h"

namespace surgetank {

struct ServerStatus {
  std::string version;
  std::string url;
  std::string data_directory;
  std::int64_t pid = 0;
  Duration uptime;
  std::size_t environments = 0;
  std::size_t idle_environments = 0;
  std::int64_t process_limit = 0;
  std::vector<std::string> sandbox;
  std::uint64_t requests = 0;
  std::size_t connections = 0;
  std::size_t dropped_log_events = 0;
};

// GET /_surgetank/status
std::vector<AdminRoute> status_routes(std::function<ServerStatus()> status);
// GET /_surgetank/traces?last=N[&all=1] | ?id=<root>. Without all=1 only traces that passed a gateway or a function.
std::vector<AdminRoute> trace_routes(const TelemetryHub& telemetry);

// POST /_surgetank/reset: removes databases, every stored record and everything remembered. Requests that are under way meanwhile
// may still write: reset between tests, not during them.
struct ResetParts {
  bool allowed = false;
  Store& store;
  Dispatcher& dispatcher;
  TelemetryHub& telemetry;
  DatabaseHost& databases;
  Quotas& quotas;
  Lane& lane;  // the work is done here
};
std::vector<AdminRoute> reset_routes(ResetParts parts);

}  // namespace surgetank
