#pragma once
// The port through which the rds service runs database servers; engine/ implements it with real PostgreSQL processes.
// Calls return at once; `done` is called once, on an unnamed thread. An instance keeps its data directory across restarts.
#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/unique_function.h"

namespace surgetank {

struct DatabaseInstance {
  std::string account;
  std::string region;
  std::string identifier;
  std::string resource_id;         // "db-..." names the data directory; never reused
  std::string engine_version;      // empty: the host's newest
  std::string master_username;
  Secret<std::string> master_password;
  std::string database_name;       // created at first start; empty: only "postgres"
  std::int64_t max_connections = 100;
  std::uint16_t preferred_port = 0;  // the listener's port from earlier, 0: any free one
};

struct DatabaseStatus {
  bool running = false;
  std::string failure;        // why not, with what to do next ("install postgresql-15")
  std::string address;        // where the relaying listener listens
  std::uint16_t port = 0;
  std::string engine_version; // "15.20"
};

class DatabaseHost {
 public:
  virtual ~DatabaseHost() = default;
  // Creates on first use, starts, and applies a changed password or max_connections. Idempotent.
  virtual void ensure_running(DatabaseInstance instance, UniqueFunction<void(DatabaseStatus)> done) = 0;
  virtual void stop(const std::string& resource_id, UniqueFunction<void()> done) = 0;
  // Stops and removes the data.
  virtual void destroy(const std::string& resource_id, UniqueFunction<void()> done) = 0;
  // All instances, running or not: a reset.
  virtual void destroy_all(UniqueFunction<void()> done) = 0;
  struct Connection {
    std::string environment;     // who holds it: function name and environment id, or "external"
    std::string database;
    std::string user;
  };
  virtual std::vector<Connection> connections(const std::string& resource_id) = 0;
  // What every instance that takes connections has of them now. Cheap; any thread.
  struct Gauge {
    std::string identifier;
    std::size_t connections = 0;
    std::int64_t max_connections = 0;
  };
  virtual std::vector<Gauge> gauges() { return {}; }
  // The major versions that are installed now ("15"), oldest first.
  virtual std::vector<std::string> engine_versions() const = 0;
};

}  // namespace surgetank
