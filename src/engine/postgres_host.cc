#include "engine/postgres_host.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/assert.h"
#include "base/log.h"
#include "net/steady_timer.h"

namespace surgetank {
namespace {

constexpr auto watch_interval = std::chrono::seconds(1);
constexpr Duration longest_restart_delay = minutes(1);

bool is_plain_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Instant steady_now() { return Instant{} + coarse_steady_now(); }

}  // namespace

PostgresHost::PostgresHost(EventLoop& loop, Options options) : loop_(loop), options_(std::move(options)), thread_([this] { work(); }) {}

PostgresHost::~PostgresHost() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void PostgresHost::later(UniqueFunction<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void PostgresHost::work() {
  pthread_setname_np(pthread_self(), "surge-postgres");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (tasks_.empty()) {
      // Only while there is something to watch.
      const auto woken = [this] { return stopping_ || !tasks_.empty(); };
      if (running_.empty()) {
        changed_.wait(lock, woken);
      } else if (!changed_.wait_for(lock, watch_interval, woken)) {
        lock.unlock();
        restart_ended();
        lock.lock();
      }
      continue;
    }
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    try {
      task();
    } catch (const std::exception& failure) {
      log_line(LogLevel::Error, "postgres", failure.what());
    }
    lock.lock();
  }
  auto dropped = std::move(tasks_);
  lock.unlock();
  stop_all();
}

void PostgresHost::ensure_running(DatabaseInstance instance, UniqueFunction<void(DatabaseStatus)> done) {
  later([this, instance = std::move(instance), done = std::move(done)]() mutable { done(run(std::move(instance))); });
}

void PostgresHost::stop(const std::string& resource_id, UniqueFunction<void()> done) {
  later([this, resource_id, done = std::move(done)]() mutable {
    stop_now(resource_id);
    done();
  });
}

void PostgresHost::destroy(const std::string& resource_id, UniqueFunction<void()> done) {
  later([this, resource_id, done = std::move(done)]() mutable {
    destroy_now(resource_id);
    done();
  });
}

void PostgresHost::destroy_all(UniqueFunction<void()> done) {
  later([this, done = std::move(done)]() mutable {
    std::vector<std::string> ids;
    for (const auto& [id, running] : running_) ids.push_back(id);
    for (const auto& id : ids) destroy_now(id);
    done();
  });
}

std::string PostgresHost::directory_of(const std::string& resource_id) const {
  SURGE_ASSERT(is_plain_name(resource_id), "a resource id names a directory");
  return options_.directory + "/" + resource_id;
}

DatabaseStatus PostgresHost::run(DatabaseInstance instance) {
  DatabaseStatus status;
  const auto id = instance.resource_id;
  try {
    auto& running = running_[id];
    if (!running.server) running.server = std::make_unique<PostgresServer>(options_.installation_root, directory_of(id));
    running.instance = std::move(instance);
    running.restarts = 0;
    running.server->ensure_running(running.instance);
    open_relay(running.instance, *running.server);
    status.running = true;
    status.engine_version = running.server->version();
    status.address = "127.0.0.1";
    const std::lock_guard lock(mutex_);
    status.port = endpoints_.at(id).relay->port();
    return status;
  } catch (const std::exception& failure) {
    status.failure = failure.what();
  }
  if (!running_[id].server || !running_[id].server->is_running()) {
    close_relay(id);
    running_.erase(id);
  }
  return status;
}

void PostgresHost::open_relay(const DatabaseInstance& instance, const PostgresServer& server) {
  {
    const std::lock_guard lock(mutex_);
    const auto open = endpoints_.find(instance.resource_id);
    if (open != endpoints_.end()) {
      open->second.max_connections = instance.max_connections;
      const bool same_port = instance.preferred_port == 0 || instance.preferred_port == open->second.relay->port() ||
                             instance.preferred_port == open->second.asked_port;
      if (same_port && open->second.server_socket == server.socket_path()) return;
    }
  }
  close_relay(instance.resource_id);
  auto relay = std::make_shared<PostgresRelay>(loop_, PostgresRelay::Options{.account = instance.account,
                                                                             .region = instance.region,
                                                                             .identifier = instance.identifier,
                                                                             .server_socket = server.socket_path(),
                                                                             .preferred_port = instance.preferred_port,
                                                                             .owner = options_.owner,
                                                                             .telemetry = options_.telemetry,
                                                                             .latency = options_.latency});
  const std::lock_guard lock(mutex_);
  endpoints_[instance.resource_id] = {std::move(relay), server.socket_path(), instance.preferred_port, instance.identifier, instance.max_connections};
}

void PostgresHost::close_relay(const std::string& resource_id) {
  std::shared_ptr<PostgresRelay> closing;  // closed without the lock: it waits for the loop
  const std::lock_guard lock(mutex_);
  const auto open = endpoints_.find(resource_id);
  if (open == endpoints_.end()) return;
  closing = std::move(open->second.relay);
  endpoints_.erase(open);
}

void PostgresHost::stop_now(const std::string& resource_id) {
  const auto found = running_.find(resource_id);
  if (found != running_.end()) {
    found->second.server->begin_stop(PostgresServer::Shutdown::Fast);
    found->second.server->finish_stop();
    running_.erase(found);
  }
  close_relay(resource_id);
}

void PostgresHost::destroy_now(const std::string& resource_id) {
  close_relay(resource_id);
  const auto found = running_.find(resource_id);
  if (found == running_.end()) return PostgresServer(options_.installation_root, directory_of(resource_id)).remove_data();
  found->second.server->remove_data();
  running_.erase(found);
}

void PostgresHost::restart_ended() {
  const auto now = steady_now();
  for (auto& [id, running] : running_) {
    if (running.server->is_running()) {
      if (now > running.next_restart) running.restarts = 0;
      continue;
    }
    if (now < running.next_restart) continue;
    log_line(LogLevel::Warning, "postgres", "the server of " + running.instance.identifier + " has ended: starting it again");
    running.next_restart = now + std::min(seconds(1) * (std::int64_t{1} << std::min(running.restarts++, 10)), longest_restart_delay);
    try {
      running.server->ensure_running(running.instance);
      open_relay(running.instance, *running.server);
    } catch (const std::exception& failure) {
      log_line(LogLevel::Error, "postgres", running.instance.identifier + ": " + failure.what());
    }
  }
}

void PostgresHost::stop_all() {
  for (auto& [id, running] : running_) running.server->begin_stop(PostgresServer::Shutdown::Fast);
  for (auto& [id, running] : running_) running.server->finish_stop();
  while (!endpoints_.empty()) close_relay(endpoints_.begin()->first);
  running_.clear();
}

std::vector<DatabaseHost::Connection> PostgresHost::connections(const std::string& resource_id) {
  std::shared_ptr<PostgresRelay> relay;
  {
    const std::lock_guard lock(mutex_);
    if (const auto open = endpoints_.find(resource_id); open != endpoints_.end()) relay = open->second.relay;
  }
  return relay ? relay->connections() : std::vector<Connection>{};
}

std::vector<DatabaseHost::Gauge> PostgresHost::gauges() {
  std::vector<std::pair<Gauge, std::shared_ptr<PostgresRelay>>> open;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, endpoint] : endpoints_)
      open.push_back({{.identifier = endpoint.identifier, .connections = 0, .max_connections = endpoint.max_connections}, endpoint.relay});
  }
  std::vector<Gauge> gauges;
  for (auto& [gauge, relay] : open) {
    gauge.connections = relay->connections().size();
    gauges.push_back(std::move(gauge));
  }
  return gauges;
}

std::vector<std::string> PostgresHost::engine_versions() const {
  std::vector<std::string> versions;
  for (auto& programs : find_postgres(options_.installation_root)) versions.push_back(std::move(programs.major));
  return versions;
}

}  // namespace surgetank
