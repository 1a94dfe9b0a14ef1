#pragma once
// The whole server, wired: data directory, store, event loops, engine, databases, kernel, services, front door, sockets.
// This is the wiring diagram: every part has one owner here, parts get references, nothing registers itself.
// The constructor returns when the server answers requests; it throws std::exception with a text for the operator.
// stop() drains; the destructor stops at once. Not from a loop thread.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "kernel/authenticator.h"

namespace surgetank {

class Deployments;
class TelemetryHub;

struct ServerOptions {
  enum class Reset : unsigned char { Refused, Allowed };
  enum class Sync : unsigned char { BeforeAcknowledging, Never };

  std::string listen = "127.0.0.1:4566";
  std::string data_directory;
  std::string account = "000000000000";
  std::string region = "us-east-1";
  AuthMode authentication = AuthMode::Verify;
  Reset reset = Reset::Refused;
  Sync sync = Sync::BeforeAcknowledging;
  std::size_t threads = 0;  // event loops; 0: one per core
  std::string quotas;       // a profile's name or a file; empty: the profile chosen last, or aws
  enum class Latency : unsigned char { None, Aws };
  Latency latency = Latency::None;  // Aws: calls, cold starts and connections take as long as there
  std::int64_t latency_seed = 1;
  std::int64_t concurrent_executions = 0;  // of functions; 0: as the quotas say
  std::int64_t function_processes = 0;     // at the same time; 0: by the host's memory
  Duration idle_environments = minutes(10);
  std::vector<std::string> further_hosts;  // Host names accepted besides localhost
};

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& url() const;  // http://127.0.0.1:4566
  Deployments& deployments();
  // Finishes what is under way (up to `deadline`), stops functions and databases, writes what telemetry still holds.
  void stop(Duration deadline);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace surgetank
