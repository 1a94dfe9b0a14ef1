#pragma once
// Internal to the relay: what its connections share, and one of them. The loop's thread only, but for `open` under its mutex.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/random.h"
#include "engine/postgres_protocol.h"
#include "engine/postgres_relay.h"
#include "net/socket_watch.h"
#include "net/sockets.h"
#include "net/steady_timer.h"

namespace surgetank {

class RelayedConnection;

struct PostgresRelay::Shared {
  Shared(EventLoop& its_loop, Options its_options, std::uint64_t seed) : loop(its_loop), options(std::move(its_options)), random(seed) {}
  EventLoop& loop;
  const Options options;
  Random random;  // span ids
  std::map<std::uint64_t, std::shared_ptr<RelayedConnection>> connections;
  std::uint64_t next_id = 1;
  std::size_t most_since_report = 0;
  bool closed = false;

  std::mutex mutex;
  std::map<std::uint64_t, DatabaseHost::Connection> open;
};

// First the greeting (answered by us as long as it asks for encryption), then bytes in both directions.
class RelayedConnection final : public PostgresEvents, public std::enable_shared_from_this<RelayedConnection> {
 public:
  RelayedConnection(std::shared_ptr<PostgresRelay::Shared> shared, std::uint64_t id, Descriptor client, EnvironmentHandle owner);
  // With `latency` (may be null) the greeting is looked at when a connection in the cloud would be there.
  void start(CloudLatency* latency);
  void close();

 private:
  enum class End : std::uint8_t { Client, Server };
  struct Side;
  // One direction: what was read and could not be written yet.
  struct Direction {
    std::string waiting;
    std::size_t written = 0;
    bool ended = false;      // the reading end said so
    bool passed_on = false;  // and the writing end knows
    bool discard = false;    // the writing end is gone
  };

  void on_startup(const std::string& user, const std::string& database) override;
  void on_connected(const std::string& fault, Instant now) override;
  void on_statement(PostgresStatement statement) override;
  TraceContext current_trace() override;

  void begin();
  void greet();
  void connect_server();
  void refuse(std::string_view reason);
  void move(End from);
  enum class Progress : std::uint8_t { Going, Waiting, Over };
  Progress read_some(End from);
  Progress write_some(End from);
  void report(const char* kind, const std::string& name, Instant start, Duration length, const std::string& fault,
              const TraceContext& trace);
  SocketWatch& watch(End end) { return end == End::Client ? client_ : *server_; }
  Direction& direction(End from) { return from == End::Client ? up_ : down_; }
  void wait_readable(End end);
  void wait_writable(End end);

  std::shared_ptr<PostgresRelay::Shared> shared_;
  const std::uint64_t id_;
  EnvironmentHandle owner_;
  SocketWatch client_;
  std::optional<SocketWatch> server_;
  std::shared_ptr<Side> client_side_;
  std::shared_ptr<Side> server_side_;
  SteadyTimer deadline_;
  PostgresObserver observer_{*this};
  std::string greeting_;
  Direction up_;
  Direction down_;
  Instant accepted_;
  TraceContext accepted_trace_;
  std::string user_;
  std::string database_;
  int connect_attempts_ = 0;
  int encryption_requests_ = 0;
  bool closed_ = false;
};

}  // namespace surgetank
