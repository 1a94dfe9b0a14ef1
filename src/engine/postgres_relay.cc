#include "engine/postgres_relay.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/log.h"
#include "engine/postgres_relayed_connection.h"

namespace surgetank {
namespace {

constexpr int accepts_per_turn = 64;
constexpr Duration accept_retry = milliseconds(100);  // when the system has no descriptor left
constexpr Duration report_interval = seconds(1);
constexpr const char* address = "127.0.0.1";

Descriptor listen_near(std::uint16_t preferred_port, std::uint16_t& port) {
  ListenAddress wanted{.kind = ListenAddress::Kind::Ip4, .host = address, .port = preferred_port, .path = {}};
  try {
    auto socket = listen_on(wanted, 0);
    port = wanted.port;
    return socket;
  } catch (const std::system_error& failure) {
    if (preferred_port == 0) throw;
    log_line(LogLevel::Warning, "postgres",
             "port " + std::to_string(preferred_port) + " cannot be had (" + failure.what() + "): taking a free one");
  }
  wanted.port = 0;
  auto socket = listen_on(wanted, 0);
  port = wanted.port;
  return socket;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) throw std::system_error(errno, std::generic_category(), "getrandom");
  return seed;
}

void count_connections(PostgresRelay::Shared& shared, std::size_t count) {
  if (shared.options.telemetry == nullptr) return;
  MetricSample sample;
  sample.account = shared.options.account;
  sample.region = shared.options.region;
  sample.name_space = "AWS/RDS";
  sample.name = "DatabaseConnections";
  sample.dimensions = {{"DBInstanceIdentifier", shared.options.identifier}};
  sample.time = shared.loop.now();
  sample.value = static_cast<double>(count);
  sample.unit = "Count";
  shared.options.telemetry->metric(std::move(sample));
}

}  // namespace

class PostgresRelay::Listener final : public SocketEvents, public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::shared_ptr<Shared> shared, Descriptor socket, std::uint16_t port)
      : shared_(std::move(shared)), watch_(shared_->loop, socket.release()), retry_(shared_->loop), reports_(shared_->loop), port_(port) {}

  void start() {
    watch_.wait_readable(shared_from_this());
    schedule_report();
  }

  void close() {
    shared_->closed = true;
    retry_.cancel();
    reports_.cancel();
    watch_.close();
    while (!shared_->connections.empty()) {
      const auto connection = shared_->connections.begin()->second;  // it erases itself
      connection->close();
    }
  }

  void on_readable() override {
    for (int i = 0; i < accepts_per_turn && !shared_->closed; ++i) {
      auto accepted = accept_from(watch_.descriptor());
      if (accepted.socket) {
        adopt(std::move(accepted));
      } else if (accepted.error == EAGAIN || accepted.error == EWOULDBLOCK) {
        break;
      } else if (accepted.error == EMFILE || accepted.error == ENFILE || accepted.error == ENOBUFS || accepted.error == ENOMEM) {
        log_line(LogLevel::Warning, "postgres", std::string("cannot accept connections: ") + std::strerror(accepted.error));
        return retry_.after(accept_retry, [self = shared_from_this()] { self->on_readable(); });
      }
    }
    if (!shared_->closed) watch_.wait_readable(shared_from_this());
  }
  void on_writable() override {}

 private:
  void adopt(Accepted accepted) {
    const auto& find_owner = shared_->options.owner;
    auto owner = find_owner ? find_owner(accepted.peer_port, port_) : nullptr;
    const auto id = shared_->next_id++;
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->open[id].environment = owner ? owner->function_name + "/" + owner->environment : "external";
    }
    auto connection = std::make_shared<RelayedConnection>(shared_, id, std::move(accepted.socket), std::move(owner));
    shared_->connections.emplace(id, connection);
    shared_->most_since_report = std::max(shared_->most_since_report, shared_->connections.size());
    connection->start(shared_->options.latency);
  }

  // The most since the last report and what there is now: so that Maximum is true, also of short crowds.
  void schedule_report() {
    reports_.after(report_interval, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || self->shared_->closed) return;
      const auto now = self->shared_->connections.size();
      if (self->shared_->most_since_report > now) count_connections(*self->shared_, self->shared_->most_since_report);
      self->shared_->most_since_report = now;
      count_connections(*self->shared_, now);
      self->schedule_report();
    });
  }

  std::shared_ptr<Shared> shared_;
  SocketWatch watch_;
  SteadyTimer retry_;
  SteadyTimer reports_;
  const std::uint16_t port_;
};

PostgresRelay::PostgresRelay(EventLoop& loop, Options options) : loop_(loop) {
  auto socket = listen_near(options.preferred_port, port_);
  shared_ = std::make_shared<Shared>(loop, std::move(options), random_seed());
  loop_.run_and_wait([&] {
    listener_ = std::make_shared<Listener>(shared_, std::move(socket), port_);
    listener_->start();
  });
}

PostgresRelay::~PostgresRelay() {
  loop_.run_and_wait([this] {
    listener_->close();
    listener_.reset();
  });
}

std::vector<DatabaseHost::Connection> PostgresRelay::connections() const {
  std::vector<DatabaseHost::Connection> list;
  const std::lock_guard lock(shared_->mutex);
  for (const auto& [id, connection] : shared_->open) list.push_back(connection);
  return list;
}

}  // namespace surgetank
