#pragma once
// The endpoint of one database as functions see it: a TCP listener on 127.0.0.1 whose connections are relayed, byte for byte, to
// the unix socket of the real server, and observed: who opened them, how long connecting took, which statements ran.
//
// Everything but the constructor, the destructor and connections() happens on one event loop; those three may be called from any thread
// that no loop waits for. A connection holds at most 64 KiB of each direction; who reads slowly slows its peer down. Encryption
// (SSLRequest, GSSENCRequest) is refused with 'N', as the protocol provides; everything else the server itself answers, "too many
// connections" included.
// Spans: "db-connect" (accept to ready) and "db-statement", for connections of functions, in the trace of the invocation that runs.
// Metric: AWS/RDS DatabaseConnections of the instance.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/environment_registry.h"
#include "kernel/cloud_latency.h"
#include "kernel/database_host.h"
#include "kernel/telemetry.h"
#include "net/event_loop.h"

namespace surgetank {

// Whose process holds the client end of the connection between these ports; nullptr: nobody of ours. Costs microseconds, not milliseconds.
using ConnectionOwner = std::function<EnvironmentHandle(std::uint16_t client_port, std::uint16_t server_port)>;

class PostgresRelay {
 public:
  struct Options {
    std::string account;
    std::string region;
    std::string identifier;  // of the DB instance
    std::string server_socket;
    std::uint16_t preferred_port = 0;
    ConnectionOwner owner;  // may be empty
    Telemetry* telemetry = nullptr;
    CloudLatency* latency = nullptr;  // connecting takes as long as to a database in the cloud
  };
  // Listens on the preferred port, or on a free one if that is taken. Throws std::system_error if it cannot listen at all.
  PostgresRelay(EventLoop& loop, Options options);
  ~PostgresRelay();  // closes the listener and every connection
  PostgresRelay(const PostgresRelay&) = delete;
  PostgresRelay& operator=(const PostgresRelay&) = delete;

  std::uint16_t port() const { return port_; }
  std::vector<DatabaseHost::Connection> connections() const;

  struct Shared;

 private:
  class Listener;
  EventLoop& loop_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Listener> listener_;
  std::uint16_t port_ = 0;
};

}  // namespace surgetank
