#pragma once
// Runs real PostgreSQL servers for the rds service: one server and one relaying listener for each instance, data under
// <directory>/<resource id>/. All work is done by one thread of the host, in the order of the calls; it lives as long as the servers,
// which end with it (fast shutdown), also when this process is killed. A server that ends by itself is started again.
//
// Calls from any thread; `done` runs on the host's thread. The destructor drops calls that have not begun (their `done` is never
// called) and stops every server: destroy the host before the dispatcher, and the event loop after the host.
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/postgres_relay.h"
#include "engine/postgres_server.h"
#include "kernel/database_host.h"

namespace surgetank {

class PostgresHost final : public DatabaseHost {
 public:
  struct Options {
    std::string directory;  // "<data directory>/databases"; made when needed
    std::string installation_root = "/usr/lib/postgresql";
    ConnectionOwner owner;  // may be empty
    Telemetry* telemetry = nullptr;
    CloudLatency* latency = nullptr;  // see postgres_relay.h
  };
  PostgresHost(EventLoop& loop, Options options);
  ~PostgresHost() override;

  void ensure_running(DatabaseInstance instance, UniqueFunction<void(DatabaseStatus)> done) override;
  void stop(const std::string& resource_id, UniqueFunction<void()> done) override;
  void destroy(const std::string& resource_id, UniqueFunction<void()> done) override;
  void destroy_all(UniqueFunction<void()> done) override;
  std::vector<Connection> connections(const std::string& resource_id) override;
  std::vector<Gauge> gauges() override;
  std::vector<std::string> engine_versions() const override;

 private:
  // What the thread keeps of an instance that should run.
  struct Running {
    DatabaseInstance instance;
    std::unique_ptr<PostgresServer> server;
    int restarts = 0;  // in a row
    Instant next_restart;
  };
  void later(UniqueFunction<void()> task);
  void work();
  DatabaseStatus run(DatabaseInstance instance);
  void open_relay(const DatabaseInstance& instance, const PostgresServer& server);
  void close_relay(const std::string& resource_id);
  void stop_now(const std::string& resource_id);
  void destroy_now(const std::string& resource_id);
  void restart_ended();
  void stop_all();
  std::string directory_of(const std::string& resource_id) const;

  EventLoop& loop_;
  const Options options_;
  std::map<std::string, Running> running_;  // the thread's own

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<UniqueFunction<void()>> tasks_;
  bool stopping_ = false;
  struct Endpoint {
    std::shared_ptr<PostgresRelay> relay;
    std::string server_socket;
    std::uint16_t asked_port = 0;
    std::string identifier;
    std::int64_t max_connections = 0;
  };
  std::map<std::string, Endpoint> endpoints_;

  std::thread thread_;
};

}  // namespace surgetank
